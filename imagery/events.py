"""What can happen in a session's page, and what may be said of it: the closed list of events that are kept.

An event says what was done and when. It holds no words of a person, no path of a pointer, no key that was pressed, and
nothing by which a device could be told from another of its kind: each text in it is one of the words below.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from protocol.script import FORMS

MOST_AT_ONCE = 500
MOST_PAYLOAD_BYTES = 2_048
LARGEST_WHOLE = 2**53 - 1  # what JavaScript counts to
FURTHEST_OFFSET_MS = 2**31 - 1  # 24 days, which is what is stored
LONGEST_MS = 10_000_000_000  # of a length of time: 115 days
MOST_CHANGES = 100

Check = Callable[[object], bool]

STATES = (
    *("ready", "settle", "guide", "quiet", "rest", "rate", "form", "check", "choose", "reveal", "words", "draw"),
    *("paused", "leaving", "resume", "end"),
)
VOICES = ("recording", "device", "words")
SETTINGS = (
    *("voice", "words", "time", "chime", "vibration", "motion", "onward", "keys"),
    *("dim", "pace", "speed", "eyes_closed"),
)
PACES = ("planned", "half", "double", "untimed")
SPEEDS = ("slower", "planned", "faster")


def _number(low: float, high: float) -> Check:
    # What is not a number lies between no two; a truth is one of Python's numbers.
    return lambda value: isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high


def _whole(low: int, high: int) -> Check:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _word(*words: str) -> Check:
    return lambda value: isinstance(value, str) and value in words


def _flag(value: object) -> bool:
    return isinstance(value, bool)


def _either(*checks: Check) -> Check:
    return lambda value: any(check(value) for check in checks)


def _list_of(check: Check) -> Check:
    return lambda value: isinstance(value, list) and len(value) <= MOST_CHANGES and all(map(check, value))


def _settings(value: object) -> bool:
    return isinstance(value, dict) and all(name in SETTINGS and _set_to(each) for name, each in value.items())


_ms = _number(0, LONGEST_MS)
_count = _whole(0, 1_000_000)
_set_to = _either(_flag, _number(0, 100), _word(*PACES, *SPEEDS))
_source = _word(
    *("key", "tap", "mouse", "pen", "touch", "button", "hidden", "visible", "timer", "speech", "system", "other_tab"),
)
_given = _either(_number(-1e9, 1e9), _word(*FORMS, "nothing", "na"), _list_of(_word(*FORMS, "nothing")))
_device: Mapping[str, Check] = {
    "reason": _word(
        *("begin", "reload", "return", "restored", "restart", "home", "stop", "finished", "ended_early", "hidden"),
        *("other_tab", "taken_over"),
    ),
    "device": _word("phone", "tablet", "desktop"),
    "viewport_w": _whole(0, 100_000),
    "viewport_h": _whole(0, 100_000),
    "dpr": _number(0, 100),
    "refresh_hz": _number(0, 10_000),
    "input": _word("mouse", "touch", "pen", "keyboard"),
    "browser": _word("chrome", "edge", "firefox", "opera", "safari", "samsung", "other"),
    "voice": _word(*VOICES),
    "voice_rate": _number(0, 10),
    "pace": _word(*PACES),
    "settings": _settings,
}
_times: Mapping[str, Check] = {"planned_ms": _ms, "actual_ms": _ms, "source": _source}
_speech: Mapping[str, Check] = {
    "index": _count,
    "count": _count,
    "voice": _word(*VOICES),
    "rate": _number(0, 10),
    "from": _word(*VOICES),
    "to": _word(*VOICES),
    "reason": _word("none", "silent", "blocked", "error", "network", "ended", "paused", "skipped"),
    "duration_ms": _ms,
}
_rating: Mapping[str, Check] = {
    "value": _given,
    "status": _word("answered", "rather_not_say", "not_applicable"),
    "rt_ms": _ms,
    "input": _word("key", "tap", "mouse", "pen", "touch"),
    "changes": _list_of(_given),
}
_shown: Mapping[str, Check] = {"decoded_ms": _ms, "visible_ms": _ms}
_hidden: Mapping[str, Check] = {"duration_ms": _ms}
_stroke: Mapping[str, Check] = {
    "strokes": _count,
    "words": _count,
    "points": _count,
    "tool": _word("pen", "erase", "word"),
    "pointer": _word("mouse", "touch", "pen", "keyboard"),
    "mode": _word("free", "tap", "keys"),
    "duration_ms": _ms,
}

TYPES: Mapping[str, Mapping[str, Check]] = {
    **dict.fromkeys(("session_start", "resume", "restart", "leave", "session_end"), _device),
    **dict.fromkeys(("state_enter", "state_exit"), _times),
    **dict.fromkeys(("speech_start", "sentence", "speech_end", "speech_fail", "fallback"), _speech),
    "chime": {"kind": _word("next", "open", "words"), "strokes": _count, "scheduled_ms": _ms, "actual_ms": _ms},
    **dict.fromkeys(("pause", "continue"), {"source": _source, "duration_ms": _ms}),
    "longer": {"added_ms": _ms, "count": _count, "ms_left": _ms, "source": _source, "went_back": _flag},
    "ready": {"ms_left": _ms, "source": _source},
    **dict.fromkeys(("hidden", "visible", "blur", "focus"), _hidden),
    "wakelock": {"what": _word("got", "released", "denied", "unsupported")},
    "mode": {"name": _word(*SETTINGS), "old": _set_to, "new": _set_to},
    **dict.fromkeys(("rating_shown", "rating_change", "rating_saved"), _rating),
    **dict.fromkeys(("reveal_shown", "reveal_hide"), _shown),
    "words_save": {"length": _count},
    **dict.fromkeys(
        ("stroke_add", "stroke_erase", "stroke_undo", "stroke_redo", "stroke_clear", "drawing_saved"), _stroke
    ),
    "net": {"what": _word("offline", "online"), "queue": _count},
}
"""Every type that a page may send, with the keys that its payload may have; a key may also be null, or left out."""

OF_THE_PRODUCT = ("unlock", "leave")
"""Types that the product itself writes: which layers were open as an attempt began; that somebody stopped."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_WALL = re.compile(
    r"(?:19[7-9][0-9]|20[0-9]{2}|21[0-9]{2})-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?Z", re.ASCII
)
_KEYS = frozenset(
    (
        *("event_id", "seq", "type", "t_mono_ms", "t_wall_utc", "tz_offset_min", "clock_offset_ms", "state", "stage"),
        "payload",
    )
)
_seq = _whole(1, LARGEST_WHOLE)
_mono = _number(0, LARGEST_WHOLE)
_zone = _whole(-24 * 60, 24 * 60)
_offset = _number(-LARGEST_WHOLE, LARGEST_WHOLE)


