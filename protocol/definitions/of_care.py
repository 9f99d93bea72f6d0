"""What a study promises its people beyond its steps: messages, care, payment, leaving, and how long data are kept."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from protocol import grammar
from protocol.conditions import LONGEST
from protocol.definitions.shared import (
    Pair,
    duration,
    identifier,
    markdown,
    time_of_day,
    title,
    words,
)
from protocol.kinds import Checked, Choice, Either, Name, Number, Word
from protocol.nodes import Node, Scalar
from protocol.records import Field, ListOf, MapOf, Record

# --- messages --------------------------------------------------------------------------------------------------------

_subject = Field(
    "subject", title, "The subject: one line. It may hold the same names in braces.", True, example="{study}: {step}"
)
_text = Field(
    "text",
    words,
    "The text. In braces: {study}, {step} (a reminder's step, by its title), {until} (when its window closes), {link} "
    "(the person's own way in), {contact}.",
    True,
    example="{step} is open until {until}. This is your link: {link}",
)
wording = Record("wording", "What one kind of message says.", (_subject, _text))
waiting = Record(
    "waiting message",
    "A neutral message to those who wait: as many words from the study as the others get, and nothing to do.",
    (
        replace(_subject, example="{study}: you are still with us"),
        replace(
            _text,
            means="The text. In braces: {study}, {link}, {contact}.",
            example="There is nothing to do now. We write again when it is your turn. Questions go to {contact}.",
        ),
        Field("every", duration, "How long after allocation, and after the one before, it goes.", True, example="14d"),
        Field("times", Number(low=1, high=100, is_whole=True), "How many of them there are at most.", True, example=4),
        Field(
            "arms",
            ListOf(identifier, "arm", 0, 20, is_set=True),
            "The arms that get it; without it every arm.",
            default=[],
            example=["questions"],
        ),
    ),
)
caps = Record(
    "caps",
    "How many reminders somebody gets at most, over all steps; what is above is not sent and counts as missed.",
    (
        Field("day", Number(low=1, high=50, is_whole=True), "In 24 hours.", example=1),
        Field("week", Number(low=1, high=200, is_whole=True), "In seven days.", example=4),
    ),
)
messages = Record(
    "messages",
    "The words that a study sends, as its ethics board approved them. What is left out is said in the product's words.",
    (
        Field(
            "invitation",
            wording,
            "To somebody whom staff invite.",
            example={"subject": "An invitation to {study}", "text": "This is your way in: {link}"},
        ),
        Field("reminder", wording, "That a step is open."),
        Field(
            "steps",
            MapOf(identifier, wording, "step", 1, 100, "post"),
            "Another reminder for one step: STEP: {subject, text}.",
            example={"post": {"subject": "The second questionnaire", "text": "It is open until {until}: {link}"}},
        ),
        Field(
            "link",
            wording,
            "A fresh link, which somebody asked for.",
            example={"subject": "Your link", "text": "This is your way in: {link}"},
        ),
        Field(
            "message",
            wording,
            "That the team wrote something; what it wrote is read on the page.",
            example={"subject": "We wrote to you", "text": "It can be read here: {link}"},
        ),
        Field("waiting", waiting, "A neutral message to those who wait."),
        Field("caps", caps, "How many reminders go at most."),
        Field(
            "between",
            Pair(time_of_day, time_of_day, "two times of day, such as ['09:00', '20:00']"),
            "The wall time within which reminders go of steps that say nothing of their own.",
            example=["08:00", "21:00"],
        ),
        Field(
            "hours",
            words,
            "When the team reads what people write; said wherever they can write.",
            example="We read messages from Monday to Friday, 9:00 to 17:00.",
        ),
    ),
)

# --- care ------------------------------------------------------------------------------------------------------------

ask = Record(
    "safety questionnaire",
    "The questionnaire that asks how people are after their sessions. Its answers have the session's step as "
    "timepoint; the step counts as done without them.",
    (
        Field("instrument", identifier, "The instrument's id.", True, example="after_session"),
        Field(
            "after", Choice(("session",)), "What it follows: a session, whole or ended early.", True, example="session"
        ),
        Field(
            "every",
            Number(low=1, high=100, is_whole=True),
            "It follows each Nth session of a person's way, in the study's order; missed ones count.",
            default=1,
            example=1,
        ),
        Field(
            "arms",
            ListOf(identifier, "arm", 0, 20, is_set=True),
            "The arms that are asked, after the sessions that follow allocation. Without it everybody alike.",
            default=[],
            example=["sessions", "questions"],
        ),
    ),
)
rule = Record(
    "safety rule",
    "What follows from an answer, in every arm alike.",
    (
        Field("id", identifier, "Its name, in alerts and listings.", True, example="distress"),
        Field(
            "instrument", identifier, "The questionnaire, at whatever step it is asked.", True, example="after_session"
        ),
        Field(
            "when",
            Word("a condition such as 'distress >= 8'", longest=LONGEST, is_one_line=True),
            "A condition on that questionnaire's answers, as in `when` of an item.",
            True,
            example="distress >= 8",
        ),
        Field(
            "times",
            Number(low=1, high=20, is_whole=True),
            "How many times running it must hold, over the times that the person was asked.",
            default=1,
            example=1,
        ),
        Field(
            "do",
            ListOf(Choice(("alert", "pause")), "act", 1, 2, is_set=True),
            "What is done: `alert` writes to the address on call, `pause` lets the person's programme rest.",
            default=["alert"],
            example=["pause", "alert"],
        ),
    ),
)
address = Word("an address such as name@example.org", r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+", 254)
safety = Record(
    "safety",
    "How people are looked after.",
    (
        Field("ask", ask, "The questionnaire after sessions."),
        Field(
            "rules",
            ListOf(rule, "safety rule", 0, 20),
            "What follows from answers. Whoever reports that they are not well raises an alert in any case.",
            default=[],
        ),
        Field(
            "support",
            words,
            "Where people find help: shown where they stop, where they report something, and after the questionnaire.",
            example="You can call the listening line of your country, day and night.",
        ),
        Field(
            "to",
            address,
            "Whom people write to when they are not well, shown in the same places, and who is alerted; without it "
            "`contact`.",
            example="care@example.org",
        ),
        Field(
            "within",
            duration,
            "How soon somebody of the team must have looked at an alert.",
            default="60m",
            example="60m",
        ),
        Field(
            "escalate",
            ListOf(address, "address", 0, 5, is_set=True),
            "Who is alerted, one after the other, each time that passes and nobody has.",
            default=[],
            example=["lead@example.org"],
        ),
        Field(
            "hours",
            words,
            "What happens out of hours: said on every screen that asks how people are.",
            example="At night nobody reads this. If you need somebody now, call the listening line.",
        ),
    ),
)

# --- panels and payment ----------------------------------------------------------------------------------------------

_code = Word("a code of letters, digits, - and _", grammar.CODE, 40)
panel = Record(
    "panel",
    "People who come from a panel, such as Prolific: known by its id, and by no address.",
    (
        Field("kind", Name(grammar.SLUG, "the panel's name, such as prolific"), "The panel.", True, example="prolific"),
        Field(
            "id",
            Name(grammar.PARAMETER, "the name of a parameter in the address, such as PROLIFIC_PID", 40),
            "The parameter of the door's address that holds the panel's id of a person.",
            True,
            example="PROLIFIC_PID",
        ),
        Field(
            "contact",
            Choice(("none", "ask")),
            "`none`: nobody is asked for an address, and nobody is mailed.",
            default="none",
            example="none",
        ),
        Field(
            "codes",
            MapOf(identifier, _code, "step", 1, 100, "baseline"),
            "STEP: CODE: shown when that step is done, so that the panel knows.",
            example={"baseline": "C1A2B3"},
        ),
        Field("screenout", _code, "The code for somebody who may not take part.", example="CSCREEN"),
        Field(
            "back",
            Word("an https address with {code} in it", grammar.BACK, 300),
            "Where a code is handed in: offered as a link; {code} is put in.",
            example="https://panel.example/complete?cc={code}",
        ),
    ),
)
payments = Record(
    "payments",
    "What people are paid. A ledger says for whom which amount is due, approved, and paid; paying itself is yours.",
    (
        Field(
            "currency",
            Name(r"[A-Z]{3}", "a currency such as GBP or EUR", 20),
            "The currency, by ISO 4217.",
            True,
            example="GBP",
        ),
        Field(
            "steps",
            MapOf(identifier, Number(low=0, high=100_000), "step", 1, 200, "baseline"),
            "STEP: AMOUNT: due when that step is done.",
            True,
            example={"baseline": 2.5, "post": 5},
        ),
    ),
)

# --- leaving, and keeping --------------------------------------------------------------------------------------------

withdraw = Record(
    "withdraw",
    "What people may leave, each by itself.",
    (
        Field(
            "offer",
            ListOf(Choice(("training", "contact", "data")), "act", 1, 3, is_set=True),
            "`training`: no more sessions, but the questionnaires go on. `contact`: nothing is sent any more. `data`: "
            "all that was collected is erased. Leaving the study altogether is always offered.",
            default=["training", "contact", "data"],
            example=["training", "contact", "data"],
        ),
    ),
)


def _no_day(text: str) -> str | None:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return "expected a day of the calendar"
    return None


def _which_until(node: Node) -> int | None:
    text = node.text if isinstance(node, Scalar) else ""
    return 1 if re.fullmatch("[0-9]+(-[0-9]+)+", text) else 0 if re.fullmatch("[+-]?[0-9]+[dhms]", text) else None


_until = Either(
    "a duration such as 90d, or a date such as 2036-12-31",
    (duration, Checked(Word("a date such as 2036-12-31", grammar.DATE, 10), _no_day)),
    _which_until,
)
retention = Record(
    "retention",
    "How long data are kept.",
    (
        Field(
            "contact",
            duration,
            "Addresses and external ids go that long after a person's participation ended.",
            default="90d",
            example="90d",
        ),
        Field(
            "drafts",
            duration,
            "Unfinished texts that were kept for later go that long after their last change.",
            default="30d",
            example="30d",
        ),
        Field(
            "research",
            _until,
            "Until when answers are kept: a date, or that long after the study closed. Staff are told; nothing is "
            "erased by itself.",
            example="2036-12-31",
        ),
    ),
)
counterbalance = Record(
    "counterbalance",
    "Sessions whose scripts come in another order for each person: the scripts that these steps name, dealt out anew.",
    (
        Field("at", ListOf(identifier, "step", 2, 30, is_set=True), "The steps.", True, example=["probe_1", "probe_2"]),
        Field(
            "order",
            Choice(("latin", "random")),
            "By the rows of a balanced Latin square, which people take in turn; or drawn for each person.",
            default="latin",
            example="latin",
        ),
    ),
)
debrief = markdown

__all__ = [
    "address",
    "counterbalance",
    "debrief",
    "messages",
    "panel",
    "payments",
    "retention",
    "safety",
    "withdraw",
]
