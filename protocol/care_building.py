"""Care, messages, payment, leaving and keeping from a stored content: trusted, because it was checked when read."""

from __future__ import annotations

import datetime as dt
from typing import Any

from protocol.care import (
    Ask,
    Leaving,
    Messages,
    Panel,
    Payments,
    Retention,
    SafetyPlan,
    SafetyRule,
    Waiting,
    Wording,
)
from protocol.conditions import parse_condition
from protocol.durations import PATTERN, Duration, parse_duration
from protocol.grammar import parse_time
from protocol.text import optional_text_from, text_from

Json = dict[str, Any]
KINDS = ("invitation", "reminder", "link", "message")


def safety_from(safety: Json) -> SafetyPlan:
    """How a study looks after people."""
    ask = safety.get("ask")
    return SafetyPlan(
        ask=Ask(ask["instrument"], ask.get("every", 1), tuple(ask.get("arms", ()))) if ask else None,
        rules=tuple(_rule(rule) for rule in safety.get("rules", ())),
        support=optional_text_from(safety.get("support")),
        to=safety.get("to"),
        within=parse_duration(safety["within"]) if "within" in safety else SafetyPlan().within,
        escalate=tuple(safety.get("escalate", ())),
        hours=optional_text_from(safety.get("hours")),
    )


def _rule(rule: Json) -> SafetyRule:
    acts = rule.get("do", ["alert"])
    return SafetyRule(
        id=rule["id"],
        instrument=rule["instrument"],
        when=parse_condition(rule["when"]),
        times=rule.get("times", 1),
        alerts="alert" in acts,
        pauses="pause" in acts,
    )


def messages_from(messages: Json) -> Messages:
    """The words that a study sends."""
    waiting, caps, between = messages.get("waiting"), messages.get("caps", {}), messages.get("between")
    return Messages(
        wordings={kind: _wording(messages[kind]) for kind in KINDS if kind in messages},
        of_steps={step: _wording(wording) for step, wording in messages.get("steps", {}).items()},
        waiting=Waiting(
            _wording(waiting), parse_duration(waiting["every"]), waiting["times"], tuple(waiting.get("arms", ()))
        )
        if waiting
        else None,
        a_day=caps.get("day"),
        a_week=caps.get("week"),
        between=(parse_time(between[0]), parse_time(between[1])) if between else None,
        hours=optional_text_from(messages.get("hours")),
    )


def _wording(wording: Json) -> Wording:
    return Wording(text_from(wording["subject"]), text_from(wording["text"]))


def panel_from(panel: Json) -> Panel:
    """Where people come from."""
    return Panel(
        kind=panel["kind"],
        id=panel["id"],
        asks_contact=panel.get("contact", "none") == "ask",
        codes=panel.get("codes", {}),
        screenout=panel.get("screenout", ""),
        back=panel.get("back", ""),
    )


def payments_from(payments: Json) -> Payments:
    """What people are paid, in hundredths."""
    return Payments(
        currency=payments["currency"],
        steps={step: round(amount * 100) for step, amount in payments["steps"].items()},
    )


def leaving_from(withdraw: Json) -> tuple[Leaving, ...]:
    """What people may leave by itself, in the order in which it is offered."""
    return tuple(withdraw.get("offer", ("training", "contact", "data")))


def retention_from(retention: Json) -> Retention:
    """How long data are kept."""
    usual = Retention()
    return Retention(
        contact=parse_duration(retention["contact"]) if "contact" in retention else usual.contact,
        drafts=parse_duration(retention["drafts"]) if "drafts" in retention else usual.drafts,
        research=_until(retention["research"]) if "research" in retention else None,
    )


def _until(text: str) -> Duration | dt.date:
    return parse_duration(text) if PATTERN.fullmatch(text) else dt.date.fromisoformat(text)
