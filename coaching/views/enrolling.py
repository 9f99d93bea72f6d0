"""Adding people to a study: one by a form, or many by a file that is checked row by row first."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.core import signing
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

import clock
from coaching.forms import ConfirmForm, EnrolForm, ListForm
from coaching.http import StudyRequest
from coaching.invitations import COLUMNS, Checked, InvitationFaults, checked
from coaching.models import Study
from coaching.selectors.enrolling import known_addresses
from coaching.selectors.studies import declared, latest_version
from coaching.services import links
from coaching.services.enrolling import DoorShut, Enrolled, enrol
from coaching.staff_pages import crumbs, tabs
from protocol.zones import zone_names

# A form of checked rows is good for a day.
SALT, GOOD_FOR_S = "coaching.enrolling", 24 * 60 * 60
MOST_BYTES = 1_000_000
MOST_ROWS = 300
Rows = Sequence[Mapping[str, str]]


@require_http_methods(["GET", "HEAD", "POST"])
def enrol_one(request: StudyRequest, slug: str) -> HttpResponse:
    """One new person, whose link is shown this once."""
    home = declared(latest_version(request.study)).timezone
    zones = sorted({*zone_names(), home})
    if request.method != "POST":
        return _page(request, EnrolForm(zones, initial={"key": uuid.uuid4(), "timezone": home}))
    form = EnrolForm(zones, request.POST)
    if not form.is_valid():
        return _page(request, form)
    row = {name: form.cleaned_data[name] for name in COLUMNS}
    # The box that says "all the same" stands there only once the address was found.
    known = known_addresses(request.study, [row["email"]]) if request.POST.get("all-the-same") != "yes" else set()
    try:
        found = enrol(
            study=request.study,
            rows=[row],
            key=form.cleaned_data["key"],
            leaves_out_known=bool(known),
            sends=form.cleaned_data["send"],
            by=request.user,
            now=clock.now(),
        )
    except DoorShut:
        return _page(request, form)
    if found.left_out:
        form.add_error("email", _("This address is already in the study. Nobody was added."))
        return _page(request, form, is_known=True)
    return _done(request, found)


@require_http_methods(["GET", "HEAD", "POST"])
def enrol_list(request: StudyRequest, slug: str) -> HttpResponse:
    """A file of people: every row with what is wrong in it, and nothing stored until that is confirmed."""
    if request.method != "POST":
        return _list_page(request, ListForm())
    form = ListForm(request.POST, request.FILES)
    if not form.is_valid():
        return _list_page(request, form)
    file = form.cleaned_data["file"]
    if file.size > MOST_BYTES:
        form.add_error("file", _("This file is too large. Choose one of at most 1 MB, or make several of it."))
        return _list_page(request, form)
    try:
        rows = checked(file.read())
    except InvitationFaults as found:
        for fault in found.faults[:20]:
            form.add_error("file", fault[:1].upper() + fault[1:])
        return _list_page(request, form)
    if not 0 < len(rows) <= MOST_ROWS:
        form.add_error(
            "file",
            _("This file has %(n)d rows below the first. Choose one with 1 to %(most)d.")
            % {"n": len(rows), "most": MOST_ROWS},
        )
        return _list_page(request, form)
    if request.study.state != Study.State.OPEN:
        return _list_page(request, form)
    return _check_page(request, rows)


@require_http_methods(["GET", "HEAD", "POST"])
def enrol_checked(request: StudyRequest, slug: str) -> HttpResponse:
    """Enrols the rows of a checked file: all of them, or nobody."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("coaching:enrol_list", args=[slug]))
    form = ConfirmForm(request.POST)
    rows = _unsigned(request, form.cleaned_data["rows"]) if form.is_valid() else None
    if rows is None:
        empty = ListForm({})
        empty.errors.clear()
        empty.add_error("file", _("The checked rows got lost on the way. Choose the file again."))
        return _list_page(request, empty)
    try:
        found = enrol(
            study=request.study,
            rows=rows,
            key=form.cleaned_data["key"],
            leaves_out_known=form.cleaned_data["who"] == "new",
            sends=form.cleaned_data["send"],
            by=request.user,
            now=clock.now(),
        )
    except DoorShut:
        return _list_page(request, ListForm(), status=422)
    return _done(request, found)


# --- the rows between two pages --------------------------------------------------------------------------------------


