"""The one table of who may reach what. A route that is not in it answers 404; the docs print it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from coaching.models import Study
from coaching.roles import Access, Capability
from coaching.selectors.studies import roles_of

Who = Literal["anyone", "participant", "staff", "study", "token"]


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may reach a route.

    `anyone`: no sign-in. `participant`: whoever this browser belongs to. `staff`: any account that is signed in.
    `study`: an account with a role in the study of the address that allows `needs`. `token`: an API token, of the
    study of the address and with the scope `needs`, if given.
    """

    who: Who
    needs: str = ""


def _study(needs: Capability) -> Rule:
    return Rule("study", needs)


ROUTES: Mapping[str, Rule] = {
    # the product
    "landing": Rule("anyone"),
    "healthz": Rule("anyone"),
    "theme": Rule("anyone"),
    # The demonstration's own accounts alone, and on a machine of one's own alone: the view asks for both.
    "rehearsal:demo_door": Rule("anyone"),
    # a participant's door and home
    "coaching:join": Rule("anyone"),
    "coaching:eligibility": Rule("anyone"),
    "coaching:consent": Rule("anyone"),
    "coaching:join_contact": Rule("participant"),
    "coaching:link": Rule("anyone"),
    "coaching:mail_link": Rule("anyone"),
    "coaching:unsubscribe": Rule("anyone"),
    "coaching:resume_mail": Rule("participant"),
    "coaching:home": Rule("participant"),
    "coaching:next": Rule("participant"),
    "coaching:contact": Rule("participant"),
    "coaching:own_reminders": Rule("participant"),
    # Nothing but code, which a browser fetches anew by itself, signed in or not.
    "coaching:push_worker": Rule("anyone"),
    "coaching:own_messages": Rule("participant"),
    "coaching:own_calendar": Rule("participant"),
    "coaching:tell": Rule("participant"),
    "coaching:pause": Rule("participant"),
    "coaching:resume": Rule("participant"),
    "coaching:leave": Rule("participant"),
    "coaching:leave_part": Rule("participant"),
    "coaching:allow_contact": Rule("participant"),
    "coaching:language": Rule("participant"),
    "coaching:sign_out": Rule("participant"),
    "privacy:my_data": Rule("participant"),
    "privacy:download": Rule("participant"),
    # Sent twice, the second comes when nobody is known any more; it leads where the first did.
    "privacy:withdraw": Rule("anyone"),
    "privacy:erase": Rule("anyone"),
    "privacy:erased": Rule("anyone"),
    "assessments:start": Rule("participant"),
    "assessments:item": Rule("participant"),
    "assessments:autosave": Rule("participant"),
    "assessments:report": Rule("participant"),
    "imagery:start": Rule("participant"),
    "imagery:stop": Rule("participant"),
    "imagery:stage": Rule("participant"),
    "imagery:strokes": Rule("participant"),
    "imagery:events": Rule("participant"),
    "imagery:picture": Rule("participant"),
    "imagery:recording": Rule("participant"),
    "imagery:drawing": Rule("participant"),
    # A test person's own buttons; nobody else's page has them.
    "ahead": Rule("participant"),
    "rehearsal:fill_in": Rule("participant"),
    "rehearsal:end_walk": Rule("participant"),
    # staff
    "staff_home": Rule("staff"),
    # Of those who lead a study: the view asks.
    "workers": Rule("staff"),
    "accounts:sign_in": Rule("anyone"),
    "accounts:one_time_link": Rule("anyone"),
    "accounts:sign_out": Rule("staff"),
    "accounts:password": Rule("staff"),
    "research:studies": Rule("staff"),
    # Creators alone: the view asks for it.
    "research:new_study": Rule("staff"),
    "research:example_bundle": Rule("staff"),
    "research:study": _study("people"),
    "research:flow_svg": _study("people"),
    "research:missing": _study("people"),
    "research:quality": _study("publish"),
    "research:quality_flag": _study("publish"),
    "research:safety": _study("answers"),
    "research:safety_file": _study("export"),
    "research:reliability": _study("export"),
    "research:demand": _study("export"),
    "research:codebook_page": _study("people"),
    "research:codebook_file": _study("people"),
    "research:export_page": _study("export"),
    "research:export_file": _study("export"),
    "research:audit": _study("audit"),
    "research:versions": _study("people"),
    "research:version": _study("people"),
    "research:version_bundle": _study("people"),
    "research:upload_version": _study("publish"),
    "research:scripts": _study("people"),
    "research:new_script": _study("draft"),
    "research:script": _study("draft"),
    "research:script_media": _study("draft"),
    "research:script_file": _study("draft"),
    "research:preview_script": _study("draft"),
    "research:preview_stage": _study("draft"),
    "research:script_changes": _study("draft"),
    "research:publish_script": _study("publish"),
    "research:settings": _study("publish"),
    "research:set_state": _study("publish"),
    "research:set_plan": _study("publish"),
    "research:tokens": _study("export"),
    "research:make_token": _study("export"),
    "research:revoke_token": _study("export"),
    "research:team": _study("team"),
    "research:invite_member": _study("team"),
    "research:fresh_link": _study("team"),
    "research:revoke_role": _study("team"),
    "rehearsal:walk": _study("publish"),
    "research:roles": Rule("staff"),
    "coaching:today_of_all": Rule("staff"),
    "coaching:today": _study("people"),
    "coaching:seen": _study("act"),
    "imagery:lines": _study("answers"),
    "coaching:people_of_all": Rule("staff"),
    "coaching:people": _study("people"),
    "coaching:person": _study("people"),
    "coaching:enrol": _study("act"),
    "coaching:enrol_list": _study("act"),
    "coaching:enrol_checked": _study("act"),
    "coaching:person_notes": _study("act"),
    "coaching:change_note": _study("act"),
    "coaching:person_messages": _study("words"),
    "coaching:write_message": _study("act"),
    "coaching:messages_seen": _study("act"),
    "coaching:person_schedule": _study("people"),
    "coaching:change_step": _study("act"),
    "coaching:why_due": _study("people"),
    "coaching:reveal_contact": _study("contact"),
    "coaching:hold_address": _study("act"),
    "coaching:pause_person": _study("act"),
    "coaching:reopen_door": _study("act"),
    "coaching:revoke_links": _study("act"),
    "coaching:alert": _study("act"),
    "coaching:record_event": _study("act"),
    "coaching:event": _study("answers"),
    "coaching:change_event": _study("act"),
    "coaching:messages": _study("people"),
    "coaching:resolve_message": _study("act"),
    "coaching:message_plan": _study("people"),
    "coaching:message_plan_file": _study("people"),
    "coaching:payments": _study("export"),
    "coaching:change_payments": _study("publish"),
    "coaching:upload_payments": _study("publish"),
    "coaching:payments_file": _study("export"),
    "assessments:person": _study("answers"),
    "assessments:summary": _study("answers"),
    "assessments:guess": _study("act"),
    "assessments:behind_alert": _study("answers"),
    "imagery:person": _study("answers"),
    "imagery:summary": _study("answers"),
    "imagery:drawing_of_person": _study("words"),
    "privacy:erase_person": _study("erase"),
    # the API
    "api:root": Rule("token"),
    "api:studies": Rule("token"),
    "api:study": Rule("token"),
    "api:datasets": Rule("token", "export:read"),
    "api:rows": Rule("token", "export:read"),
    "api:file": Rule("token", "export:read"),
    "api:codebook": Rule("token", "export:read"),
    "api:flow": Rule("token", "export:read"),
    "api:reliability": Rule("token", "export:read"),
    "api:demand": Rule("token", "export:read"),
    "api:tombstones": Rule("token", "export:read"),
    "api:contacts": Rule("token", "contact:read"),
    "api:schema": Rule("anyone"),
    "api:docs": Rule("anyone"),
    "api:bundle_schema": Rule("anyone"),
    "api:not_found": Rule("anyone"),
}


