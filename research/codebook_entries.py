"""What the codebook says of a study's parts: timepoints, questionnaires with their items and scores, sessions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from assessments.scoring import direction_of, is_mirrored
from protocol.bands import Band
from protocol.conditions import told
from protocol.durations import Duration
from protocol.instrument import Instrument, Item, Norm, Score
from protocol.script import Script, Stage
from protocol.study import Study as Declared
from protocol.text import Text
from research.writers.values import number


def timepoints(declared: Declared, language: str) -> Iterator[dict[str, Any]]:
    """Every step with what it asks for, in the study's order."""
    for step in declared.steps():
        arms = [arm.name for arm in declared.arms if any(step.id == own.id for own in (*arm.steps, *arm.later))]
        yield {
            "timepoint": step.id,
            "title": step.title.to(language) if step.title else "",
            "arms": arms or [arm.name for arm in declared.arms],
            "instruments": list(declared.instruments_at(step)),
            "script": ", ".join(step.scripts) or None,
            "optional": step.optional,
        }


def of_instrument(instrument: Instrument, n: int, language: str) -> dict[str, Any]:
    """A questionnaire in its content number `n`: how it is given, its items, its scores."""
    return {
        "instrument": instrument.id,
        "version": n,
        "title": instrument.title.to(language),
        "about": _words(instrument.about, language),
        "source": instrument.source,
        "licence": instrument.licence,
        "interpretation": _words(instrument.interpretation, language),
        "shuffle": instrument.shuffle,
        "direction": instrument.scale.direction,
        "eyes": instrument.eyes or "",
        "recall": str(instrument.recall)
        if isinstance(instrument.recall, Duration)
        else _words(instrument.recall, language),
        "then_of": instrument.then_of or "",
        "forms": {form: list(sections) for form, sections in instrument.forms.items()},
        "items": [
            _item(item, instrument, section.id, _words(section.lead, language), language)
            for section in instrument.sections
            for item in section.items
        ],
        "scores": [_score(score, instrument) for score in instrument.scores],
    }


def _item(item: Item, instrument: Instrument, section: str, lead: str, language: str) -> dict[str, Any]:
    return {
        "item": item.id,
        "section": section,
        "lead": lead,
        "text": item.text.to(language),
        "type": item.type,
        **_answerable(item, language),
        "direction": _direction(item, instrument),
        "when": told(item.when) if item.when is not None else "",
        "na": item.na is not None,
        "catch": item.catch,
        "reversed": item.reverse,
        "optional": item.optional,
    }


def _direction(item: Item, instrument: Instrument) -> str:
    """What a higher value of an item means, as chosen; `none` where its answers are no numbers."""
    if not item.has_number:
        return "none"
    return item.scale.direction if item.scale is not None else instrument.scale.direction


def _answerable(item: Item, language: str) -> dict[str, Any]:
    """What can be answered to an item; what its type doesn't have is null or empty."""
    scale, ends = item.scale, item.ends
    step = scale.step if scale else item.bounds.step
    low, high = ends if ends else (item.bounds.min, item.bounds.max)
    return {
        "min": _optional(low) if item.earliest is None else item.earliest.isoformat(),
        "max": _optional(high) if item.latest is None else item.latest.isoformat(),
        "step": _optional(step),
        "labels": {_digits(point): label.to(language) for point, label in scale.labels.items()} if scale else {},
        "choices": [
            {"choice": choice.id, "text": choice.text.to(language), "score": _optional(choice.score)}
            for choice in item.choices
        ],
        "unit": _words(item.unit, language),
    }


def _optional(value: float | None) -> int | float | None:
    return None if value is None else number(float(value))


def _score(score: Score, instrument: Instrument) -> dict[str, Any]:
    return {
        "score": score.name,
        "how": score.how,
        "items": list(score.of),
        "direction": direction_of(score, instrument),
        "reversed_items": [
            item.id for item in instrument.items() if item.id in score.of and is_mirrored(item, score, instrument)
        ],
        "weights": {item: number(float(weight)) for item, weight in score.weights.items()},
        "allow": score.allow,
        "missing": score.missing,
        "rule": rule_of(score),
        "bands": spans(instrument.bands.get(score.name, ())),
        "schemes": [
            {
                "scheme": scheme.name,
                "version": scheme.version,
                "source": scheme.source,
                "bands": spans(scheme.bands),
            }
            for scheme in instrument.schemes.get(score.name, ())
        ],
        "norms": [_norm(norm) for norm in instrument.norms if norm.score == score.name],
    }


def _norm(norm: Norm) -> dict[str, Any]:
    return {
        "population": norm.population,
        "n": norm.n,
        "mean": number(float(norm.mean)),
        "sd": number(float(norm.sd)),
        "reliability": number(float(norm.reliability)),
        "kind": norm.kind,
        "interval": norm.interval,
        "selected": norm.selected,
        "unverified": norm.unverified,
        "sd_after": _optional(norm.sd_after),
        "practice_gain": _optional(norm.practice_gain),
        "errors": [{"low": _optional(e.low), "high": _optional(e.high), "sem": _optional(e.sem)} for e in norm.errors],
        "source": norm.source,
    }


def of_script(script: Script, n: int, language: str) -> dict[str, Any]:
    """A session's script in its content number `n`: what it goes through."""
    return {
        "script": script.slug,
        "version": n,
        "title": script.title.to(language),
        "about": _words(script.about, language),
        "stages": [_stage(stage, language) for stage in script.stages],
    }


def _stage(stage: Stage, language: str) -> dict[str, Any]:
    return {
        "stage": stage.id,
        "kind": stage.kind,
        "text": _words(stage.text or stage.alt, language),
        "rates": stage.rates or "",
        "min": number(float(stage.scale.min)) if stage.scale else None,
        "max": number(float(stage.scale.max)) if stage.scale else None,
        "quiet_s": stage.hold.nominal_s if stage.hold else None,
        "condition": stage.condition or "",
        "options": [
            {"option": n, "label": option.label.to(language), "goto": option.goto or ""}
            for n, option in enumerate(stage.options, start=1)
        ],
    }


def spans(bands: Iterable[Band]) -> list[dict[str, Any]]:
    """Bands, each with its two ends."""
    return [{"label": b.label, "low": number(float(b.low)), "high": number(float(b.high))} for b in bands]


def rule_of(score: Score) -> str:
    """How a score is made, in a sentence."""
    made = f"The {score.how} of {len(score.of)} items."
    if not score.allow:
        return f"{made} Null when any of them is missing."
    most = f"{score.allow}" if isinstance(score.allow, int) else f"a share of {score.allow:g} (rounded down)"
    if score.how == "mean":
        filled = "the mean is of those answered"
    elif score.missing == "prorate":
        filled = "the sum of those answered is scaled up to all"
    else:
        filled = "the sum is of those answered, unscaled"
    return f"{made} Up to {most} of them may be missing: {filled}. Null when more are, or none was answered."


def _words(text: Text | None, language: str) -> str:
    return text.to(language) if text else ""


def _digits(point: float) -> str:
    return str(number(float(point)))
