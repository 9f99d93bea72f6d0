"""Shared and exclusive content by a network: its weights chosen on pairs set aside, several seeds, pairs never met."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from representations.canonical import Floats
from representations.group_figures import Measure, compare_groups, summarise_groups
from representations.pairings import Pairs, check_pairs, folds
from representations.picture import Axis, BarChart, Level
from representations.result import Column, Progress, Reference, Result, Table
from representations.retrieval import cosines, mean_by_name, ranks
from representations.shared_network import NetworkSplit, Plan, Weights, load_torch, train_network
from representations.shared_scores import OTHER_DRAWINGS, draws_repeat, read_out_r2, recall_by_other_drawings

SOURCE = (
    "Gonzalez-Garcia, van de Weijer and Bengio, Image-to-image translation for cross-domain disentanglement, NeurIPS "
    "2018, arXiv 1805.09730 [C]: the losses, but for those of its image discriminators. Our own [M], [O]: codes of "
    "unit variance, squared error, weights chosen on pairs set aside, people and groups."
)
CANDIDATES = (Weights(alike=0.1), Weights(alike=0.3), Weights(alike=1.0))
SEEDS = 5
PARTS = 5


@dataclass(frozen=True)
class Judgement:
    """What a network says of pairs that it has not met.

    Attributes:
        photograph_recall, photograph_rank: (n,), how drawings find their photograph by the shared code.
        gallery: among how many.
        drawing_recall: (n,), how photographs find their drawing, each photograph's drawings taken together.
        exclusive_recall: recall by the exclusive codes, which should be guessing.
        swapped: (2,), mean absolute error of swapped drawings and photographs as a share of the mean picture's.
        leak: R² with which the exclusive codes can be read from the shared ones, as the decoder gets them; 0 where
            they are apart.
    """

    photograph_recall: Floats
    photograph_rank: Floats
    gallery: int
    drawing_recall: Floats
    exclusive_recall: float
    swapped: Floats
    leak: float

    @property
    def score(self) -> float:
        """By what weights are chosen: recall both ways, less the leak, less the swapped views' error; at most 1."""
        recall = (float(self.photograph_recall.mean()) + float(self.drawing_recall.mean())) / 2.0
        return recall - max(self.leak, 0.0) - float(self.swapped.mean())


