"""Free reports of imagery put into a lab's own categories, each sentence with how far a network's layers agree on it.

A lab codes at least ten sentences of each category by hand. Their mean states are the categories' prototypes at each
layer of a sentence encoder; every other sentence gets the last layer's category and its internal consistency, every
report the category with the most consistency behind it, and the least consistent sentences come first in a queue for
a person. What the coder is worth is reckoned on hand-coded sentences that it has not learnt from.

Source: Xie, Guo, Yu and Li, NeurIPS 2024, arXiv 2405.18711: internal consistency and weighted votes [C; 1/(L-1) R].
Prototypes in place of the paper's answer words, reports in place of its reasoning paths, and the queue are ours [O].
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from representations.coded import CODERS, Choices, Coded, Sample, report_tables, sentence_table, set_aside_table
from representations.coding_worth import noticed, references, worth
from representations.errors import NotEnough, RepresentationError
from representations.held_out import WORDS, Drawn, Judgements, answer, answer_by_words, figures, judge
from representations.prototypes import LEAST_EXAMPLES, Floats32, fit, folds, standardised
from representations.resampling import bootstrap_counts
from representations.result import Progress, Result
from representations.sentences import LANGUAGE, LANGUAGE_NAMES, Report, guess_language, prepare
from representations.word_counts import Rows, tf_idf

Ints: TypeAlias = npt.NDArray[np.intp]

__all__ = ["Choices", "Encoder", "Example", "Sample", "code", "code_reports"]

SOURCE = (
    "Xie, Guo, Yu & Li, NeurIPS 2024, arXiv 2405.18711: internal consistency, weighted votes [C; the mean over L-1 "
    "layers R]; prototypes, all layers together, queue [O]"
)


class Encoder(Protocol):
    """What turns sentences into states: `encoder_minilm.MiniLM`, or any other network."""

    @property
    def settings(self) -> Mapping[str, str]:
        """What names it in a result."""

    def states(self, sentences: Sequence[str], progress: Progress | None = None) -> npt.NDArray[np.float32]:
        """(sentences, layers, dimensions), the last layer last."""


@dataclass(frozen=True)
class Example:
    """A sentence that a person has coded; a second person's code, where there is one, gives the ceiling."""

    text: str
    category: str
    second: str = ""


def code_reports(
    reports: Sequence[Report],
    examples: Sequence[Example],
    encoder: Encoder,
    *,
    seed: int,
    choices: Choices | None = None,
    report_codes: Mapping[str, str] | None = None,
    language: str = LANGUAGE,
    progress: Progress | None = None,
) -> Result:
    """As `code`, from reports as they were written: sentences are split, encoded, and matched with the examples.

    An example whose words are a report's sentence codes that sentence; the others only teach. Reports that are empty
    or in another language than the encoder's are set aside, with reason and count.

    Raises:
        NotEnough: no sentence is left, or there are too few examples of a category.
        RepresentationError: an example is empty, in another language, or coded twice and differently.
    """
    own = encoder.settings.get("language", language)
    if own != language:
        raise RepresentationError(
            f"Reports in {language!r} were asked for, and the model was made from {own!r} texts. "
            f"Expected: {own!r}, or a model of that language."
        )
    given = _by_text(examples, language)
    found = prepare(reports, language)
    left = [text for text in given if text not in set(found.texts)]
    texts = [*found.texts, *left]
    coded = [given.get(text) for text in texts]
    sample = Sample(
        texts=texts,
        codes=[each.category if each else "" for each in coded],
        reports=[*found.reports, *[""] * len(left)],
        places=[*found.places, *[0] * len(left)],
        seconds=[each.second if each else "" for each in coded],
        report_codes=report_codes or {},
        set_aside=found.set_aside,
        warnings=found.warnings,
    )
    # Before the encoding, which takes long: there may be too little to code by.
    _categories(sample)
    states = standardised(encoder.states(texts, progress))
    sample = replace(sample, settings={**encoder.settings, "language": language})
    return code(states, sample, seed=seed, choices=choices, progress=progress)


