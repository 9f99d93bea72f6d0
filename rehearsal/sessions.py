"""What a simulated person does in a guided session. Pure, and the same for the same draws.

Ratings hang on the person's vividness as answers do, and on nothing else: nobody is moved by what an arm does. About
every second person has no picture to draw from; they write words, or leave the paper empty, more often.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Literal

from imagery.timeline import WORDS_A_SECOND, first_stage, following, place_of, points, quiet_ms, step_of
from protocol.script import Range, Script, Stage
from rehearsal.answered import checked, forms_of, has_nothing_to_rate, heard
from rehearsal.people import OCCASION_SPREAD, PRACTICE, Imagery, Person
from rehearsal.sketches import REACH, SUBJECTS, Sketch

RATING_SPREAD = 0.07
ASKS_LONGER = 0.06  # share of quiet times
GOES_ON_EARLY = 0.18
PAUSES = 0.02
LONGER_MS = 15_000

_MILLISECOND = dt.timedelta(milliseconds=1)

DrawingStatus = Literal["drawn", "words", "skipped"]

# Share of drawings that are drawn, described in words, or left out.
DRAWS: Mapping[Imagery, tuple[float, float, float]] = {
    "none": (0.45, 0.3, 0.25),
    "dim": (0.6, 0.22, 0.18),
    "typical": (0.85, 0.08, 0.07),
    "vivid": (0.9, 0.06, 0.04),
}
_REASONS = ("rather_not", "nothing_came", "nothing_came", "cannot")

# What people write, by language and by how much came to them. Nobody is quoted.
_SAID: Mapping[str, Mapping[Imagery, tuple[str, ...]]] = {
    "en": {
        "none": (
            "No picture. I knew what it was about.",
            "Nothing came, only the words.",
            "I thought of it as a list of facts.",
            "A feeling of the place, but nothing to look at.",
            "Nothing.",
        ),
        "dim": (
            "A very faint outline, gone at once.",
            "Mostly words, and once a dark shape.",
            "I knew where things were. I could not hold on to them.",
            "Something like a shadow for a moment.",
        ),
        "typical": (
            "A shape came first, then some colour.",
            "I had it for a few seconds at a time.",
            "The outline was clear, the details were not.",
            "It came and went. The sounds were easier.",
        ),
        "vivid": (
            "It was there at once, in colour.",
            "Clear all the way through, and it moved.",
            "Very clear, with light from the left.",
        ),
    },
    "de": {
        "none": (
            "Kein Bild. Ich wusste, worum es ging.",
            "Es kam nichts, nur die Worte.",
            "Ich dachte daran wie an eine Liste.",
            "Ein Gefühl für den Ort, aber nichts anzuschauen.",
            "Nichts.",
        ),
        "dim": (
            "Ein ganz schwacher Umriss, gleich wieder weg.",
            "Vor allem Worte, und einmal eine dunkle Form.",
            "Ich wusste, wo alles war. Festhalten ließ es sich nicht.",
            "Für einen Moment etwas wie ein Schatten.",
        ),
        "typical": (
            "Erst kam eine Form, dann etwas Farbe.",
            "Ich hatte es jeweils für ein paar Sekunden.",
            "Der Umriss war klar, die Einzelheiten nicht.",
            "Es kam und ging. Die Geräusche waren leichter.",
        ),
        "vivid": (
            "Es war sofort da, in Farbe.",
            "Die ganze Zeit klar, und es bewegte sich.",
            "Sehr klar, mit Licht von links.",
        ),
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What became of a drawing."""

    status: DrawingStatus
    reason: str = ""
    words: str = ""
    sketch: Sketch | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One stage that was shown, with what was given there; `left_at` is None where the person stopped.

    `value` belongs to whatever was rated, chosen or said in a number of forms, with the status `answered`. The times
    are None where nobody measured them.
    """

    stage: Stage
    place: int
    entered_at: dt.datetime
    left_at: dt.datetime | None
    status: Literal["", "answered", "declined", "not_applicable"] = ""
    value: float | None = None
    forms: tuple[str, ...] = ()
    text: str | None = None
    after_reveal: bool = False
    drawing: Drawn | None = None
    response_time_ms: int | None = None
    quiet_ms: int | None = None
    longer_ms: int | None = None
    pauses: int | None = None
    paused_ms: int | None = None
    hidden_ms: int | None = None
    voice: str = ""
    audio_ms: int | None = None
    audio_heard_ms: int | None = None

    def stopped(self) -> Visit:
        """The same stage with nothing given: the person stopped there."""
        return Visit(stage=self.stage, place=self.place, entered_at=self.entered_at, left_at=None)


def sit(
    person: Person,
    script: Script,
    times_before: int,
    started_at: dt.datetime,
    rng: Random,
    locked: Collection[str] = (),
) -> tuple[Visit, ...]:
    """The whole session, gone through from its first stage to its last.

    Args:
        person: Who goes through it.
        script: The session.
        times_before: How often they have gone through this script already.
        started_at: When they begin.
        rng: Draws for this session alone.
        locked: The layers that are not open to them.
    """
    level = level_of(person, times_before, rng)
    visits: list[Visit] = []
    here = first_stage(script, locked)
    at, has_seen = started_at, False
    while here is not None:
        visit = visited(person, script, here, level, at, rng)
        visit = replace(visit, after_reveal=has_seen)
        visits.append(visit)
        at = visit.left_at or at
        has_seen = has_seen or here.kind == "reveal"
        chosen = int(visit.value) if here.kind == "choose" and visit.value else None
        here = following(script, here, chosen, locked)
    return tuple(visits)


def level_of(person: Person, times_before: int, rng: Random) -> float:
    """The person's vividness on one occasion, 0 to 1 and a little beyond."""
    if person.imagery == "none":
        return person.level
    return person.level + rng.gauss(0, OCCASION_SPREAD) + PRACTICE * times_before


