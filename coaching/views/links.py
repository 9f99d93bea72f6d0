"""The links by which people come back: the personal link of every mail, and the page that mails a fresh one."""

from __future__ import annotations

from datetime import datetime

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

import clock
from accounts import throttle
from coaching import language as languages
from coaching.forms import MailLinkForm
from coaching.http import DoorRequest
from coaching.language import interface_language
from coaching.mailer import UNSUBSCRIBE_SALT
from coaching.middleware import sign_in
from coaching.models import Enrolment, Message
from coaching.selectors.people import by_token, enrolments, study_of, with_address
from coaching.services import people, reminders
from coaching.views.screens import go, show


@require_http_methods(["GET", "HEAD", "POST"])
def link(request: DoorRequest, token: str) -> HttpResponse:
    """The personal link. Opening it changes nothing, for mail scanners open it too; its button signs the person in."""
    enrolment = by_token(token)
    if enrolment is None:
        return _unknown_link(request)
    if request.method == "POST":
        sign_in(request, enrolment)
        return go(reverse("coaching:home"))
    study = study_of(enrolment)
    language = enrolment.language or languages.chosen(
        study.languages, accepted=request.headers.get("Accept-Language", "")
    )
    with translation.override(interface_language(language)):
        return show(
            request,
            "link",
            "welcome",
            study=study,
            language=language,
            title=study.title.to(language),
            has_left=enrolment.withdrawn_at is not None,
            is_new=enrolment.consented_at is None,
        )


@require_http_methods(["GET", "HEAD", "POST"])
def mail_link(request: HttpRequest) -> HttpResponse:
    """Mails a fresh link to an address, with one answer whether anybody has it or not."""
    form = MailLinkForm(request.POST if request.method == "POST" else None)
    status, now, is_sent = 200, clock.now(), False
    if request.method == "POST":
        status = 422
        if form.is_valid():
            email = form.cleaned_data["email"]
            keys = (("link:account", email), ("link:address", _address(request)))
            if any(throttle.exceeded(kind, key, now) for kind, key in keys):
                form.add_error(None, _("Too many tries. Wait a quarter of an hour, then ask again."))
                status = 429
            else:
                for kind, key in keys:
                    throttle.fail(kind, key, now)
                for enrolment in with_address(email):
                    # The mail goes with the next tick, so known and unknown addresses answer equally fast.
                    reminders.schedule(enrolment=enrolment, kind=Message.Kind.LINK, now=now)
                status, is_sent = 200, True
    response = show(
        request,
        "mail_link",
        "welcome",
        study=None,
        language=translation.get_language() or "en",
        status=status,
        title=_("Look in your mail") if is_sent else _("Get a fresh link"),
        form=form,
        is_sent=is_sent,
    )
    return _later(response, now)


def _unknown_link(request: DoorRequest) -> HttpResponse:
    """The page for a link that leads nowhere. A link that works is never held up by others that don't."""
    now = clock.now()
    is_too_often = throttle.exceeded("personal_link:address", _address(request), now)
    if not is_too_often:
        throttle.fail("personal_link:address", _address(request), now)
    response = show(
        request,
        "link",
        "error",
        study=None,
        language=translation.get_language() or "en",
        status=429 if is_too_often else 404,
        title=_("This link does not work any more"),
    )
    return _later(response, now)


def _later(response: HttpResponse, now: datetime) -> HttpResponse:
    if response.status_code == 429:
        response.headers["Retry-After"] = str(throttle.retry_after_s(now))
    return response


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


@csrf_exempt  # RFC 8058: the mail program posts by itself; the signed token can do nothing but stop the reminders
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: DoorRequest, token: str) -> HttpResponse:
    """Ends the reminders by one POST; opening the address alone changes nothing, for mail scanners open it too."""
    enrolment = _whose(token)
    study = study_of(enrolment)
    language = enrolment.language or study.languages[0]
    with translation.override(interface_language(language)):
        if request.method == "POST":
            people.stop_mail(enrolment=enrolment, by="participant", now=clock.now())
        is_done = request.method == "POST" or enrolment.no_mail_at is not None
        return show(
            request,
            "unsubscribe",
            "welcome",
            study=study,
            language=language,
            title=_("No more reminders") if is_done else _("Stop the reminders?"),
            is_done=is_done,
        )


def _whose(token: str) -> Enrolment:
    try:
        pseudonym = signing.loads(token, salt=UNSUBSCRIBE_SALT)
    except signing.BadSignature:
        raise Http404 from None
    enrolment = enrolments().filter(pseudonym=pseudonym, erased_at=None).first()
    if enrolment is None:
        raise Http404
    return enrolment
