"""Whether a person's score has changed by more than the error of measurement, by worked examples.

The reliable change index of Jacobson & Truax (1991, Journal of Consulting and Clinical Psychology 59, 12-19):

    standard error of measurement   SEM   = sd * sqrt(1 - reliability)
    standard error of a difference  Sdiff = sqrt(2) * SEM
    reliable change index           RCI   = (later - first) / Sdiff

A change is reliable where the RCI lies beyond 1.96 on either side. The standard deviation and the retest reliability
are those of the reference sample that the instrument declares first.
"""

from __future__ import annotations

import pytest

from assessments.change import Change, changes
from protocol.study import Norm


def retest(sd: float, reliability: float) -> Norm:
    return Norm("total", "a reference sample", 100, 59.0, sd, reliability, "retest", "invented for these examples")


def alpha(sd: float, reliability: float) -> Norm:
    return Norm("total", "a reference sample", 100, 59.0, sd, reliability, "alpha", "invented for these examples")


def between(first: float, later: float, *norms: Norm) -> Change:
    return changes([("before", first), ("after", later)], norms, "total")[1]


# --- 1. The index ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "later", "sd", "reliability", "index", "says"),
    [
        (18, 27, 11.0, 0.80, 1.293659, "no_reliable_change"),  # SEM 4.919350, Sdiff 6.957011
        (18, 34, 11.0, 0.80, 2.299838, "increased"),  # the same norm, sixteen points
        (20, 24, 4.24, 0.80, 1.491640, "no_reliable_change"),  # Sdiff 2.681611
        (40, 52, 12.5, 0.74, 1.331280, "no_reliable_change"),  # Sdiff 9.013878
        (34, 18, 11.0, 0.80, -2.299838, "decreased"),  # down as far as up
        (18, 18, 11.0, 0.80, 0.0, "no_reliable_change"),
    ],
)
def test_the_index_and_what_it_says(
    first: float, later: float, sd: float, reliability: float, index: float, says: str
) -> None:
    row = between(first, later, retest(sd, reliability))

    assert row.change == later - first
    assert row.reliable_change == pytest.approx(index, abs=5e-7)
    assert row.verdict == says


@pytest.mark.parametrize(
    ("sd", "reliability", "minimum"), [(11.0, 0.80, 13.635741), (4.24, 0.80, 5.255958), (12.5, 0.74, 17.667201)]
)
def test_the_smallest_reliable_change_is_196_standard_errors_of_a_difference(
    sd: float, reliability: float, minimum: float
) -> None:
    """The same norm on either side of its minimum; a narrower sample asks for far less, which is why it is declared."""
    assert between(20, 20 + minimum - 1e-5, retest(sd, reliability)).verdict == "no_reliable_change"
    assert between(20, 20 + minimum + 1e-5, retest(sd, reliability)).verdict == "increased"


def test_at_196_itself_nothing_is_reliable_yet() -> None:
    """With sd 10 and reliability .50 the standard error of a difference is 10, and 19.6 points are 1.96 of them."""
    assert between(20, 39.6, retest(10, 0.50)) == Change("after", 39.6, 19.6, 1.96, "no_reliable_change")
    assert between(39.6, 20, retest(10, 0.50)) == Change("after", 20, -19.6, -1.96, "no_reliable_change")
    assert between(20, 39.7, retest(10, 0.50)).verdict == "increased"


# --- 2. Which norm counts --------------------------------------------------------------------------------------------


def test_the_first_retest_norm_counts_and_an_alpha_never_does() -> None:
    """An alpha of .97 would call a gain of 9 reliable; how steady scores are over weeks does not."""
    norms = (alpha(11.0, 0.97), retest(11.0, 0.80), retest(4.24, 0.80))

    assert between(18, 27, *norms).reliable_change == pytest.approx(1.293659, abs=5e-7)
    assert between(18, 27, *reversed(norms)).reliable_change == pytest.approx(9 / 2.681611, abs=5e-6)


def test_without_a_retest_norm_there_is_a_change_and_no_verdict() -> None:
    assert between(18, 34, alpha(11.0, 0.97)) == Change("after", 34, 16, None, None)


# --- 3. Changed since when -------------------------------------------------------------------------------------------


def test_every_later_timepoint_is_measured_against_the_first_with_a_value() -> None:
    """Not against the one before it: the follow-up below is 2 less than *after*, and 14 more than at first."""
    series = [("screen", None), ("before", 18.0), ("middle", None), ("after", 34.0), ("follow_up", 32.0)]

    rows = changes(series, [retest(11.0, 0.80)], "total")

    assert [(row.timepoint, row.change, row.verdict) for row in rows] == [
        ("screen", None, None),  # nothing answered
        ("before", None, None),  # the reference itself
        ("middle", None, None),  # nothing answered
        ("after", 16.0, "increased"),
        ("follow_up", 14.0, "increased"),
    ]


# --- 4. More of what -------------------------------------------------------------------------------------------------


def test_a_scale_read_from_the_other_end_turns_the_verdict_round_and_nothing_else() -> None:
    """A total of 18 is 78 where high is less vivid (96 - total): the same gain is a lower number there."""
    up = between(18, 34, retest(11.0, 0.80))
    down = between(96 - 18, 96 - 34, retest(11.0, 0.80))

    assert (up.change, up.verdict) == (16.0, "increased")
    assert (down.change, down.verdict) == (-16.0, "decreased")
    assert down.reliable_change == -(up.reliable_change or 0)


def test_from_the_floor_only_one_direction_is_possible() -> None:
    """Someone who begins at 16 of 16..80 can't go lower, so there the index is one-sided in practice."""
    lowest, highest = 16, 80

    verdicts = {between(16, later, retest(11.0, 0.80)).verdict for later in range(lowest, highest + 1)}

    assert verdicts == {"no_reliable_change", "increased"}
