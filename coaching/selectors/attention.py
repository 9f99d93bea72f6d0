"""Who needs somebody: alerts and reports, letters without an answer, steps late or closing soon, lost mails."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import CharField, Count, F, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from coaching.adherence import SHORTEST_DAY, SOON, Concern, Kind, Stored, concern_of, foremost, urgency
from coaching.models import Contact, Enrolment, Letter, Message, Occasion, SafetyAlert, SafetyReport, Seen, Study
from coaching.windows import zone

STORED = ("key", "state", "optional", "due_at", "opens_at", "closes_at", "started_at", "settled_at", "skipped_at")
WHO = ("enrolment_id", "enrolment__pseudonym", "enrolment__timezone", "enrolment__synthetic", "enrolment__study_id")


@dataclass(frozen=True, slots=True)
class Someone:
    """A person as a list shows them."""

    pk: int
    pseudonym: str
    timezone: str
    synthetic: bool
    study_id: int


@dataclass(frozen=True, slots=True)
class Written:
    """A letter of a person's; `text` is empty for those who may not read it."""

    pk: int
    who: Someone
    written_at: datetime
    answered_at: datetime | None
    text: str


@dataclass(frozen=True, slots=True)
class Need:
    """One row of the list of who needs somebody.

    Attributes:
        kind: Why.
        who: Whom it is about.
        at: When it was raised, when they wrote or reported, or when the step or the mail was due.
        reasons: What is seen to with it; empty for an alert and a mail, for which there are pages of their own.
        version_id: The version of the study that the person reads; None before there is one.
        step: The id of the step, of a report that on whose page they were; empty for a letter, and for a report or a
            mail that is of no step.
        days: Whole days late.
        closes_at: When the step's window closes; None without one.
        begun: Whether the person had begun the step.
        last_at: When they last finished a step; None before their first.
        reminders: How many reminders of the step were sent.
        others: How many more steps, letters or mails of the person this row stands for.
        text: The letter's or the report's words, for those who may read them; else empty.
        mail: The kind of the mail; else empty.
        about: What a report is about, for those who may read its words; else empty.
        wants_contact: Whether somebody may get in touch, likewise; None where they did not say.
        alert: The number of the alert; None for everything else.
        look_by: By when somebody is to look at the alert, as it stands now.
        is_of_rule: Whether an answer raised the alert, and not a report of the person's own.
        level: How many have been written to about the alert.
    """

    kind: Kind
    who: Someone
    at: datetime | None
    reasons: tuple[str, ...] = ()
    version_id: int | None = None
    step: str = ""
    days: int = 0
    closes_at: datetime | None = None
    begun: bool = False
    last_at: datetime | None = None
    reminders: int = 0
    others: int = 0
    text: str = ""
    mail: str = ""
    about: str = ""
    wants_contact: bool | None = None
    alert: int | None = None
    look_by: datetime | None = None
    is_of_rule: bool = False
    level: int = 0


def within(studies: Collection[Study], simulated: bool | None = None) -> Q:
    """Of rows with an `enrolment`: those of real people of these studies, of simulated ones or of both.

    Nobody who is erased, and nobody who only tests: a test person lives by another clock.
    """
    found = Q(enrolment__study__in=studies, enrolment__erased_at=None, enrolment__ahead_s=None)
    return found if simulated is None else found & Q(enrolment__synthetic=simulated)


def underway(people: Q) -> QuerySet[Occasion]:
    """The steps of these people that nothing has settled: a pause asks for quiet, so those of the paused are left out.

    The time is not in it: a window may have closed since the last settling.
    """
    return Occasion.objects.filter(
        people,
        settled_at=None,
        skipped_at=None,
        enrolment__consented_at__isnull=False,
        enrolment__withdrawn_at=None,
        enrolment__completed_at=None,
        enrolment__paused_at=None,
    ).order_by()


