"""Simulated ensembles of small networks, trained on noisy copies of one training set: what the closed form is held to.

Each simulation takes all signal-to-noise ratios with the same inputs and the same noise, scaled, so that they differ in
nothing else. Learning is by its limit, the solution of least norm, where that is known, else by gradient descent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from representations.alignment import distances, imbalance_similarity, linear_cka, rdm_correlation
from representations.errors import RepresentationError
from representations.resampling import FloatArray
from representations.result import Progress

TEST_ITEMS = 100
"""How many new inputs the hidden layers are compared on."""


@dataclass(frozen=True)
class Ensemble:
    """What a simulation found; every array has shape (ratios, trials).

    Attributes:
        trials: the numbers of training samples, shape (trials,).
        ratios: the signal-to-noise ratios, shape (ratios,).
        alignment: by measure: `weights`, `cka`, `rdm` (Pearson) or `imbalance`.
        error: the mean squared error on new, clean inputs, in units of the signal's variance.
    """

    trials: tuple[int, ...]
    ratios: tuple[float, ...]
    alignment: dict[str, FloatArray]
    error: FloatArray


def label_noise(
    weights: int,
    trials: Sequence[int],
    ratios: Sequence[float],
    generator: np.random.Generator,
    *,
    networks: int = 4,
    repetitions: int = 60,
    common_inputs: bool = True,
    progress: Progress | None = None,
) -> Ensemble:
    """Linear networks with one output, each with label noise of its own, at the solution of least norm.

    Args:
        weights: p, the inputs of the network.
        trials: the numbers of training samples.
        ratios: the signal-to-noise ratios.
        generator: where the chance comes from.
        networks: how many are trained on each training set, 2 or more.
        repetitions: how many training sets.
        common_inputs: whether the networks of one set see the same inputs, or inputs of their own.
        progress: told how many training sets are done.

    Returns:
        `weights`: the mean inner product over the mean squared length; `cka`: the mean squared cosine, which is the
        population CKA of two hidden layers of rank one.
    """
    _check(trials, ratios, networks, repetitions)
    sums = np.zeros((4, len(ratios), len(trials)))  # inner products, squared lengths, squared cosines, errors
    pairs = networks * (networks - 1) / 2
    upper = np.triu_indices(networks, 1)
    done = 0
    for column, n in enumerate(trials):
        for _ in range(repetitions):
            truth = generator.standard_normal(weights)
            truth /= np.linalg.norm(truth)
            sets = 1 if common_inputs else networks
            inputs = generator.standard_normal((sets, n, weights))
            inverses = np.linalg.pinv(inputs)
            noise = generator.standard_normal((networks, n, 1))
            clean = np.broadcast_to((inverses @ (inputs @ truth[:, None]))[..., 0], (networks, weights))
            spread = (inverses @ noise)[..., 0]
            for row, snr in enumerate(ratios):
                learnt = clean + spread / np.sqrt(snr)
                inner = learnt @ learnt.T
                lengths = np.diag(inner)
                sums[:, row, column] += (
                    inner[upper].sum() / pairs,
                    lengths.mean(),
                    (inner[upper] ** 2 / np.outer(lengths, lengths)[upper]).sum() / pairs,
                    ((learnt - truth) ** 2).sum(axis=1).mean(),
                )
            done += 1
            if progress:
                progress(done, len(trials) * repetitions)
    products, squares, cosines, errors = sums
    found = {"weights": products / squares, "cka": cosines / repetitions}
    return Ensemble(tuple(trials), tuple(ratios), found, errors / repetitions)


def input_noise(
    inputs: int,
    outputs: int,
    trials: Sequence[int],
    ratios: Sequence[float],
    generator: np.random.Generator,
    *,
    repetitions: int = 20,
    progress: Progress | None = None,
) -> Ensemble:
    """Pairs of one-hidden-layer linear networks, each seeing the clean inputs through noise of its own.

    The targets are clean and the same. From small first weights gradient descent ends with the hidden layer
    x U sqrt(S), where U S V' is the map of least norm: that layer is compared, on new clean inputs.

    Args:
        inputs: d, the threshold lies at N = d.
        outputs: how many.
        trials: the numbers of training samples.
        ratios: the variance of an input over that of its noise.
        generator: where the chance comes from.
        repetitions: how many pairs of networks.
        progress: told how many pairs are done.

    Several outputs with label noise on common inputs are no test of the dip: both networks then blow up the same
    ill-conditioned direction, and CKA has a peak at N = d [M].
    """
    _check(trials, ratios, 2, repetitions)
    found = {name: np.zeros((len(ratios), len(trials))) for name in ("cka", "rdm", "imbalance")}
    error = np.zeros((len(ratios), len(trials)))
    done = 0
    for column, n in enumerate(trials):
        for _ in range(repetitions):
            truth = generator.standard_normal((inputs, outputs)) / np.sqrt(inputs)
            clean = generator.standard_normal((n, inputs))
            noise = generator.standard_normal((2, n, inputs))
            new = generator.standard_normal((TEST_ITEMS, inputs))
            for row, snr in enumerate(ratios):
                maps = np.linalg.pinv(clean + noise / np.sqrt(snr)) @ (clean @ truth)
                layers = [new @ _hidden(learnt) for learnt in maps]
                for name, value in _compared(layers[0], layers[1]).items():
                    found[name][row, column] += value / repetitions
                error[row, column] += float(((maps - truth) ** 2).sum(axis=1).mean()) * inputs / outputs / repetitions
            done += 1
            if progress:
                progress(done, len(trials) * repetitions)
    return Ensemble(tuple(trials), tuple(ratios), found, error)


def relu_label_noise(
    sizes: tuple[int, int, int],
    trials: Sequence[int],
    ratios: Sequence[float],
    generator: np.random.Generator,
    *,
    repetitions: int = 16,
    steps: int = 3000,
    rate: float = 0.02,
    progress: Progress | None = None,
) -> Ensemble:
    """Pairs of networks with one hidden ReLU layer and no bias, taught by one of their own kind through label noise.

    All are trained at once by gradient descent with Adam's step on the whole training set; both of a pair start from
    the same weights.

    Args:
        sizes: inputs, hidden units, outputs; the threshold lies near all weights by outputs.
        trials: the numbers of training samples.
        ratios: the variance of a clean target over that of its noise.
        generator: where the chance comes from.
        repetitions: how many pairs of networks.
        steps: of gradient descent.
        rate: of learning; falls to 0 along a cosine.
        progress: told how many numbers of trials are done.
    """
    _check(trials, ratios, 2, repetitions)
    d, hidden, outputs = sizes
    teachers = _drawn(generator, repetitions, sizes, 1.0)
    new = generator.standard_normal((repetitions, TEST_ITEMS, d))
    wanted = np.maximum(new @ teachers[0], 0) @ teachers[1]
    spread = wanted.std(axis=(1, 2), keepdims=True)
    starts = _drawn(generator, repetitions, sizes, 0.5)
    found = {name: np.zeros((len(ratios), len(trials))) for name in ("cka", "rdm", "imbalance")}
    error = np.zeros((len(ratios), len(trials)))
    for column, n in enumerate(trials):
        seen = generator.standard_normal((repetitions, n, d))
        clean = np.maximum(seen @ teachers[0], 0) @ teachers[1]
        noise = generator.standard_normal((2, repetitions, n, outputs))
        scale = np.array([1 / np.sqrt(snr) for snr in ratios])[:, None, None, None, None]
        targets = (clean + scale * spread * noise).reshape(-1, n, outputs)
        copies = len(ratios) * 2
        first, second = (np.tile(weights, (copies, 1, 1)) for weights in starts)
        first, second = _descended(first, second, np.tile(seen, (copies, 1, 1)), targets, steps, rate)
        layers = np.maximum(np.tile(new, (copies, 1, 1)) @ first, 0)
        misses = ((layers @ second - np.tile(wanted, (copies, 1, 1))) ** 2).mean(axis=(1, 2))
        misses = misses.reshape(len(ratios), 2, repetitions) / spread[:, 0, 0] ** 2
        error[:, column] = np.median(misses, axis=(1, 2))
        layers = layers.reshape(len(ratios), 2, repetitions, TEST_ITEMS, hidden)
        for row in range(len(ratios)):
            for one, other in zip(*layers[row], strict=True):
                for name, value in _compared(one, other).items():
                    found[name][row, column] += value / repetitions
        if progress:
            progress(column + 1, len(trials))
    return Ensemble(tuple(trials), tuple(ratios), found, error)


def descended_linear(
    inputs: FloatArray, targets: FloatArray, hidden: FloatArray, output: FloatArray, steps: int, rate: float
) -> tuple[FloatArray, FloatArray]:
    """The two weight matrices of a linear network after plain gradient descent on the mean squared error.

    Args:
        inputs: shape (samples, d).
        targets: shape (samples, outputs).
        hidden: first weights of the hidden layer, shape (d, units).
        output: first weights of the output layer, shape (units, outputs).
        steps: of gradient descent.
        rate: of learning.
    """
    for _ in range(steps):
        layer = inputs @ hidden
        miss = (layer @ output - targets) / len(inputs)
        hidden, output = hidden - rate * inputs.T @ (miss @ output.T), output - rate * layer.T @ miss
    return hidden, output


def _descended(
    first: FloatArray, second: FloatArray, inputs: FloatArray, targets: FloatArray, steps: int, rate: float
) -> tuple[FloatArray, FloatArray]:
    """Weights of ReLU networks (networks, d, units) and (networks, units, outputs) after `steps` of Adam."""
    weights = [first.copy(), second.copy()]
    means, squares = [np.zeros_like(w) for w in weights], [np.zeros_like(w) for w in weights]
    turned = np.swapaxes(inputs, 1, 2)
    for step in range(1, steps + 1):
        layer = np.maximum(inputs @ weights[0], 0)
        miss = (layer @ weights[1] - targets) / inputs.shape[1]
        back = miss @ np.swapaxes(weights[1], 1, 2)
        slopes = [turned @ (back * (layer > 0)), np.swapaxes(layer, 1, 2) @ miss]
        pace = rate * 0.5 * (1 + np.cos(np.pi * step / steps)) * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
        for k, slope in enumerate(slopes):
            means[k] += 0.1 * (slope - means[k])
            squares[k] += 0.001 * (slope**2 - squares[k])
            weights[k] -= pace * means[k] / (np.sqrt(squares[k]) + 1e-8)
    return weights[0], weights[1]


def _drawn(
    generator: np.random.Generator, networks: int, sizes: tuple[int, int, int], scale: float
) -> tuple[FloatArray, FloatArray]:
    d, hidden, outputs = sizes
    first = generator.standard_normal((networks, d, hidden)) * scale * np.sqrt(2 / d)
    return first, generator.standard_normal((networks, hidden, outputs)) * scale * np.sqrt(1 / hidden)


def _hidden(learnt: FloatArray) -> FloatArray:
    left, values, _ = np.linalg.svd(learnt, full_matrices=False)
    return np.asarray(left * np.sqrt(values))


def _compared(one: FloatArray, other: FloatArray) -> dict[str, float]:
    far, away = distances(one), distances(other)
    above = np.triu_indices(len(far), 1)
    return {
        "cka": linear_cka(one, other),
        "rdm": rdm_correlation(far[above], away[above]),
        "imbalance": imbalance_similarity(far, away),
    }


def _check(trials: Sequence[int], ratios: Sequence[float], networks: int, repetitions: int) -> None:
    if not trials or not ratios or min(trials) < 1 or min(ratios) <= 0 or networks < 2 or repetitions < 1:
        raise RepresentationError(
            f"Trials {list(trials)}, ratios {list(ratios)}, {networks} networks and {repetitions} repetitions were "
            "found. Expected: trials from 1, ratios above 0, 2 networks or more, 1 repetition or more."
        )
