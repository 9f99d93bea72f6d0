"""A person's way through the guided sessions of the example study, and what the rows must say of it and of its mails.

On the way each of them submits pages twice, goes back and changes a rating, and goes on in a second tab.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from PIL import Image

from tests.walk.hands import Hands
from tests.walk.lab import SLUG, Lab, Row

STAGES = (
    *("stage_1", "stage_2", "layer_1", "stage_4", "stage_5", "layer_2"),
    *("what_came", "sketch", "photo", "match"),
)
QUIET_S = 80
Drawing = Literal["drawn", "uploaded", "words", "skipped"]
SIZE = (60, 40)


@dataclass(frozen=True)
class Evening:
    """What somebody gives in one session; `layer_2` and `match` may be declined (None)."""

    layer_1: int
    second_thought: int
    layer_2: int | None
    match: int | None
    words: str
    drawing: Drawing


@dataclass
class Entered:
    """What stood on the pages when they were sent: ratings by stage, with how often they were changed."""

    evening: Evening
    ratings: dict[str, tuple[int | None, int]] = field(default_factory=dict)


def picture() -> bytes:
    """A drawing on paper, photographed."""
    image = Image.new("RGB", SIZE, "white")
    image.paste("black", (10, 10, 30, 30))
    target = io.BytesIO()
    image.save(target, format="PNG")
    return target.getvalue()


def stage_of(hands: Hands) -> str:
    """The stage at which somebody is, as the address of their page says it."""
    return hands.url.rstrip("/").rsplit("/", 1)[-1]


def begins(hands: Hands) -> None:
    """From home to the first stage."""
    assert hands.screen == "home"
    hands.press()
    assert hands.screen == "session"
    hands.press_twice()
    assert stage_of(hands) == STAGES[0]


def goes_through(hands: Hands, evening: Evening) -> Entered:
    """A whole session, from its first stage to the page after its last."""
    entered = Entered(evening)
    for n, stage in enumerate(STAGES):
        assert [stage_of(hands), hands.screen] == [stage, "draw" if stage == "sketch" else "session"]
        _at(hands, stage, entered)
        if stage == "layer_1":
            _changes_their_mind(hands, entered)
        elif n + 1 < len(STAGES):
            assert stage_of(hands) == STAGES[n + 1]
    return entered


def _at(hands: Hands, stage: str, entered: Entered) -> None:
    evening = entered.evening
    if stage in {"layer_1", "layer_2", "match"}:
        assert hands.shown(stage) == "", "nothing is chosen beforehand"
        value = getattr(evening, stage)
        if value is None:
            hands.press()
            assert stage_of(hands) == stage, "nothing given leads nowhere"
            hands.tab().skip()
            hands.skip()
            entered.ratings[stage] = (None, 0)
            return
        entered.ratings[stage] = (_points(hands, stage, value), 0)
        hands.press_twice()
    elif stage == "what_came":
        hands.fill(stage, evening.words)
        hands.press_twice()
    elif stage == "sketch":
        _draws(hands, evening.drawing)
    elif stage in {"stage_1", "photo"}:
        hands.press_twice()
    else:
        hands.press()


def _points(hands: Hands, stage: str, value: int) -> int:
    place = hands.point(stage, value)
    assert abs(place - value) <= 1
    return place


def _changes_their_mind(hands: Hands, entered: Entered) -> None:
    hands.back()
    assert stage_of(hands) == "layer_1"
    assert hands.shown("layer_1") == str(entered.ratings["layer_1"][0]), "going back shows what was given"
    entered.ratings["layer_1"] = (_points(hands, "layer_1", entered.evening.second_thought), 1)
    hands.press()
    assert stage_of(hands) == "stage_4"


def _draws(hands: Hands, drawing: Drawing) -> None:
    assert hands.shown("reason") == "rather_not", "the reason that says nothing about what came"
    if drawing == "skipped":
        hands.leave_blank("nothing_came")
        return
    if drawing == "drawn":
        hands.draw()
    elif drawing == "uploaded":
        hands.upload("sketch", picture())
    else:
        hands.fill("drawing-words", "round and dark")
    hands.press()


# --- what the researcher reads ---------------------------------------------------------------------------------------


def check_rows(lab: Lab, code: str, entered: Mapping[str, Entered], language: str, *, is_timed: bool) -> None:
    """The rows of a person's sessions are what they entered, one for one."""
    common = {"participant": code, "study": SLUG, "arm": "sessions", "script": "potoo", "attempt": 1}
    sessions = lab.rows("sessions", participant=code)
    assert [row["timepoint"] for row in sessions] == list(entered)
    for row in sessions:
        assert row.items() >= (common | {"script_version": 1, "status": "completed", "language": language}).items()
        assert row["quiet_planned_s"] == QUIET_S
        assert row["started_at"] < row["completed_at"]
        length = dt.datetime.fromisoformat(row["completed_at"]) - dt.datetime.fromisoformat(row["started_at"])
        assert abs(length.total_seconds() - row["duration_s"]) < 0.01
        measured = [row["quiet_actual_s"] is not None, row["pauses"], row["hidden_s"] is not None]
        assert measured == [is_timed, 0 if is_timed else None, is_timed]
    expected = {
        (timepoint, stage): {
            **{"rating": value, "status": "declined" if value is None else "answered", "changes": changes},
            **{"kind": "compare" if stage == "match" else "vividness", "scale_min": 0, "scale_max": 100},
        }
        for timepoint, each in entered.items()
        for stage, (value, changes) in each.ratings.items()
    }
    for row in lab.rows("ratings", participant=code):
        assert row.items() >= (common | expected.pop((row["timepoint"], row["stage"]))).items()
        assert row["shown_at"] <= row["answered_at"]
        assert (row["response_time_ms"] is not None) == (is_timed and row["status"] == "answered"), row
    assert not expected, "ratings are missing"
    texts = {
        timepoint: {
            **{"stage": "what_came", "text": each.evening.words or None, "words": len(each.evening.words.split())},
            **{"language": language, "after_reveal": False},
        }
        for timepoint, each in entered.items()
    }
    for row in lab.rows("reports", participant=code):
        assert row.items() >= (common | texts.pop(row["timepoint"])).items()
    assert not texts, "reports are missing"
    _check_drawings(lab, code, common, {timepoint: each.evening.drawing for timepoint, each in entered.items()})