def letters_of(people: Q, *, latest: int = 0, with_words: bool = False) -> list[Written]:
    """The letters of these people that nobody has answered, and the `latest` ones besides; the oldest first."""
    letters = Letter.objects.filter(people, is_from_staff=False)
    newest = letters.order_by("-written_at", "-pk").values("pk")[:latest]
    wanted = Q(answered_at=None) | Q(pk__in=newest) if latest else Q(answered_at=None)
    fields = ("pk", "written_at", "answered_at", *WHO, *(("text",) if with_words else ()))
    rows = letters.filter(wanted).order_by("written_at", "pk").values_list(*fields)
    return [
        Written(pk, Someone(*row[: len(WHO)]), written_at, answered_at, "".join(row[len(WHO) :]))
        for pk, written_at, answered_at, *row in rows
    ]


def needs_of(people: Q, letters: Iterable[Written], now: datetime, *, with_words: bool = False) -> list[Need]:
    """Who of these people (`within`) needs somebody, the first first; `letters` are theirs (`letters_of`).

    With `with_words`, what they reported is told too.
    """
    found = [
        *_raised(people, with_words=with_words),
        *_reported(people, with_words=with_words),
        *_asked(letters),
        *_steps(people, now),
        *_mails(people),
    ]
    return sorted(found, key=lambda need: (*urgency(need.kind, need.days, need.at, need.closes_at), need.who.pseudonym))


def reasons_of(person: Enrolment, now: datetime) -> set[str]:
    """Every reason for which somebody is in the list now."""
    alone = Q(enrolment=person, enrolment__erased_at=None, enrolment__ahead_s=None)
    return {reason for need in needs_of(alone, letters_of(alone), now) for reason in need.reasons}


def _raised(people: Q, *, with_words: bool) -> list[Need]:
    """A row for each alert at which nobody has looked, also of the paused and of those who left since: none is lost."""
    unseen = SafetyAlert.objects.filter(people, seen_at=None).order_by("pk")
    told = ("report__kind", "report__wants_contact", "report__text") if with_words else ()
    steps = ("occasion__key", "report__occasion__key")
    fields = ("pk", "raised_at", "look_by", "level", "report_id", "enrolment__version_id", *steps, *WHO, *told)
    needs = []
    for pk, raised_at, look_by, level, report, version_id, asked_at, told_at, *row in unseen.values_list(*fields):
        about, wants_contact, text = row[len(WHO) :] or ("", None, "")
        needs.append(
            Need(
                "alert",
                Someone(*row[: len(WHO)]),
                raised_at,
                version_id=version_id,
                step=asked_at or told_at or "",
                text=text or "",
                about=about or "",
                wants_contact=wants_contact,
                alert=pk,
                look_by=look_by,
                is_of_rule=report is None,
                level=level,
            )
        )
    return needs


def _reported(people: Q, *, with_words: bool) -> list[Need]:
    """A row for each other report that nobody has seen to: what raised an alert has its row there."""
    unseen = SafetyReport.objects.filter(people, seen_at=None, alert__isnull=True).order_by("pk")
    told = ("kind", "wants_contact", "text") if with_words else ()
    fields = ("pk", "made_at", "enrolment__version_id", "occasion__key", *WHO, *told)
    needs = []
    for pk, made_at, version_id, step, *row in unseen.values_list(*fields):
        about, wants_contact, text = row[len(WHO) :] or ("", None, "")
        needs.append(
            Need(
                "safety",
                Someone(*row[: len(WHO)]),
                made_at,
                reasons=(f"safety:{pk}",),
                version_id=version_id,
                step=step or "",
                text=text,
                about=about,
                wants_contact=wants_contact,
            )
        )
    return needs


def _asked(letters: Iterable[Written]) -> list[Need]:
    held: dict[int, list[Written]] = {}
    for letter in letters:
        if letter.answered_at is None:
            held.setdefault(letter.who.pk, []).append(letter)
    return [
        Need(
            "help",
            each[0].who,
            each[0].written_at,
            # As far as the newest that was on the page: what is written meanwhile is not seen to.
            reasons=(f"help:{max(letter.pk for letter in each)}",),
            others=len(each) - 1,
            text=each[0].text,
        )
        for each in held.values()
    ]


