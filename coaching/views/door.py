"""A study's door: welcome, eligibility, consent, contact."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

import clock
from coaching import language as languages
from coaching.forms import Answer, external_ids, missed_statements, posted_text, read_answer
from coaching.http import DoorRequest, ParticipantRequest
from coaching.language import interface_language
from coaching.middleware import sign_in, sign_out
from coaching.models import Enrolment, Screening, Study, StudyVersion
from coaching.selectors.panel import by_panel_id, is_closed, screened_out
from coaching.selectors.studies import declared
from coaching.services import people
from coaching.views.contact import contact_page
from coaching.views.screens import go, show
from coaching.views.visit import Visit, is_key, meets
from coaching.wording import below, rendered
from protocol.study import EligibilityQuestion
from protocol.study import Study as Declared

# How long a form that was shown still counts after a new version, and how long its repeat leads to the same person.
SHOWN_COUNTS_FOR = timedelta(hours=24)

DoorView = Callable[[DoorRequest, Visit], HttpResponse]


def _at_door(view: DoorView) -> Callable[..., HttpResponse]:
    """Finds the study and what the browser has told, speaks the visitor's language, and sends on whoever is through."""

    @wraps(view)
    def opened(request: HttpRequest, slug: str) -> HttpResponse:
        door = cast(DoorRequest, request)
        visit = _come(door, get_object_or_404(Study, slug=slug))
        with translation.override(interface_language(visit.language)):
            known = by_panel_id(visit.study, visit.panel_id) if visit.panel_id and visit.person is None else None
            if known is not None:
                return _come_back(door, visit, known)
            if visit.panel_id and visit.person is None and is_closed(visit.study, visit.panel_id):
                return _was_here(door, visit)
            if visit.person is not None and (visit.person.consented_at or visit.person.withdrawn_at):
                return go(reverse("coaching:home"))
            if not _lets_in(visit):
                return _shut(door, visit)
            reference = visit.turned_away_as()
            return _ineligible(door, visit, reference) if reference else view(door, visit)

    return opened


def _come(request: DoorRequest, study: Study) -> Visit:
    """The visit of whoever came. Somebody with another id of the panel is somebody else than this browser knows."""
    visit, panel_ids = Visit(request, study), external_ids(request.GET.dict())
    panel = visit.declared.panel
    if panel is None or panel.id not in panel_ids:
        return visit
    here = visit.person
    if here is not None and here.consented_at is not None:
        owner = by_panel_id(study, panel_ids[panel.id])
        if owner is not None and owner.pk == here.pk:
            return visit
        sign_out(request)
        visit = Visit(request, study)
    visit.come_as(panel_ids)
    return visit


def _come_back(request: DoorRequest, visit: Visit, known: Enrolment) -> HttpResponse:
    """The way in for somebody whom the panel sends again. As with a link, opening the address changes nothing."""
    if request.method == "POST":
        visit.forget()
        sign_in(request, known)
        return go(reverse("coaching:home"))
    if request.resolver_match is None or request.resolver_match.url_name != "join":
        return go(reverse("coaching:join", args=[visit.study.slug]))
    has_left = known.withdrawn_at is not None
    title = visit.declared.title.to(visit.language)
    return _show(request, visit, "welcome", "link", title=title, has_left=has_left, is_new=False)


def _was_here(request: DoorRequest, visit: Visit) -> HttpResponse:
    """The page for an id whose person took part, and of whom nothing is kept that would tell who they are."""
    return _show(request, visit, "error", "shut", status=410, title=_("You have been in this study"), state="been_here")


def _lets_in(visit: Visit) -> bool:
    """Whether the study takes people in now; one who tries it out comes in at any time."""
    return visit.study.state == Study.State.OPEN or (visit.person is not None and visit.person.ahead_s is not None)


def _shut(request: DoorRequest, visit: Visit) -> HttpResponse:
    """The page of a study that takes nobody in: not yet, not now, or no more."""
    title = {
        Study.State.DRAFT: _("This study has not begun yet"),
        Study.State.PAUSED: _("This study takes nobody in right now"),
        Study.State.CLOSED: _("This study has ended"),
    }[Study.State(visit.study.state)]
    return _show(request, visit, "error", "shut", status=403, title=title, state=visit.study.state)