def code(
    states: npt.NDArray[np.float32],
    sample: Sample,
    *,
    seed: int,
    choices: Choices | None = None,
    progress: Progress | None = None,
) -> Result:
    """A category and its consistency for every sentence and report, and what that is worth.

    Args:
        states: (sentences, layers, dimensions), as `prototypes.standardised` gives them.
        sample: what is known of the sentences.
        seed: for the parts held out, the intervals, the shuffles and ties.
        choices: how to code.
        progress: called after each shuffle.

    Returns:
        Tables `sentences` (with the queue), `reports`, `figures`, `coverage`, `layers`, `agreement`, `confusion`,
        `set_aside`; null, floor and ceiling are of Cohen's kappa. Hand-coded sentences carry the label that was found
        while they were held out; none, where there are too few to hold any out.

    Raises:
        NotEnough: fewer than two categories, or fewer than ten sentences of one.
        RepresentationError: the states and the sample differ in length.
    """
    chosen = choices or Choices()
    if states.ndim != 3 or len(states) != len(sample.texts):
        raise RepresentationError(
            f"States of shape {states.shape} were found for {len(sample.texts)} sentences. "
            "Expected: (sentences, layers, dimensions)."
        )
    names = _categories(sample)
    codes = np.array([names.index(each) if each else -1 for each in sample.codes], dtype=np.intp)
    rows = tf_idf(sample.texts)
    spawned = [np.random.default_rng(each) for each in np.random.SeedSequence(seed).spawn(4)]
    coded = _coded(states, rows, codes, names, _once(sample.texts, codes), chosen, spawned, progress)
    rounded = _kappa_rounded(states, rows, coded, chosen, seed)
    null, floor, ceiling = references(coded, sample, chosen, rounded)
    made, charts = worth(coded, chosen, spawned[2])
    return Result(
        method="coding",
        source=SOURCE,
        tables=[
            sentence_table(coded, sample, chosen),
            *report_tables(coded, sample, chosen, spawned[3]),
            *made,
            set_aside_table(sample),
        ],
        null=null,
        floor=floor,
        ceiling=ceiling,
        warnings=(*sample.warnings, *noticed(coded, chosen)),
        settings={
            **sample.settings,
            "seed": seed,
            "categories": names,
            "by": chosen.by,
            "is_balanced": chosen.is_balanced,
            "by_hand": chosen.by_hand,
            "draws": chosen.draws,
            "shuffles": chosen.shuffles,
            "layers": states.shape[1],
            "dimensions": states.shape[2],
        },
        charts=charts,
    )


def _coded(
    states: Floats32,
    rows: Rows,
    codes: Ints,
    names: Sequence[str],
    once: tuple[Ints, Ints],
    choices: Choices,
    generators: Sequence[np.random.Generator],
    progress: Progress | None,
) -> Coded:
    """A label for every sentence, and the coders' figures."""
    unique, which = once
    has = np.flatnonzero(codes >= 0)
    learnt, taught, own = states[unique], rows[unique], codes[unique]
    prototypes = fit(learnt, own, len(names))
    found = answer(states, prototypes, is_balanced=choices.is_balanced).coders
    by, margin = CODERS[choices.by]
    labels, certainty, margins = found[by].answers.copy(), found[by].order.copy(), found[margin].order.copy()
    words = answer_by_words(rows, taught, own, len(names)).answers
    # What was learnt from is no test: these sentences carry what was found while they were held out, or nothing.
    labels[has], words[has], certainty[has], margins[has] = -1, -1, np.nan, np.nan
    judged = _judged(learnt, taught, own, len(names), choices, generators[0])
    if judged is None:
        return Coded(names, codes, unique, labels, certainty, margins, words, None, {}, {}, {})
    # Each is held out once: this is where in the judgements a coded sentence stands.
    at, coders = np.argsort(judged.items)[which], judged.answers.coders
    labels[has], certainty[has] = coders[by].answers[at], coders[by].order[at]
    margins[has], words[has] = coders[margin].order[at], coders[WORDS].answers[at]
    as_is = np.ones((1, len(own)))
    estimates = figures(judged, len(names), as_is)
    drawn = figures(judged, len(names), bootstrap_counts(len(own), choices.draws, generators[1]).astype(np.float64))
    shuffled: list[Drawn] = []
    for k in range(choices.shuffles):
        mixed = generators[1].permutation(own)
        again = _judged(learnt, taught, mixed, len(names), choices, generators[1])
        if again is not None:
            shuffled.append(figures(again, len(names), as_is))
        if progress is not None:
            progress(k + 1, choices.shuffles)
    by_figure = {key: np.concatenate([one[key] for one in shuffled]) for key in estimates}
    return Coded(names, codes, unique, labels, certainty, margins, words, judged, estimates, drawn, by_figure)


