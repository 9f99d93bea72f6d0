from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from representations import shared_network
from representations.errors import NotEnough, RepresentationError
from representations.pairings import check_pairs
from representations.shared_by_network import find_shared_by_network, judge_network
from representations.shared_network import NoTorch, Plan, Weights, load_torch, train_network
from representations.shared_scores import read_out_r2
from tests.representations.test_shared import lab, planted

needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="torch is not installed")
pytestmark = pytest.mark.once

SMALL = Plan(shared=6, exclusive=3, hidden=64, steps=300, rate=3e-3)
TINY = Plan(shared=4, exclusive=2, hidden=16, steps=5, batch=32)


@pytest.fixture
def without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr(shared_network, "import_module", missing)


@pytest.mark.usefixtures("without_torch")
def test_without_torch_it_says_how_to_install_it() -> None:
    with pytest.raises(NoTorch, match=r"not installed. Install it with: pip install 'torch==2\.13\.0'"):
        train_network(*planted()[:2])
    with pytest.raises(NoTorch, match="The linear method needs nothing more"):
        find_shared_by_network(**lab())


@needs_torch
def test_planted_parts_are_found_and_kept_apart() -> None:
    drawings, photographs, shared, first, second = planted()
    known, new = np.arange(700), np.arange(700, 900)
    network = train_network(drawings[known], photographs[known], plan=SMALL, seed=1)
    pairs = check_pairs(drawings, photographs, [str(k) for k in range(900)])
    found = judge_network(network, pairs.part(known), pairs.part(new))
    assert found.photograph_recall.mean() > 0.9
    assert found.drawing_recall.mean() > 0.9
    assert found.exclusive_recall < 0.05
    assert found.swapped.max() < 0.5
    generator = np.random.default_rng(0)
    for codes, own in ((network.drawing_codes(drawings), first), (network.photograph_codes(photographs), second)):
        common, alone = (network.as_decoded(code, generator) for code in codes)
        assert read_out_r2(common[known], shared[known], common[new], shared[new]) > 0.9
        assert read_out_r2(common[known], own[known], common[new], own[new]) < 0.1
        assert read_out_r2(alone[known], own[known], alone[new], own[new]) > 0.8
    codes = network.drawing_codes(drawings[new])
    # Codes of unit variance can't shrink to nothing.
    assert network.drawing_codes(drawings[known])[0].std(axis=0) == pytest.approx(np.ones(6), abs=0.2)
    assert [code.shape for code in codes] == [(200, 6), (200, 3)]
    assert network.swapped_photographs(drawings[new], photographs[new]).shape == (200, 15)


@needs_torch
def test_units_do_not_matter() -> None:
    drawings, photographs, *_ = planted(n=200)
    first = train_network(drawings, photographs, plan=TINY, seed=1)
    second = train_network(1000 * drawings + 7, photographs / 50, plan=TINY, seed=1)
    assert second.drawing_codes(1000 * drawings + 7)[0] == pytest.approx(first.drawing_codes(drawings)[0], abs=1e-3)
    made = second.swapped_drawings(photographs / 50, 1000 * drawings + 7)
    assert (made - 7) / 1000 == pytest.approx(first.swapped_drawings(photographs, drawings), abs=1e-3)


@needs_torch
def test_a_seed_gives_the_same_again_and_the_global_generator_is_left_alone() -> None:
    torch = load_torch()
    drawings, photographs, *_ = planted(n=200)
    before, threads = torch.random.get_rng_state(), torch.get_num_threads()
    first, again, other = (train_network(drawings, photographs, plan=TINY, seed=seed) for seed in (1, 1, 2))
    codes = [one.drawing_codes(drawings)[0] for one in (first, again, other)]
    assert np.array_equal(codes[0], codes[1])
    assert not np.allclose(codes[0], codes[2])
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.get_num_threads() == threads


@needs_torch
def test_the_rivals_gradient_is_turned_round() -> None:
    torch = load_torch()
    value = torch.tensor([2.0], requires_grad=True)
    turned = shared_network.turned_round(value, 0.5)
    (3 * turned).backward()
    assert turned.item() == 2.0
    assert value.grad.item() == -1.5


@needs_torch
def test_the_result_holds_null_and_seeds_and_the_weights_that_were_tried() -> None:
    told: list[tuple[int, int]] = []
    given = lab(people=10, strength=(1.5, 0.2), side=6)
    candidates = (Weights(alike=0.3), Weights(alike=1.0))
    plan = Plan(shared=6, exclusive=3, hidden=64, steps=150, rate=3e-3)
    result = find_shared_by_network(
        **given,
        attributes={"object": [int(item.split()[1]) for item in given["items"]]},
        plan=plan,
        candidates=candidates,
        seeds=2,
        bootstraps=50,
        seed=3,
        progress=lambda *at: told.append(at),
    )
    assert told[-1] == (750, 750)
    weights = result.table("weights").rows()
    assert [row["alike"] for row in weights] == [0.3, 1.0]
    assert sum(row["chosen"] for row in weights) == 1
    assert max(weights, key=lambda row: row["score"])["chosen"]
    assert result.settings["weights"]["alike"] == next(row["alike"] for row in weights if row["chosen"])
    assert [row["seed"] for row in result.table("seeds").rows()] == [3, 4]
    recall = {
        row["group"]: row["value"] for row in result.table("groups").rows() if row["measure"] == "photograph_recall"
    }
    assert recall["group 0"] > recall["group 1"]
    assert recall["everybody"] > (result.null.value or 0.0)
    assert result.floor.value == pytest.approx(1 / 8)
    assert result.ceiling.value is not None
    assert result.as_json()["settings"]["engine"] == "network"


@needs_torch
def test_too_little_is_refused_before_anything_is_trained() -> None:
    given = lab(people=8)
    with pytest.raises(NotEnough, match="One person"):
        find_shared_by_network(**(given | {"people": ["ann"] * 64, "groups": None}))
    with pytest.raises(RepresentationError, match="2 or more"):
        train_network(np.ones((1, 4)), np.ones((1, 4)))
    with pytest.raises(RepresentationError, match="All 5 drawings are the same"):
        train_network(np.ones((5, 4)), np.random.default_rng(0).random((5, 4)))
