"""Notes about a person: written, changed for a day by who wrote them, then only added to."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

import clock
from accounts.models import User
from coaching.forms import NoteForm
from coaching.http import StudyRequest
from coaching.models import Enrolment, Note
from coaching.person_pages import person_page
from coaching.selectors.people import people_in
from coaching.services.notes import NoteLocked, change_note, may_change, write_note


@require_http_methods(["GET", "HEAD", "POST"])
def person_notes(request: StudyRequest, slug: str, pseudonym: str) -> HttpResponse:
    """The notes about somebody, the newest first, and the form for one more."""
    person = get_object_or_404(people_in(request.study), pseudonym=pseudonym)
    if request.method != "POST":
        return _page(request, person, _form())
    form = _form(request.POST)
    if not form.is_valid():
        return _page(request, person, form)
    now, key = clock.now(), form.cleaned_data["key"]
    if write_note(enrolment=person, text=form.cleaned_data["text"], key=key, by=request.user, now=now) is None:
        raise Http404
    messages.success(request, _("The note is saved."))
    return _back(slug, pseudonym)


@require_http_methods(["GET", "HEAD", "POST"])
def change_note_of(request: StudyRequest, slug: str, pseudonym: str, note: uuid.UUID) -> HttpResponse:
    """Other words for one's own note of the last day; for every other note, an addendum."""
    person = get_object_or_404(people_in(request.study), pseudonym=pseudonym)
    held = get_object_or_404(person.notes.select_related("author", "addendum_to"), key=note)
    now = clock.now()
    changes = may_change(held, request.user, now)
    if request.method != "POST":
        return _change_page(request, person, held, _form(text=held.text if changes else ""), changes)
    form = _form(request.POST)
    # The form says what it is for: a day may have gone by since it was shown.
    if request.POST.get("act") not in {"change", "add"}:
        form.add_error(None, _("Choose again what is to be done with the note."))
    if not form.is_valid():
        return _change_page(request, person, held, form, changes)
    text = form.cleaned_data["text"]
    if request.POST["act"] == "add":
        written = write_note(
            enrolment=person, text=text, key=form.cleaned_data["key"], by=request.user, now=now, addendum_to=held
        )
        if written is None:
            raise Http404
        messages.success(request, _("The addendum is saved."))
        return _back(slug, pseudonym)
    try:
        change_note(note=held, text=text, by=request.user, now=now)
    except NoteLocked:
        form.add_error(None, _("This note can't be changed any more. What you wrote can be added to it."))
        return _change_page(request, person, held, form, changes=False)
    except Note.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("The note is changed."))
    return _back(slug, pseudonym)


def _back(slug: str, pseudonym: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("coaching:person_notes", args=[slug, pseudonym]))


def _form(data: Mapping[str, Any] | None = None, *, text: str = "") -> NoteForm:
    return NoteForm(data, initial={"key": uuid.uuid4(), "text": text})


def _page(request: StudyRequest, person: Enrolment, form: NoteForm) -> HttpResponse:
    now = clock.now()
    notes = list(person.notes.select_related("author").order_by("pk"))
    context = person_page(request, person, "notes") | {
        "form": form,
        "notes": [
            _row(note, request.user, now)
            | {"addenda": [_row(each, request.user, now) for each in notes if each.addendum_to_id == note.pk]}
            for note in reversed(notes)
            if note.addendum_to_id is None
        ],
    }
    return render(request, "coaching/staff/person_notes.html", context, status=422 if form.errors else 200)


def _row(note: Note, reader: User, now: datetime) -> dict[str, Any]:
    return {
        "key": note.key,
        "text": note.text,
        "at": note.written_at,
        "changed_at": note.changed_at,
        "by": note.author.email if note.author else "",
        "is_mine": note.author_id == reader.pk,
        "may_change": may_change(note, reader, now),
    }


def _change_page(request: StudyRequest, person: Enrolment, note: Note, form: NoteForm, changes: bool) -> HttpResponse:
    context = person_page(request, person, "notes") | {
        "form": form,
        "note": _row(note, request.user, clock.now()),
        "changes": changes,
    }
    return render(request, "coaching/staff/person_note.html", context, status=422 if form.errors else 200)
