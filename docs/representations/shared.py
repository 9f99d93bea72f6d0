"""The reproduction of the chapter on shared and exclusive content: `python -m docs.representations.shared FOLDER`.

Prints each figure beside what was wanted, writes the chapter's charts into the folder, and ends with 1 where a figure
is not as wanted. All chance comes from the seeds below. The network's part runs where torch is installed.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from docs.representations.wanted import Wanted
from representations.canonical import Floats, Indices, choose_dimensions, fit_split
from representations.pairings import Pairs, check_pairs, folds
from representations.picture import Axis, BarChart, Drawable, Level, drawn
from representations.result import Result
from representations.retrieval import cosines, ranks
from representations.shared import find_shared_content
from representations.shared_by_network import CANDIDATES, SEEDS, judge_network, judge_weights
from representations.shared_network import Plan, train_network
from representations.shared_scores import Settings, read_out_r2
from tests.representations.coloured_digits import Digits, coloured_digits


def planted_pairs(generator: np.random.Generator, n: int = 1500) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Two sides of 40 and 30 features: 5 dimensions shared, 3 and 4 exclusive, a little noise; and the three parts."""
    shared, first, second = (generator.standard_normal((n, k)) for k in (5, 3, 4))
    drawings = np.hstack([shared, first]) @ generator.standard_normal((8, 40))
    photographs = np.hstack([shared, second]) @ generator.standard_normal((9, 30))
    noise = 0.1 * generator.standard_normal((n, 40)), 0.1 * generator.standard_normal((n, 30))
    return drawings + noise[0], photographs + noise[1], shared, first, second


def planted(wanted: Wanted) -> None:
    """Parts that we put in are taken out again."""
    generator = np.random.default_rng(1)
    drawings, photographs, shared, first, second = planted_pairs(generator)
    known, new = np.arange(1000), np.arange(1000, 1500)
    inner = known >= 750
    choice = choose_dimensions(drawings[known], photographs[known], inner, _any_order, generator)
    wanted.equal("planted: shared dimensions, of 5", choice.shared, 5)
    split = fit_split(
        drawings[known],
        photographs[known],
        related=choice.related,
        shared=choice.shared,
        ridge=choice.ridge,
        strength=choice.correlations,
    )
    for side, part, values, own in (
        ("drawing", split.drawing, drawings, first),
        ("photograph", split.photograph, photographs, second),
    ):
        codes = {"shared": part.shared_code(values), "exclusive": part.exclusive_code(values)}
        truths = {"shared": shared, "exclusive": own}
        for name, code in codes.items():
            for other, truth in truths.items():
                found = read_out_r2(code[known], truth[known], code[new], truth[new])
                figure = f"planted: R² of the {other} truth from the {side}'s {name} code"
                wanted.above(figure, found, 0.98) if name == other else wanted.below(figure, found, 0.02)
    left = split.drawing.left_over(drawings[new])
    centred = drawings[new] - split.drawing.mean
    # Of the variance that was planted on the drawings' side, what the shared part has; the noise has the rest.
    line = np.linalg.lstsq(shared[known], drawings[known], rcond=None)[0]
    true = float(((shared[new] @ line) ** 2).sum() / (centred**2).sum())
    found = 1.0 - float((left**2).sum() / (centred**2).sum())
    wanted.add("planted: shared fraction, found and true", f"{found:.3f} and {true:.3f}")
    wanted.below("planted: shared fraction, off the truth", abs(found - true), 0.02)
    right = np.arange(len(new))
    recall = ranks(split.likeness(drawings[new], photographs[new]), right).recall.mean()
    wanted.above("planted: recall at 1 of 500", float(recall), 0.99)
    order = generator.permutation(1500)
    permuted = find_shared_content(
        drawings, photographs[order], [str(k) for k in range(1500)], seed=2, settings=Settings(null_draws=20)
    )
    kept = max(row["dimension"] if row["related"] else 0 for row in permuted.table("dimensions").rows())
    wanted.equal("permuted pairs: dimensions kept, most of 5 folds", kept, 0)
    recall = permuted.table("groups").rows()[0]["value"]
    wanted.below("permuted pairs: recall at 1, off guessing (1 of 300)", abs(recall - 1 / 300), 1e-9)


