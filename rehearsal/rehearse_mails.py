"""Whether each message of a rehearsal ended as it had to, and whether nobody got another mail than those."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta

from coaching.models import Message
from protocol.study import Study
from rehearsal.rehearse_facts import Facts, Row
from rehearsal.rehearse_journal import Journal, Mail, is_to_the_team

State, Kind = Message.State, Message.Kind
CAPPED = (Kind.REMINDER, Kind.WAITING)
# What counts as a day and a week of a cap: two hours less, since a turn may be late and clocks change.
A_DAY, A_WEEK = timedelta(hours=22), timedelta(days=7, hours=-2)

Remark = tuple[str, str]


class Mails:
    """The mails that arrived, by the message that each is."""

    def __init__(self, journal: Journal, people: Sequence[Facts]) -> None:
        self._of: dict[str, list[Mail]] = defaultdict(list)
        for mail in journal.mails:
            self._of[mail.key].append(mail)
        self._known = {row["key"].hex for facts in people for row in facts.rows.messages}

    def of(self, row: Row) -> list[Mail]:
        """The mails of one message: one, if it was sent."""
        return self._of.get(row["key"].hex, [])

    def nobodys(self) -> Iterator[tuple[str, str, str]]:
        """Mails that are no message's."""
        for key in sorted(set(self._of) - self._known):
            yield self._of[key][0].to, "mail", "no message was planned that it could be"


def of_messages(facts: Facts, mails: Mails, grid: timedelta) -> Iterator[Remark]:
    """What is wrong with one person's messages: with each by itself, and with what is not there."""
    twice = Counter((row["kind"], row["timepoint"], row["n"]) for row in facts.rows.messages)
    for (kind, step, n), count in twice.items():
        if count > 1:
            yield f"{kind} {step} {n}", f"planned {count} times"
    for row in facts.rows.messages:
        what = f"{row['kind']} {row['timepoint']} {row['n']}".replace("  ", " ")
        arrived = mails.of(row)
        if (len(arrived) == 1) != (row["state"] == State.SENT) or len(arrived) > 1:
            yield what, f"it is {row['state']}, and {len(arrived)} mails arrived"
        for mail in arrived:
            why = _at_the_wrong_time(facts, row, mail, grid)
            if why:
                yield what, why
        why = _ended(facts, row, grid) if row["state"] != State.SENT else ""
        if why:
            yield what, why
    yield from _lacking(facts)


def _at_the_wrong_time(facts: Facts, row: Row, mail: Mail, grid: timedelta) -> str:
    """Why a mail should not have come, or not then; empty where it should."""
    study, at = facts.study, mail.at
    if is_to_the_team(row):
        on_call = (study.safety.to or study.contact, *study.safety.escalate)
        return "" if mail.to in on_call else f"it went to {mail.to}, who is not on call"
    if mail.to != facts.rows.address:
        return f"it went to {mail.to}; expected {facts.rows.address}"
    # Whoever moves, or is helped by the team, may find that something was due before.
    changed = (act.at for act in facts.acts("moved zone", "staff moved", "staff skipped") if act.at <= at)
    hours = _hours_of(study, row) if row["kind"] in CAPPED else None
    latest = facts.turn_after(max((row["due_at"], *changed)), hours, grid) + timedelta(minutes=1)
    if not row["due_at"] - timedelta(seconds=1) <= at <= latest:
        return f"sent at {at}, due at {row['due_at']}"
    for act in ("withdrew", "erased", "stopped contact"):
        since = facts.first(act)
        if since is not None and since <= at - timedelta(seconds=1):
            return f"sent at {at}, after they {act} at {since}"
    if row["kind"] not in CAPPED:
        return ""
    if facts.is_paused(at):
        return f"sent at {at}, in a pause"
    if not facts.reads_between(at, hours):
        return f"sent at {at.astimezone(facts.zone_at(at))}, outside the hours for it"
    if row["kind"] == Kind.REMINDER:
        settled_at = facts.occasions.get(row["timepoint"], {}).get("settled_at")
        if settled_at is not None and settled_at < at - timedelta(seconds=1):
            return f"sent at {at}, after the step ended at {settled_at}"
    return "" if not _is_above_caps(facts, at, including=True) else f"sent at {at}, above the study's caps"