def _signed(request: StudyRequest, rows: Rows) -> str:
    """The checked rows as a field of the next form: of this study and this account, and stored nowhere."""
    held = [[row[name] for name in COLUMNS] for row in rows]
    return signing.dumps([request.study.slug, request.user.pk, held], salt=SALT, compress=True)


def _unsigned(request: StudyRequest, field: str) -> Rows | None:
    """The rows of such a field; None for one that was not made here, or too long ago."""
    try:
        slug, account, held = signing.loads(field, salt=SALT, max_age=GOOD_FOR_S)
    except signing.BadSignature:
        return None
    if (slug, account) != (request.study.slug, request.user.pk):
        return None
    return [dict(zip(COLUMNS, cells, strict=True)) for cells in held]


# --- the pages -------------------------------------------------------------------------------------------------------


def _around(request: StudyRequest) -> dict[str, Any]:
    slug = request.study.slug
    return {
        "title": _("Add people"),
        "nav": "people",
        "tab": "people",
        "study_tabs": tabs(request, slug),
        "crumbs": [*crumbs(request, slug), {"url": reverse("coaching:people", args=[slug]), "text": _("People")}],
        "shut": _shut(request.study),
    }


def _shut(study: Study) -> str:
    """Why nobody can be added now; empty while the study is open."""
    words: dict[str, str] = {
        Study.State.DRAFT: _("This study is not open yet. A link would lead to a shut door. Open the study first."),
        Study.State.PAUSED: _("This study is paused: it lets nobody new in. Open it again, then add people."),
        Study.State.CLOSED: _("This study is closed. Nobody can join it any more."),
    }
    return words.get(study.state, "")


def _page(request: StudyRequest, form: EnrolForm, *, is_known: bool = False) -> HttpResponse:
    context = _around(request) | {"form": form, "is_known": is_known}
    return render(request, "coaching/staff/enrol.html", context, status=422 if form.is_bound else 200)


def _list_page(request: StudyRequest, form: ListForm, *, status: int = 0) -> HttpResponse:
    context = _around(request) | {"form": form, "most": MOST_ROWS, "example": "email,timezone,label"}
    status = status or (422 if form.is_bound else 200)
    return render(request, "coaching/staff/enrol_list.html", context, status=status)


def _check_page(request: StudyRequest, rows: Sequence[Checked]) -> HttpResponse:
    known = known_addresses(request.study, [row.invitation.email for row in rows])
    shown = [_row(row, known) for row in rows]
    faults = sum(bool(row.faults) for row in rows)
    old = sum(row["kind"] == "warn" for row in shown)
    new = len(rows) - faults - old
    context = _around(request) | {
        "title": _("Check the rows"),
        "rows": shown,
        "faults": faults,
        "known": old,
        "new": new,
        "all": new + old,
        "with_address": sum(bool(row.invitation.email) for row in rows),
        "signed": "" if faults else _signed(request, [row.invitation.person for row in rows]),
        "key": uuid.uuid4(),
    }
    return render(request, "coaching/staff/enrol_check.html", context, status=422 if faults else 200)


def _row(row: Checked, known: set[str]) -> dict[str, Any]:
    invitation = row.invitation
    kind, word = "good", _("Fine")
    if row.faults:
        kind, word = "bad", _("Needs a change")
    elif invitation.repeats:
        kind, word = "warn", _("The same address as in an earlier row")
    elif invitation.email.lower() in known:
        kind, word = "warn", _("Already in the study")
    return {
        "number": row.number,
        "cells": invitation.person,
        "kind": kind,
        "word": word,
        "faults": [f"{fault.column}: {fault.problem}" for fault in row.faults],
    }


def _done(request: StudyRequest, found: Enrolled) -> HttpResponse:
    """The new people with their links, shown this once: only what tells a link from another is kept of it."""
    people = [(person.pseudonym, links.url_of(token), row) for person, token, row in found.people]
    table = io.StringIO(newline="")
    lines = csv.writer(table, lineterminator="\n")
    lines.writerow(["participant", "email", "label", "url"])
    lines.writerows(
        [code, *(_cell(row.get(name, "")) for name in ("email", "label")), url] for code, url, row in people
    )
    context = _around(request) | {
        "title": _("Added to the study"),
        "people": [{"code": code, "url": url, "row": row} for code, url, row in people],
        "found": found,
        "as_table": table.getvalue().rstrip(),
    }
    return render(request, "coaching/staff/enrolled.html", context)


def _cell(text: str) -> str:
    """A text that no spreadsheet reads as a sum."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")) else text
