"""What was sent, and what would be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q

from coaching import windows
from coaching.models import Enrolment, Message
from coaching.schedule import Facts, allocation_due, finished, plan
from coaching.selectors.people import enrolments, facts_of, in_programme
from coaching.selectors.studies import declared
from coaching.windows import zone
from protocol.durations import Duration
from protocol.study import At, Step
from protocol.study import Study as Declared


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A message that would be due if nobody did anything more."""

    participant: str
    timepoint: str
    kind: str
    n: int
    due_at: datetime
    local: datetime
    why: str


def messages_of_real_people() -> Iterator[Message]:
    """Every message, in the order in which they fall due."""
    rows = Message.objects.filter(enrolment__synthetic=False, enrolment__erased_at=None).select_related("enrolment")
    yield from rows.order_by("due_at", "pk").iterator()


def foreseen(at: datetime) -> list[Foreseen]:
    """Every unsent message with a due time at or before `at`, by due time.

    Rows that wait, and those that the schedule would still plan by then: steps that follow on closes and on times
    alone, missed ones on the way. Who would be allocated by then is counted as such, but not to which arm: nobody can
    know, so messages of an arm's own steps are not foreseen before allocation. Simulated people are never mailed, and
    whoever paused or wants no mail would get none.
    """
    found = [_waiting(message) for message in _unsent() if message.due_at <= at and not _is_over_by_then(message)]
    known = set(Message.objects.filter(kind=Message.Kind.REMINDER).values_list("enrolment_id", "timepoint", "n"))
    people = enrolments().filter(in_programme(), synthetic=False, paused_at=None, no_mail_at=None, no_contact_at=None)
    for person in people.prefetch_related("occasions"):
        found += [each for each in _to_come(person, at) if (person.pk, each.timepoint, each.n) not in known]
    return sorted(found, key=lambda each: (each.due_at, each.participant, each.timepoint, each.n))


def _unsent() -> Iterator[Message]:
    rows = Message.objects.filter(
        state__in=Message.UNSENT,
        enrolment__synthetic=False,
        enrolment__erased_at=None,
        enrolment__paused_at=None,
        enrolment__no_mail_at=None,
    )
    # Who wants no messages still gets the link that they ask for, and the team its alerts.
    rows = rows.exclude(Q(enrolment__no_contact_at__isnull=False), ~Q(kind__in=(Message.Kind.LINK, Message.Kind.ALERT)))
    yield from rows.select_related("enrolment__version").defer("enrolment__version__content")


def waiting_due(declaration: Declared, arm: str, allocated_at: datetime | None, own: ZoneInfo) -> dict[int, datetime]:
    """When somebody who waits gets each neutral message, by its number; nothing before allocation or in other arms."""
    waiting, between = declaration.messages.waiting, declaration.messages.between
    if waiting is None or allocated_at is None or (waiting.arms and arm not in waiting.arms):
        return {}
    due = {
        n: windows.add(allocated_at, Duration(waiting.every.count * n, waiting.every.unit), own)
        for n in range(1, waiting.times + 1)
    }
    return {n: windows.next_in_between(at, between, own) if between else at for n, at in due.items()}


def _is_over_by_then(message: Message) -> bool:
    """Whether a message to somebody who waits falls due when the calendar alone has ended their study."""
    person = message.enrolment
    if message.kind != Message.Kind.WAITING or person.version is None:
        return False
    return _is_over(declared(person.version), facts_of(person, person.occasions.all()), message.due_at)


def _is_over(declaration: Declared, facts: Facts, at: datetime) -> bool:
    facts = _as_of(declaration, facts, at)
    return finished(declaration, facts, plan(declaration, facts, at))


def _waiting(message: Message) -> Foreseen:
    person = message.enrolment
    words = {
        "reminder": f"{message.timepoint} is open and not done",
        "invitation": "invited",
        "link": "asked for a link",
        "message": "staff wrote",
        "waiting": "waits for what comes later",
        "alert": "raised an alert",
    }
    return Foreseen(
        person.pseudonym,
        message.timepoint,
        message.kind,
        message.n,
        message.due_at,
        message.due_at.astimezone(zone(person.timezone)),
        words[message.kind],
    )


def _to_come(person: Enrolment, at: datetime) -> Iterator[Foreseen]:
    if person.version is None:
        return
    declaration = declared(person.version)
    now = facts_of(person, person.occasions.all())
    facts = _as_of(declaration, now, at)
    if person.allocated_at is None:
        for n, due_at in waiting_due(declaration, "", facts.allocated_at, facts.zone).items():
            if due_at <= at and not _is_over(declaration, now, due_at):
                local = due_at.astimezone(facts.zone)
                yield Foreseen(person.pseudonym, "", "waiting", n, due_at, local, "waits for what comes later")
    for key, planned in plan(declaration, facts, at).items():
        if planned.state == "done":
            continue
        for n, due_at in enumerate(planned.reminders, start=1):
            if due_at <= at:
                local = due_at.astimezone(facts.zone)
                yield Foreseen(person.pseudonym, key, "reminder", n, due_at, local, _why(planned.step))


def _as_of(declaration: Declared, facts: Facts, at: datetime) -> Facts:
    """The facts if nobody did anything until `at`: whom the calendar alone allocates by then counts as allocated."""
    verdict = allocation_due(declaration, facts, at)
    if verdict.verdict == "now" and verdict.at is not None:
        return replace(facts, allocated_at=verdict.at)
    return facts


def _why(step: Step) -> str:
    """What a step hangs on, in the words of the bundle, so that whoever wrote it finds it there."""
    at = step.at
    if at is None:
        return f"{step.id} follows the step before it"
    if at.moment == "settled":
        return f"{step.id} follows {at.anchor}, done or missed"
    moment = "" if at.anchor in {"consent", "allocation"} else f".{at.moment}"
    length = f"random({at.offset}, {at.upto})" if at.upto else str(at.offset)
    further = f" + {at.further}" if at.further.count else ""
    return f"{step.id} is planned at {at.anchor}{moment} + {length}{further}{_hours(at)}"


def _hours(at: At) -> str:
    if at.hours is None:
        return ""
    first, last = (f"{time:%H:%M}" for time in at.hours)
    return f" at {first}" if first == last else f" at random({first}, {last})"
