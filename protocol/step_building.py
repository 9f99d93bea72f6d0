"""Steps from a stored content: each as often as it is repeated, with the scripts of which people have one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from protocol.durations import ZERO, Duration, parse_duration
from protocol.grammar import parse_at, parse_repeat, parse_time
from protocol.study import At, Counterbalance, Step, Window
from protocol.text import optional_text_from

Json = dict[str, Any]


def steps_from(
    steps: Iterable[Json],
    dealt: Sequence[Counterbalance],
    last_of: Mapping[str, str],
    between: tuple[dt.time, dt.time] | None,
) -> tuple[Step, ...]:
    """The steps of one list, repeated ones as the series that they are.

    Args:
        steps: The list, as a checked bundle has it.
        dealt: What deals scripts out anew.
        last_of: The last step of each series, by the id that the file gives the series.
        between: The hours for reminders of steps that say nothing of their own; None: at any time.
    """
    return tuple(replace(each, between=each.between or between) for each in _declared(steps, dealt, last_of))


def _declared(steps: Iterable[Json], dealt: Sequence[Counterbalance], last_of: Mapping[str, str]) -> Iterator[Step]:
    for step in steps:
        yield from _series(_step(step, dealt, last_of), step)


def last_steps(study: Json) -> dict[str, str]:
    """The last step of each series of a study, by the series' id."""
    return {step["id"]: f"{step['id']}_{parse_repeat(step['repeat'])[0]}" for step in _every(study) if "repeat" in step}


def counterbalances_from(study: Json) -> tuple[Counterbalance, ...]:
    """What deals scripts out anew, with the scripts in the order of its steps."""
    scripts = {step["id"]: step["script"] for step in _every(study) if "script" in step}
    return tuple(
        Counterbalance(name, tuple(each["at"]), tuple(scripts[step] for step in each["at"]), each.get("order", "latin"))
        for name, each in study.get("counterbalance", {}).items()
    )


def _every(study: Json) -> Iterable[Json]:
    arms = study.get("arms", {}).values()
    lists = (study.get("before", ()), *(arm.get(key, ()) for arm in arms for key in ("steps", "later")))
    return [step for steps in (*lists, study.get("after", ())) for step in steps]


def _step(step: Json, dealt: Sequence[Counterbalance], last_of: Mapping[str, str]) -> Step:
    optional = step.get("optional", False)
    between = step.get("between")
    window = step.get("window")
    script = step.get("script", [])
    deals = next((each for each in dealt if step["id"] in each.at), None)
    scripts = deals.scripts if deals else (script,) if isinstance(script, str) else tuple(script)
    return Step(
        id=step["id"],
        do=step["do"],
        title=optional_text_from(step.get("title")),
        instruments=tuple(step.get("instruments", ())),
        scripts=scripts,
        order=step.get("order", "sequence"),
        at=_at(step["at"], step["id"], last_of) if "at" in step else None,
        window=Window(parse_duration(window[0]), parse_duration(window[1])) if window else None,
        remind=tuple(parse_duration(duration) for duration in step.get("remind", ())),
        between=(parse_time(between[0]), parse_time(between[1])) if between else None,
        optional=optional,
        missed=step.get("missed", "skip" if optional else "stop"),
        dealt=deals.name if deals else "",
    )


def _at(text: str, step: str, last_of: Mapping[str, str]) -> At:
    at = parse_at(text)
    return replace(at, anchor=last_of.get(at.anchor, at.anchor), drawn_for=step if at.upto or at.hours else "")


def _series(step: Step, declared: Json) -> tuple[Step, ...]:
    """The step itself, or each time of it: their ids are counted from 1."""
    if "repeat" not in declared:
        return (step,)
    times, every = parse_repeat(declared["repeat"])
    return tuple(
        replace(
            step,
            id=f"{step.id}_{time}",
            at=at_in_series(step.id, step.at, time, every),
            series=step.id,
            time=time,
            # A list gone through as it stands needs no draw: each time has its own script.
            scripts=(step.scripts[(time - 1) % len(step.scripts)],)
            if step.scripts and step.order == "sequence"
            else step.scripts,
        )
        for time in range(1, times + 1)
    )


def at_in_series(series: str, at: At | None, time: int, every: Duration | None) -> At | None:
    """When a step comes for the `time`th time, given its `at` as declared; None: after what stands before it."""
    if time == 1:
        return at
    if every is None:
        return At(f"{series}_{time - 1}", "settled", ZERO)
    further = Duration(every.count * (time - 1), every.unit)
    return At(f"{series}_1", "due", further) if at is None else replace(at, further=further)
