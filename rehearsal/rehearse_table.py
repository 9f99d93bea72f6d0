"""What a rehearsal came to, as tables of plain text."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from coaching.models import Message
from protocol.study import Study
from rehearsal.rehearse import Rehearsed
from rehearsal.rehearse_cast import MANNERS
from rehearsal.rehearse_journal import Rows

MOST_REMARKS = 40
Line = Sequence[str | int]


def lines_of(done: Rehearsed, study: Study) -> Iterator[str]:
    """The tables, line by line: people, steps, messages, safety, payments, and what nothing accounts for."""
    days = (done.ended_at - done.began_at).days
    yield f"{study.slug}: {len(done.rows)} people, {days} days, {done.turns} turns, {len(done.journal.mails)} mails"
    manners = Counter(player.manner for player in done.players)
    yield "people: " + ", ".join(f"{manners[each]} {each}" for each in MANNERS if manners[each])
    yield ""
    yield from _table(("step", "planned", "opened", "done", "missed", "skipped", "cancelled"), _steps(study, done.rows))
    yield ""
    yield from _table(("message", "planned", "sent", "missed", "cancelled", "failed"), _messages(done.rows))
    yield ""
    yield from _table(
        ("arm", "people", "sessions", "asked after", "asked in weeks", "alerts"), _safety(study, done.rows)
    )
    yield ""
    alerts = [alert for rows in done.rows for alert in rows.alerts]
    seen, escalated = (
        sum(each) for each in ([a["seen_at"] is not None for a in alerts], [a["level"] > 1 for a in alerts])
    )
    yield f"alerts: {len(alerts)} raised, {seen} seen, {escalated} escalated"
    yield _payments(study, done.rows)
    yield f"unexplained: {len(done.unexplained)}"
    yield from (f"  {each}" for each in done.unexplained[:MOST_REMARKS])
    if len(done.unexplained) > MOST_REMARKS:
        yield f"  and {len(done.unexplained) - MOST_REMARKS} more"


def _steps(study: Study, people: Iterable[Rows]) -> Iterator[Line]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    titles: dict[str, str] = {}
    for step in study.steps():
        name = step.series or step.id
        titles[step.id] = f"{name} (x{len(study.series(name))})" if step.series else name
    for rows in people:
        for row in rows.occasions:
            counts = found[titles[row["key"]]]
            counts["planned"] += 1
            # Whoever left before it opened never had it.
            counts["opened"] += _has_opened(row)
            counts["skipped" if row["skipped_at"] and row["state"] == "missed" else row["state"]] += 1
    columns = ("planned", "opened", "done", "missed", "skipped", "cancelled")
    for title in dict.fromkeys(titles.values()):
        yield (title, *(found[title][column] for column in columns))


def _has_opened(row: Any) -> bool:
    opens_at, settled_at = row["opens_at"], row["settled_at"]
    return opens_at is not None and (settled_at is None or opens_at <= settled_at)


def _messages(people: Iterable[Rows]) -> Iterator[Line]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for rows in people:
        for row in rows.messages:
            found[row["kind"]]["planned"] += 1
            found[row["kind"]][row["state"]] += 1
    for kind in Message.Kind.values:
        if found[kind]:
            yield (kind, *(found[kind][column] for column in ("planned", "sent", "missed", "cancelled", "failed")))


def _safety(study: Study, people: Sequence[Rows]) -> Iterator[Line]:
    asks = {step.id for step in study.steps() if set(step.instruments) & study.safety.instruments}
    for arm in dict.fromkeys((*(arm.name for arm in study.arms), "")):
        of = [rows for rows in people if rows.enrolment["arm"] == arm]
        if not of:
            continue
        occasions = [row for rows in of for row in rows.occasions]
        sessions = [row for row in occasions if row["kind"] == "imagery" and row["state"] == "done"]
        yield (
            arm or "(none)",
            len(of),
            len(sessions),
            sum(row["after_closes_at"] is not None for row in sessions),
            sum(row["key"] in asks and _has_opened(row) for row in occasions),
            sum(len(rows.alerts) for rows in of),
        )


def _payments(study: Study, people: Iterable[Rows]) -> str:
    rows = [row for each in people for row in each.payments]
    if study.payments is None:
        return "payments: none promised"
    cents, paid = (sum(row["cents"] for row in of) for of in (rows, [row for row in rows if row["paid_at"]]))
    return f"payments: {len(rows)} due, {cents / 100:.2f} {study.payments.currency}, of which {paid / 100:.2f} paid"


def _table(head: Line, body: Iterable[Line]) -> Iterator[str]:
    rows = [head, *body]
    widths = [max(len(str(row[place])) for row in rows) for place in range(len(head))]
    for row in rows:
        cells = (
            str(cell).ljust(w) if not n else str(cell).rjust(w)
            for n, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()