def digits(wanted: Wanted) -> Drawable:
    """Digits in two colourings, by straight lines."""
    known, new = coloured_digits(1)
    (drawings, photographs), (new_drawings, new_photographs) = known.rows, new.rows
    generator = np.random.default_rng(1)
    pairs = _pairs(known)
    names = pairs.held_out_by("photographs")
    inner = folds(names, 4, generator) == 0
    choice = choose_dimensions(drawings, photographs, inner, pairs.shuffle("photographs"), generator)
    split = fit_split(
        drawings,
        photographs,
        related=choice.related,
        shared=choice.shared,
        ridge=choice.ridge,
        strength=choice.correlations,
    )
    wanted.add("digits: dimensions related and shared", f"{choice.related} and {choice.shared}")
    likeness, right = split.likeness(new_drawings, new_photographs), np.arange(len(new.glyph))
    recalls = {
        "shared": float(ranks(likeness, right).recall.mean()),
        "shared, back": float(ranks(likeness.T, right).recall.mean()),
        "pixels": float(
            ranks(
                cosines(new_drawings - drawings.mean(axis=0), new_photographs - photographs.mean(axis=0)), right
            ).recall.mean()
        ),
        "exclusive": float(
            ranks(
                cosines(split.drawing.exclusive_code(new_drawings), split.photograph.exclusive_code(new_photographs)),
                right,
            ).recall.mean()
        ),
    }
    wanted.above("digits: recall at 1 of 497, drawing to photograph", recalls["shared"], 0.9)
    wanted.above("digits: recall at 1 of 497, photograph to drawing", recalls["shared, back"], 0.9)
    wanted.below("digits: recall at 1 from pixels", recalls["pixels"], 0.2)
    wanted.below("digits: recall at 1 from exclusive codes (chance 0.002)", recalls["exclusive"], 0.02)
    for side, part, rows, colours in (
        ("ground", split.drawing, (drawings, new_drawings), (known.ground, new.ground)),
        ("ink", split.photograph, (photographs, new_photographs), (known.ink, new.ink)),
    ):
        shared = read_out_r2(part.shared_code(rows[0]), colours[0], part.shared_code(rows[1]), colours[1])
        own = read_out_r2(part.exclusive_code(rows[0]), colours[0], part.exclusive_code(rows[1]), colours[1])
        wanted.below(f"digits: R² of the colour of the {side} from the shared code", shared, 0.05)
        wanted.above(f"digits: R² of the colour of the {side} from the exclusive code", own, 0.85)
        told = _told_digit(part.exclusive_code(rows[0]), known.value, part.exclusive_code(rows[1]), new.value)
        wanted.below(f"digits: digit told from the exclusive code of the {side} (chance 0.1)", told, 0.2)
        told = _told_digit(part.shared_code(rows[0]), known.value, part.shared_code(rows[1]), new.value)
        wanted.above(f"digits: digit told from the shared code of the {side}", told, 0.8)
    return BarChart(
        "Digits in two colourings: which half finds its other half",
        f"Recall at 1 among 497 digits: shared code {recalls['shared']:.2f}, pixels {recalls['pixels']:.2f}.",
        list(recalls),
        list(recalls.values()),
        Axis("Recall at 1", 0.0, 1.0),
        levels=[Level("guessing", 1 / 497)],
    )


def people(wanted: Wanted) -> Result:
    """Two groups of simulated people who draw the same objects, the one with less of the object in it."""
    generator = np.random.default_rng(3)
    count, objects, side = 30, 24, 16
    shapes = _smooth(generator.standard_normal((objects, side, side)))
    hands = _smooth(generator.standard_normal((2 * count, side, side)))
    rows = [(person, item) for person in range(2 * count) for item in range(objects)]
    drawings = np.array(
        [
            (0.9 if person < count else 0.45) * shapes[item] + 0.7 * hands[person]
            + _smooth(generator.standard_normal((1, side, side)))[0]
            for person, item in rows
        ]
    )  # fmt: skip
    names = [f"p{person:02}" for person, _ in rows]
    result = find_shared_content(
        drawings,
        np.array([shapes[item] for _, item in rows]),
        [f"object {item}" for _, item in rows],
        people=names,
        groups={name: "control" if int(name[1:]) < count else "less" for name in names},
        attributes={"ink": drawings.mean(axis=(1, 2))},
        settings=Settings(null_draws=20),
        seed=4,
    )
    found = {(row["group"], row["measure"]): row for row in result.table("groups").rows()}
    for group in ("control", "less"):
        row = found[group, "photograph_recall"]
        wanted.add(f"people, {group}: recall at 1 of 24", f"{row['value']:.3f} ({row['low']:.3f}, {row['high']:.3f})")
    gap = next(row for row in result.table("gaps").rows() if row["measure"] == "photograph_recall")
    wanted.above("people: lower limit of the gap in recall", gap["low"], 0.0)
    style = result.table("exclusive").rows()[0]
    wanted.above("people: share of permutations whose hands lie as far apart", style["p"], 0.05)
    wanted.below("people: null recall, off guessing", abs((result.null.value or 0.0) - 1 / objects), 0.02)
    return result


