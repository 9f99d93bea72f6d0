"""What was sent, and what would be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from coaching.models import Enrolment, Message
from coaching.schedule import Facts, allocation_due, plan
from coaching.selectors.people import enrolments, facts_of, in_programme
from coaching.selectors.studies import declared
from coaching.windows import zone
from protocol.study import Step
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
    found = [_waiting(message) for message in _unsent() if message.due_at <= at]
    known = set(Message.objects.filter(kind=Message.Kind.REMINDER).values_list("enrolment_id", "timepoint", "n"))
    people = enrolments().filter(in_programme(), synthetic=False, paused_at=None, no_mail_at=None)
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
    yield from rows.select_related("enrolment")


def _waiting(message: Message) -> Foreseen:
    person = message.enrolment
    words = {
        "reminder": f"{message.timepoint} is open and not done",
        "invitation": "invited",
        "link": "asked for a link",
        "message": "staff wrote",
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
    facts = _as_of(declaration, facts_of(person, person.occasions.all()), at)
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
    if step.at is None:
        return f"{step.id} follows the step before it"
    moment = "" if step.at.anchor in {"consent", "allocation"} else f".{step.at.moment}"
    return f"{step.id} is planned at {step.at.anchor}{moment} + {step.at.offset}"
