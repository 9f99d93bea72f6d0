"""What nothing accounts for in a rehearsal: each message and each window has one end, and a fact explains it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from protocol.conditions import holds
from protocol.study import Study
from rehearsal.rehearse_facts import Facts, Row
from rehearsal.rehearse_journal import Journal, Rows
from rehearsal.rehearse_mails import Mails, of_messages

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Unexplained:
    """One thing that nothing accounts for: whose, what it is, and why it can't be."""

    who: str
    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.who} {self.what}: {self.why}"


def unexplained(
    study: Study, rows: Sequence[Rows], journal: Journal, *, grid: timedelta, ended_at: datetime
) -> list[Unexplained]:
    """Everything that neither what people did nor a promise of the study accounts for, by person.

    Args:
        study: What it promises.
        rows: What the product held of each person.
        journal: What everybody did, and the mails that arrived.
        grid: How long after it falls due something may be done at most.
        ended_at: When the rehearsal ended.
    """
    people = [Facts(study, each, journal) for each in rows]
    mails = Mails(journal, people)
    found = [Unexplained(*each) for each in mails.nobodys()]
    found += [Unexplained("everybody", what, why) for what, why in _unlike(study, people)]
    for facts in people:
        who = facts.rows.pseudonym
        found += [Unexplained(who, what, why) for what, why in _of_windows(facts)]
        found += [Unexplained(who, what, why) for what, why in of_messages(facts, mails, grid)]
        found += [Unexplained(who, what, why) for what, why in _of_alerts(facts, grid)]
        found += [Unexplained(who, what, why) for what, why in _of_payments(facts)]
    return found


Remark = tuple[str, str]


# --- windows ---------------------------------------------------------------------------------------------------------


def _of_windows(facts: Facts) -> Iterator[Remark]:
    lacking = set(facts.steps) ^ set(facts.occasions)
    for key in sorted(lacking):
        yield f"step {key}", "it is on the way or in the rows, but not in both"
    came = Counter(act.of for act in facts.acts("came"))
    for key, row in facts.occasions.items():
        if key not in facts.steps:
            continue
        why = _of_window(facts, key, row, came[key])
        if why:
            yield f"step {key}", why
        between = facts.due_of(facts.steps[key])
        due_at = row["due_at"]
        if between and due_at is not None and not between[0] - SECOND <= due_at <= between[1] + SECOND:
            yield f"step {key}", f"due at {due_at}; expected {between[0]} to {between[1]}"
    for act in facts.acts("turned away"):
        if not _may_be_turned_away(facts, act.of, act.at):
            yield f"step {act.of}", f"they came at {act.at} within its window, and it was not offered"


def _of_window(facts: Facts, key: str, row: Row, came: int) -> str:
    state, settled_at = row["state"], row["settled_at"]
    if state in {"waiting", "open"}:
        return f"it is still {state} at the end"
    if (state == "done") != (came == 1):
        return f"it is {state}, and they came {came} times"
    if state == "done":
        opens_at, closes_at = row["opens_at"], row["closes_at"]
        is_within = opens_at is not None and opens_at <= settled_at and (closes_at is None or settled_at < closes_at)
        return "" if is_within else f"done at {settled_at}, outside {opens_at} to {closes_at}"
    if state == "cancelled":
        return "" if settled_at == facts.left_at else f"cancelled at {settled_at}, but they left at {facts.left_at}"
    return "" if _is_missed_for_a_reason(facts, key, row) else f"missed at {settled_at}, and nothing ended it then"


def _is_missed_for_a_reason(facts: Facts, key: str, row: Row) -> bool:
    step, settled_at = facts.steps[key], row["settled_at"]
    if row["closes_at"] == settled_at or facts.first("staff skipped", of=key) == settled_at:
        return True
    if step.do == "session" and facts.first("left training") == settled_at:
        return True
    if facts.rows.enrolment["excluded_at"] == settled_at:
        return True
    # Its window had closed before it was known, or what it hangs on was missed for good.
    anchor = facts.occasions.get(step.at.anchor) if step.at is not None else None
    return anchor is not None and anchor["settled_at"] == settled_at