@require_http_methods(["GET", "HEAD", "POST"])
@_at_door
def welcome(request: DoorRequest, visit: Visit) -> HttpResponse:
    """What the study is, and the way on. Parameters of the address are kept as the visitor's external ids.

    A post is that of somebody whom a panel sends again; of a newcomer it does nothing.
    """
    if request.method == "POST":
        return go(reverse("coaching:join", args=[visit.study.slug]))
    visit.keep_external_ids(external_ids(request.GET.dict()))
    title = visit.declared.title.to(visit.language)
    return _show(
        request,
        visit,
        "welcome",
        title=title,
        text=rendered(below(title, visit.declared.summary.to(visit.language))),
        onward=_onward(visit, visit.declared),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@_at_door
def eligibility(request: DoorRequest, visit: Visit) -> HttpResponse:
    """One question a page; a post that answers several is taken whole, or not at all."""
    questions = visit.declared.eligibility
    asked = {q.id: q for q in questions}.get(request.GET.get("question", "")) or visit.first_open(questions)
    if request.method != "POST":
        return _question(request, visit, asked) if asked else go(_onward(visit, visit.declared))
    given = [q for q in questions if q.id in request.POST] or ([asked] if asked else [])
    answers, problems = _read(given, request.POST)
    if problems:
        first = next(q for q in given if q.id in problems)
        return _question(request, visit, first, problem=problems[first.id], typed=request.POST.get(first.id))
    if answers:
        now = clock.now()
        visit.keep_answers(answers, posted_key=request.POST.get("door-key", ""), now=now)
        known = visit.answers(questions)
        unmet = next((q.id for q in questions if q.id in known and not meets(q, known[q.id])), None)
        if unmet is not None:
            visit.turn_away(unmet, now=now)
            return go(reverse("coaching:join", args=[visit.study.slug]))
    return go(_onward(visit, visit.declared))


@require_http_methods(["GET", "HEAD", "POST"])
@_at_door
def consent(request: DoorRequest, visit: Visit) -> HttpResponse:
    """The consent form. It counts for the version that was shown, if people could still be reading that one."""
    if request.method != "POST":
        onward = _onward(visit, visit.declared)
        return _consent_form(request, visit, visit.version) if onward == _consent_url(visit) else go(onward)
    now = clock.now()
    earlier = _repeated(request, visit, now)
    if earlier is not None:
        return _enter(request, earlier)
    version = _shown_version(visit, request.POST.get("study-version", ""), now)
    if version is None:
        return _consent_form(request, visit, visit.version, is_new_text=True)
    shown = declared(version)
    onward = _onward(visit, shown)
    if onward != _consent_url(visit):
        return go(onward)
    agreed = {s.id for s in shown.consent.statements if request.POST.get(s.id) == "yes"}
    if missed_statements(shown.consent.statements, agreed):
        return _consent_form(request, visit, version, agreed=agreed)
    screening = None if visit.person else visit.screening(request.POST.get("door-key", ""), now)
    if screening is not None and screening.outcome == Screening.Outcome.INELIGIBLE:
        return go(reverse("coaching:join", args=[visit.study.slug]))
    enrolment = people.consent(
        version=version,
        agreed=agreed,
        language=visit.language_of(shown),
        eligibility=visit.answers(shown.eligibility),
        external_ids=visit.external_ids,
        now=now,
        screening=screening,
        enrolment=visit.person,
    )
    visit.forget()
    return _enter(request, enrolment)


@require_http_methods(["GET", "HEAD", "POST"])
def join_contact(request: ParticipantRequest, slug: str) -> HttpResponse:
    """Where the person can be reached: the last page of the door."""
    enrolment = request.enrolment
    if enrolment.study.slug != slug or enrolment.consented_at is None:
        return go(reverse("coaching:join", args=[get_object_or_404(Study, slug=slug).slug]))
    if enrolment.withdrawn_at is not None:
        return go(reverse("coaching:home"))
    return contact_page(request, enrolment, is_first=True)


# --- how the pages are put together ----------------------------------------------------------------------------------


def _show(request: DoorRequest, visit: Visit, screen: str, template: str = "", **context: Any) -> HttpResponse:
    offered = visit.declared.languages
    links = languages.named(offered) if len(offered) > 1 else []
    context |= {"slug": visit.study.slug, "language_links": links}
    return show(request, template or screen, screen, study=visit.declared, language=visit.language, **context)


def _ineligible(request: DoorRequest, visit: Visit, reference: str) -> HttpResponse:
    return _show(
        request,
        visit,
        "ineligible",
        title=_("Thank you for your interest"),
        reference=reference,
        code=screened_out(visit.declared),
        write_url=f"mailto:{visit.declared.contact}",
    )


def _question(
    request: DoorRequest,
    visit: Visit,
    question: EligibilityQuestion,
    *,
    problem: str = "",
    typed: str | None = None,
) -> HttpResponse:
    questions = visit.declared.eligibility
    place = [q.id for q in questions].index(question.id)
    earlier = questions[place - 1] if place else None
    chosen = typed if typed is not None else posted_text(visit.answers(questions).get(question.id))
    return _show(
        request,
        visit,
        "eligibility",
        status=422 if problem else 200,
        title=question.ask.to(visit.language),
        question=question,
        choices=[(choice, choice) for choice in question.choices],
        chosen=chosen,
        problem=problem,
        errors=[{"id": question.id, "text": problem}] if problem else [],
        number=place + 1,
        of=len(questions),
        door_key=visit.key,
        back_url=_question_url(visit, earlier) if earlier else reverse("coaching:join", args=[visit.study.slug]),
    )


def _consent_form(
    request: DoorRequest,
    visit: Visit,
    version: StudyVersion,
    *,
    agreed: set[str] | None = None,
    is_new_text: bool = False,
) -> HttpResponse:
    """The form of one version; `agreed`, if given, is what was ticked on a form that lacked something."""
    shown, language = declared(version), visit.language_of(declared(version))
    missed = {s.id for s in missed_statements(shown.consent.statements, agreed)} if agreed is not None else set()
    statements = [
        {
            "name": s.id,
            "text": s.text.to(language),
            "optional": not s.required,
            "checked": s.id in (agreed or ()),
            "error": _("Tick this box if you want to take part.") if s.id in missed else "",
        }
        for s in shown.consent.statements
    ]
    questions = shown.eligibility
    return _show(
        request,
        visit,
        "consent",
        status=422 if missed else 409 if is_new_text else 200,
        title=_("Do you want to take part?"),
        text=rendered(shown.consent.text.to(language)),
        statements=statements,
        errors=[{"id": s["name"], "text": _not_ticked(str(s["text"]))} for s in statements if s["error"]],
        study_version=version.n,
        consent_version=shown.consent.version,
        door_key=visit.key,
        is_new_text=is_new_text,
        back_url=_question_url(visit, questions[-1])
        if questions
        else reverse("coaching:join", args=[visit.study.slug]),
    )


def _not_ticked(text: str) -> str:
    return _("Not ticked yet: “%(statement)s”") % {"statement": text}


# --- the way on ------------------------------------------------------------------------------------------------------


def _onward(visit: Visit, study: Declared) -> str:
    """The first page of the door that still lacks something, for one version of the study."""
    question = visit.first_open(study.eligibility)
    return _question_url(visit, question) if question else _consent_url(visit)


def _question_url(visit: Visit, question: EligibilityQuestion) -> str:
    return f"{reverse('coaching:eligibility', args=[visit.study.slug])}?{urlencode({'question': question.id})}"


def _consent_url(visit: Visit) -> str:
    return reverse("coaching:consent", args=[visit.study.slug])


def _enter(request: DoorRequest, enrolment: Enrolment) -> HttpResponse:
    """On to contact or home, as the person who has just consented."""
    if request.enrolment is None or request.enrolment.pk != enrolment.pk:
        sign_in(request, enrolment)
    if enrolment.contact_at is None:
        return go(reverse("coaching:join_contact", args=[enrolment.study.slug]))
    return go(reverse("coaching:home"))


def _read(given: list[EligibilityQuestion], posted: QueryDict) -> tuple[dict[str, Answer], dict[str, str]]:
    """The answers, and what is wrong, by question."""
    answers: dict[str, Answer] = {}
    problems: dict[str, str] = {}
    for question in given:
        texts = posted.getlist(question.id)
        try:
            # Two answers in one form are none.
            answers[question.id] = read_answer(question, texts[0] if len(texts) == 1 else "")
        except ValidationError as problem:
            problems[question.id] = problem.messages[0]
    return answers, problems


def _shown_version(visit: Visit, posted: str, now: datetime) -> StudyVersion | None:
    """The version whose form was posted; None when it is too old to count, or can't be told."""
    if not posted.isascii() or not posted.isdecimal() or len(posted) > 9:
        return None
    version = visit.study.versions.defer("content").select_related("study").filter(n=int(posted)).first()
    following = visit.study.versions.filter(n=int(posted) + 1).values_list("created_at", flat=True).first()
    return None if following is not None and now - following >= SHOWN_COUNTS_FOR else version


def _repeated(request: DoorRequest, visit: Visit, now: datetime) -> Enrolment | None:
    """Whom a form's first submit enrolled, when it comes again from a browser that never saw the answer.

    The answer to the first carried the browser's new session; without it, the form's random key is all there is. A key
    that is too old for that is spent, and the visitor a newcomer under another.
    """
    key = request.POST.get("door-key", "")
    if visit.person is not None or not is_key(key):
        return None
    consented = {"study": visit.study, "outcome": Screening.Outcome.CONSENTED}
    screening = Screening.objects.select_related("enrolment__study").filter(key=key, **consented).first()
    if screening is None:
        return None
    enrolment: Enrolment = screening.enrolment
    if enrolment.erased_at is None and enrolment.consented_at and now - enrolment.consented_at < SHOWN_COUNTS_FOR:
        return enrolment
    visit.renew_key()
    return None