def find_shared_by_network(
    drawings: npt.ArrayLike,
    photographs: npt.ArrayLike,
    items: Sequence[str],
    *,
    people: Sequence[str] | None = None,
    groups: Mapping[str, str] | None = None,
    attributes: Mapping[str, npt.ArrayLike] | None = None,
    hold_out: str | None = None,
    plan: Plan | None = None,
    candidates: Sequence[Weights] = CANDIDATES,
    seeds: int = SEEDS,
    bootstraps: int = 1000,
    seed: int = 0,
    progress: Progress | None = None,
) -> Result:
    """What `shared.find_shared_content` finds, by a network: a fifth of the pairs is never met, and another chooses.

    Args:
        drawings: as for `find_shared_content`.
        photographs: as there.
        items: as there.
        people: as there.
        groups: as there.
        attributes: as there.
        hold_out: as there.
        plan: how the network is built and trained.
        candidates: the weights among which the part set aside chooses.
        seeds: how many networks are trained with the chosen weights.
        bootstraps: draws for the intervals.
        seed: of the parts, the networks and the draws.
        progress: told after every step of training.

    Returns:
        Tables `groups`, `gaps`, `seeds`, `weights` and `attributes`, over the pairs never met. The null is a network
        trained on shuffled pairs, the floor guessing, the ceiling other drawings in the photograph's place.

    Raises:
        NoTorch: torch is not installed.
        RepresentationError: lengths differ, a value is no number, a person has no group.
        NotEnough: too few pairs, photographs or people, or nothing varies.
    """
    load_torch()
    by = hold_out or ("people" if people is not None else "photographs")
    plan = plan or Plan()
    generator = np.random.default_rng(seed)
    pairs = check_pairs(drawings, photographs, items, people, groups, attributes, by)
    names = pairs.held_out_by(by)
    part = folds(names, min(PARTS, len(np.unique(names))), generator)
    kept, aside, fitted = (pairs.part(np.flatnonzero(where)) for where in (part == 0, part == 1, part > 1))
    learned = pairs.part(np.flatnonzero(part > 0))
    steps, done = plan.steps * (len(candidates) + seeds + 1), 0

    def tick() -> None:
        nonlocal done
        done += 1
        if progress:
            progress(done, steps)

    judged = judge_weights(fitted, aside, candidates, plan, seed, tick)
    chosen = candidates[int(np.argmax([one.score for one in judged]))]
    networks = [
        train_network(learned.drawings, learned.photographs, weights=chosen, plan=plan, seed=seed + k, ticked=tick)
        for k in range(seeds)
    ]
    found = [judge_network(one, learned, kept) for one in networks]
    order = learned.shuffle(by)(np.arange(len(learned.items)), generator)
    shuffled = train_network(
        learned.drawings, learned.photographs[order], weights=chosen, plan=plan, seed=seed, ticked=tick
    )
    null = judge_network(shuffled, learned, kept)
    measures = _measures(found)
    summary = summarise_groups(kept, measures, bootstraps, generator)
    own = draws_repeat(kept)
    ceiling = np.mean(
        [recall_by_other_drawings(one.drawing_codes(kept.drawings)[0], kept, own) for one in networks], axis=0
    )
    known = ceiling[np.isfinite(ceiling)]
    recall = [float(one.photograph_recall.mean()) for one in found]
    rows = [row for row in summary.rows() if row["measure"] == "photograph_recall"]
    return Result(
        method="shared",
        source=SOURCE,
        tables=[
            summary,
            compare_groups(kept, measures, bootstraps, generator),
            Table(
                "seeds",
                "One row a network, over the pairs never met.",
                {"seed": Column([seed + k for k in range(seeds)], "the network's seed")} | _judgement_columns(found),
            ),
            Table(
                "weights",
                "The weights that were tried, over the pairs set aside for choosing.",
                {
                    "chosen": Column([one is chosen for one in candidates], "the highest score"),
                    "alike": Column([one.alike for one in candidates], "weight of alike shared codes"),
                    "picture": Column([one.picture for one in candidates], "weight of the swapped picture's error"),
                    "back": Column([one.back for one in candidates], "weight of codes that come back"),
                    "reversed_gradient": Column(
                        [one.reversed_gradient for one in candidates], "how strongly the gradient is turned round"
                    ),
                }
                | _judgement_columns(judged),
            ),
            _attributes_table(networks, learned.attributes, kept.attributes, learned.drawings, kept.drawings),
        ],
        null=Reference(float(null.photograph_recall.mean()), "photograph_recall of a network of shuffled pairs, once"),
        floor=Reference(1.0 / found[0].gallery, f"guessing among {found[0].gallery} photographs"),
        ceiling=Reference(
            float(known.mean()) if known.size else None,
            f"recall where {OTHER_DRAWINGS[own]} of the same photograph stand in for it, {known.size} drawings"
            if known.size
            else "unknown: no photograph was drawn twice by people who are told apart",
        ),
        warnings=_warnings(recall, found, sum(pairs.blank.values())),
        settings=asdict(plan)
        | {"weights": asdict(chosen), "engine": "network", "hold_out": by, "bootstraps": bootstraps, "seed": seed}
        | {"seeds": seeds, "pairs": len(pairs.items), "pairs_never_met": len(kept.items)},
        charts={
            "recall": BarChart(
                "Drawings that find their photograph first",
                f"Recall at 1 for {len(rows)} groups, by networks that have not met the pairs.",
                [str(row["group"]) for row in rows],
                [row["value"] for row in rows],
                Axis("Recall at 1", 0.0, 1.0),
                [row["low"] for row in rows],
                [row["high"] for row in rows],
                [Level("guessing", 1.0 / found[0].gallery), Level("shuffled", float(null.photograph_recall.mean()))],
            )
        },
    )


def judge_weights(
    fitted: Pairs, aside: Pairs, candidates: Sequence[Weights], plan: Plan, seed: int, ticked: Callable[[], None]
) -> list[Judgement]:
    """What a network of each of the weights, trained on some pairs, says of others that are set aside for choosing."""
    return [
        judge_network(
            train_network(fitted.drawings, fitted.photographs, weights=one, plan=plan, seed=seed, ticked=ticked),
            fitted,
            aside,
        )
        for one in candidates
    ]


