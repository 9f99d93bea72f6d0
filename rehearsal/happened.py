"""What the pages of a simulated session would have told of it: a few events a stage. Pure.

Who has no JavaScript tells nothing. Each event can be sent as it stands: `imagery.events` takes all of them.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Any

from coaching.windows import zone
from rehearsal.answered import reads
from rehearsal.life import Sitting
from rehearsal.people import Person, draws
from rehearsal.sessions import Visit

LATEST_S = 5  # pages send what happened that often

_STATES: Mapping[str, str] = {
    **{"rest": "rest", "rate": "rate", "compare": "rate", "form": "form", "check": "check", "choose": "choose"},
    **{"reveal": "reveal", "report": "words", "draw": "draw"},
}
_DEVICES = (
    {"device": "phone", "viewport_w": 390, "viewport_h": 760, "dpr": 3, "refresh_hz": 60, "input": "touch"},
    {"device": "desktop", "viewport_w": 1440, "viewport_h": 820, "dpr": 1, "refresh_hz": 60, "input": "mouse"},
    {"device": "tablet", "viewport_w": 820, "viewport_h": 1080, "dpr": 2, "refresh_hz": 60, "input": "touch"},
)
_BROWSERS = ("chrome", "safari", "firefox", "edge", "samsung")


@dataclass(frozen=True, slots=True)
class Told:
    """One event as it would be stored; `received_at` alone is by the server's clock."""

    seq: int
    type: str
    stage: str
    state: str
    t_mono_ms: float
    happened_at: dt.datetime
    tz_offset_min: int
    clock_offset_ms: int
    payload: str
    received_at: dt.datetime


def told(person: Person, sitting: Sitting) -> Iterator[Told]:
    """The events of a session, in their order; none where nothing of it was shown, or nothing could be told."""
    if not person.is_timed or not sitting.visits or sitting.started_at is None:
        return
    begun, device = sitting.started_at, _device(person.key)
    offset_ms = device.clock_offset_ms
    zone_min = _minutes(begun.astimezone(zone(person.timezone)).utcoffset())
    rng = draws(f"{person.key}:{sitting.timepoint}:events")
    for seq, (at, kind, visit, payload) in enumerate(_happened(sitting, begun, device.payload, rng), start=1):
        yield Told(
            seq=seq,
            type=kind,
            stage=visit.stage.id if visit else "",
            state=_state(visit) if visit else "",
            t_mono_ms=float((at - begun) // dt.timedelta(milliseconds=1)),
            happened_at=at - dt.timedelta(milliseconds=offset_ms),
            tz_offset_min=zone_min,
            clock_offset_ms=offset_ms,
            payload=payload,
            received_at=at + dt.timedelta(seconds=LATEST_S * rng.random()),
        )


def _happened(
    sitting: Sitting, begun: dt.datetime, device: str, rng: Random
) -> Iterator[tuple[dt.datetime, str, Visit | None, str]]:
    yield begun, "session_start", None, device
    for visit in sitting.visits:
        yield from _of_visit(visit, rng)
    last = sitting.visits[-1]
    if sitting.completed_at is not None:
        why = "ended_early" if sitting.is_early else "finished"
        yield sitting.completed_at, "session_end", None, _json(reason=why)
    else:
        yield last.entered_at, "leave", last, _json(reason="home")


def _of_visit(visit: Visit, rng: Random) -> Iterator[tuple[dt.datetime, str, Visit | None, str]]:
    planned_ms = visit.stage.hold.nominal_s * 1000 if visit.stage.hold else None
    yield visit.entered_at, "state_enter", visit, _json(planned_ms=planned_ms) if planned_ms else ""
    if visit.left_at is None:
        return
    stayed = visit.left_at - visit.entered_at
    between = sorted(visit.entered_at + stayed * rng.random() for _ in range(3))
    if visit.longer_ms:
        yield between[0], "longer", visit, _json(added_ms=visit.longer_ms, count=1, source="tap")
    if visit.pauses:
        yield between[1], "pause", visit, _json(source="tap")
        yield between[2], "continue", visit, _json(source="tap", duration_ms=visit.paused_ms)
    if visit.hidden_ms:
        yield between[2], "hidden", visit, ""
        yield between[2], "visible", visit, _json(duration_ms=visit.hidden_ms)
    actual_ms = stayed // dt.timedelta(milliseconds=1)
    yield visit.left_at, "state_exit", visit, _json(planned_ms=planned_ms, actual_ms=actual_ms)


def _state(visit: Visit) -> str:
    return _STATES.get(visit.stage.kind) or ("quiet" if visit.stage.hold else "guide")


@dataclass(frozen=True, slots=True)
class _Device:
    payload: str
    clock_offset_ms: int


@lru_cache(maxsize=1024)
def _device(key: str) -> _Device:
    rng = draws(f"{key}:device")
    device = rng.choices(_DEVICES, weights=(0.55, 0.38, 0.07))[0]
    chosen = {"browser": rng.choice(_BROWSERS), "pace": "planned", "voice": "words" if reads(key) else "device"}
    return _Device(_json(reason="begin", **device, **chosen), round(rng.gauss(0, 400)))


def _json(**said: Any) -> str:
    return json.dumps(
        {name: value for name, value in said.items() if value is not None}, sort_keys=True, separators=(",", ":")
    )


def _minutes(offset: dt.timedelta | None) -> int:
    return round((offset or dt.timedelta(0)) / dt.timedelta(minutes=1))
