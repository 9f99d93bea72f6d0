"""What a coder works on and what it found: sentences with their queue, and reports with their votes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from representations.consistency import kappa, weighted_mean, weighted_vote
from representations.errors import RepresentationError
from representations.held_out import ALL, ALL_MARGIN, LAST, LAST_MARGIN, Drawn, Judgements, limits
from representations.resampling import bootstrap_counts
from representations.result import Column, Table
from representations.sentences import SetAside

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.intp]

CODERS = {"last": (LAST, LAST_MARGIN), "all": (ALL, ALL_MARGIN)}


@dataclass(frozen=True)
class Sample:
    """Sentences and what is known of them; all of one length, "" where there is nothing.

    Attributes:
        texts: the sentences.
        codes: the human code.
        reports: the report that each stands in; "" for an example that stands in none.
        places: its number within the report.
        seconds: a second person's code; empty where there is no second person.
        report_codes: a report's human code by its name.
        set_aside: reports that are not coded, and why.
        warnings: what was noticed before.
        settings: what was chosen before: the model.
    """

    texts: Sequence[str]
    codes: Sequence[str]
    reports: Sequence[str]
    places: Sequence[int]
    seconds: Sequence[str] = ()
    report_codes: Mapping[str, str] = field(default_factory=dict)
    set_aside: Sequence[SetAside] = ()
    warnings: Sequence[str] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        lengths = {len(self.texts), len(self.codes), len(self.reports), len(self.places)}
        if len(lengths) > 1 or (self.seconds and len(self.seconds) != len(self.texts)):
            raise RepresentationError(f"Texts, codes, reports and places of lengths {sorted(lengths)} were found.")


@dataclass(frozen=True)
class Choices:
    """How to code.

    Attributes:
        by: `last`, the paper's: the last layer's category and the share of the layers before it that agree; or `all`,
            ours: the mean of all layers, and the share of layers that agree.
        is_balanced: whether `last` answers by thresholds that name each category equally often.
        by_hand: the share of the sentences without a code that a person is asked for, the least consistent first.
        draws: of the bootstrap over sentences, for the intervals.
        shuffles: of the human codes, for the null.
    """

    by: Literal["last", "all"] = "last"
    is_balanced: bool = False
    by_hand: float = 0.5
    draws: int = 1000
    shuffles: int = 200

    def __post_init__(self) -> None:
        if self.by not in CODERS:
            raise RepresentationError(f"The choice by {self.by!r} was found. Expected: one of {', '.join(CODERS)}.")
        if not 0 <= self.by_hand <= 1:
            raise RepresentationError(f"A share by hand of {self.by_hand} was found. Expected: from 0 to 1.")
        if self.draws < 1 or self.shuffles < 1:
            raise RepresentationError("Draws or shuffles below 1 were found. Expected: 1 or more of each.")


@dataclass(frozen=True)
class Coded:
    """What was found, before it is laid out.

    Attributes:
        names: the categories; elsewhere their place in it stands for them, and -1 for none.
        codes: (sentences,), the human code.
        unique: the coded sentences, each text once; all that is judged is judged on these.
        labels: (sentences,), the coder's answer; for what has a code, the one while it was held out.
        certainty: (sentences,), the consistency; NaN where there is no label.
        margins: (sentences,), how far the answer is ahead; NaN likewise.
        words: (sentences,), the answer of the coder that counts words.
        judged: the answers on held-out sentences; None where there are too few to hold any out.
        estimates, drawn, shuffled: the figures, in bootstrap draws, and with shuffled codes.
    """

    names: Sequence[str]
    codes: Ints
    unique: Ints
    labels: Ints
    certainty: Floats
    margins: Floats
    words: Ints
    judged: Judgements | None
    estimates: Drawn
    drawn: Drawn
    shuffled: Drawn


def named(coded: Coded, numbers: Ints) -> list[str | None]:
    """The categories by their names; None for -1."""
    return [coded.names[k] if k >= 0 else None for k in numbers]


def sentence_table(coded: Coded, sample: Sample, choices: Choices) -> Table:
    """Every sentence with its label and its place in the queue; equal consistencies are ordered by the margin."""
    waiting = np.flatnonzero((coded.codes < 0) & (coded.labels >= 0))
    waiting = waiting[np.lexsort((coded.margins[waiting], coded.certainty[waiting]))]
    queue: list[int | None] = [None] * len(coded.codes)
    for rank, k in enumerate(waiting):
        queue[int(k)] = rank + 1
    by_hand = int(np.ceil(choices.by_hand * len(waiting)))
    return Table(
        "sentences",
        "One sentence a row; those to be coded by hand first have the lowest numbers in the queue.",
        {
            "report": Column([name or None for name in sample.reports], "the report; empty for an example in none"),
            "place": Column([place or None for place in sample.places], "the sentence's number within its report"),
            "text": Column(sample.texts, "the sentence"),
            "code": Column(named(coded, coded.codes), "the person's code"),
            "label": Column(named(coded, coded.labels), "the coder's; for a coded sentence, found while held out"),
            "consistency": Column(coded.certainty, "share of the layers that agree with the label, 0 to 1"),
            "margin": Column(coded.margins, "how far the label is ahead of the next category, 0 to 1"),
            "queue": Column(queue, "the order in which a person should code what has no code"),
            "by_hand": Column(
                [rank is not None and rank <= by_hand for rank in queue], "whether it is in the share asked for"
            ),
        },
    )


def report_tables(coded: Coded, sample: Sample, choices: Choices, generator: np.random.Generator) -> list[Table]:
    """Every report with its vote; where a person coded some, also how often each way to vote agrees with them."""
    names = list(dict.fromkeys(name for name in sample.reports if name))
    number = {name: k for k, name in enumerate(names)}
    groups = np.array([number.get(name, -1) for name in sample.reports], dtype=np.intp)
    size = (len(names), len(coded.names))

    def vote(answers: Ints, weights: Floats) -> tuple[Ints, Floats]:
        has = (groups >= 0) & (answers >= 0)
        found = weighted_vote(groups[has], answers[has], weights[has], size, generator)
        return found.answers, found.shares

    one = np.ones(len(groups))
    has_code = coded.codes >= 0
    stands, shares = vote(
        np.where(has_code, coded.codes, coded.labels), np.where(has_code, 1.0, np.nan_to_num(coded.certainty))
    )
    votes = {
        "weighted by consistency": vote(coded.labels, np.nan_to_num(coded.certainty))[0],
        "plain": vote(coded.labels, one)[0],
        "words, plain": vote(coded.words, one)[0],
    }
    within = _members(groups, len(names))
    codes = [sample.report_codes.get(name, "") for name in names]
    truth = np.array([coded.names.index(each) if each else -1 for each in codes], dtype=np.intp)
    made = Table(
        "reports",
        "One report a row.",
        {
            "report": Column(names, "the report"),
            "sentences": Column([len(each) for each in within], "how many it has"),
            "coded": Column([int(has_code[each].sum()) for each in within], "how many of them a person coded"),
            "label": Column(
                named(coded, stands), "the vote: a sentence's own code counts 1, a label as much as its consistency"
            ),
            "share": Column(
                [float(row[k]) if k >= 0 else np.nan for row, k in zip(shares, stands, strict=True)],
                "the share of the weight behind the label, 0 to 1",
            ),
            **{
                name.replace(", ", "_").replace(" ", "_"): Column(
                    named(coded, each), f"the vote of the coder's labels alone, {name}"
                )
                for name, each in votes.items()
            },
            "code": Column(named(coded, truth), "the person's code of the whole report"),
        },
    )
    return [made, _votes(votes, truth, len(coded.names), choices, generator)] if np.any(truth >= 0) else [made]


def _members(groups: Ints, n: int) -> list[Ints]:
    order = np.argsort(groups, kind="stable")
    starts = np.searchsorted(groups[order], np.arange(n + 1))
    return [order[starts[k] : starts[k + 1]] for k in range(n)]


def _votes(
    votes: Mapping[str, Ints], truth: Ints, n_categories: int, choices: Choices, generator: np.random.Generator
) -> Table:
    has = truth >= 0
    weights = bootstrap_counts(int(has.sum()), choices.draws, generator).astype(np.float64)
    rows: dict[str, list[Any]] = {name: [] for name in ("vote", "figure", "estimate", "low", "high")}

    def add(vote: str, figure: str, estimate: Floats, drawn: Floats) -> None:
        low, high = limits(drawn)
        for name, value in zip(rows, (vote, figure, float(estimate), float(low), float(high)), strict=True):
            rows[name].append(value)

    is_right = {name: answers[has] == truth[has] for name, answers in votes.items()}
    plain = is_right["plain"]
    for name, right in is_right.items():
        add(name, "accuracy", weighted_mean(right), weighted_mean(right, weights))
        answers = votes[name][has]
        add(name, "kappa", kappa(answers, truth[has], n_categories), kappa(answers, truth[has], n_categories, weights))
        if name != "plain":
            less = right.astype(np.float64) - plain
            add(name, "accuracy less the plain vote's", weighted_mean(less), weighted_mean(less, weights))
    return Table(
        "votes",
        "How often each vote gives the person's code of a report; intervals by drawing reports anew.",
        {
            "vote": Column(rows["vote"], "how the sentences are weighed"),
            "figure": Column(rows["figure"], "which figure"),
            "estimate": Column(rows["estimate"], "the figure"),
            "low": Column(rows["low"], "lower limit of 95 %"),
            "high": Column(rows["high"], "upper limit of 95 %"),
        },
    )


def set_aside_table(sample: Sample) -> Table:
    """The reports that are not coded."""
    return Table(
        "set_aside",
        "Reports that are not coded, and why.",
        {
            "report": Column([each.report for each in sample.set_aside], "the report"),
            "reason": Column([each.reason for each in sample.set_aside], "why it is not coded"),
        },
    )
