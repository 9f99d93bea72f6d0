"""The reproduction of the chapter on internal consistency: `python -m docs.representations.consistency FOLDER [HALF]`.

Prints each figure beside what was wanted, writes the chapter's charts into the folder, and ends with 1 where a figure
is not as wanted. HALF is `report`, what the chapter quotes, or `settings`, on which all that could be chosen was
chosen.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from docs.representations.wanted import Wanted
from representations.coding import Choices, Sample, code
from representations.consistency import balanced, internal_consistency, weighted_vote
from representations.held_out import ALL, ALL_MARGIN, LAST, LAST_MARGIN, WORDS, Judgements, figures, judge, limits
from representations.picture import Axis, BarChart, Level, drawn
from representations.prototypes import halving
from representations.resampling import bootstrap_counts
from representations.word_counts import Rows, tf_idf

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.intp]

STORED = Path(__file__).resolve().parents[2] / "tests" / "representations"
NAMES = ("dim", "none", "vivid")
EXAMPLES, SPLITS, DRAWS = 10, 60, 500
REPORTS, ON, OFF, VOTE_DRAWS = 14, 3, 2, 200
"""Reports of each category in each split, of three sentences of the category and one of each other."""


@dataclass(frozen=True)
class Half:
    """One half of the written sentences: texts, codes and stored states."""

    texts: Sequence[str]
    codes: Ints
    states: npt.NDArray[np.float32]

    @property
    def rows(self) -> Rows:
        """Their words."""
        return tf_idf(self.texts)


def read_half(half: str) -> Half:
    """The sentences of `settings` or `report`."""
    with (STORED / "imagery_sentences.csv").open(encoding="utf-8", newline="") as file:
        written = list(csv.DictReader(file))
    states = np.load(STORED / "imagery_states.npz")["states"].astype(np.float32)
    chosen = [k for k, row in enumerate(written) if row["half"] == half]
    codes = np.array([NAMES.index(written[k]["category"]) for k in chosen], dtype=np.intp)
    return Half([written[k]["text"] for k in chosen], codes, states[chosen])


def exact(wanted: Wanted, generator: np.random.Generator) -> None:
    """What follows from the definitions."""
    cases = (("all layers agree", [1, 1, 1, 1, 1], 1.0), ("half", [1, 1, 0, 0, 1], 0.5), ("none", [0, 0, 2, 2, 1], 0.0))
    for name, answers, value in cases:
        found = float(internal_consistency(np.array([answers]))[0])
        wanted.add(f"consistency, {name}", f"{found}", f"{value}", holds=found == value)
    found = float(internal_consistency(generator.integers(3, size=(20_000, 7))).mean())
    wanted.add("consistency of random answers, 3 categories", f"{found:.3f}", "0.333", holds=abs(found - 1 / 3) < 0.005)
    flagged = balanced(generator.dirichlet([4, 1, 1], size=(300, 7))).scores > 0
    off = float(np.abs(flagged.mean(axis=0) - 1 / 3).max())
    wanted.add("balanced thresholds: share named of each, off 1/3", f"{off:.4f}", "<= 1/300", holds=off <= 1 / 300)


def votes(half: Half, judged: Judgements, weights: Floats, generator: np.random.Generator) -> dict[str, Floats]:
    """The accuracy of reports of five held-out sentences by each vote, (draws,).

    Each draw takes sentences by their weight, makes reports of them in every split, and lets them vote.
    """
    coders = judged.answers.coders
    ways = {
        "plain": (LAST, None),
        "weighted by consistency": (LAST, LAST),
        "weighted by margin": (LAST, LAST_MARGIN),
        "words, plain": (WORDS, None),
        "all layers, plain": (ALL, None),
        "all layers, weighted": (ALL, ALL),
    }
    found = {name: np.zeros(len(weights)) for name in ways}
    own = np.repeat(np.arange(len(NAMES)), REPORTS)
    for draw, row in enumerate(weights):
        right = dict.fromkeys(ways, 0.0)
        for run in range(SPLITS):
            here = np.flatnonzero(judged.runs == run)
            picked = []
            for k in range(len(NAMES)):
                of = here[judged.truth[here] == k]
                weight = row[judged.items[of]] + 1e-12
                picked.append(generator.choice(of, size=(len(own), ON), p=weight / weight.sum()))
            sentences = np.stack(
                [
                    np.concatenate([picked[k][r], *(picked[other][r, :1] for other in range(3) if other != k)])
                    for r, k in enumerate(own)
                ]
            )
            groups = np.repeat(np.arange(len(own)), ON + OFF)
            for name, (answers, weigh) in ways.items():
                by = np.ones(groups.size) if weigh is None else coders[weigh].order[sentences.ravel()]
                given = coders[answers].answers[sentences.ravel()]
                vote = weighted_vote(groups, given, by, (len(own), len(NAMES)), generator)
                right[name] += float((vote.answers == own).mean()) / SPLITS
        for name, value in right.items():
            found[name][draw] = value
    return found


def use(wanted: Wanted, half: Half, seed: int) -> tuple[Judgements, dict[str, tuple[float, float, float]]]:
    """The figures on sentences that were written for this."""
    generator = np.random.default_rng(seed)
    plans = [halving(half.codes, len(NAMES), EXAMPLES, generator) for _ in range(SPLITS)]
    judged = judge(half.states, half.rows, half.codes, len(NAMES), plans)
    once, weights = np.ones((1, len(half.codes))), bootstrap_counts(len(half.codes), DRAWS, generator).astype(float)
    found, spread = figures(judged, len(NAMES), once), figures(judged, len(NAMES), weights)

    def told(coder: str, figure: str) -> tuple[float, float, str]:
        low, high = (float(each) for each in limits(spread[coder, figure]))
        value = float(found[coder, figure][0])
        return value, low, f"{value:.3f} [{low:.3f}, {high:.3f}]"

    for coder in (LAST, ALL, WORDS):
        for figure in ("accuracy", "kappa"):
            wanted.add(f"{coder.split(',')[0]}: {figure}", told(coder, figure)[2])
    value, _, text = told(LAST, "auroc")
    wanted.add("AUROC of consistency", text, "> 0.70", holds=value > 0.70)
    wanted.add("AUROC of the last layer's margin", told(LAST_MARGIN, "auroc")[2])
    value, low, text = told(LAST, "auroc_over_margin")
    wanted.add("AUROC of consistency less the margin's", text, "> 0, and its limit", holds=value > 0 and low > 0)
    value, low, text = told(LAST, "gain")
    wanted.add("accuracy of the more consistent half less all", text, ">= 0.10", holds=value >= 0.10)
    wanted.add("mean consistency of right labels", told(LAST, "order_right")[2])
    wanted.add("mean consistency of wrong labels", told(LAST, "order_wrong")[2])
    for coder in (ALL, ALL_MARGIN):
        wanted.add(f"AUROC, {coder}", told(coder, "auroc")[2])
        wanted.add(f"half less all, {coder}", told(coder, "gain")[2])
    right = (judged.answers.layers == judged.truth[:, None]).mean(axis=0)
    wanted.add("accuracy of each layer, embedding first", " ".join(f"{each:.2f}" for each in right))
    shuffled = []
    for _ in range(SPLITS):
        mixed = generator.permutation(half.codes)
        again = judge(half.states, half.rows, mixed, len(NAMES), [halving(mixed, len(NAMES), EXAMPLES, generator)])
        each = figures(again, len(NAMES), once)
        shuffled.append([float(each[LAST, name][0]) for name in ("accuracy", "auroc", "order_right")])
    for name, null in zip(
        ("accuracy", "AUROC of consistency", "mean consistency"), np.mean(shuffled, axis=0), strict=True
    ):
        wanted.add(f"with shuffled codes: {name}", f"{null:.3f}")
    told_votes = {}
    estimate = votes(half, judged, np.ones((3, len(half.codes))), generator)
    drawn_votes = votes(half, judged, bootstrap_counts(len(half.codes), VOTE_DRAWS, generator).astype(float), generator)
    for name, values in drawn_votes.items():
        low, high = (float(each) for each in limits(values))
        told_votes[name] = (float(estimate[name].mean()), low, high)
        wanted.add(f"reports of five sentences, {name}", f"{told_votes[name][0]:.3f} [{low:.3f}, {high:.3f}]")
    low, high = (float(each) for each in limits(drawn_votes["weighted by consistency"] - drawn_votes["plain"]))
    gain = told_votes["weighted by consistency"][0] - told_votes["plain"][0]
    wanted.add("weighted by consistency less plain", f"{gain:.3f} [{low:.3f}, {high:.3f}]", ">= 0", holds=gain >= 0)
    return judged, told_votes


def main(folder: Path, half_name: str = "report") -> int:
    """Everything; the exit status."""
    wanted = Wanted()
    exact(wanted, np.random.default_rng(1))
    half = read_half(half_name)
    _, told_votes = use(wanted, half, seed=2)
    sample = Sample(half.texts, [NAMES[k] for k in half.codes], [""] * len(half.codes), [0] * len(half.codes))
    result = code(half.states, sample, seed=3, choices=Choices(draws=DRAWS, shuffles=100))
    folder.mkdir(parents=True, exist_ok=True)
    for name, svg in result.drawings().items():
        (folder / f"consistency-{name}.svg").write_text(svg, encoding="utf-8")
    shown = ["plain", "weighted by consistency", "words, plain"]
    chart = BarChart(
        "Reports of five sentences by vote",
        "The share of reports given their category by a plain vote, a vote weighted by consistency, and by words.",
        ["plain", "by consistency", "words"],
        [told_votes[name][0] for name in shown],
        Axis("accuracy", 0, 1),
        [told_votes[name][1] for name in shown],
        [told_votes[name][2] for name in shown],
        [Level("chance", 1 / len(NAMES))],
    )
    (folder / "consistency-votes.svg").write_text(drawn(chart), encoding="utf-8")
    return wanted.close()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:3]))
