"""Shared and exclusive parts by a network: the losses of the paper, for a lab that has the extra `torch`.

The linear split of `shared` is the default: it is quicker, says the same each time and needs fewer pairs. The network
takes parts that no straight line takes, such as a colour by which every pixel of a figure is multiplied.

Source: Gonzalez-Garcia, van de Weijer and Bengio, NeurIPS 2018, arXiv 1805.09730 [C]: own exclusive and the other
side's shared code make a picture, shared codes of a pair are alike, codes come back from pictures made of them, and the
exclusive code is kept from drawing the other side by a reversed gradient. Ours [M]: layers without convolutions, no
image discriminators, squared error in place of absolute, and codes of unit variance (batch normalisation without scale
and shift), without which the shared code shrinks to nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from representations.canonical import Floats
from representations.errors import RepresentationError

INSTALL = "pip install 'torch==2.13.0'"
# Centred values are brought to the spread of a picture of shades from 0 to 1: what the losses' weights were set on [M].
SPREAD = 0.25


class NoTorch(RepresentationError):
    """The network needs torch, and it is not installed."""


@dataclass(frozen=True)
class Weights:
    """How much each part of the loss weighs.

    Attributes:
        picture: squared error of the picture made of the other side's shared and the own exclusive code.
        alike: absolute difference of a pair's shared codes.
        back: absolute difference of codes that come back from a picture made of them.
        reversed_gradient: how strongly the exclusive code is turned away from what draws the other side.
    """

    picture: float = 10.0
    alike: float = 0.3
    back: float = 0.01
    reversed_gradient: float = 0.5


@dataclass(frozen=True)
class Plan:
    """How the network is built and trained.

    Attributes:
        shared: dimensions of the shared code.
        exclusive: dimensions of each exclusive code: few, so that it has no room for the rest.
        hidden: width of the hidden layers.
        noise: spread of what is added to the codes in training, whose own spread is 1.
        steps: how many batches.
        batch: how many pairs each.
        rate: of learning (Adam).
    """

    shared: int = 32
    exclusive: int = 4
    hidden: int = 256
    noise: float = 0.1
    steps: int = 900
    batch: int = 128
    rate: float = 1e-3


@dataclass(frozen=True)
class _Side:
    encoder: Any
    decoder: Any
    rival: Any
    mean: Floats
    scale: float


@dataclass(frozen=True)
class NetworkSplit:
    """A trained network; every array is numpy's, (n, features) or (n, code).

    Attributes:
        plan: how it was built.
        weights: of its losses.
        sides: the networks of drawings and photographs.
    """

    plan: Plan
    weights: Weights
    sides: tuple[_Side, _Side]

    def drawing_codes(self, drawings: Floats) -> tuple[Floats, Floats]:
        """The shared and the exclusive code of drawings."""
        return self._codes(0, drawings)

    def photograph_codes(self, photographs: Floats) -> tuple[Floats, Floats]:
        """The shared and the exclusive code of photographs."""
        return self._codes(1, photographs)

    def as_decoded(self, code: Floats, generator: np.random.Generator) -> Floats:
        """A code with the noise that the decoder was trained to bear: what is smaller than it is not in the code.

        Codes of unit variance hold everything at some scale; without the noise a straight line finds traces of colour
        in a shared code that no picture is made from.
        """
        return code + self.plan.noise * generator.standard_normal(code.shape)

    def swapped_drawings(self, photographs: Floats, drawings: Floats) -> Floats:
        """G(S_photo, E_drawer): each photograph's shared part in the hand of the drawing beside it."""
        return self._made(0, self._codes(1, photographs)[0], self._codes(0, drawings)[1])

    def swapped_photographs(self, drawings: Floats, photographs: Floats) -> Floats:
        """G(S_drawing, E_photo): each drawing's shared part in the manner of the photograph beside it."""
        return self._made(1, self._codes(0, drawings)[0], self._codes(1, photographs)[1])

    def _codes(self, side: int, values: Floats) -> tuple[Floats, Floats]:
        torch = load_torch()
        part = self.sides[side]
        with torch.no_grad():
            code = part.encoder(torch.tensor((values - part.mean) * part.scale, dtype=torch.float32))
        code = np.asarray(code.numpy(), dtype=np.float64)
        return code[:, : self.plan.shared], code[:, self.plan.shared :]

    def _made(self, side: int, shared: Floats, exclusive: Floats) -> Floats:
        torch = load_torch()
        part = self.sides[side]
        with torch.no_grad():
            made = part.decoder(torch.tensor(np.hstack([shared, exclusive]), dtype=torch.float32))
        return np.asarray(made.numpy(), dtype=np.float64) / part.scale + part.mean


def load_torch() -> Any:
    """The module torch.

    Raises:
        NoTorch: it is not installed; the message says how to install it.
    """
    try:
        return import_module("torch")
    except ModuleNotFoundError as error:
        raise NoTorch(
            f"The network needs torch, which is not installed. Install it with: {INSTALL}. "
            "The linear method needs nothing more."
        ) from error


