"""What a coder is worth, as tables and charts: its figures, what it may keep, its layers, null and ceiling."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from representations.coded import CODERS, Choices, Coded, Sample, named
from representations.consistency import chance_consistency, kappa, layer_agreement, weighted_mean
from representations.held_out import ALL, FIGURES, LAST, WORDS, Judgements, coverage_curve, limits
from representations.picture import Axis, BarChart, Drawable, Level, Line, LineChart, ShadeChart
from representations.resampling import bootstrap_counts
from representations.result import Column, Reference, Table

Floats: TypeAlias = npt.NDArray[np.float64]
Part: TypeAlias = tuple[list[Table], dict[str, Drawable]]

CURVE = np.round(np.arange(0.1, 1.01, 0.05), 2)


def worth(coded: Coded, choices: Choices, generator: np.random.Generator) -> Part:
    """Tables `figures`, `coverage`, `layers`, `agreement`, `confusion`, and charts; none where none is held out."""
    if coded.judged is None:
        return [], {}
    weights = bootstrap_counts(len(coded.unique), choices.draws, generator).astype(np.float64)
    parts = (
        _figures(coded),
        _coverage(coded, coded.judged, choices, weights),
        _layers(coded, coded.judged, weights),
        _confusion(coded, coded.judged, choices),
    )
    return [table for made, _ in parts for table in made], {k: v for _, charts in parts for k, v in charts.items()}


def _figures(coded: Coded) -> Part:
    keys = list(coded.estimates)
    bounds = [limits(coded.drawn[key]) for key in keys]
    nulls = [limits(coded.shuffled[key]) for key in keys]
    table = Table(
        "figures",
        "What each coder is worth on held-out sentences; intervals by drawing sentences anew.",
        {
            "coder": Column([coder for coder, _ in keys], "who answers, and what orders the answers"),
            "figure": Column([figure for _, figure in keys], "; ".join(f"{k}: {v}" for k, v in FIGURES.items())),
            "estimate": Column([float(coded.estimates[key][0]) for key in keys], "the figure"),
            "low": Column([float(low) for low, _ in bounds], "lower limit of 95 %"),
            "high": Column([float(high) for _, high in bounds], "upper limit of 95 %"),
            "null": Column([float(np.mean(coded.shuffled[key])) for key in keys], "its mean with shuffled codes"),
            "null_low": Column([float(low) for low, _ in nulls], "lower limit of 95 % of the shuffles"),
            "null_high": Column([float(high) for _, high in nulls], "upper limit of 95 % of the shuffles"),
        },
    )
    shown = [k for k, (_, figure) in enumerate(keys) if figure == "auroc"]
    chart = BarChart(
        "What finds the wrong answers",
        "AUROC: the probability that a sentence coded right comes before one coded wrong, with 95 % intervals.",
        [keys[k][0].replace(", by", ":") for k in shown],
        [float(coded.estimates[keys[k]][0]) for k in shown],
        Axis("AUROC", 0, 1),
        [float(bounds[k][0]) for k in shown],
        [float(bounds[k][1]) for k in shown],
        [Level("knows nothing", 0.5)],
    )
    return [table], {"auroc": chart}


def _coverage(coded: Coded, judged: Judgements, choices: Choices, weights: Floats) -> Part:
    shown = (*CODERS[choices.by], WORDS)
    lines, rows = [], []
    for name in shown:
        curve = coverage_curve(judged, name, CURVE, np.ones((1, weights.shape[1])))[0]
        low, high = limits(coverage_curve(judged, name, CURVE, weights))
        lines.append(Line(name, CURVE, curve, *((low, high) if name == shown[0] else (None, None))))
        rows += [(name, *(float(v) for v in point)) for point in zip(CURVE, curve, low, high, strict=True)]
    table = Table(
        "coverage",
        "Accuracy if only the surest share is left to the coder, and a person codes the rest.",
        {
            "coder": Column([row[0] for row in rows], "who answers, and what orders the answers"),
            "coverage": Column([row[1] for row in rows], "the share left to the coder"),
            "accuracy": Column([row[2] for row in rows], "the share of it that is right"),
            "low": Column([row[3] for row in rows], "lower limit of 95 %"),
            "high": Column([row[4] for row in rows], "upper limit of 95 %"),
        },
    )
    chart = LineChart(
        "Accuracy of what is left to the coder",
        "Accuracy on held-out sentences over the share that the coder keeps, the surest first.",
        Axis("share left to the coder", 0, 1),
        Axis("accuracy", 0, 1),
        lines,
        [Level("chance", chance_consistency(len(coded.names)))],
    )
    return [table], {"coverage": chart}


def _layers(coded: Coded, judged: Judgements, weights: Floats) -> Part:
    answers = judged.answers.layers
    agreement = layer_agreement(answers)
    names = [f"layer {k}" for k in range(answers.shape[1])]
    right = (answers == judged.truth[:, None]).T.astype(np.float64)
    bounds = [limits(weighted_mean(row, weights[:, judged.items])) for row in right]
    accuracy = Table(
        "layers",
        "How often each layer alone gives the human code of a held-out sentence.",
        {
            "layer": Column(np.arange(len(right)), "the layer; 0 is the embedding, before the first"),
            "accuracy": Column(right.mean(axis=1), "the share that is right"),
            "low": Column([float(low) for low, _ in bounds], "lower limit of 95 %"),
            "high": Column([float(high) for _, high in bounds], "upper limit of 95 %"),
        },
    )
    first, second = np.indices(agreement.shape)
    pairs = Table(
        "agreement",
        "How often two layers answer alike on held-out sentences.",
        {
            "layer": Column(first.ravel(), "one layer"),
            "other": Column(second.ravel(), "the other"),
            "agreement": Column(agreement.ravel(), "the share of sentences"),
        },
    )
    shades = ShadeChart(
        "Layers that answer alike",
        "The share of held-out sentences on which two layers give the same category.",
        names,
        [str(k) for k in range(len(names))],
        agreement,
    )
    bars = BarChart(
        "Each layer alone",
        "The accuracy of each layer on held-out sentences, with 95 % intervals.",
        [str(k) for k in range(len(names))],
        right.mean(axis=1),
        Axis("accuracy", 0, 1),
        [float(low) for low, _ in bounds],
        [float(high) for _, high in bounds],
        [Level("chance", chance_consistency(len(coded.names)))],
    )
    return [accuracy, pairs], {"agreement": shades, "layers": bars}


def _confusion(coded: Coded, judged: Judgements, choices: Choices) -> Part:
    labels = judged.answers.coders[CODERS[choices.by][0]].answers
    n = len(coded.names)
    counts = np.zeros((n, n), dtype=np.intp)
    np.add.at(counts, (judged.truth, labels), 1)
    of, to = np.indices(counts.shape)
    table = Table(
        "confusion",
        "Human codes against labels, on held-out sentences.",
        {
            "code": Column(named(coded, of.ravel()), "the person's code"),
            "label": Column(named(coded, to.ravel()), "the coder's label"),
            "sentences": Column(counts.ravel(), "how many"),
        },
    )
    return [table], {}


def references(
    coded: Coded, sample: Sample, choices: Choices, rounded: float | None
) -> tuple[Reference, Reference, Reference]:
    """Null, floor and ceiling of Cohen's kappa.

    Args:
        coded: what was found.
        sample: the sentences, with a second person's codes where there are any.
        choices: how it was coded.
        rounded: kappa from states in half precision, on the same parts; None where nothing could be held out.
    """
    key = (CODERS[choices.by][0], "kappa")
    if coded.judged is None or rounded is None:
        none = Reference(None, "No sentence could be held out; 11 coded sentences of each category would be enough.")
        return none, none, _ceiling(coded, sample)
    low, high = limits(coded.shuffled[key])
    null = Reference(
        float(np.mean(coded.shuffled[key])),
        f"kappa with the human codes shuffled, {choices.shuffles} times",
        float(low),
        float(high),
    )
    floor = Reference(
        abs(rounded - float(coded.estimates[key][0])), "how much kappa changes where the states are rounded to 16 bits"
    )
    return null, floor, _ceiling(coded, sample)


def _ceiling(coded: Coded, sample: Sample) -> Reference:
    seconds = np.array([coded.names.index(each) if each else -1 for each in sample.seconds], dtype=np.intp)
    both = coded.unique[seconds[coded.unique] >= 0] if len(seconds) else coded.unique[:0]
    if not len(both):
        return Reference(None, "No sentence has a second person's code; 50 coded by two people would tell.")
    value = float(kappa(coded.codes[both], seconds[both], len(coded.names)))
    return Reference(value, f"kappa of two people on the {len(both)} sentences that both coded")


def noticed(coded: Coded, choices: Choices) -> list[str]:
    """What a reader must know before believing the labels."""
    said = [
        "Consistency is how far the network agrees with itself; it says nothing of how sure the person was, "
        "nor of how vivid anything appeared."
    ]
    if coded.judged is None:
        return [
            *said,
            "No coded sentence could be held out, so what the labels are worth is not known. "
            "Enough would be: 11 coded sentences of each category, better 20.",
        ]
    by = CODERS[choices.by][0]

    def bounds(coder: str, figure: str) -> tuple[float, float]:
        low, high = limits(coded.drawn[coder, figure])
        return float(low), float(high)

    def estimate(coder: str, figure: str) -> float:
        return float(coded.estimates[coder, figure][0])

    if not bounds(by, "auroc")[0] > 0.5:
        said.append(
            f"Consistency is not shown to tell right labels from wrong ones here (AUROC {estimate(by, 'auroc'):.2f}, "
            f"from {bounds(by, 'auroc')[0]:.2f} to {bounds(by, 'auroc')[1]:.2f}): "
            "the queue may be no better than any order."
        )
    if not bounds(by, "accuracy_over_words")[0] > 0:
        said.append(
            f"The network is not shown to do better than counting words: {estimate(by, 'accuracy'):.2f} right, "
            f"against {estimate(WORDS, 'accuracy'):.2f}."
        )
    other = ALL if choices.by == "last" else LAST
    low = float(limits(coded.drawn[other, "accuracy"] - coded.drawn[by, "accuracy"])[0])
    if low > 0:
        said.append(
            f"On these sentences {'all layers together' if other == ALL else 'the last layer'} would be right more "
            f"often: {estimate(other, 'accuracy'):.2f} against {estimate(by, 'accuracy'):.2f}. "
            f"To code so, choose by={'all' if other == ALL else 'last'}, and say that it was chosen after looking."
        )
    return said
