"""The reproduction of the chapter on alignment: `python -m docs.representations.alignment FOLDER`.

Prints each figure beside what was wanted, writes the chapter's charts into the folder, and ends with 1 where a figure
is not as wanted. All chance comes from the seeds below.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from docs.representations.wanted import Wanted
from representations.agreement import bootstrapped, figures, measured
from representations.alignment import NAMES, distances, information_imbalance, linear_cka
from representations.designs import drawn_features, drawn_weights, joined, played
from representations.dissimilarity import pair_features
from representations.ensembles import Ensemble, descended_linear, input_noise, label_noise, relu_label_noise
from representations.groups import Choices, aligned
from representations.judgements import Judgements
from representations.picture import Axis, BarChart, Drawable, Line, LineChart, drawn
from representations.planning import Study, plan
from representations.resampling import FloatArray, percentile_interval
from representations.threshold import excess_error, expected_alignment

RATIOS = (0.5, 1, 4, 16)
INPUT_RATIOS = (1, 4, 16)
LABEL_TRIALS = (20, 40, 60, 80, 90, 100, 110, 120, 150, 200, 400)
INPUT_TRIALS = (8, 16, 24, 32, 36, 40, 44, 48, 60, 80, 160, 320)
RELU_TRIALS = (8, 16, 24, 32, 48, 96, 192, 384)
STUDIES, STUDY_PEOPLE, STUDY_DRAWS = 60, 16, 120


def exact(wanted: Wanted) -> None:
    """What follows from the definitions."""
    generator = np.random.default_rng(1)
    layer = generator.standard_normal((24, 6))
    turned = layer @ np.linalg.qr(generator.standard_normal((6, 6)))[0]
    off = abs(1 - linear_cka(layer, 3 * turned + 1))
    wanted.add("CKA of a layer with itself turned, scaled and moved, off 1", f"{off:.1e}", "< 1e-12", holds=off < 1e-12)
    own = information_imbalance(distances(layer), distances(layer))
    wanted.add("information imbalance with itself, 24 items", f"{own:.6f}", "2/24 exactly", holds=own == 2 / 24)
    gap = np.arange(1, 100)
    mirrored = [np.array_equal(*(expected_alignment(100 + sign * gap, 100, snr) for sign in (-1, 1))) for snr in RATIOS]
    wanted.add(
        "closed form: alignment mirrors at N = p", f"{sum(mirrored)} of 4 ratios", "4, exactly", holds=all(mirrored)
    )
    two, errors = expected_alignment([40, 160], 100, 4), excess_error([40, 160], 100, 4)
    wanted.add(
        "closed form, SNR 4: alignment at N = 40 and 160",
        f"{two[0]:.3f} and {two[1]:.3f}", "the same", holds=bool(two[0] == two[1]),
    )  # fmt: skip
    wanted.add(
        "closed form, SNR 4: error beyond the noise at N = 40 and 160",
        f"{errors[0]:.3f} and {errors[1]:.3f}", "0.769 and 0.424",
        holds=bool(np.allclose(errors, [0.769, 0.424], atol=6e-4)),
    )  # fmt: skip


def closed_form(wanted: Wanted) -> Drawable:
    """Scalar label noise, p = 100."""
    found = label_noise(100, LABEL_TRIALS, RATIOS, np.random.default_rng(2), repetitions=40)
    trials = np.array(LABEL_TRIALS)
    form = np.stack([expected_alignment(trials, 100, snr) for snr in RATIOS])
    off = np.abs(found.alignment["weights"] - form)
    far = np.abs(trials - 100) >= 20
    for row, snr in enumerate(RATIOS):
        worst = float(off[row, far].max())
        wanted.add(
            f"label noise, SNR {snr:g}: simulation off the closed form, |N - p| >= 20",
            f"{worst:.3f}", "< 0.05", holds=worst < 0.05,
        )  # fmt: skip
    _rises(wanted, "label noise", found, "weights")
    lowest = [LABEL_TRIALS[k] for k in found.alignment["weights"].argmin(axis=1)]
    wanted.add("label noise: N of least alignment", f"{lowest}", "100, each", holds=set(lowest) == {100})
    squared = float(np.abs(found.alignment["cka"] - form**2)[:, np.abs(trials - 100) >= 50].max())
    wanted.add("label noise: population CKA off the square of A, |N - p| >= 50", f"{squared:.3f}")
    fine = np.arange(10, 401, 2)
    lines = [Line(f"SNR {snr:g}, closed form", fine, expected_alignment(fine, 100, snr)) for snr in (0.5, 4, 16)]
    lines += [
        Line(f"SNR {snr:g}, simulated", trials, found.alignment["weights"][RATIOS.index(snr)], joined=False)
        for snr in (0.5, 4, 16)
    ]
    return LineChart(
        "Alignment by training samples, 100 weights",
        "Alignment is 0 at 100 samples, rises to either side, and the more so the higher the signal-to-noise ratio; "
        "the simulation lies on the closed form.",
        Axis("Training samples N"),
        Axis("Alignment A", 0.0, 1.0),
        lines,
    )


def descent(wanted: Wanted) -> None:
    """That the solution of least norm is where gradient descent ends."""
    generator = np.random.default_rng(3)
    off, cosines = [], []
    for n in (20, 60, 160):
        inputs = generator.standard_normal((n, 40))
        truth = generator.standard_normal((40, 1)) / np.sqrt(40)
        ends, layers = [], []
        starts = 0.01 * generator.standard_normal((40, 20)), 0.01 * generator.standard_normal((20, 1))
        new = generator.standard_normal((2000, 40))
        for _ in range(2):
            targets = inputs @ truth + generator.standard_normal((n, 1)) * 0.5
            hidden, output = descended_linear(inputs, targets, *starts, 3000, 0.05)
            ends.append((hidden @ output)[:, 0])
            layers.append(new @ hidden)
            least = (np.linalg.pinv(inputs) @ targets)[:, 0]
            off.append(float(np.linalg.norm(ends[-1] - least) / np.linalg.norm(least)))
        squared = float((ends[0] @ ends[1]) ** 2 / (ends[0] @ ends[0]) / (ends[1] @ ends[1]))
        cosines.append(abs(linear_cka(*layers) - squared))
    worst = max(off)
    wanted.add("gradient descent, one hidden layer: off the least norm", f"{worst:.3f}", "< 0.10", holds=worst < 0.10)
    wanted.add("the same: CKA of hidden layers off cos^2", f"{max(cosines):.3f}", "< 0.05", holds=max(cosines) < 0.05)


def inputs_with_noise(wanted: Wanted) -> Drawable:
    """Input noise, 40 inputs, 1 and 8 outputs, all three measures."""
    shown = None
    for outputs in (1, 8):
        found = input_noise(40, outputs, INPUT_TRIALS, INPUT_RATIOS, np.random.default_rng(4), repetitions=60)
        for measure, values in found.alignment.items():
            at = [int(k) for k in values.argmin(axis=1)]
            place = INPUT_TRIALS.index(40)
            wanted.add(
                f"input noise, {outputs} outputs, {measure}: N of least alignment, SNR 1, 4, 16",
                f"{[INPUT_TRIALS[k] for k in at]}", "40 +- one step", holds=all(abs(k - place) <= 1 for k in at),
            )  # fmt: skip
            _rises(wanted, f"input noise, {outputs} outputs", found, measure)
        shown = found
    assert shown is not None  # noqa: S101 - there are two
    names = {"cka": "CKA", "rdm": "RDM", "imbalance": "1 - imbalance"}
    lines = [
        Line(f"{name}, SNR {INPUT_RATIOS[row]}", INPUT_TRIALS, shown.alignment[measure][row])
        for row in (0, 2)
        for measure, name in names.items()
    ]
    return LineChart(
        "Networks that see inputs through noise",
        "By all three measures alignment is least at 40 samples, where there are as many as inputs.",
        Axis("Training samples N", log=True),
        Axis("Alignment of hidden layers", 0.0, 1.0),
        lines,
    )


def relu(wanted: Wanted) -> Drawable:
    """A small ReLU network, 120 weights and 4 outputs."""
    found = relu_label_noise((10, 8, 4), RELU_TRIALS, (1, 4), np.random.default_rng(5), repetitions=12, steps=2500)
    for measure, values in found.alignment.items():
        row = values[1]
        k = int(row.argmin())
        holds = RELU_TRIALS[k] in (24, 32, 48) and bool(row[0] > row[k] < row[-1])
        wanted.add(
            f"ReLU 10-8-4, {measure}, SNR 4: N of least alignment",
            f"{RELU_TRIALS[k]} ({row[k]:.2f})", "24 to 48", holds=holds,
        )  # fmt: skip
        _rises(wanted, "ReLU 10-8-4", found, measure)
    peak = [RELU_TRIALS[int(k)] for k in found.error.argmax(axis=1)]
    wanted.add("ReLU 10-8-4: N of greatest error, SNR 1 and 4", f"{peak}", "24 or 32", holds=set(peak) <= {24, 32})
    lines = [Line(f"CKA, SNR {snr}", RELU_TRIALS, found.alignment["cka"][k]) for k, snr in enumerate((1, 4))]
    lines += [Line(f"RDM, SNR {snr}", RELU_TRIALS, found.alignment["rdm"][k]) for k, snr in enumerate((1, 4))]
    return LineChart(
        "A ReLU network with label noise",
        "Alignment is least near 32 training samples, 120 weights by 4 outputs being 30.",
        Axis("Training samples N", log=True),
        Axis("Alignment of hidden layers", 0.0, 1.0),
        lines,
    )


def people(wanted: Wanted) -> Drawable:
    """Two groups that differ in noise alone, and two that differ in structure."""
    bars: list[tuple[str, float, float, float]] = []
    for name, likeness in (("noise alone", 1.0), ("structure", 0.7)):
        judgements, features, truth, group_of = _two_groups(np.random.default_rng(6), (4.0, 0.7), 30, 120, likeness)
        choices = Choices(measures=("pearson",), splits=12, draws=250, shuffles=50, seed=7)
        result = aligned(judgements, group_of, choices, features=features)
        gaps = result.table("gaps").rows()[0]
        true = figures(np.corrcoef(truth), np.corrcoef(truth), np.repeat(np.eye(2), 30, axis=1)).raw
        if likeness == 1.0:
            wanted.add(f"people, {name}: raw gap", f"{gaps['raw_gap']:.3f}", "> 0.12", holds=gaps["raw_gap"] > 0.12)
        for k, group in enumerate(("control", "low")):
            row = next(r for r in result.table("groups").rows() if r["group_a"] == r["group_b"] == group)
            off = abs(row["disattenuated"] - true[k, k])
            wanted.add(
                f"people, {name}, {group}: raw {row['raw']:.3f}, true {true[k, k]:.3f}; noise divided out",
                f"{row['disattenuated']:.3f}", "true +- 0.05", holds=off < 0.05,
            )  # fmt: skip
            if likeness == 1.0:
                bars.append((f"{group}, raw", row["raw"], row["raw_low"], row["raw_high"]))
                ends = row["disattenuated_low"], row["disattenuated_high"]
                bars.append((f"{group}, noise out", row["disattenuated"], *ends))
                bars.append((f"{group}, true", true[k, k], float("nan"), float("nan")))
        told = gaps["told_apart"]
        wanted.add(
            f"people, {name}: structure {gaps['structure']:.3f} "
            f"({gaps['structure_low']:.3f} to {gaps['structure_high']:.3f})",
            "told apart" if told else "not told apart", "told apart" if likeness < 1 else "not told apart",
            holds=told is (likeness < 1),
        )  # fmt: skip
    names, values, low, high = zip(*bars, strict=True)
    said = ", ".join(f"{name} {value:.2f}" for name, value in zip(names, values, strict=True))
    return BarChart(
        "Two groups that differ in noise alone", f"{said}.", names, values, Axis(NAMES["pearson"], 0.0, 1.0), low, high
    )


def coverage(wanted: Wanted) -> None:
    """How often the intervals hold the truth of the population, people and items being drawn anew for each study."""
    generator = np.random.default_rng(8)
    common = generator.standard_normal(10)
    many = drawn_weights(common, 2000, 0.5, generator) @ pair_features(drawn_features(200, 10, generator)).T
    unit = many - many.mean(axis=1, keepdims=True)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    true = float((np.linalg.norm(unit.sum(axis=0)) ** 2 - 2000) / (2000 * 1999))
    membership = np.repeat(np.eye(2), STUDY_PEOPLE, axis=1)
    held = np.zeros(4)
    naive = 0
    for _ in range(STUDIES):
        features = drawn_features(16, 10, generator)
        groups = [
            played(features, drawn_weights(common, STUDY_PEOPLE, 0.5, generator), snr, 60, generator, name)
            for snr, name in ((4.0, "A"), (1.0, "B"))
        ]
        material = measured(joined(*groups), features, 4, generator)
        draws = bootstrapped(material, "pearson", membership, STUDY_DRAWS, generator)
        for k, (values, truth) in enumerate(
            (
                (draws.free[:, 0, 0], true),
                (draws.free[:, 1, 1], true),
                (draws.gap[:, 0, 1], 0.0),
                (draws.structure[:, 0, 1], 0.0),
            )
        ):
            low, high = percentile_interval(values)
            held[k] += low <= truth <= high
        low, high = percentile_interval(draws.raw[:, 1, 1])
        naive += low <= true <= high
    for name, times in zip(("group at SNR 4", "group at SNR 1", "gap of 0", "structure of 0"), held, strict=True):
        share = times / STUDIES
        wanted.add(
            f"coverage of 95 % intervals, {name}, {STUDIES} studies of 2 x {STUDY_PEOPLE} people",
            f"{share:.2f}", ">= 0.88", holds=share >= 0.88,
        )  # fmt: skip
    wanted.add("coverage by the raw interval, group at SNR 1", f"{naive / STUDIES:.2f}")


def planned(wanted: Wanted) -> Drawable:
    """A design of 24 items and 30 dimensions, played."""
    result = plan(Study(24, 30, 120, snr=2.0, target=0.85), repetitions=20, seed=9)
    rows = {row["trials"]: row for row in result.table("curve").rows()}
    lowest = min((n for n in rows if n >= 15), key=lambda n: rows[n]["simulated"])
    wanted.add(
        "planner, SNR 2: N of least alignment in the played design",
        f"{lowest}",
        "30 +- one step",
        holds=27 <= lowest <= 33,
    )
    off = max(abs(row["simulated"] - row["closed_form"]) for n, row in rows.items() if n >= 45)
    wanted.add("planner: played design off the closed form, N >= 1.5 p", f"{off:.3f}", "< 0.06", holds=off < 0.06)
    answer = result.table("answer").rows()[0]
    wanted.add(
        "planner: trials for 0.85, played (closed form)", f"{answer['trials_needed']} ({answer['trials_closed_form']})"
    )
    return result.charts["curve"]


def _two_groups(
    generator: np.random.Generator, snr: tuple[float, float], size: int, trials: int, likeness: float
) -> tuple[Judgements, FloatArray, FloatArray, dict[str, str]]:
    features = drawn_features(24, 30, generator)
    common = generator.standard_normal(30)
    other = likeness * common + np.sqrt(1 - likeness**2) * generator.standard_normal(30)
    weights = [drawn_weights(centre, size, 0.5, generator) for centre in (common, other)]
    groups = [played(features, w, r, trials, generator, n) for w, r, n in zip(weights, snr, ("C", "L"), strict=True)]
    judgements = joined(*groups)
    group_of = {name: "control" if name.startswith("C") else "low" for name in judgements.people}
    return judgements, features, np.vstack(weights) @ pair_features(features).T, group_of


def _rises(wanted: Wanted, what: str, found: Ensemble, measure: str) -> None:
    values = found.alignment[measure]
    trials = np.array(found.trials)
    keep = (
        trials != 100 if what == "label noise" else np.ones(trials.size, dtype=np.bool_)
    )  # 0 there, whatever the ratio
    rises = np.all(np.diff(values[:, keep], axis=0) > 0, axis=0)
    holds = bool(rises.all())
    wanted.add(f"{what}, {measure}: rises with SNR", f"at {rises.sum()} of {rises.size} N", "at all", holds=holds)


def main(folder: Path) -> int:
    """Runs all of it."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = Wanted()
    exact(wanted)
    descent(wanted)
    charts = {
        "alignment-closed-form": closed_form(wanted),
        "alignment-input-noise": inputs_with_noise(wanted),
        "alignment-relu": relu(wanted),
        "alignment-people": people(wanted),
        "alignment-plan": planned(wanted),
    }
    coverage(wanted)
    for name, chart in charts.items():
        (folder / f"{name}.svg").write_text(drawn(chart), encoding="utf-8")
    return wanted.close()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