def _kappa_rounded(states: Floats32, rows: Rows, coded: Coded, choices: Choices, seed: int) -> float | None:
    """Kappa from states in 16 bits, on the same parts."""
    if coded.judged is None:
        return None
    has = coded.unique
    generator = np.random.default_rng(np.random.SeedSequence(seed).spawn(1)[0])
    rough = states[has].astype(np.float16).astype(np.float32)
    judged = _judged(rough, rows[has], coded.codes[has], len(coded.names), choices, generator)
    if judged is None:
        return None
    return float(figures(judged, len(coded.names), np.ones((1, len(has))))[CODERS[choices.by][0], "kappa"][0])


def _once(texts: Sequence[str], codes: Ints) -> tuple[Ints, Ints]:
    """The coded sentences with each text once, and for every coded sentence which of them has its text.

    "Nothing." in thirty reports is one thing learnt: held out here and learnt from there, it would be no test.
    """
    firsts: dict[str, tuple[int, int]] = {}
    which = [firsts.setdefault(texts[int(k)].casefold(), (len(firsts), int(k)))[0] for k in np.flatnonzero(codes >= 0)]
    return np.array([k for _, k in firsts.values()], dtype=np.intp), np.array(which, dtype=np.intp)


def _judged(
    states: Floats32, rows: Rows, codes: Ints, n_categories: int, choices: Choices, generator: np.random.Generator
) -> Judgements | None:
    """All coded sentences while held out; None where a category has too few to hold one out."""
    try:
        plan = folds(codes, n_categories, generator)
    except NotEnough:
        return None
    return judge(states, rows, codes, n_categories, [plan], is_balanced=choices.is_balanced)


def _categories(sample: Sample) -> list[str]:
    given = {text.casefold(): code for text, code in zip(sample.texts, sample.codes, strict=True) if code}
    counts = Counter(given.values())
    names = sorted(counts)
    few = {name: n for name, n in sorted(counts.items()) if n < LEAST_EXAMPLES}
    if len(names) < 2 or few:
        found = ", ".join(f"{name}: {n}" for name, n in sorted(counts.items())) or "none"
        raise NotEnough(
            f"Too few coded sentences were found ({found}).",
            f"two categories or more, each with at least {LEAST_EXAMPLES} different sentences coded by hand; "
            "with 20 the coder can be judged too",
        )
    for what, others in (("second codes", sample.seconds), ("report codes", sample.report_codes.values())):
        unknown = sorted({other for other in others if other} - set(names))
        if unknown:
            raise RepresentationError(
                f"The {what} name categories that no sentence is coded with: {', '.join(unknown)}. "
                f"Expected: {', '.join(names)}."
            )
    known = {*sample.reports, *(each.report for each in sample.set_aside)}
    strangers = sorted(set(sample.report_codes) - known)
    if strangers:
        raise RepresentationError(f"Report codes name reports that are not there: {', '.join(strangers[:5])}.")
    return names


def _by_text(examples: Sequence[Example], language: str) -> dict[str, Example]:
    """The examples by their words, with a clear fault for each that can't be used."""
    given: dict[str, Example] = {}
    for k, example in enumerate(examples, 1):
        text = " ".join(example.text.split())
        if not text or not example.category.strip():
            raise RepresentationError(f"Example {k} has no {'category' if text else 'words'}. Expected: both.")
        guess = guess_language(text)
        if guess and guess != language:
            raise RepresentationError(
                f"Example {k} reads as {LANGUAGE_NAMES[guess]}: {text[:60]!r}. "
                f"Expected: {LANGUAGE_NAMES.get(language, language)}, the model's language."
            )
        before = given.setdefault(text, example)
        if before.category != example.category:
            raise RepresentationError(
                f"Example {k} is coded {example.category}, and the same words were coded {before.category} before: "
                f"{text[:60]!r}. Expected: one category for one sentence."
            )
    return given
