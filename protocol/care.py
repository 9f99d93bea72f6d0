"""What a study promises its people beyond its steps, as immutable values: care, messages, payment, leaving, keeping."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from protocol.conditions import Condition
from protocol.durations import Duration
from protocol.text import Text


@dataclass(frozen=True, slots=True)
class Ask:
    """Which questionnaire asks how people are after their sessions.

    Attributes:
        instrument: The questionnaire.
        every: It follows each Nth session of a person's way, those counted that they missed.
        arms: The arms that are asked, in the sessions that come after allocation; empty: everybody, in every session.
    """

    instrument: str
    every: int = 1
    arms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SafetyRule:
    """What follows from an answer.

    Attributes:
        instrument: The questionnaire, at whatever step it is asked.
        when: The condition on its answers.
        times: How many times running it must hold, over the times that the person was asked.
        alerts: Whether the address on call is written to.
        pauses: Whether the person's programme rests.
    """

    id: str
    instrument: str
    when: Condition
    times: int = 1
    alerts: bool = True
    pauses: bool = False


@dataclass(frozen=True, slots=True)
class SafetyPlan:
    """How a study looks after people.

    Attributes:
        ask: The questionnaire after sessions; None where there is none.
        rules: What follows from answers.
        support: Where they find help, in the study's own words.
        to: The address of whom they write to when they are not well, and of who is alerted; None: the `contact`.
        within: How soon somebody must have looked at an alert.
        escalate: Who is alerted, one after the other, when nobody has.
        hours: What happens out of hours, in the study's own words.
    """

    ask: Ask | None = None
    rules: tuple[SafetyRule, ...] = ()
    support: Text | None = None
    to: str | None = None
    within: Duration = Duration(60, "m")
    escalate: tuple[str, ...] = ()
    hours: Text | None = None

    @property
    def instruments(self) -> frozenset[str]:
        """The questionnaires that ask how people are: the one after sessions, and those that a rule names."""
        after = {self.ask.instrument} if self.ask else set()
        return frozenset(after | {rule.instrument for rule in self.rules})


@dataclass(frozen=True, slots=True)
class Wording:
    """What one kind of message says; names in braces stand for what is put in."""

    subject: Text
    text: Text


@dataclass(frozen=True, slots=True)
class Waiting:
    """A neutral message to those who wait: each `every` after allocation, `times` of them, to `arms` (empty: all)."""

    wording: Wording
    every: Duration
    times: int
    arms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Messages:
    """The words that a study sends, and how many.

    Attributes:
        wordings: By kind of message: `invitation`, `reminder`, `link`, `message`; what is missing the product words.
        of_steps: Reminders of single steps.
        waiting: The neutral message to those who wait.
        a_day, a_week: How many reminders somebody gets at most; None: as many as there are.
        between: The wall time for reminders of steps that say nothing of their own.
        hours: When the team reads what people write, in the study's own words.
    """

    wordings: Mapping[str, Wording] = field(default_factory=dict)
    of_steps: Mapping[str, Wording] = field(default_factory=dict)
    waiting: Waiting | None = None
    a_day: int | None = None
    a_week: int | None = None
    between: tuple[dt.time, dt.time] | None = None
    hours: Text | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """People who come from a panel.

    Attributes:
        kind: The panel.
        id: The parameter of the door's address that holds the panel's id of a person.
        asks_contact: Whether people are asked for an address all the same.
        codes: What is shown when a step is done.
        screenout: What is shown to somebody who may not take part; empty: nothing.
        back: The address at which a code is handed in, with `{code}` in it; empty: none.
    """

    kind: str
    id: str
    asks_contact: bool = False
    codes: Mapping[str, str] = field(default_factory=dict)
    screenout: str = ""
    back: str = ""


@dataclass(frozen=True, slots=True)
class Payments:
    """What people are paid for each step, in hundredths of `currency`."""

    currency: str
    steps: Mapping[str, int] = field(default_factory=dict)


Leaving = Literal["training", "contact", "data"]


@dataclass(frozen=True, slots=True)
class Retention:
    """How long data are kept.

    Attributes:
        contact: Addresses and external ids go that long after a participation ended.
        drafts: Unfinished texts go that long after their last change.
        research: Until when answers are kept: a date, or that long after the study closed; None: not said.
    """

    contact: Duration = Duration(90, "d")
    drafts: Duration = Duration(30, "d")
    research: dt.date | Duration | None = None
