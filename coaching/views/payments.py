"""The ledger: what people are owed, approved and paid; and the files that go to whoever pays and come back."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

import clock
from accounts.audit import record
from coaching.http import StudyRequest
from coaching.models import Payment
from coaching.payer_file import FileFaults, read, reference_problem
from coaching.selectors.panel import panel_names
from coaching.selectors.payments import STATES, ledger, state_of, totals
from coaching.services import payments as ledgers
from coaching.staff_pages import crumbs, tabs
from coaching.views.earned import money

PER_PAGE = 100
MOST_BYTES = 2_000_000
COLUMNS = ("participant", "timepoint", "amount", "currency", "state", "due_at", "approved_at", "paid_at", "reference")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


@require_safe
def payments(request: StudyRequest, slug: str) -> HttpResponse:
    """The ledger of a study with its sums, in one state or in any."""
    return _page(request)


@require_POST
def change_payments(request: StudyRequest, slug: str) -> HttpResponse:
    """Approves the ticked entries, or marks them as paid under a reference."""
    act, ticked = request.POST.get("act", ""), request.POST.getlist("payment")
    if act not in {"approve", "paid"} or not all(_is_key(each) for each in ticked):
        raise BadRequest("act: expected approve or paid, and entries by their number")
    chosen, now = [int(each) for each in ticked], clock.now()
    if not chosen:
        return _page(request, problem=_("Tick the entries that you mean."), reference=request.POST.get("reference", ""))
    if act == "approve":
        n = ledgers.approve(study=request.study, payments=chosen, by=request.user, now=now)
        text = ngettext("%(n)d entry is approved.", "%(n)d entries are approved.", n) % {"n": n}
    else:
        reference = request.POST.get("reference", "").strip()
        if problem := reference_problem(reference):
            text = _("Reference: it %(problem)s.") % {"problem": problem}
            return _page(request, problem=text, chosen=chosen, reference=reference)
        n = ledgers.mark_paid(study=request.study, payments=chosen, reference=reference, by=request.user, now=now)
        text = ngettext("%(n)d entry is marked as paid.", "%(n)d entries are marked as paid.", n) % {"n": n}
    (messages.success if n else messages.warning)(request, text)
    state = request.GET.get("state", "")
    return HttpResponseRedirect(_url(request) + (f"?state={state}" if state in STATES else ""), status=303)


@require_POST
def upload_payments(request: StudyRequest, slug: str) -> HttpResponse:
    """Marks as paid what a payer's file names: all of it, or nothing and every fault."""
    file = request.FILES.get("file")
    if file is None or not file.size:
        return _page(request, faults=[_("Choose the file.")])
    if file.size > MOST_BYTES:
        return _page(request, faults=[_("This file is too large for a list of payments.")])
    try:
        rows = read(file.read(), with_panel_ids=request.access.may("contact"))
        n = ledgers.settle_file(study=request.study, rows=rows, by=request.user, now=clock.now())
    except FileFaults as problem:
        return _page(request, faults=list(problem.faults))
    except ledgers.PaymentFaults as problem:
        return _page(request, faults=[_told(*fault) for fault in problem.faults])
    text = ngettext("%(n)d entry is marked as paid.", "%(n)d entries are marked as paid.", n) % {"n": n}
    messages.success(request, text)
    return HttpResponseRedirect(_url(request), status=303)


