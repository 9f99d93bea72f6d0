"""The study as dataclasses, from a stored content: trusted, because it was checked when it was read."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from protocol import care_building as care
from protocol.bands import Band
from protocol.conditions import parse_condition
from protocol.durations import Duration, parse_duration
from protocol.grammar import DURATION, as_number, parse_comparison, parse_score_ref
from protocol.instrument import (
    Bounds,
    Choice,
    Instrument,
    Item,
    ItemType,
    LevelError,
    Norm,
    Scale,
    Scheme,
    Score,
    Section,
)
from protocol.script import USUAL_FORMS, Option, Range, Safety, Script, Stage, StageKind, Unlock, Voice
from protocol.step_building import counterbalances_from, last_steps, steps_from
from protocol.study import (
    Allocation,
    Arm,
    ChangeRules,
    Consent,
    Demand,
    EligibilityQuestion,
    Feedback,
    FloorRule,
    Group,
    Guess,
    OfInstrument,
    Outcome,
    Requirement,
    Statement,
    Study,
)
from protocol.text import Text, optional_text_from, text_from

Json = dict[str, Any]


def study_from_content(content: str) -> Study:
    """The study of a stored content, without checking it again."""
    parts: Json = json.loads(content)
    study: Json = parts["study"]
    texts: Mapping[str, str] = parts["texts"]
    consent: Json = study["consent"]
    dealt, last_of = counterbalances_from(study), last_steps(study)
    messages = care.messages_from(study.get("messages", {}))
    return Study(
        slug=study["slug"],
        title=text_from(study["title"]),
        languages=tuple(study["languages"]),
        timezone=study["timezone"],
        contact=study["contact"],
        summary=_file_text(study["summary"], texts),
        consent=Consent(
            version=consent["version"],
            text=_file_text(consent["text"], texts),
            statements=tuple(
                Statement(id=s["id"], text=text_from(s["text"]), required=s.get("required", True))
                for s in consent["statements"]
            ),
        ),
        eligibility=tuple(_eligibility(question) for question in study.get("eligibility", ())),
        groups=tuple(
            Group(name=name, score=parse_score_ref(group["score"]), bands=_bands(group["bands"]))
            for name, group in study.get("groups", {}).items()
        ),
        before=steps_from(study.get("before", ()), dealt, last_of, messages.between),
        allocation=_allocation(study["allocation"]) if "allocation" in study else None,
        arms=tuple(
            Arm(
                name=name,
                ratio=arm.get("ratio", 1),
                title=optional_text_from(arm.get("title")),
                steps=steps_from(arm.get("steps", ()), dealt, last_of, messages.between),
                later=steps_from(arm.get("later", ()), dealt, last_of, messages.between),
            )
            for name, arm in study.get("arms", {}).items()
        ),
        after=steps_from(study.get("after", ()), dealt, last_of, messages.between),
        baseline=tuple(study.get("baseline", ())),
        outcomes=tuple(
            Outcome(o["id"], _of_instrument(o["score"]), o["timepoint"], o["role"]) for o in study.get("outcomes", ())
        ),
        change=_change(study.get("change", {})),
        demand=_demand(study.get("demand", {})),
        feedback=_feedback(study["feedback"]) if "feedback" in study else None,
        safety=care.safety_from(study.get("safety", {})),
        counterbalances=dealt,
        messages=messages,
        panel=care.panel_from(study["panel"]) if "panel" in study else None,
        payments=care.payments_from(study["payments"]) if "payments" in study else None,
        debrief=_file_text(study["debrief"], texts) if "debrief" in study else None,
        leaving=care.leaving_from(study.get("withdraw", {})),
        retention=care.retention_from(study.get("retention", {})),
        instruments={name: _instrument(instrument) for name, instrument in parts["instruments"].items()},
        scripts={slug: script_from(script) for slug, script in parts["scripts"].items()},
    )


def _file_text(value: str | Json, texts: Mapping[str, str]) -> Text:
    """Words that stand in Markdown files: `value` names one file, or one a language."""
    if isinstance(value, str):
        return Text(plain=texts[value])
    return Text(by_language={language: texts[path] for language, path in value.items()})


def _bands(bands: Json) -> tuple[Band, ...]:
    return tuple(sorted((Band(label, low, high) for label, (low, high) in bands.items()), key=lambda band: band.low))


# --- study.yaml ------------------------------------------------------------------------------------------------------


def _eligibility(question: Json) -> EligibilityQuestion:
    return EligibilityQuestion(
        id=question["id"],
        ask=text_from(question["ask"]),
        type=question["type"],
        choices=tuple(question.get("choices", ())),
        require=_requirement(question["require"]) if "require" in question else None,
    )


def _requirement(value: bool | str | list[str]) -> Requirement:
    if isinstance(value, bool):
        return Requirement("is", value)
    if isinstance(value, str):
        return parse_comparison(value)
    return Requirement("in", tuple(value))


def _allocation(allocation: Json) -> Allocation:
    return Allocation(
        method=allocation["method"], blocks=tuple(allocation.get("blocks", ())), by=tuple(allocation.get("by", ()))
    )


def _of_instrument(text: str) -> OfInstrument:
    return OfInstrument(*text.split("."))


def _change(change: Json) -> ChangeRules:
    floor = (FloorRule(_of_instrument(rule["score"]), rule["items"]) for rule in change.get("floor", ()))
    return ChangeRules(selected_norms=change.get("selected_norms", False), floor=tuple(floor))


def _demand(demand: Json) -> Demand:
    guess = demand.get("guess")
    return Demand(
        credibility=tuple(_of_instrument(text) for text in demand.get("credibility", ())),
        expectancy=tuple(_of_instrument(text) for text in demand.get("expectancy", ())),
        guess=Guess(
            item=_of_instrument(guess["item"]),
            arms=guess["arms"],
            confidence=_of_instrument(guess["confidence"]) if "confidence" in guess else None,
        )
        if guess
        else None,
    )


def _feedback(feedback: Json) -> Feedback:
    return Feedback(tuple(_of_instrument(text) for text in feedback["scores"]), feedback.get("after"))


# --- instruments/*.yaml ----------------------------------------------------------------------------------------------


def _instrument(instrument: Json) -> Instrument:
    scale = _scale(instrument["scale"])
    sections = tuple(
        Section(
            id=section["id"],
            items=tuple(_item(item, scale) for item in section["items"]),
            title=optional_text_from(section.get("title")),
            lead=optional_text_from(section.get("lead")),
        )
        for section in instrument["sections"]
    )
    return Instrument(
        id=instrument["id"],
        title=text_from(instrument["title"]),
        source=instrument["source"],
        licence=instrument["licence"],
        scale=scale,
        sections=sections,
        scores=tuple(_score(name, score, sections) for name, score in instrument["scores"].items()),
        about=optional_text_from(instrument.get("about")),
        shuffle=instrument.get("shuffle", "none"),
        bands={score: _bands(bands) for score, bands in instrument.get("bands", {}).items()},
        norms=tuple(_norm(norm) for norm in instrument.get("norms", ())),
        eyes=instrument.get("eyes"),
        recall=_recall(instrument.get("recall")),
        then_of=instrument.get("then_of"),
        forms={name: tuple(sections) for name, sections in instrument.get("forms", {}).items()},
        schemes={
            score: tuple(Scheme(s["name"], s["version"], s["source"], _bands(s["bands"])) for s in schemes)
            for score, schemes in instrument.get("schemes", {}).items()
        },
        interpretation=optional_text_from(instrument.get("interpretation")),
    )


def _norm(norm: Json) -> Norm:
    errors = tuple(LevelError(error["from"], error["to"], error["sem"]) for error in norm.get("errors", ()))
    known = {key: value for key, value in norm.items() if key not in ("errors", "tag")}
    return Norm(**known, errors=errors, unverified=norm.get("tag") == "unverified")


def _recall(value: str | Json | None) -> Text | Duration | None:
    if isinstance(value, str) and re.fullmatch(DURATION, value):
        return parse_duration(value)
    return optional_text_from(value)


def _scale(scale: Json, of_instrument: Scale | None = None) -> Scale:
    direction = scale["direction"] if of_instrument is None else scale.get("direction", of_instrument.direction)
    return Scale(
        min=scale["min"],
        max=scale["max"],
        step=scale.get("step", 1),
        direction=direction,
        labels=_labels(scale.get("labels", {})),
    )


def _labels(labels: Json) -> dict[float, Text]:
    """Texts by point, ascending, from `point -> text` or `language -> point -> text`."""
    texts: dict[float, Text] = {}
    if labels and isinstance(first := next(iter(labels.values())), dict) and not _is_point(next(iter(labels))):
        for point in first:
            texts[as_number(point)] = Text(by_language={language: of[point] for language, of in labels.items()})
    else:
        texts = {as_number(point): text_from(text) for point, text in labels.items()}
    return dict(sorted(texts.items()))


def _is_point(key: str) -> bool:
    return not key[0].isalpha()


def _item(item: Json, scale: Scale) -> Item:
    type: ItemType = item.get("type", "scale")
    return Item(
        id=item["id"],
        text=text_from(item["text"]),
        scale=(_scale(item["scale"], scale) if "scale" in item else scale) if type == "scale" else None,
        reverse=item.get("reverse", False),
        optional=item.get("optional", False),
        type=type,
        choices=_choices(item.get("choices", ())),
        bounds=_bounds(item) if type == "number" else Bounds(),
        unit=optional_text_from(item.get("unit")),
        earliest=_date(item.get("min")) if type == "date" else None,
        latest=_date(item.get("max")) if type == "date" else None,
        longest=item.get("longest", 4_000),
        is_line=item.get("lines") == "one",
        when=parse_condition(item["when"]) if "when" in item else None,
        na=_na(item.get("na", False)),
        catch=str(item["catch"]) if "catch" in item else None,
    )


def _choices(choices: list[str | Json] | Json) -> tuple[Choice, ...]:
    if isinstance(choices, dict):
        return tuple(Choice(id, text_from(text)) for id, text in choices.items())
    return tuple(
        Choice(choice, Text(plain=choice))
        if isinstance(choice, str)
        else Choice(choice["id"], text_from(choice["text"] if "text" in choice else choice["id"]), choice.get("score"))
        for choice in choices
    )


def _bounds(item: Json) -> Bounds:
    ends = item.get("scale", item)
    return Bounds(ends.get("min"), ends.get("max"), ends.get("step", 1 if "scale" in item else None))


def _date(value: str | None) -> dt.date | None:
    return None if value is None else dt.date.fromisoformat(value)


def _na(value: bool | str | Json) -> Text | None:
    if isinstance(value, bool):
        return Text(plain="") if value else None
    return text_from(value)


def _score(name: str, score: Json, sections: tuple[Section, ...]) -> Score:
    items_of = {section.id: tuple(item.id for item in section.items) for section in sections}
    counted = tuple(i.id for section in sections for i in section.items if i.has_number and i.catch is None)
    missing = score.get("missing", {})
    return Score(
        name=name,
        of=counted if score["of"] == "all" else tuple(i for one in score["of"] for i in items_of.get(one, (one,))),
        how=score["how"],
        allow=missing.get("allow", 0),
        missing=missing.get("how", "none"),
        direction=score.get("direction"),
        weights=score.get("weights", {}),
    )


# --- scripts/*.yaml --------------------------------------------------------------------------------------------------


def script_from(script: Json) -> Script:
    """A script of the shape that a checked bundle has."""
    voice, safety = script.get("voice", {}), script.get("safety", {})
    return Script(
        slug=script["slug"],
        title=text_from(script["title"]),
        stages=tuple(_stage(place, stage) for place, stage in enumerate(script["stages"], start=1)),
        about=optional_text_from(script.get("about")),
        purpose=script.get("purpose", "training"),
        matched_to=script.get("matched_to"),
        unlock=Unlock(**script["unlock"]) if "unlock" in script else None,
        safety=Safety(optional_text_from(safety.get("note")), optional_text_from(safety.get("exit"))),
        voice=Voice(rate=voice.get("rate", 1.0), pause=_duration(voice.get("pause")) or Voice().pause),
    )


def _duration(value: str | None) -> Duration | None:
    return None if value is None else parse_duration(value)


def _stage(place: int, stage: Json) -> Stage:
    kind = next(kind for kind in _STAGES if kind in stage)
    return Stage(id=stage.get("id", f"stage_{place}"), kind=kind, layer=stage.get("layer"), **_STAGES[kind](stage))


def _range(scale: Json) -> Range:
    return Range(scale["min"], scale["max"])


_STAGES: dict[StageKind, Callable[[Json], Json]] = {
    "say": lambda s: {
        "text": text_from(s["say"]),
        "hold": _duration(s.get("hold")),
        "audio": optional_text_from(s.get("audio")),
        "captions": optional_text_from(s.get("captions")),
    },
    "rate": lambda s: {"rates": s["rate"], "scale": _range(s["scale"]), "na": optional_text_from(s.get("na"))},
    "report": lambda s: {"text": text_from(s["report"]), "min_words": s.get("min_words", 0)},
    "draw": lambda s: {"text": text_from(s["draw"]), "seconds": s.get("seconds"), "condition": s.get("condition")},
    "reveal": lambda s: {"media": s["reveal"], "alt": text_from(s["alt"]), "credit": s.get("credit")},
    "compare": lambda s: {
        "text": text_from(s["compare"]),
        "scale": _range(s["scale"]),
        "na": optional_text_from(s.get("na")),
    },
    "form": lambda s: {"text": text_from(s["form"]), "forms": tuple(s.get("forms", USUAL_FORMS))},
    "check": lambda s: {
        "text": text_from(s["check"]),
        "choices": tuple(text_from(choice) for choice in s["choices"]),
        "answer": s["answer"],
    },
    "rest": lambda s: {"hold": _duration(s["rest"])},
    "choose": lambda s: {
        "text": text_from(s["choose"]),
        "options": tuple(Option(text_from(option["label"]), option.get("goto")) for option in s["options"]),
    },
}
