"""The codebook: the catalogue, what the study's own questionnaires ask and score, and what its sessions go through."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from coaching.models import Study
from coaching.selectors.studies import declarations
from research.catalogue import datasets, describe
from research.codebook_entries import of_instrument, of_script, spans, timepoints
from research.writers.values import formula_safe

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
BASELINE = "Change is measured against the first of these timepoints at which a person has the score:"
CSV_COLUMNS = (
    *("part", "in", "version", "name", "type", "unit", "description", "values", "source", "identifying"),
    "direction",
)


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
        "timepoints": list(timepoints(newest, language)),
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
                "bands": spans(group.bands),
            }
            for group in newest.groups
        ],
        "instruments": [of_instrument(each, n, language) for (_, n), each in numbered.items()],
        "scripts": [of_script(each, n, language) for (_, n), each in scripts.items()],
    }


# --- as a table ------------------------------------------------------------------------------------------------------


def as_csv(book: Codebook) -> str:
    """The codebook as one table: a line a column, item, score and stage, then those of `frame`."""
    text = io.StringIO(newline="")
    lines = csv.writer(text, lineterminator="\r\n")
    lines.writerow(CSV_COLUMNS)
    for row in (*variables(book), *frame(book)):
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
                "direction": item["direction"],
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
                "direction": score["direction"],
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


def frame(book: Codebook) -> Iterator[dict[str, Any]]:
    """Every questionnaire as a whole, the study's outcomes and its baseline, by the names of `CSV_COLUMNS`."""
    for instrument in book["instruments"]:
        yield {
            "part": "questionnaire",
            "in": instrument["instrument"],
            "version": instrument["version"],
            "name": instrument["instrument"],
            "description": " ".join(word for word in (instrument["title"], instrument["about"]) if word),
            "values": "; ".join((*_given_as(instrument), *_concluded(instrument))),
            "source": f"{instrument['source']} Licence: {instrument['licence']}",
            "direction": instrument["direction"],
        }
    for outcome in book["outcomes"]:
        yield {
            "part": "outcome",
            "in": book["study"],
            "name": outcome["outcome"],
            "type": outcome["role"],
            "description": _measured(outcome),
            "direction": _direction_of(outcome, book),
        }
    if book["baseline"]:
        yield {
            "part": "baseline",
            "in": book["study"],
            "name": "baseline",
            "description": BASELINE,
            "values": "; ".join(book["baseline"]),
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
    if book["baseline"]:
        yield f"\n## Baseline\n\n{BASELINE} {', '.join(book['baseline'])}."
    if book["outcomes"]:
        yield "\n## Outcomes\n\n| outcome | role | what | higher is |\n|---|---|---|---|"
        for outcome in book["outcomes"]:
            higher = _higher(_direction_of(outcome, book))
            yield f"| {outcome['outcome']} | {_plain(outcome['role'])} | {_measured(outcome)} | {higher} |"
    for instrument in book["instruments"]:
        yield f"\n## {_plain(instrument['title'])} ({instrument['instrument']}, version {instrument['version']})\n"
        yield f"Source: {_plain(instrument['source'])} Licence: {_plain(instrument['licence'])}\n"
        if instrument["about"]:
            yield f"{_plain(instrument['about'])}\n"
        yield from (f"- {_plain(line)}" for line in _given_as(instrument))
        yield "\n| item | text | scale | |\n|---|---|---|---|"
        for item in instrument["items"]:
            text = " ".join(words for words in (item["lead"], item["text"]) if words)
            yield f"| {item['item']} | {_plain(text)} | {_plain(_scale(item))} | {_plain(_asked_as(item))} |"
        if instrument["scores"]:
            yield "\n| score | how | bands | norms |\n|---|---|---|---|"
        for score in instrument["scores"]:
            norms = "; ".join(_norm(norm) for norm in score["norms"])
            yield f"| {score['score']} | {_plain(_how(score))} | {_plain(_all_bands(score))} | {_plain(norms)} |"
        yield from (f"\n{_plain(line)}" for line in _concluded(instrument))
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
    means = _higher(score["direction"])
    return f"{score['rule']} Items: {', '.join(score['items'])}.{turned}{weighed} Higher is {means}."


def _higher(direction: str) -> str:
    return direction.removeprefix("higher_is_")


def _measured(outcome: dict[str, Any]) -> str:
    return f"{outcome['instrument']}.{outcome['score']} at {outcome['timepoint']}"


def _direction_of(outcome: dict[str, Any], book: Codebook) -> str:
    """The direction of an outcome's score: the newest content of a questionnaire stands first."""
    asked = next(each for each in book["instruments"] if each["instrument"] == outcome["instrument"])
    return next(str(score["direction"]) for score in asked["scores"] if score["score"] == outcome["score"])


def _all_bands(score: dict[str, Any]) -> str:
    """The questionnaire's own bands, and those of each published scheme by its name."""
    schemes = (f"{s['scheme']} {s['version']} ({s['source']}): {_bands(s['bands'])}" for s in score["schemes"])
    return " | ".join(text for text in (_bands(score["bands"]), *schemes) if text)


def _norm(norm: dict[str, Any]) -> str:
    marks = [mark for mark in ("selected", "unverified") if norm[mark]]
    marked = f" [{', '.join(marks)}]" if marks else ""
    interval = f" over {norm['interval']}" if norm["interval"] else ""
    further = f", sd at the second occasion {norm['sd_after']}" if norm["sd_after"] is not None else ""
    further += f", gain by practice {norm['practice_gain']}" if norm["practice_gain"] is not None else ""
    if norm["errors"]:
        errors = ", ".join(f"{each['sem']} from {each['low']} to {each['high']}" for each in norm["errors"])
        further += f", error of measurement {errors}"
    return (
        f"{norm['population']}: n {norm['n']}, mean {norm['mean']}, sd {norm['sd']}, {norm['kind']} "
        f"{norm['reliability']}{interval}{further} ({norm['source']}){marked}"
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


def _concluded(instrument: dict[str, Any]) -> Iterator[str]:
    if instrument["interpretation"]:
        yield f"What may be concluded: {instrument['interpretation']}"


def _plain(text: str) -> str:
    """Words of a study as words of a table's cell."""
    for sign, written in (("&", "&amp;"), ("<", "&lt;"), ("|", "\\|"), ("\r", " "), ("\n", " ")):
        text = text.replace(sign, written)
    return text


def _scale(item: dict[str, Any]) -> str:
    """What can be answered to an item, in a few words, and which way it runs."""
    way = item["direction"].replace("_", " ") if item["direction"] != "none" else ""
    if item["choices"]:
        said = (
            f"{each['choice']} = {each['text']}" + (f" (counts {each['score']})" if each["score"] is not None else "")
            for each in item["choices"]
        )
        return "; ".join((*said, way)) if way else "; ".join(said)
    ends = ""
    if item["min"] is not None or item["max"] is not None:
        ends = f"{_end(item['min'])} to {_end(item['max'])}"
    ends += f" by {item['step']}" if item["step"] is not None else ""
    told = ", ".join(word for word in (ends, item["unit"], way) if word)
    labels = "; ".join(f"{point} = {label}" for point, label in item["labels"].items())
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


# Each format's content type, and what writes it.
FORMATS: Mapping[str, tuple[str, Callable[[Codebook], str]]] = {
    "json": ("application/json", lambda book: json.dumps(book, ensure_ascii=False)),
    "csv": ("text/csv; charset=utf-8; header=present", as_csv),
    "md": ("text/markdown; charset=utf-8", as_markdown),
}
