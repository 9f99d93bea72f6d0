import numpy as np
import pytest

from representations.ensembles import descended_linear, input_noise, label_noise, relu_label_noise
from representations.errors import RepresentationError
from representations.threshold import excess_error, expected_alignment

pytestmark = pytest.mark.once
RATIOS = (0.5, 4)


def test_label_noise_is_as_the_closed_form_says():
    trials = (8, 16, 24, 36, 60, 120)
    found = label_noise(30, trials, RATIOS, np.random.default_rng(0), repetitions=60)
    wanted = expected_alignment(np.array(trials)[None, :], 30, np.array(RATIOS)[:, None])
    far = np.abs(np.array(trials) - 30) >= 6
    assert np.abs(found.alignment["weights"] - wanted)[:, far].max() < 0.08
    assert np.all(np.diff(found.alignment["weights"], axis=0) > 0)
    assert found.error[:, -2:] == pytest.approx(
        excess_error(np.array(trials)[None, -2:], 30, np.array(RATIOS)[:, None]), rel=0.15
    )


def test_inputs_of_their_own_are_as_the_closed_form_says():
    found = label_noise(30, (12,), (4,), np.random.default_rng(0), repetitions=100, common_inputs=False)
    wanted = expected_alignment(12, 30, 4, common_inputs=False)
    assert found.alignment["weights"][0, 0] == pytest.approx(wanted, abs=0.05)


@pytest.mark.parametrize("outputs", [1, 4])
def test_input_noise_dips_at_the_threshold_by_every_measure(outputs):
    trials = (5, 10, 20, 40, 80)
    found = input_noise(20, outputs, trials, (4, 16), np.random.default_rng(1), repetitions=12)
    for measure, values in found.alignment.items():
        assert [trials[k] for k in values.argmin(axis=1)] == [20, 20], measure
        assert np.all(np.diff(values, axis=0) > 0), measure


def test_gradient_descent_ends_at_the_solution_of_least_norm():
    generator = np.random.default_rng(2)
    inputs = generator.normal(size=(16, 8))
    targets = inputs @ generator.normal(size=(8, 1)) / np.sqrt(8)
    hidden, output = descended_linear(
        inputs, targets, 0.01 * generator.normal(size=(8, 5)), 0.01 * generator.normal(size=(5, 1)), 4000, 0.05
    )
    assert hidden @ output == pytest.approx(np.linalg.pinv(inputs) @ targets, abs=0.02)


def test_a_small_relu_ensemble_learns():
    told = []
    found = relu_label_noise(
        (4, 4, 2),
        (8, 64),
        (4, 16),
        np.random.default_rng(3),
        repetitions=4,
        steps=400,
        progress=lambda *at: told.append(at),
    )
    assert found.error[1, 1] < 0.2
    assert found.alignment["cka"].shape == (2, 2)
    assert told == [(1, 2), (2, 2)]


def test_what_can_not_be_played_is_said():
    with pytest.raises(RepresentationError, match="Expected: trials from 1"):
        label_noise(5, (0,), (1,), np.random.default_rng(0))