def _check_drawings(lab: Lab, code: str, common: Row, given: dict[str, Drawing]) -> None:
    for row in lab.rows("drawings", participant=code):
        what = given.pop(row["timepoint"])
        assert row.items() >= (common | {"stage": "sketch", "condition": "imagery", "status": what}).items()
        size = (row["width"], row["height"])
        files = list((lab.product.folder / "var").rglob(row["file"])) if row["file"] else []
        assert [_size(file) for file in files] == ([size] if what in {"drawn", "uploaded"} else []), row
        assert what != "uploaded" or size == SIZE
        assert row["strokes"] == (2 if what == "drawn" else None)
        assert (row["ink_fraction"] or 0) > 0 if what == "drawn" else row["ink_fraction"] is None
    assert not given, "drawings are missing"


def _size(file: Path) -> tuple[int, int]:
    with Image.open(file) as image:
        return image.size


# --- the mails, reckoned again ---------------------------------------------------------------------------------------


def later(instant: dt.datetime, days: int, zone: ZoneInfo) -> dt.datetime:
    """So many calendar days later at the same wall time."""
    wall = instant.astimezone(zone).replace(tzinfo=None) + dt.timedelta(days=days)
    return wall.replace(tzinfo=zone).astimezone(dt.UTC)


def by_day(instant: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The instant, or the next at which it is from nine to before eight in the evening there."""
    wall = instant.astimezone(zone)
    if 9 <= wall.hour < 20:
        return instant
    day = wall.date() + dt.timedelta(days=int(wall.hour >= 20))
    return dt.datetime.combine(day, dt.time(9), zone).astimezone(dt.UTC)


def reminders(opens_at: dt.datetime, days: Sequence[int], zone: ZoneInfo) -> list[dt.datetime]:
    """When a step's reminders fall due that has been open since `opens_at`."""
    return [by_day(later(opens_at, each, zone), zone) for each in days]


def check_messages(lab: Lab, code: str, address: str, expected: Mapping[str, Any]) -> None:
    """Each message of a person was planned for its time and ended as it should, and each mail went once."""
    rows = lab.rows("followups", participant=code)
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        assert [row["kind"], row["arm"]] == ["reminder", "sessions"]
        assert row["n"] == len(found.setdefault(row["timepoint"], [])) + 1
        assert (row["sent_at"] is not None) == (row["state"] == "sent") == (row["attempts"] == 1), row
        found[row["timepoint"]].append((row["due_at"], row["state"]))
    wanted = {
        timepoint: [(f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z", state) for at, state in each]
        for timepoint, each in expected.items()
    }
    assert found == wanted
    status = [row for row in lab.manage("followups", "--status") if row["participant"] == code]
    names = ("timepoint", "n", "state", "due_at", "sent_at", "attempts")
    assert sorted([row[name] for name in names] for row in status if row["timepoint"]) == sorted(
        [row[name] for name in names] for row in rows
    )
    mails = [mail for mail in lab.mails(address) if mail["List-Unsubscribe"]]
    left = sorted(email.utils.parsedate_to_datetime(str(mail["Date"])).strftime("%Y-%m-%dT%H:%M:%S") for mail in mails)
    assert left == sorted(row["sent_at"][:19] for row in rows if row["state"] == "sent"), "each once"
    assert len({mail["Message-ID"] for mail in mails}) == len(mails)
