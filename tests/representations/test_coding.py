"""Reports coded from examples: labels, the queue, votes, figures, and what is said where it can't be done."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from representations.coding import Choices, Example, Sample, code, code_reports
from representations.errors import NotEnough, RepresentationError
from representations.result import Progress, Result
from representations.sentences import Report

pytestmark = pytest.mark.once

QUICK = Choices(draws=60, shuffles=20)
NAMES = ("dim", "none", "vivid")


class Coloured:
    """An encoder that sees one word of a sentence, the better the later the layer, and noise that the words fix."""

    settings: Mapping[str, str] = {"model": "coloured"}

    def states(self, sentences: Sequence[str], progress: Progress | None = None) -> npt.NDArray[np.float32]:
        found = np.empty((len(sentences), 4, 6), dtype=np.float32)
        for row, text in zip(found, sentences, strict=True):
            generator = np.random.default_rng(list(text.encode()))
            seen = np.array([name in text for name in NAMES], dtype=np.float32)
            row[:] = generator.normal(size=(4, 6))
            row[:, :3] += seen * np.array([[1.0], [2.0], [2.5], [3.0]])
        return found


def examples(each: int, start: int = 0) -> list[Example]:
    return [Example(f"It was {name} number {k}.", name) for name in NAMES for k in range(start, start + each)]


REPORTS = [
    Report(f"P{k}", f"Then it was {NAMES[k % 3]} {k}. Later {NAMES[k % 3]} again {k}. A {NAMES[(k + 1) % 3]} end {k}.")
    for k in range(30)
]


@pytest.fixture(scope="module")
def result() -> Result:
    truth = {f"P{k}": NAMES[k % 3] for k in range(30)}
    return code_reports(REPORTS, examples(20), Coloured(), seed=1, choices=QUICK, report_codes=truth)


def test_every_sentence_has_a_label_a_consistency_and_its_place_in_the_queue(result: Result) -> None:
    rows = result.table("sentences").rows()
    assert len(rows) == 90 + 60
    waiting = [row for row in rows if row["code"] is None]
    assert sorted(row["queue"] for row in waiting) == list(range(1, 91))
    assert {row["queue"] for row in rows if row["code"]} == {None}
    ordered = sorted(waiting, key=lambda row: row["queue"])
    assert [row["consistency"] for row in ordered] == sorted(row["consistency"] for row in ordered)
    assert [row["by_hand"] for row in ordered] == [True] * 45 + [False] * 45
    assert np.mean([row["label"] in row["text"] for row in waiting]) > 0.8


def test_a_coded_sentence_carries_the_label_that_was_found_while_it_was_held_out(result: Result) -> None:
    coded = [row for row in result.table("sentences").rows() if row["code"]]
    right = np.mean([row["label"] == row["code"] for row in coded])
    figures = {(row["coder"], row["figure"]): row for row in result.table("figures").rows()}
    assert figures["last layer, by consistency", "accuracy"]["estimate"] == pytest.approx(right)
    assert 0.7 < right < 1


def test_a_report_goes_by_the_weight_of_its_sentences(result: Result) -> None:
    rows = result.table("reports").rows()
    assert len(rows) == 30
    assert np.mean([row["label"] == row["code"] for row in rows]) > 0.8
    votes = {(row["vote"], row["figure"]): row for row in result.table("votes").rows()}
    assert {vote for vote, _ in votes} == {"weighted by consistency", "plain", "words, plain"}
    weighted = votes["weighted by consistency", "accuracy"]
    assert weighted["low"] <= weighted["estimate"] <= weighted["high"]
    assert votes["weighted by consistency", "accuracy less the plain vote's"]["estimate"] == pytest.approx(
        weighted["estimate"] - votes["plain", "accuracy"]["estimate"]
    )


def test_null_floor_and_ceiling_are_there(result: Result) -> None:
    assert result.null.value is not None
    assert result.null.low is not None
    assert result.null.low < 0 < result.null.high
    assert 0 <= result.floor.value < 0.05
    assert result.ceiling.value is None
    assert "second" in result.ceiling.how
    again = [replace(each, second=each.category if k % 10 else "none") for k, each in enumerate(examples(20))]
    ceiling = code_reports(REPORTS[:2], again, Coloured(), seed=1, choices=QUICK).ceiling
    assert 0.8 < ceiling.value < 1


def test_the_same_seed_gives_the_same_and_all_of_it_can_be_written(result: Result, tmp_path: Path) -> None:
    truth = {f"P{k}": NAMES[k % 3] for k in range(30)}
    again = code_reports(REPORTS, examples(20), Coloured(), seed=1, choices=QUICK, report_codes=truth)
    assert again.as_json() == result.as_json()
    files = {file.name for file in result.write(tmp_path / "coding")}
    assert {"result.json", "sentences.parquet", "coverage.svg", "agreement.svg", "auroc.svg", "layers.svg"} <= files
    stored = json.loads((tmp_path / "coding" / "result.json").read_text(encoding="utf-8"))
    assert stored["settings"]["model"] == "coloured"
    assert stored["settings"]["seed"] == 1


def test_a_sentence_coded_by_hand_stands_in_its_report() -> None:
    """Words that the coder would take for dim, coded vivid by a person: the report follows the person."""
    report = Report("A", "All dim today. Mostly dim there.")
    given = [*examples(12), Example("All dim today.", "vivid"), Example("Mostly dim there.", "vivid")]
    row = code_reports([report], given, Coloured(), seed=1, choices=QUICK).table("reports").rows()[0]
    assert (row["label"], row["share"], row["coded"]) == ("vivid", 1.0, 2)


def test_with_just_ten_of_each_it_codes_and_says_that_nothing_is_known_of_its_worth() -> None:
    found = code_reports(REPORTS, examples(10), Coloured(), seed=1, choices=QUICK)
    assert "figures" not in {table.name for table in found.tables}
    assert "11 coded sentences" in found.warnings[-1]
    assert (found.null.value, found.floor.value) == (None, None)
    coded = [row for row in found.table("sentences").rows() if row["code"]]
    assert {row["label"] for row in coded} == {None}
    assert {row["consistency"] for row in coded} == {None}


def test_warnings_say_what_was_not_shown() -> None:
    """States without anything in them: no better than words, and the queue no better than any order."""
    generator = np.random.default_rng(6)
    codes = [NAMES[k % 3] for k in range(60)]
    texts = [f"{name} again, number {k}" for k, name in enumerate(codes)]
    sample = Sample(texts, codes, [""] * 60, [0] * 60)
    noise = generator.normal(size=(60, 4, 6)).astype(np.float32)
    said = " ".join(code(noise, sample, seed=1, choices=QUICK).warnings)
    assert "not shown to tell right labels from wrong ones" in said
    assert "not shown to do better than counting words: " in said
    assert "nothing of how sure the person was" in said


def test_all_layers_are_recommended_where_the_last_one_is_worse() -> None:
    generator = np.random.default_rng(7)
    codes = np.arange(90) % 3
    states = generator.normal(size=(90, 5, 6)).astype(np.float32)
    states[:, :4, :3] += 3 * np.eye(3, dtype=np.float32)[codes][:, None]
    sample = Sample([f"x{k}" for k in range(90)], [NAMES[k] for k in codes], [""] * 90, [0] * 90)
    assert "choose by=all" in " ".join(code(states, sample, seed=1, choices=QUICK).warnings)
    by_all = code(states, sample, seed=1, choices=replace(QUICK, by="all"))
    assert "choose by=" not in " ".join(by_all.warnings)
    labels = [row["label"] == row["code"] for row in by_all.table("sentences").rows()]
    assert np.mean(labels) > 0.9


def test_balanced_answers_can_be_asked_for() -> None:
    found = code_reports(REPORTS, examples(20), Coloured(), seed=1, choices=replace(QUICK, is_balanced=True))
    assert found.settings["is_balanced"] is True
    assert {row["consistency"] for row in found.table("sentences").rows()} > {0, 1}


def test_progress_is_told_and_can_stop_the_work() -> None:
    seen: list[tuple[int, int]] = []
    code_reports(REPORTS[:2], examples(12), Coloured(), seed=1, choices=QUICK, progress=lambda *at: seen.append(at))
    assert seen[-1] == (20, 20)

    def stop(*_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        code_reports(REPORTS[:2], examples(12), Coloured(), seed=1, choices=QUICK, progress=stop)


def test_other_languages_and_empty_reports_are_in_the_result() -> None:
    more = [Report("L", "Ich habe nichts gesehen, es war dim und das war alles.", "de"), Report("E", "", "en")]
    found = code_reports([*REPORTS, *more], examples(12), Coloured(), seed=1, choices=QUICK)
    aside = {row["report"]: row["reason"] for row in found.table("set_aside").rows()}
    assert aside == {"L": "in German", "E": "empty"}
    assert "2 languages were found: English in 30 reports, German in 1" in found.warnings[0]


class English(Coloured):
    settings: Mapping[str, str] = {"model": "coloured", "language": "en"}


@pytest.mark.parametrize(
    ("given", "options", "words"),
    [
        ([Example(" ", "dim")], {}, "Example 1 has no words"),
        ([Example("It was dim.", "")], {}, "Example 1 has no category"),
        ([*examples(10), Example("It was dim number 3.", "vivid")], {}, "Example 31 is coded vivid"),
        ([Example("Ich habe nichts gesehen, es war dunkel.", "dim")], {}, "reads as German"),
        (examples(10), {"language": "de"}, "made from 'en' texts"),
        ([replace(examples(1)[0], second="blue"), *examples(10, 1)[:]], {}, "second codes name categories"),
        (examples(10), {"report_codes": {"P0": "blue"}}, "report codes name categories"),
        (examples(10), {"report_codes": {"Q9": "dim"}}, "not there: Q9"),
    ],
)
def test_examples_that_cant_be_used_are_named(given: list[Example], options: dict, words: str) -> None:
    with pytest.raises(RepresentationError) as fault:
        code_reports(REPORTS, given, English(), seed=1, choices=QUICK, **options)
    assert words in str(fault.value)


@pytest.mark.parametrize("given", [[], examples(9), [each for each in examples(20) if each.category == "dim"]])
def test_too_few_examples_say_how_many_would_be_enough(given: list[Example]) -> None:
    with pytest.raises(NotEnough) as fault:
        code_reports(REPORTS, given, Coloured(), seed=1, choices=QUICK)
    assert "at least 10" in fault.value.enough


def test_choices_and_shapes_that_make_no_sense_are_refused() -> None:
    for wrong in ({"by": "first"}, {"by_hand": 1.5}, {"draws": 0}):
        with pytest.raises(RepresentationError):
            Choices(**wrong)
    with pytest.raises(RepresentationError, match="lengths"):
        Sample(["a"], [], [""], [0])
    with pytest.raises(RepresentationError, match="for 1 sentences"):
        code(np.zeros((2, 3, 4), dtype=np.float32), Sample(["a"], ["dim"], [""], [0]), seed=1)


def test_the_same_words_in_many_reports_are_learnt_and_judged_once() -> None:
    """Held out in one report and learnt from in another, they would be no test."""
    reports = [Report(f"R{k}", "It was dim number 0. Quite so.") for k in range(50)]
    found = code_reports(reports, examples(12), Coloured(), seed=1, choices=QUICK)
    assert sum(row["sentences"] for row in found.table("confusion").rows()) == 36
    same = [row for row in found.table("sentences").rows() if row["text"] == "It was dim number 0."]
    assert len(same) == 50
    assert len({(row["code"], row["label"], row["consistency"]) for row in same}) == 1
    with pytest.raises(NotEnough):
        code_reports(reports, examples(9), Coloured(), seed=1, choices=QUICK)
