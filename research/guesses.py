"""Who is guessed to be in which arm, by people themselves, by coaches and by raters; and whether that is knowledge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Q

from assessments.models import Answer, ArmGuess
from coaching.models import Study
from protocol.study import Guess, OfInstrument
from research.analysis import NotComputable
from research.analysis.blinding import Bang, James, bang, james
from research.analysis.expectation import Spread, spread

DONT_KNOW = "dont_know"
PARTICIPANT = "participant"
WHO = (PARTICIPANT, *ArmGuess.Role.values)

Said = tuple[str, str, float | None]
"""The arm that somebody is in, the arm that is named (or `dont_know`), and how sure that is said."""


@dataclass(frozen=True, slots=True)
class ArmGuessed:
    """What is guessed of those who are in one arm.

    Attributes:
        arm: The arm that they are in.
        named: By arm, how many name it.
        dont_know: How many say that they don't know.
        confidence: Of those who name an arm and say how sure they are.
        bang: Bang's index, or why there is none.
    """

    arm: str
    named: Mapping[str, int]
    dont_know: int
    confidence: Spread
    bang: Bang | NotComputable


@dataclass(frozen=True, slots=True)
class Guessed:
    """The latest guess about each person who is in an arm: by themselves, by a coach, or by a rater."""

    who: str
    arms: tuple[ArmGuessed, ...]
    james: James | NotComputable

    @property
    def n(self) -> int:
        """How many guesses there are."""
        return sum(sum(arm.named.values()) + arm.dont_know for arm in self.arms)


def guessed(
    study: Study, guess: Guess | None, arms: Sequence[str], synthetic: bool | None = None
) -> tuple[Guessed, ...]:
    """The guesses of each of `WHO`; nothing where the study has no arms. Without `guess` no participant is asked."""
    if not arms:
        return ()
    said = {PARTICIPANT: _by_participants(study, synthetic, guess) if guess else [], **_by_staff(study, synthetic)}
    return tuple(counted(who, said.get(who, ()), arms) for who in WHO)


def counted(who: str, said: Iterable[Said], arms: Sequence[str]) -> Guessed:
    """Guesses counted by the arm that people are in, with the indices.

    Raises:
        ValueError: An arm is named that is none of `arms`.
    """
    said = list(said)
    found = []
    for arm in arms:
        own = [(named, sure) for own_arm, named, sure in said if own_arm == arm]
        named = {each: sum(name == each for name, _sure in own) for each in arms}
        unknown = sum(name == DONT_KNOW for name, _sure in own)
        sure = spread([sure for name, sure in own if name != DONT_KNOW])
        found.append(ArmGuessed(arm, named, unknown, sure, bang(named[arm], len(own) - named[arm] - unknown, unknown)))
    table = james({each.arm: each.named for each in found}, {each.arm: each.dont_know for each in found})
    return Guessed(who, tuple(found), table)


def _by_participants(study: Study, synthetic: bool | None, guess: Guess) -> list[Said]:
    """The last guess of each person, with how sure they were on that occasion."""
    asked = [each for each in (guess.item, guess.confidence) if each is not None]
    answers = Answer.objects.filter(
        reduce(or_, (Q(administration__instrument=each.instrument, item=each.name) for each in asked)),
        administration__occasion__enrolment__study=study,
        administration__occasion__enrolment__erased_at=None,
        status=Answer.Status.ANSWERED,
    ).exclude(administration__occasion__enrolment__arm="")
    if synthetic is not None:
        answers = answers.filter(administration__occasion__enrolment__synthetic=synthetic)
    sure: dict[int, float | None] = {}
    last: dict[int, tuple[int, str, str]] = {}
    rows = answers.order_by("administration__occasion__place", "pk").values_list(
        "administration__instrument",
        "item",
        "administration__occasion",
        "administration__occasion__enrolment",
        "administration__occasion__enrolment__arm",
        "value",
        "text",
    )
    for instrument, item, occasion, person, arm, value, text in rows:
        if OfInstrument(instrument, item) == guess.item:
            last[person] = (occasion, arm, guess.arms.get(text, DONT_KNOW))
        else:
            sure[occasion] = value
    return [(arm, named, sure.get(occasion)) for occasion, arm, named in last.values()]


def _by_staff(study: Study, synthetic: bool | None) -> dict[str, list[Said]]:
    """The last guess about each person in each role."""
    rows = ArmGuess.objects.filter(enrolment__study=study, enrolment__erased_at=None).exclude(enrolment__arm="")
    if synthetic is not None:
        rows = rows.filter(enrolment__synthetic=synthetic)
    last: dict[str, dict[int, Said]] = {}
    columns = rows.order_by("pk").values_list("role", "enrolment", "enrolment__arm", "guess", "confidence")
    for role, person, arm, named, sure in columns:
        last.setdefault(role, {})[person] = (arm, named, sure)
    return {role: list(of.values()) for role, of in last.items()}