def _steps(people: Q, now: datetime) -> list[Need]:
    """Late steps, and those whose windows are about to close: one row a person, the foremost of theirs."""
    rows = [(Stored(*row[:9]), Someone(*row[9:14]), row[14:]) for row in _candidates(people, now)]
    seen = _seen({who.pk for _, who, _ in rows})
    concerns: dict[int, list[Concern]] = {}
    needs: dict[tuple[int, str], Need] = {}
    for step, who, (version_id, last_at, reminders, wrote_at) in rows:
        concern = concern_of(step, now, zone(who.timezone), seen=seen.get(who.pk, ()), written_at=wrote_at)
        if concern is None:
            continue
        concerns.setdefault(who.pk, []).append(concern)
        needs[who.pk, step.key] = Need(
            concern.kind,
            who,
            concern.due_at,
            version_id=version_id,
            step=step.key,
            days=concern.days,
            closes_at=concern.closes_at,
            begun=step.started_at is not None,
            last_at=last_at,
            reminders=reminders,
        )
    return [_first(needs, person, foremost(each)) for person, each in concerns.items()]


def _candidates(people: Q, now: datetime) -> Iterable[tuple[Any, ...]]:
    """Steps that may be late or about to close, with what there is to say of their people."""
    own = {"enrolment": OuterRef("enrolment")}
    done = Occasion.objects.filter(**own, state=Occasion.State.DONE).order_by()
    sent = Message.objects.filter(**own, timepoint=OuterRef("key"), kind=Message.Kind.REMINDER, sent_at__isnull=False)
    wrote = Letter.objects.filter(**own, is_from_staff=True).order_by()
    near = Q(due_at__lte=now - SHORTEST_DAY) | Q(closes_at__lt=now + SOON)
    return (
        underway(people)
        .filter(near, optional=False, opens_at__lte=now)
        .annotate(
            last_at=Subquery(done.values("enrolment").annotate(at=Max("settled_at")).values("at")),
            reminders=Coalesce(Subquery(sent.values("enrolment").annotate(n=Count("pk")).values("n")), 0),
            wrote_at=Subquery(wrote.values("enrolment").annotate(at=Max("written_at")).values("at")),
        )
        .values_list(*STORED, *WHO, "enrolment__version_id", "last_at", "reminders", "wrote_at")
    )


def _seen(people: Collection[int]) -> dict[int, set[str]]:
    held: dict[int, set[str]] = {}
    if people:
        for person, reason in Seen.objects.filter(enrolment__in=people).values_list("enrolment_id", "reason"):
            held.setdefault(person, set()).add(reason)
    return held


def _first(needs: Mapping[tuple[int, str], Need], person: int, concerns: Sequence[Concern]) -> Need:
    """The row of a person's foremost concern; to see to it is to see to the others that it stands for."""
    reasons = tuple(reason for concern in concerns for reason in concern.reasons)
    return replace(needs[person, concerns[0].step], reasons=reasons, others=len(concerns) - 1)


def _mails(people: Q) -> list[Need]:
    """Mails of which nobody knows, and addresses to which nothing goes: a row a person of each, in one query for both.

    An address is told of while its person is in the study, until somebody has seen to it.
    """
    told = ("enrolment__version_id", *WHO)
    uncertain = Message.objects.filter(people, state=Message.State.UNCERTAIN).order_by()
    addresses = Contact.objects.filter(
        people,
        held_at__isnull=False,
        enrolment__withdrawn_at=None,
        enrolment__completed_at=None,
        enrolment__no_contact_at=None,
    ).annotate(of=Value("", output_field=CharField()), step=Value("", output_field=CharField()))
    rows = uncertain.annotate(of=F("kind"), step=F("timepoint")).values_list("due_at", "of", "step", *told)
    both = rows.union(addresses.order_by().values_list("held_at", "of", "step", *told), all=True)
    mails: dict[int, Need] = {}
    held: list[Need] = []
    for at, kind, step, version_id, *who in sorted(both, key=lambda row: row[0]):
        someone = Someone(*who)
        if not kind:
            held.append(Need("held", someone, at, reasons=(f"held:{at:%Y-%m-%d}",), version_id=version_id))
        elif someone.pk in mails:
            mails[someone.pk] = replace(mails[someone.pk], others=mails[someone.pk].others + 1)
        else:
            mails[someone.pk] = Need("mail", someone, at, version_id=version_id, step=step, mail=kind)
    seen = _seen({need.who.pk for need in held})
    return [*mails.values(), *(need for need in held if not set(need.reasons) & seen.get(need.who.pk, set()))]