def train_network(
    drawings: Floats,
    photographs: Floats,
    *,
    weights: Weights | None = None,
    plan: Plan | None = None,
    seed: int = 0,
    ticked: Callable[[], None] = lambda: None,
) -> NetworkSplit:
    """A network trained on pairs, (n, features of each side).

    The global generator of torch and its number of threads are left as they were found.

    Args:
        drawings: one a pair.
        photographs: one a pair, the row beside each drawing its own.
        weights: of the losses.
        plan: how it is built and trained.
        seed: of its first weights, its batches and its noise.
        ticked: called after each step.

    Raises:
        NoTorch: torch is not installed.
        RepresentationError: there are fewer pairs than two, or a side does not vary.
    """
    torch = load_torch()
    plan, weights = plan or Plan(), weights or Weights()
    if len(drawings) < 2 or len(drawings) != len(photographs):
        raise RepresentationError(
            f"{len(drawings)} drawings and {len(photographs)} photographs were found. "
            "Expected: as many of each, 2 or more."
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        sides = (
            _side(torch, drawings, photographs.shape[1], plan, "drawings"),
            _side(torch, photographs, drawings.shape[1], plan, "photographs"),
        )
    generator = torch.Generator().manual_seed(seed)
    values = [
        torch.tensor((rows - side.mean) * side.scale, dtype=torch.float32)
        for rows, side in zip((drawings, photographs), sides, strict=True)
    ]
    networks = [network for side in sides for network in (side.encoder, side.decoder, side.rival)]
    learner = torch.optim.Adam([p for network in networks for p in network.parameters()], lr=plan.rate)
    for network in networks:
        network.train()
    # So small a network waits longer for a second thread than it gains, and sums in one order on every machine.
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for _ in range(plan.steps):
            chosen = torch.randint(len(drawings), (min(plan.batch, len(drawings)),), generator=generator)
            loss = _loss(torch, sides, [rows[chosen] for rows in values], weights, plan, generator)
            learner.zero_grad()
            loss.backward()
            learner.step()
            ticked()
    finally:
        torch.set_num_threads(threads)
    for network in networks:
        network.eval()
    return NetworkSplit(plan, weights, sides)


def turned_round(code: Any, strength: float) -> Any:
    """The same value, whose gradient is turned round and so many times as strong."""
    return (1 + strength) * code.detach() - strength * code


def _side(torch: Any, values: Floats, other_features: int, plan: Plan, name: str) -> _Side:
    mean = values.mean(axis=0)
    spread = float(np.sqrt(((values - mean) ** 2).mean()))
    if spread <= 0:
        raise RepresentationError(f"All {len(values)} {name} are the same. Expected: {name} that differ.")
    features, code = values.shape[1], plan.shared + plan.exclusive
    return _Side(
        torch.nn.Sequential(*_layers(torch, features, plan.hidden, code), torch.nn.BatchNorm1d(code, affine=False)),
        torch.nn.Sequential(*_layers(torch, code, plan.hidden, features)),
        torch.nn.Sequential(*_layers(torch, plan.exclusive, plan.hidden, other_features)),
        mean,
        SPREAD / spread,
    )


def _layers(torch: Any, start: int, hidden: int, end: int) -> Sequence[Any]:
    first, second = torch.nn.Linear(start, hidden), torch.nn.Linear(hidden, hidden)
    return first, torch.nn.ReLU(), second, torch.nn.ReLU(), torch.nn.Linear(hidden, end)


def _loss(
    torch: Any, sides: tuple[_Side, _Side], values: Sequence[Any], weights: Weights, plan: Plan, generator: Any
) -> Any:
    codes = [side.encoder(rows) for side, rows in zip(sides, values, strict=True)]
    shared = [code[:, : plan.shared] for code in codes]
    exclusive = [code[:, plan.shared :] for code in codes]

    def chance(like: Any) -> Any:
        return torch.randn(like.shape, generator=generator)

    loss = weights.alike * (shared[0] - shared[1]).abs().mean()
    for own, other in ((0, 1), (1, 0)):
        side = sides[own]
        code = torch.cat([shared[other], exclusive[own]], dim=1)
        made = side.decoder(code + plan.noise * chance(code))
        loss = loss + weights.picture * ((made - values[own]) ** 2).mean()
        drawn = chance(exclusive[own])
        back = side.encoder(side.decoder(torch.cat([shared[own], drawn], dim=1)))
        loss = loss + weights.back * (
            (back[:, : plan.shared] - shared[own]).abs().mean() + (back[:, plan.shared :] - drawn).abs().mean()
        )
        # The rival learns to draw the other side from the exclusive code, and the code not to help it.
        turned = turned_round(exclusive[own], weights.reversed_gradient)
        loss = loss + ((side.rival(turned) - values[other]) ** 2).mean()
    return loss
