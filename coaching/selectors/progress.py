"""How far people have come, for those who look after them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db.models import Case, CharField, Max, OuterRef, Prefetch, Q, QuerySet, Subquery, Value, When

from coaching.adherence import Stored, state_at
from coaching.models import Enrolment, Occasion, Study
from coaching.selectors.attention import STORED
from coaching.selectors.people import people_in
from coaching.selectors.studies import declared
from protocol.text import Text

Status = Literal["invited", "consented", "active", "paused", "completed", "withdrawn", "imported"]
STATUSES: tuple[Status, ...] = ("invited", "consented", "active", "paused", "completed", "withdrawn", "imported")
SOON = timedelta(hours=48)


def status_expression() -> Case:
    """The status of an enrolment as the datasets name it (and `invited` for those who have not consented)."""
    return Case(
        When(imported_at__isnull=False, then=Value("imported")),
        When(consented_at=None, then=Value("invited")),
        When(withdrawn_at__isnull=False, then=Value("withdrawn")),
        When(completed_at__isnull=False, then=Value("completed")),
        When(paused_at__isnull=False, then=Value("paused")),
        # In a cohort nobody is allocated: people are active from the consent on. Its content says whether it is one.
        When(Q(allocated_at__isnull=False) | Q(version__is_cohort=True), then=Value("active")),
        default=Value("consented"),
        output_field=CharField(),
    )


@dataclass(frozen=True, slots=True)
class Progress:
    """One person in a list: `cells` are (state, title) of their steps in order, `due` how many could be done by now."""

    enrolment: Enrolment
    status: Status
    cells: tuple[tuple[str, str], ...]
    done: int
    due: int
    next: Occasion | None
    next_title: str
    closes_soon: bool
    last_at: datetime | None


def list_of(study: Study, *, status: str = "", arm: str = "") -> QuerySet[Enrolment]:
    """Everybody in a study whom staff may see, newest first, with status and what they did last."""
    # Asked for each person who is shown, and not of everybody before the first page is cut off.
    last = Occasion.objects.filter(enrolment=OuterRef("pk")).order_by().values("enrolment")
    last_at = Subquery(last.annotate(at=Max("settled_at")).values("at"))
    people = people_in(study).annotate(status=status_expression(), last_at=last_at)
    if status:
        people = people.filter(status=status)
    if arm:
        people = people.filter(arm=arm)
    ordered = Occasion.objects.order_by("place")
    return people.order_by("-pk").prefetch_related(Prefetch("occasions", queryset=ordered))


def progress_of(people: Iterable[Enrolment], *, now: datetime, language: str) -> list[Progress]:
    """The rows of a list made by `list_of`."""
    return [_progress(person, now, language) for person in people]


def title_of(enrolment: Enrolment, key: str, language: str) -> str:
    """The title of a step as staff read it; its id where it has none."""
    if enrolment.version is None:
        return key
    titles: dict[str, Text | None] = {step.id: step.title for step in declared(enrolment.version).steps()}
    title = titles.get(key)
    return title.to(language) if title is not None else key


def _progress(person: Enrolment, now: datetime, language: str) -> Progress:
    occasions: Sequence[Occasion] = list(person.occasions.all())
    states = [_state_at(occasion, now) for occasion in occasions]
    waiting = [o for o, state in zip(occasions, states, strict=True) if state in {"open", "waiting"}]
    going_on = not (person.withdrawn_at or person.completed_at)
    upcoming = sorted(waiting, key=lambda o: (o.optional, o.opens_at is None, o.opens_at or now, o.place))
    following = upcoming[0] if upcoming and going_on else None
    return Progress(
        enrolment=person,
        status=person.status,  # type: ignore[attr-defined]
        cells=tuple((state, title_of(person, o.key, language)) for o, state in zip(occasions, states, strict=True)),
        done=states.count("done"),
        due=states.count("done") + states.count("missed") + states.count("open"),
        next=following,
        next_title=title_of(person, following.key, language) if following else "",
        closes_soon=bool(
            following
            and following.closes_at
            and _state_at(following, now) == "open"
            and following.closes_at - now < SOON
        ),
        last_at=person.last_at,  # type: ignore[attr-defined]
    )


def _state_at(occasion: Occasion, now: datetime) -> str:
    """The state at `now` where the row alone can tell, so that a list does not wait for the next tick."""
    return state_at(Stored(**{field: getattr(occasion, field) for field in STORED}), now)