def network(wanted: Wanted) -> None:
    """The same digits by the network: weights chosen on digits set aside, 5 seeds."""
    if find_spec("torch") is None:
        wanted.add("network", "left out: no torch here")
        return
    known, new = coloured_digits(1)
    pairs, unseen = _pairs(known), _pairs(new)
    part = folds(pairs.items, 5, np.random.default_rng(5))
    fitted, aside = pairs.part(np.flatnonzero(part > 0)), pairs.part(np.flatnonzero(part == 0))
    judged = judge_weights(fitted, aside, CANDIDATES, Plan(), 0, lambda: None)
    chosen = CANDIDATES[int(np.argmax([one.score for one in judged]))]
    wanted.add("network: weight of alike shared codes, chosen on digits set aside", f"{chosen.alike:g}")
    networks = [train_network(pairs.drawings, pairs.photographs, weights=chosen, seed=seed) for seed in range(SEEDS)]
    found = [judge_network(one, pairs, unseen) for one in networks]
    wanted.above("network: recall at 1, least of 5 seeds", min(one.photograph_recall.mean() for one in found), 0.9)
    wanted.above("network: recall at 1, back", min(one.drawing_recall.mean() for one in found), 0.9)
    wanted.below("network: recall at 1 of exclusive codes, most", max(one.exclusive_recall for one in found), 0.02)
    wanted.below("network: swapped error by the mean image's, most", max(one.swapped.max() for one in found), 0.5)
    generator = np.random.default_rng(0)
    shared, exclusive = (
        [
            read_out_r2(
                one.as_decoded(codes(one, pairs)[k], generator),
                before,
                one.as_decoded(codes(one, unseen)[k], generator),
                after,
            )
            for one in networks
            for codes, before, after in (
                (lambda network, some: network.drawing_codes(some.drawings), known.ground, new.ground),
                (lambda network, some: network.photograph_codes(some.photographs), known.ink, new.ink),
            )
        ]
        for k in (0, 1)
    )
    wanted.below("network: R² of a colour from the shared code as decoded, most", max(shared), 0.05)
    wanted.above("network: R² of a colour from the exclusive code, least", min(exclusive), 0.85)


def _any_order(places: Indices, generator: np.random.Generator) -> Indices:
    return generator.permutation(len(places))


def _pairs(some: Digits) -> Pairs:
    return check_pairs(some.on_ground, some.on_black, [f"{glyph:04}" for glyph in some.glyph])


def _told_digit(code: Floats, value: Indices, new_code: Floats, new_value: Indices) -> float:
    """How often a straight line from the code has its highest value at the right digit."""
    known = np.column_stack([np.ones(len(code)), code])
    line = np.linalg.lstsq(known, np.eye(10)[value], rcond=None)[0]
    said = np.column_stack([np.ones(len(new_code)), new_code]) @ line
    return float((said.argmax(axis=1) == new_value).mean())


def _smooth(noise: Floats) -> Floats:
    """Pictures of soft blobs, of mean 0 and spread 1 each."""
    for axis in (1, 2):
        for _ in range(4):
            noise = noise + np.roll(noise, 1, axis=axis) + np.roll(noise, -1, axis=axis)
    noise = noise - noise.mean(axis=(1, 2), keepdims=True)
    return np.asarray(noise / noise.std(axis=(1, 2), keepdims=True))


def main(folder: Path) -> int:
    """Everything; the exit status."""
    wanted = Wanted()
    planted(wanted)
    charts = {"digits": drawn(digits(wanted))}
    charts |= people(wanted).drawings()
    network(wanted)
    folder.mkdir(parents=True, exist_ok=True)
    for name, svg in charts.items():
        (folder / f"shared-{name}.svg").write_text(svg, encoding="utf-8")
    return wanted.close()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