def _ended(facts: Facts, row: Row, grid: timedelta) -> str:
    """Why the end of a message that was not sent can't be; empty where a fact explains it."""
    state, reason, due_at = row["state"], row["reason"], row["due_at"]
    hours = _hours_of(facts.study, row) if row["kind"] in CAPPED else None
    turn_at = facts.turn_after(due_at, hours, grid)
    if state not in {State.CANCELLED, State.MISSED, State.FAILED}:
        return f"it has no end: {state}"
    left_at, silent_at = facts.left_at, facts.first("stopped contact")
    step = facts.occasions.get(row["timepoint"])
    settled_at = step["settled_at"] if step is not None else None
    explains = {
        (State.FAILED, "no address"): facts.rows.address == "",
        (State.CANCELLED, "withdrawn"): left_at is not None,
        (State.CANCELLED, "no contact"): silent_at is not None and silent_at <= turn_at,
        (State.CANCELLED, "paused"): facts.is_paused(due_at, turn_at),
        (State.CANCELLED, "seen to"): is_to_the_team(row),
        (State.CANCELLED, "not needed"): _is_not_needed(facts, row, settled_at, turn_at),
        (State.MISSED, "closed"): step is not None and step["state"] in {"missed", "cancelled"},
        (State.MISSED, "overtaken"): _is_overtaken(facts, row, turn_at),
        (State.MISSED, "cap"): _is_above_caps(facts, turn_at, including=False),
    }
    if (state, reason) not in explains:
        return f"it is {state}, {reason!r}: no such end is known"
    return "" if explains[state, reason] else f"it is {state}, {reason!r}, due at {due_at}, and no fact says so"


def _is_not_needed(facts: Facts, row: Row, settled_at: datetime | None, turn_at: datetime) -> bool:
    if row["kind"] == Kind.WAITING:
        return facts.rows.enrolment["completed_at"] is not None
    if settled_at is not None and settled_at <= turn_at:
        return True
    return facts.is_touched(row["timepoint"]) or facts.has_moved


def _is_overtaken(facts: Facts, row: Row, turn_at: datetime) -> bool:
    of_step = (row["kind"], row["timepoint"])
    return any(
        (other["kind"], other["timepoint"]) == of_step and other["n"] > row["n"] and other["due_at"] <= turn_at
        for other in facts.rows.messages
    )


def _is_above_caps(facts: Facts, at: datetime, *, including: bool) -> bool:
    """Whether as many went as the study allows; `including`: more than that, the one at `at` counted."""
    sent = [row["sent_at"] for row in facts.rows.messages if row["kind"] in CAPPED and row["sent_at"] is not None]
    caps = ((facts.study.messages.a_day, A_DAY), (facts.study.messages.a_week, A_WEEK))
    for most, length in caps:
        count = sum(at - length < each <= at for each in sent)
        if most is not None and (count > most if including else count >= most):
            return True
    return False


def _hours_of(study: Study, row: Row) -> tuple[time, time] | None:
    if row["kind"] == Kind.REMINDER:
        return next(step.between for step in study.steps() if step.id == row["timepoint"])
    return study.messages.between


def _lacking(facts: Facts) -> Iterator[Remark]:
    """Reminders that should have been planned and were not."""
    held = {(row["timepoint"], row["n"]) for row in facts.rows.messages if row["kind"] == Kind.REMINDER}
    if facts.has_moved:
        return
    for key, row in facts.occasions.items():
        step = facts.steps.get(key)
        if step is None or row["opens_at"] is None:
            continue
        ends = [row["closes_at"], row["settled_at"], facts.left_at]
        end = min((at for at in ends if at is not None), default=None)
        for n, length in enumerate(step.remind, start=1):
            # With hours, it may be put off by less than a day.
            latest = row["opens_at"] + timedelta(seconds=length.nominal_s, days=1 if step.between else 0, hours=1)
            if (key, n) not in held and (end is None or latest < end):
                yield f"reminder {key} {n}", "it was never planned"