@require_POST
def payments_file(request: StudyRequest, slug: str) -> HttpResponse:
    """The ledger as CSV for whoever pays; with the panel's ids for who may see them. It is logged either way."""
    state, with_ids = request.POST.get("state", ""), request.access.may("contact")
    if state not in ("all", *STATES):
        raise BadRequest(f"state: expected all or one of {', '.join(STATES)}")
    state = "" if state == "all" else state
    names = panel_names(request.study) if with_ids else {}
    written = io.StringIO(newline="")
    lines = csv.writer(written, lineterminator="\r\n")
    lines.writerow([*(["panel_id"] if with_ids else []), *COLUMNS])
    entries = list(ledger(request.study, state))
    for entry in entries:
        ids = [_cell(names.get(entry.enrolment_id, ""))] if with_ids else []
        lines.writerow([*ids, *_cells(entry)])
    record(
        by=request.user,
        action="payments.file",
        now=clock.now(),
        study=slug,
        entries=len(entries),
        external_ids=with_ids,
    )
    name = f"{slug}_payments{'_' + state if state else ''}.csv"
    return HttpResponse(
        written.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


# --- the page --------------------------------------------------------------------------------------------------------


def _page(
    request: StudyRequest,
    *,
    problem: str = "",
    faults: list[str] | None = None,
    chosen: Collection[int] = (),
    reference: str = "",
) -> HttpResponse:
    """The ledger; after a slip, with what was ticked and typed."""
    slug, state = request.study.slug, request.GET.get("state", "")
    if state not in ("", *STATES):
        raise Http404
    page = Paginator(ledger(request.study, state), PER_PAGE).get_page(request.GET.get("page"))
    words = _words()
    is_all = request.GET.get("chosen") == "all" and request.method != "POST"
    errors = [{"id": "reference" if chosen else "entries-head", "text": problem}] if problem else []
    if faults:
        errors.append({"id": "file", "text": _("The file changed nothing. What to mend stands beside it.")})
    context = {
        "title": _("Payments"),
        "nav": "studies",
        "tab": "payments",
        "study_tabs": tabs(request, slug),
        "crumbs": crumbs(request, slug),
        "page": page,
        "query": f"&state={state}" if state else "",
        "state": state,
        "states": [("", _("All")), *((each, words[each][0]) for each in STATES)],
        "rows": [
            {
                "entry": entry,
                "amount": money(entry.cents, entry.currency),
                "state": words[state_of(entry)],
                "is_chosen": is_all or entry.pk in chosen,
                "is_erased": entry.enrolment.erased_at is not None,
            }
            for entry in page
        ],
        "totals": [
            {
                "currency": total.currency,
                "sums": [
                    (words[each][0], total.counts[each], money(total.cents[each], total.currency)) for each in STATES
                ],
            }
            for total in totals(request.study)
        ],
        "may_change": request.may_open("coaching:change_payments"),
        "holds_ids": request.access.may("contact"),
        "columns": "participant,reference" if not request.access.may("contact") else "panel_id,reference",
        "open_rows": any(entry.paid_at is None for entry in page),
        "all_chosen": is_all,
        "reference": reference,
        "reference_error": problem if chosen else "",
        "errors": errors,
        "faults": faults or [],
    }
    return render(request, "coaching/staff/payments.html", context, status=422 if problem or faults else 200)


def _words() -> dict[str, tuple[str, str]]:
    return {"due": (_("Due"), ""), "approved": (_("Approved"), "info"), "paid": (_("Paid"), "good")}


def _told(row: int, column: str, why: str) -> str:
    said = {"row": row, "column": column, "problem": _fault(why)}
    return _("row %(row)s, %(column)s: %(problem)s") % said


def _fault(why: str) -> str:
    return {
        "unknown": _("leads to no payment of this study"),
        "not approved": _("is not approved yet; approve it first"),
        "other reference": _("is another one than that under which it was paid before"),
        "twice": _("is named by an earlier row too"),
    }[why]


def _cells(entry: Payment) -> Iterator[str]:
    yield entry.enrolment.pseudonym
    yield entry.timepoint
    yield f"{entry.cents // 100}.{entry.cents % 100:02d}"
    yield entry.currency
    yield state_of(entry)
    for at in (entry.due_at, entry.approved_at, entry.paid_at):
        yield at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""
    yield _cell(entry.reference)


def _cell(text: str) -> str:
    """A text that no spreadsheet reads as a sum."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def _url(request: StudyRequest) -> str:
    return reverse("coaching:payments", args=[request.study.slug])