class AccessMiddleware:
    """Holds every request against the table before its view runs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The response."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Nothing when the route may be reached, else where to go instead."""
        return elsewhere(request)


def elsewhere(request: HttpRequest) -> HttpResponse | None:
    """Where a request to a known address is sent in place of its view; None where it may go on.

    Raises:
        Http404: There is nothing at the address for whoever asks.
        PermissionDenied: It is not theirs to see or do.
    """
    match = request.resolver_match
    rule = ROUTES.get(match.view_name) if match else None
    if match is None or rule is None:
        raise Http404
    return _CHECKS[rule.who](request, rule, match.kwargs)


def _anyone(request: HttpRequest, rule: Rule, kwargs: dict[str, Any]) -> HttpResponse | None:
    return None


def _participant(request: HttpRequest, rule: Rule, kwargs: dict[str, Any]) -> HttpResponse | None:
    if request.enrolment is None:  # type: ignore[attr-defined]
        return HttpResponseRedirect(reverse("coaching:mail_link"))
    return None


def _staff(request: HttpRequest, rule: Rule, kwargs: dict[str, Any]) -> HttpResponse | None:
    if not request.user.is_authenticated:
        return HttpResponseRedirect(f"{reverse('accounts:sign_in')}?{urlencode({'next': request.get_full_path()})}")
    return None


def _in_study(request: HttpRequest, rule: Rule, kwargs: dict[str, Any]) -> HttpResponse | None:
    elsewhere = _staff(request, rule, kwargs)
    if elsewhere is not None or not request.user.is_authenticated:
        return elsewhere
    study = Study.objects.filter(slug=kwargs["slug"]).first()
    roles = roles_of(request.user, study) if study else set()
    if study is None or not roles:
        raise Http404
    access = Access(frozenset(roles))
    if not access.may(rule.needs):
        raise PermissionDenied
    request.study = study  # type: ignore[attr-defined]
    request.access = access  # type: ignore[attr-defined]
    request.may_open = partial(_may_open, access)  # type: ignore[attr-defined]
    return None


def _may_open(access: Access, route: str) -> bool:
    """Whether these roles may open another route of the same study."""
    rule = ROUTES.get(route)
    return rule is not None and rule.who == "study" and access.may(rule.needs)


def _token(request: HttpRequest, rule: Rule, kwargs: dict[str, Any]) -> HttpResponse | None:
    # The API's own authentication reads the header and answers in the API's own words; it is told what to ask for.
    request.needs_scope = rule.needs  # type: ignore[attr-defined]
    return None


_CHECKS: Mapping[Who, Callable[[HttpRequest, Rule, dict[str, Any]], HttpResponse | None]] = {
    "anyone": _anyone,
    "participant": _participant,
    "staff": _staff,
    "study": _in_study,
    "token": _token,
}
