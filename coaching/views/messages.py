"""Messages that a study sent or will send, and a person's word on those of which nobody knows."""

from __future__ import annotations

from django.contrib import messages as notices
from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

import clock
from coaching.http import StudyRequest
from coaching.models import Message, Study
from coaching.services import outbox
from coaching.staff_pages import crumbs, tabs

PER_PAGE = 100


@require_GET
def list_messages(request: StudyRequest, slug: str) -> HttpResponse:
    """The messages of a study, those first of which nobody knows whether they arrived."""
    page = Paginator(_messages(request.study), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "title": _("Messages"),
        "nav": "people",
        "tab": "messages",
        "study_tabs": tabs(request, slug),
        "crumbs": crumbs(request, slug),
        "page": page,
        "query": "",
        "rows": [
            {"message": m, "kind": kind_word(m.kind), "state": state_word(m.state), "way": way_word(m)} for m in page
        ],
        "uncertain": _messages(request.study).filter(state=Message.State.UNCERTAIN).count(),
    }
    return render(request, "coaching/staff/messages.html", context)


@require_POST
def resolve_message(request: StudyRequest, slug: str, key: str) -> HttpResponse:
    """One of the two audited acts on an uncertain message: it was delivered, or it is to be sent again."""
    act = request.POST.get("act", "")
    if act not in {"delivered", "again"}:
        raise Http404
    message = get_object_or_404(_messages(request.study), key=key)
    if outbox.resolve(message=message, was_delivered=act == "delivered", by=request.user, now=clock.now()):
        notices.success(request, _("Noted, and written in the audit log."))
    else:
        notices.warning(request, _("Somebody or something settled this message meanwhile. Nothing was changed."))
    return HttpResponseRedirect(reverse("coaching:messages", args=[slug]))


def kind_word(kind: str) -> str:
    """A kind of message as staff read it."""
    return {
        "invitation": _("Invitation"),
        "reminder": _("Reminder"),
        "link": _("Fresh link"),
        "message": _("News of a message"),
        "waiting": _("News while waiting"),
        "alert": _("Alert to the team"),
    }[kind]


def state_word(state: str) -> tuple[str, str]:
    """A state as staff read it, and the look of its tag."""
    return {
        "scheduled": (_("Scheduled"), ""),
        "claimed": (_("Leaving"), "info"),
        "handing_over": (_("Leaving"), "info"),
        "sent": (_("Sent"), "good"),
        "failed": (_("Not taken"), "bad"),
        "missed": (_("Not sent in time"), "warn"),
        "cancelled": (_("Not needed"), ""),
        "uncertain": (_("Nobody knows"), "warn"),
    }[state]


def way_word(message: Message) -> str:
    """By which way it left, as staff read it; empty for mail, and for what has not left."""
    if message.state not in {"handing_over", "sent", "uncertain"}:
        return ""
    return {"push": _("on their device"), "sms": _("by text message")}.get(message.way, "")


def _messages(study: Study) -> QuerySet[Message]:
    first = Case(When(state="uncertain", then=Value(0)), default=Value(1), output_field=IntegerField())
    found = Message.objects.filter(enrolment__study=study, enrolment__erased_at=None)
    return found.select_related("enrolment").order_by(first, "-due_at", "pk")