class NotEvents(ValueError):
    """What was sent is no list of events."""


class TooMany(ValueError):
    """More events at once than are taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened, as it is kept.

    Attributes:
        event_id: Made by the page.
        seq: The page's own order, from 1.
        type: One of `TYPES`.
        state: Of the player, one of `STATES`; empty where it says none.
        stage: Where in the script; empty for what belongs to no stage.
        t_mono_ms: By the page's own clock, which nobody can set.
        happened_at: By the device's clock, which may be wrong.
        tz_offset_min: Local time less UTC.
        clock_offset_ms: The server's clock less the device's; None unmeasured, or further out than can be stored.
        payload: JSON, keys sorted; empty without any.
    """

    event_id: UUID
    seq: int
    type: str
    state: str
    stage: str
    t_mono_ms: float
    happened_at: datetime
    tz_offset_min: int | None
    clock_offset_ms: int | None
    payload: str


@dataclass(frozen=True, slots=True)
class Read:
    """What can be kept of a list, in its order, and what can't: by its id, or `#N` for the Nth where it has none."""

    events: tuple[Event, ...]
    refused: tuple[str, ...]


def read(text: str, stages: Collection[str]) -> Read:
    """The events of a list in JSON; each that is faulty is refused by itself.

    Args:
        text: A JSON list of objects.
        stages: The ids of the stages at which something can have happened.

    Raises:
        NotEvents: It is no JSON, or no list.
        TooMany: There are more than `MOST_AT_ONCE`.
    """
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise NotEvents("expected a list of events as JSON") from problem
    if not isinstance(listed, list):
        raise NotEvents("expected a list of events")
    if len(listed) > MOST_AT_ONCE:
        raise TooMany(f"found {len(listed)} events; expected at most {MOST_AT_ONCE}")
    events: list[Event] = []
    refused: list[str] = []
    for place, raw in enumerate(listed, start=1):
        event = _event(raw, stages)
        if event is None:
            refused.append(_named(raw) or f"#{place}")
        else:
            events.append(event)
    return Read(tuple(events), tuple(refused))


def _named(raw: object) -> str:
    """The id of an event that is refused; empty where it has none."""
    id = raw.get("event_id") if isinstance(raw, dict) else None
    return id.lower() if isinstance(id, str) and _UUID.fullmatch(id) else ""


def _event(raw: object, stages: Collection[str]) -> Event | None:
    if not isinstance(raw, dict) or not set(raw) <= _KEYS:
        return None
    kind, state, stage = raw.get("type"), raw.get("state") or "", raw.get("stage") or ""
    keys = TYPES.get(kind) if isinstance(kind, str) else None
    payload = _payload(raw.get("payload"), keys) if keys is not None else None
    happened_at = _instant(raw.get("t_wall_utc"))
    zone, offset = raw.get("tz_offset_min"), raw.get("clock_offset_ms")
    is_whole = (
        payload is not None
        and happened_at is not None
        and bool(_named(raw))
        and _seq(raw.get("seq"))
        and _mono(raw.get("t_mono_ms"))
        and (zone is None or _zone(zone))
        and (offset is None or _offset(offset))
        and (state == "" or _word(*STATES)(state))
        and (stage == "" or (isinstance(stage, str) and stage in stages))
    )
    if not is_whole or payload is None or happened_at is None:
        return None
    return Event(
        event_id=UUID(raw["event_id"]),
        seq=raw["seq"],
        type=raw["type"],
        state=state,
        stage=stage,
        t_mono_ms=float(raw["t_mono_ms"]),
        happened_at=happened_at,
        tz_offset_min=zone,
        clock_offset_ms=round(offset) if offset is not None and abs(offset) <= FURTHEST_OFFSET_MS else None,
        payload=payload,
    )


def _payload(payload: object, keys: Mapping[str, Check]) -> str | None:
    """The payload as it is kept; None where it says what this type can't."""
    if payload is None or payload == {}:
        return ""
    if not isinstance(payload, dict):
        return None
    if any(name not in keys or (value is not None and not keys[name](value)) for name, value in payload.items()):
        return None
    text = json.dumps(payload, sort_keys=True, separators=(",", ":"))
    return text if len(text) <= MOST_PAYLOAD_BYTES else None


def _instant(text: object) -> datetime | None:
    if not isinstance(text, str) or _WALL.fullmatch(text) is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return None
