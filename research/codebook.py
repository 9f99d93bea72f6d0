"""The codebook: the catalogue, what the study's own questionnaires ask and score, and what its sessions go through."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from assessments.scoring import direction_of, is_mirrored
from coaching.models import Study
from coaching.selectors.studies import declarations
from protocol.bands import Band
from protocol.conditions import told
from protocol.durations import Duration
from protocol.study import Instrument, Item, Score, Script, Stage, Text
from protocol.study import Study as Declared
from research.catalogue import datasets, describe
from research.writers.values import formula_safe, number

Codebook = dict[str, Any]

CONVENTIONS = (
    "Times are in UTC, ISO 8601 with Z and milliseconds (what is finer is cut off).",
    "An empty value is null in JSON and Parquet and an empty cell in CSV; it never stands for the least point of a "
    "scale.",
    "Answers are given as they were chosen; items that are asked the other way round are reversed in scores alone, as "
    "min + max - value. Each item and score says its own direction; it is never inferred.",
    "In CSV, and only there, a text or header that a spreadsheet would take for a formula (it begins with = + - @, a "
    "tab or a line break, or a full-width form of the signs) has an apostrophe put before it. Numbers stay numbers.",
    "In CSV, truth is written true or false, and whole numbers have no decimal point.",
    "Rows of simulated people are included unless synthetic=false is asked for.",
    "A person who was erased is in no dataset; the list of tombstones names the pseudonyms, so that copies can follow.",
    "No dataset holds a name, an address or a login. What is marked as identifying, free texts above all, has to be "
    "read by a person before it is published.",
)
CSV_COLUMNS = ("part", "in", "version", "name", "type", "unit", "description", "values", "source", "identifying")


def codebook(study: Study) -> Codebook:
    """Everything that an analyst needs to read the study's datasets, in the study's first language."""
    return dictionary(study) | {"datasets": datasets(study)}


def dictionary(study: Study) -> Codebook:
    """The codebook without how many rows each dataset has: counting them takes long in a large study."""
    versions = declarations(study)
    newest = next(iter(versions.values()))
    parts = dict(study.versions.values_list("pk", "part_versions"))
    numbered = {
        (name, parts[pk]["instruments"][name]): instrument
        for pk, declared in versions.items()
        for name, instrument in declared.instruments.items()
    }
    scripts = {
        (name, parts[pk]["scripts"][name]): script
        for pk, declared in versions.items()
        for name, script in declared.scripts.items()
    }
    language = newest.languages[0]
    return {
        "study": study.slug,
        "title": newest.title.to(language),
        "versions": len(versions),
        "language": language,
        "conventions": list(CONVENTIONS),
        "datasets": describe(study),
        "timepoints": list(_timepoints(newest, language)),
        "baseline": list(newest.baseline),
        "outcomes": [
            {
                "outcome": each.id,
                "role": each.role,
                "timepoint": each.timepoint,
                "instrument": each.score.instrument,
                "score": each.score.name,
            }
            for each in newest.outcomes
        ],
        "groups": [
            {
                "group": group.name,
                "score": f"{group.score.step}.{group.score.instrument}.{group.score.score}",
                "bands": _spans(group.bands),
            }
            for group in newest.groups
        ],
        "instruments": [_instrument(each, n, language) for (_, n), each in numbered.items()],
        "scripts": [_script(each, n, language) for (_, n), each in scripts.items()],
    }


def _timepoints(declared: Declared, language: str) -> Iterator[dict[str, Any]]:
    for step in declared.steps():
        arms = [arm.name for arm in declared.arms if step in arm.steps]
        yield {
            "timepoint": step.id,
            "title": step.title.to(language) if step.title else "",
            "arms": arms or [arm.name for arm in declared.arms],
            "instruments": list(step.instruments),
            "script": step.script,
            "optional": step.optional,
        }


def _instrument(instrument: Instrument, n: int, language: str) -> dict[str, Any]:
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
            _item(item, section.id, _words(section.lead, language), language)
            for section in instrument.sections
            for item in section.items
        ],
        "scores": [_score(score, instrument) for score in instrument.scores],
    }


def _item(item: Item, section: str, lead: str, language: str) -> dict[str, Any]:
    return {
        "item": item.id,
        "section": section,
        "lead": lead,
        "text": item.text.to(language),
        "type": item.type,
        **_answerable(item, language),
        "when": told(item.when) if item.when is not None else "",
        "na": item.na is not None,
        "catch": item.catch,
        "reversed": item.reverse,
        "optional": item.optional,
    }


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
        "direction": scale.direction if scale else "",
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
        "bands": _spans(instrument.bands.get(score.name, ())),
        "schemes": [
            {
                "scheme": scheme.name,
                "version": scheme.version,
                "source": scheme.source,
                "bands": _spans(scheme.bands),
            }
            for scheme in instrument.schemes.get(score.name, ())
        ],
        "norms": [
            {
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
                "errors": [
                    {"low": _optional(e.low), "high": _optional(e.high), "sem": _optional(e.sem)} for e in norm.errors
                ],
                "source": norm.source,
            }
            for norm in instrument.norms
            if norm.score == score.name
        ],
    }


def _script(script: Script, n: int, language: str) -> dict[str, Any]:
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


def _spans(bands: Iterable[Band]) -> list[dict[str, Any]]:
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


# --- as a table ------------------------------------------------------------------------------------------------------


def as_csv(book: Codebook) -> str:
    """The codebook as one table: a line a column, item, score and stage."""
    text = io.StringIO(newline="")
    lines = csv.writer(text, lineterminator="\r\n")
    lines.writerow(CSV_COLUMNS)
    for row in variables(book):
        lines.writerow([formula_safe(str(row.get(name, ""))) for name in CSV_COLUMNS])
    return text.getvalue()


def variables(book: Codebook) -> Iterator[dict[str, Any]]:
    """Every column, item, score and stage, by the names of `CSV_COLUMNS` (some are left out where they say nothing)."""
    for dataset in book["datasets"]:
        for column in dataset["columns"]:
            yield {
                **column,
                "part": "column",
                "in": dataset["name"],
                "values": "; ".join(column["values"]),
                "identifying": "true" if column["identifying"] else "false",
            }
    for instrument in book["instruments"]:
        common = {"in": instrument["instrument"], "version": instrument["version"]}
        for item in instrument["items"]:
            yield {
                **common,
                "part": "item",
                "name": item["item"],
                "type": item["type"],
                "unit": item["unit"],
                "description": " ".join(word for word in (item["text"], _asked_as(item)) if word),
                "values": _scale(item),
                "source": instrument["source"],
            }
        for score in instrument["scores"]:
            yield {
                **common,
                "part": "score",
                "name": score["score"],
                "type": "number",
                "description": _how(score),
                "values": _all_bands(score),
                "source": "; ".join(_norm(norm) for norm in score["norms"]),
            }

    for script in book["scripts"]:
        for stage in script["stages"]:
            yield {
                "part": "stage",
                "in": script["script"],
                "version": script["version"],
                "name": stage["stage"],
                "type": stage["kind"],
                "description": stage["text"],
                "values": _given_at(stage),
                "source": script["title"],
            }


# --- as a page -------------------------------------------------------------------------------------------------------


def as_markdown(book: Codebook) -> str:
    """The codebook as a page to read."""
    return "\n".join(_paragraphs(book))


def _paragraphs(book: Codebook) -> Iterator[str]:
    yield f"# Codebook: {_plain(book['title'])} ({book['study']})\n"
    yield from (f"- {convention}" for convention in book["conventions"])
    yield "\n## Datasets"
    for dataset in book["datasets"]:
        yield f"\n### {dataset['name']}: {_plain(dataset['title'])}\n"
        time = f" Its time is `{dataset['time']}`." if dataset["time"] else ""
        yield f"A row is {dataset['grain']}; there are {dataset['rows']} now.{time}\n"
        yield "| column | type | unit | what it is | values | identifying |\n|---|---|---|---|---|---|"
        for column in dataset["columns"]:
            marked = "yes" if column["identifying"] else ""
            told = (column[key] for key in ("name", "type", "unit", "description"))
            cells = (*told, ", ".join(column["values"]), marked)
            yield f"| {' | '.join(_plain(cell) for cell in cells)} |"
    yield "\n## Timepoints\n\n| timepoint | title | arms | optional |\n|---|---|---|---|"
    for step in book["timepoints"]:
        cells = (step["timepoint"], step["title"], ", ".join(step["arms"]), "yes" if step["optional"] else "")
        yield f"| {' | '.join(_plain(cell) for cell in cells)} |"
    for instrument in book["instruments"]:
        yield f"\n## {_plain(instrument['title'])} ({instrument['instrument']}, version {instrument['version']})\n"
        yield f"Source: {_plain(instrument['source'])} Licence: {_plain(instrument['licence'])}\n"
        yield from (f"- {_plain(line)}" for line in _given_as(instrument))
        yield "| item | text | scale | |\n|---|---|---|---|"
        for item in instrument["items"]:
            text = " ".join(words for words in (item["lead"], item["text"]) if words)
            yield f"| {item['item']} | {_plain(text)} | {_plain(_scale(item))} | {_asked_as(item)} |"
        if instrument["scores"]:
            yield "\n| score | how | bands | norms |\n|---|---|---|---|"
        for score in instrument["scores"]:
            norms = "; ".join(_norm(norm) for norm in score["norms"])
            yield f"| {score['score']} | {_plain(_how(score))} | {_plain(_all_bands(score))} | {_plain(norms)} |"
        if instrument["interpretation"]:
            yield f"\n{_plain(instrument['interpretation'])}\n"
    for script in book["scripts"]:
        yield f"\n## {_plain(script['title'])} ({script['script']}, version {script['version']})\n"
        yield "| stage | kind | text | what can be given |\n|---|---|---|---|"
        for stage in script["stages"]:
            yield f"| {stage['stage']} | {stage['kind']} | {_plain(stage['text'])} | {_plain(_given_at(stage))} |"
    yield ""


def _how(score: dict[str, Any]) -> str:
    """How a score is made, of which items, and what a higher value means."""
    turned = f" Turned round: {', '.join(score['reversed_items'])}." if score["reversed_items"] else ""
    weights = ", ".join(f"{item} {weight}" for item, weight in score["weights"].items())
    weighed = f" Weights: {weights}." if weights else ""
    means = "more" if score["direction"] == "higher_is_more" else "less"
    return f"{score['rule']} Items: {', '.join(score['items'])}.{turned}{weighed} Higher is {means}."


def _all_bands(score: dict[str, Any]) -> str:
    """The questionnaire's own bands, and those of each published scheme by its name."""
    schemes = (f"{s['scheme']} {s['version']} ({s['source']}): {_bands(s['bands'])}" for s in score["schemes"])
    return " | ".join(text for text in (_bands(score["bands"]), *schemes) if text)