def _may_be_turned_away(facts: Facts, key: str, at: datetime) -> bool:
    row = facts.occasions.get(key)
    if row is None or facts.is_paused(at) or (facts.left_at is not None and facts.left_at <= at):
        return True
    if row["settled_at"] is not None and row["settled_at"] <= at:
        return True
    return bool(row["opens_at"] is not None and at < row["opens_at"])  # it was moved


# --- safety ----------------------------------------------------------------------------------------------------------


def _unlike(study: Study, people: Sequence[Facts]) -> Iterator[Remark]:
    """Where people of one arm are asked how they are, and those of another are not."""
    asks = {
        arm.name: {
            (step.id, str(step.at))
            for step in study.path(arm.name)
            if step.do == "assess" and set(step.instruments) & study.safety.instruments
        }
        for arm in study.arms
    }
    everywhere = set.intersection(*asks.values()) if asks else set()
    for arm, own in asks.items():
        for step, _ in sorted(own - everywhere):
            yield f"arm {arm}", f"it is asked how people are at {step}, and not in every arm"
    if study.safety.ask is None:
        return
    for facts in people:
        given = facts.rows.enrolment["arm"] or None
        for key in study.asked_after(given):
            row = facts.occasions.get(key)
            if row is not None and row["state"] == "done" and row["after_closes_at"] is None:
                yield f"{facts.rows.pseudonym}, arm {given}", f"nobody asked after {key}"


def _of_alerts(facts: Facts, grid: timedelta) -> Iterator[Remark]:
    wanted = _causes(facts)
    steps = {row["id"]: row["key"] for row in facts.rows.occasions}
    held = Counter((alert["rule"], steps.get(alert["occasion_id"], "")) for alert in facts.rows.alerts)
    for cause in sorted(set(wanted) | set(held)):
        if wanted[cause] != held[cause]:
            what = f"alert {cause[0] or 'of a report'} {cause[1]}".strip()
            yield what, f"{held[cause]} raised; expected {wanted[cause]} by what was answered"
    within = timedelta(seconds=facts.study.safety.within.nominal_s)
    for alert in facts.rows.alerts:
        if not alert["level"]:
            continue
        what, seen_at = f"alert {alert['rule'] or 'of a report'}", alert["seen_at"]
        if seen_at is None:
            if facts.first("erased") is None:
                yield what, "nobody ever looked"
            continue
        took = seen_at - alert["raised_at"]
        if alert["level"] > 1 and took < within:
            yield what, f"it went on to address {alert['level']}, though somebody looked after {took}"
        if alert["level"] == 1 and took > within + grid:
            yield what, f"it went to nobody else, though nobody looked for {took}"


def _causes(facts: Facts) -> Counter[tuple[str, str]]:
    """What must have raised an alert, by rule and step, as people said it."""
    found: Counter[tuple[str, str]] = Counter(("", "") for _ in facts.acts("reported"))
    for rule in facts.study.safety.rules:
        running = 0
        for act in facts.acts("answered"):
            if act.said[""] != rule.instrument:
                continue
            asked = {item.id for item in facts.study.instruments[rule.instrument].items()}
            answers = {**dict.fromkeys(asked), **{name: value for name, value in act.said.items() if name}}
            running = running + 1 if holds(rule.when, answers) else 0
            if running >= rule.times:
                found[rule.id, act.of] += 1
    return found


# --- payments --------------------------------------------------------------------------------------------------------


def _of_payments(facts: Facts) -> Iterator[Remark]:
    promised = facts.study.payments
    wanted = {
        step: cents
        for name, cents in (promised.steps.items() if promised else ())
        for step in facts.study.series(name)
        if facts.occasions.get(step, {}).get("state") == "done"
    }
    held = {row["timepoint"]: row["cents"] for row in facts.rows.payments}
    for step in sorted(set(wanted) | set(held)):
        if wanted.get(step) != held.get(step):
            yield f"payment {step}", f"{held.get(step)} is in the ledger; expected {wanted.get(step)}"