def cut(visits: tuple[Visit, ...], at: dt.datetime) -> tuple[Visit, ...]:
    """The same session as far as it had come at an instant: at the stage that was shown then, they stopped."""
    shown = [visit for visit in visits if visit.entered_at < at]
    return tuple(visit if visit.left_at is not None and visit.left_at < at else visit.stopped() for visit in shown)


def ended_in(visits: tuple[Visit, ...], place: int, share: float) -> tuple[tuple[Visit, ...], dt.datetime]:
    """The same session, ended early in the visit of that index, and when: after that share of the visit's time."""
    last = visits[place]
    stayed = (last.left_at or last.entered_at) - last.entered_at
    return stopped_in(visits, place), last.entered_at + dt.timedelta(milliseconds=stayed * share // _MILLISECOND)


def stopped_in(visits: tuple[Visit, ...], place: int) -> tuple[Visit, ...]:
    """The same session, left for good in the visit of that index."""
    return (*visits[:place], visits[place].stopped())


def nearest_point(scale: Range, share: float) -> float:
    """The point of a scale that lies nearest to a share of its way up."""
    every = points(scale)
    if every:
        return every[round(share * (len(every) - 1))]
    value = scale.min + share * (scale.max - scale.min)
    return scale.min + round(value - scale.min) if step_of(scale) else round(value, 3)


def visited(person: Person, script: Script, stage: Stage, level: float, at: dt.datetime, rng: Random) -> Visit:
    """One stage, gone through from `at` on, at a vividness of `level`."""
    visit = Visit(stage=stage, place=place_of(script, stage.id), entered_at=at, left_at=None)
    if stage.kind in {"say", "rest"}:
        return _quiet(visit, person, script, rng)
    if stage.kind == "reveal":
        return _after(visit, rng.lognormvariate(2.5, 0.5), person)
    if stage.kind == "report":
        return _report(visit, person, rng)
    if stage.kind == "draw":
        return _drawing(visit, person, rng)
    return _rating(visit, person, level, rng)


def _quiet(visit: Visit, person: Person, script: Script, rng: Random) -> Visit:
    planned_ms = quiet_ms(visit.stage)
    longer = planned_ms > 0 and rng.random() < ASKS_LONGER
    early = not longer and rng.random() < GOES_ON_EARLY
    kept_ms = planned_ms + LONGER_MS * longer if not early else round(planned_ms * rng.uniform(0.3, 0.95))
    pauses = int(rng.random() < PAUSES)
    paused_ms = pauses * round(1000 * rng.lognormvariate(3, 0.6))
    hidden_ms = round(1000 * rng.lognormvariate(1.5, 0.8)) if rng.random() < 0.03 else 0
    text = visit.stage.text.to(person.language) if visit.stage.text else ""
    said_s = len(text.split()) / (WORDS_A_SECOND * script.voice.rate)
    ready_s = rng.lognormvariate(0.6, 0.5)
    took_s = said_s + (kept_ms + paused_ms) / 1000 + ready_s
    visit = _after(visit, took_s, person)
    if not person.is_timed:
        return visit
    return replace(
        visit,
        quiet_ms=kept_ms,
        longer_ms=LONGER_MS if longer else 0,
        pauses=pauses,
        paused_ms=paused_ms,
        hidden_ms=hidden_ms,
        **_voiced(visit, person, round(1000 * said_s), rng),
    )


def _voiced(visit: Visit, person: Person, said_ms: int, rng: Random) -> dict[str, Any]:
    if visit.stage.kind != "say":
        return {}
    voice, audio_ms, audio_heard_ms = heard(person, visit.stage, said_ms, rng)
    return {"voice": voice, "audio_ms": audio_ms, "audio_heard_ms": audio_heard_ms}


def _rating(visit: Visit, person: Person, level: float, rng: Random) -> Visit:
    stage = visit.stage
    took_s = max(0.6, person.item_s * rng.lognormvariate(0, 0.45))
    timed = replace(visit, response_time_ms=round(took_s * 1000) if person.is_timed else None)
    timed = _after(timed, took_s + 0.4, person)
    if stage.kind == "choose":
        return replace(timed, status="answered", value=rng.randrange(len(stage.options)) + 1)
    if rng.random() < person.declines:
        return replace(timed, status="declined")
    if stage.kind == "check":
        return replace(timed, status="answered", value=checked(person, stage, rng))
    if stage.kind == "form":
        forms = forms_of(person, stage, rng)
        return replace(timed, status="answered", value=len(forms), forms=forms)
    if has_nothing_to_rate(person, stage, rng):
        return replace(timed, status="not_applicable")
    # What came is seldom quite what is shown.
    share = level * (0.8 if stage.kind == "compare" else 1) + rng.gauss(0, RATING_SPREAD)
    if person.imagery == "none" and rng.random() < 0.9:
        share = 0.0
    return replace(timed, status="answered", value=nearest_point(stage.scale or Range(0, 0), min(max(share, 0.0), 1.0)))


def _report(visit: Visit, person: Person, rng: Random) -> Visit:
    said = _SAID.get(person.language.split("-")[0], _SAID["en"])[person.imagery]
    chosen = rng.sample(said, k=min(len(said), 1 + (rng.random() < 0.35)))
    text = "" if rng.random() < 0.06 else " ".join(chosen)
    return _after(replace(visit, text=text), 5 + len(text.split()) * rng.uniform(0.6, 1.6), person)


def _drawing(visit: Visit, person: Person, rng: Random) -> Visit:
    statuses: tuple[DrawingStatus, ...] = ("drawn", "words", "skipped")
    status = rng.choices(statuses, weights=DRAWS[person.imagery])[0]
    said = _SAID.get(person.language.split("-")[0], _SAID["en"])[person.imagery]
    if status == "skipped":
        return _after(replace(visit, drawing=Drawn(status=status, reason=rng.choice(_REASONS))), 6, person)
    if status == "words":
        return _after(replace(visit, drawing=Drawn(status=status, words=rng.choice(said))), 40, person)
    shift = rng.randrange(-REACH, REACH + 1), rng.randrange(-REACH, REACH + 1)
    sketch = Sketch(rng.randrange(len(SUBJECTS)), *shift, rng.randrange(60, 400))
    beside = rng.choice(said) if rng.random() < 0.2 else ""
    drawing = Drawn(status=status, words=beside, sketch=sketch)
    return _after(replace(visit, drawing=drawing), (visit.stage.seconds or 90) * rng.uniform(0.4, 1.1), person)


def _after(visit: Visit, took_s: float, person: Person) -> Visit:
    left_at = visit.entered_at + dt.timedelta(milliseconds=round(took_s * 1000) + 300)
    measured = None if not person.is_timed else 0
    return replace(visit, left_at=left_at, hidden_ms=measured)