def judge_network(network: NetworkSplit, fitted: Pairs, kept: Pairs) -> Judgement:
    """What a network says of pairs that it has not met, with the pairs that it was trained on beside them."""
    drawn, photographed = network.drawing_codes(kept.drawings), network.photograph_codes(kept.photographs)
    names, gallery = mean_by_name(photographed[0], kept.items)
    right = np.searchsorted(names, kept.items)
    there = ranks(cosines(drawn[0], gallery), right)
    back = ranks(cosines(photographed[0], mean_by_name(drawn[0], kept.items)[1]), right)
    alone = ranks(cosines(drawn[1], mean_by_name(photographed[1], kept.items)[1]), right)
    swapped = [
        float(np.abs(made - true).mean() / np.abs(known.mean(axis=0) - true).mean())
        for made, true, known in (
            (network.swapped_drawings(kept.photographs, kept.drawings), kept.drawings, fitted.drawings),
            (network.swapped_photographs(kept.drawings, kept.photographs), kept.photographs, fitted.photographs),
        )
    ]
    generator = np.random.default_rng(0)
    leaks = []
    for before, after in (
        (network.drawing_codes(fitted.drawings), drawn),
        (network.photograph_codes(fitted.photographs), photographed),
    ):
        shared, new_shared = (network.as_decoded(codes[0], generator) for codes in (before, after))
        leaks.append(read_out_r2(shared, before[1], new_shared, after[1]))
    return Judgement(
        photograph_recall=there.recall,
        photograph_rank=there.rank,
        gallery=there.gallery,
        drawing_recall=back.recall,
        exclusive_recall=float(alone.recall.mean()),
        swapped=np.array(swapped),
        leak=float(np.mean(leaks)),
    )


def _measures(found: Sequence[Judgement]) -> list[Measure]:
    ones = np.ones(len(found[0].photograph_recall))
    rank = np.mean([(one.photograph_rank - 1.0) / (one.gallery - 1.0) for one in found], axis=0)
    return [
        Measure(
            "photograph_recall",
            "share of drawings that find their photograph first, mean of the networks",
            np.mean([one.photograph_recall for one in found], axis=0),
            ones,
        ),
        Measure(
            "photograph_rank",
            "share of the other photographs that come before the right one: 0 none, 0.5 guessing",
            rank,
            ones,
        ),
        Measure(
            "drawing_recall",
            "share of photographs that find the drawings of them first, mean of the networks",
            np.mean([one.drawing_recall for one in found], axis=0),
            ones,
        ),
    ]


def _judgement_columns(found: Sequence[Judgement]) -> dict[str, Column]:
    return {
        "photograph_recall": Column([float(one.photograph_recall.mean()) for one in found], "drawing finds photograph"),
        "drawing_recall": Column([float(one.drawing_recall.mean()) for one in found], "photograph finds drawing"),
        "exclusive_recall": Column([one.exclusive_recall for one in found], "the same by the exclusive codes"),
        "leak": Column([one.leak for one in found], "R² with which exclusive codes can be read from shared ones"),
        "swapped_drawings": Column([one.swapped[0] for one in found], "error as a share of the mean picture's"),
        "swapped_photographs": Column([one.swapped[1] for one in found], "error as a share of the mean picture's"),
        "score": Column([one.score for one in found], "mean recall less leak less mean swapped error"),
    }


def _attributes_table(
    networks: Sequence[NetworkSplit],
    known: Mapping[str, Floats],
    new: Mapping[str, Floats],
    drawings: Floats,
    new_drawings: Floats,
) -> Table:
    names = sorted(known)
    generator = np.random.default_rng(0)
    figures: dict[str, list[float]] = {"shared": [], "exclusive": []}
    for name in names:
        for k, part in enumerate(figures):
            found = []
            for one in networks:
                code, new_code = (
                    one.as_decoded(one.drawing_codes(rows)[k], generator) for rows in (drawings, new_drawings)
                )
                found.append(read_out_r2(code, known[name], new_code, new[name]))
            figures[part].append(float(np.mean(found)))
    return Table(
        "attributes",
        "How far what is known of the drawings can be read from either code as decoded: mean R² on pairs never met.",
        {"attribute": Column(names, "what is known")}
        | {f"drawing_{part}": Column(values, f"R² from the {part} code") for part, values in figures.items()},
    )


def _warnings(recall: Sequence[float], found: Sequence[Judgement], blank: int) -> list[str]:
    said = [f"Recall of the {len(recall)} networks lies between {min(recall):.3f} and {max(recall):.3f}."]
    leak = float(np.mean([one.leak for one in found]))
    if leak > 0.05:
        said.append(f"The shared code holds some of the exclusive one: R² {leak:.2f}. The linear method may part them.")
    if float(np.mean([one.swapped for one in found])) > 0.5:
        said.append("Swapped views are off by more than half of the mean picture's error: do not show them.")
    if blank:
        said.append(f"{blank} blank drawings were left out.")
    return said