def _norm(norm: dict[str, Any]) -> str:
    marks = [mark for mark in ("selected", "unverified") if norm[mark]]
    marked = f" [{', '.join(marks)}]" if marks else ""
    interval = f" over {norm['interval']}" if norm["interval"] else ""
    return (
        f"{norm['population']}: n {norm['n']}, mean {norm['mean']}, sd {norm['sd']}, {norm['kind']} "
        f"{norm['reliability']}{interval} ({norm['source']}){marked}"
    )


def _given_as(instrument: dict[str, Any]) -> Iterator[str]:
    """How a questionnaire is given, as far as it says so."""
    if instrument["eyes"]:
        yield f"Eyes: {instrument['eyes']}"
    if instrument["recall"]:
        yield f"Looks back on: {instrument['recall']}"
    if instrument["then_of"]:
        yield f"Then-test of: {instrument['then_of']}"
    for form, sections in instrument["forms"].items():
        yield f"Form {form}: {', '.join(sections)}"


def _plain(text: str) -> str:
    """Words of a study as words of a table's cell."""
    for sign, written in (("&", "&amp;"), ("<", "&lt;"), ("|", "\\|"), ("\r", " "), ("\n", " ")):
        text = text.replace(sign, written)
    return text


def _scale(item: dict[str, Any]) -> str:
    """What can be answered to an item, in a few words."""
    if item["choices"]:
        return "; ".join(
            f"{each['choice']} = {each['text']}" + (f" (counts {each['score']})" if each["score"] is not None else "")
            for each in item["choices"]
        )
    ends = ""
    if item["min"] is not None or item["max"] is not None:
        ends = f"{_end(item['min'])} to {_end(item['max'])}"
    by = f" by {item['step']}" if item["step"] is not None else ""
    way = f", {item['direction'].replace('_', ' ')}" if item["direction"] else ""
    labels = "; ".join(f"{point} = {label}" for point, label in item["labels"].items())
    told = f"{ends}{by}{way}"
    return f"{told}: {labels}" if labels else told


def _end(value: object) -> str:
    return "any" if value is None else str(value)


def _given_at(stage: dict[str, Any]) -> str:
    """What can be given at a stage of a session, in a few words; empty where nothing is."""
    if stage["options"]:
        return "; ".join(
            f"{o['option']} = {o['label']}" + (f" (goes to {o['goto']})" if o["goto"] else "") for o in stage["options"]
        )
    if stage["min"] is not None:
        rated = f"{stage['rates']}, " if stage["rates"] else ""
        return f"{rated}{stage['min']} to {stage['max']}"
    quiet = f"{stage['quiet_s']} s of quiet" if stage["quiet_s"] is not None else ""
    return quiet or stage["condition"]


def _asked_as(item: dict[str, Any]) -> str:
    marks = [word for word in ("reversed", "optional") if item[word]]
    marks += [f"asked when {item['when']}"] if item["when"] else []
    marks += ["may say that it does not apply"] if item["na"] else []
    marks += [f"attention check, expected {item['catch']}"] if item["catch"] is not None else []
    return f"({', '.join(marks)})" if marks else ""


def _bands(bands: list[dict[str, Any]]) -> str:
    return "; ".join(f"{band['label']} = {band['low']} to {band['high']}" for band in bands)


def _words(text: Text | None, language: str) -> str:
    return text.to(language) if text else ""


def _digits(point: float) -> str:
    return str(number(float(point)))


# Each format's content type, and what writes it.
FORMATS: Mapping[str, tuple[str, Callable[[Codebook], str]]] = {
    "json": ("application/json", lambda book: json.dumps(book, ensure_ascii=False)),
    "csv": ("text/csv; charset=utf-8; header=present", as_csv),
    "md": ("text/markdown; charset=utf-8", as_markdown),
}
