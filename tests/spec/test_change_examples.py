"""Whether a person's score has changed by more than the error of measurement, by worked examples.

Sections 1 to 4 are the index that stands in the dataset `scores`; 5 to 11 the other published ways to look at a change
and at a single value, each of which names the reference sample that it goes by. The means and spreads of sections 6 and
9 were computed from published open data; every other number of a norm is invented for its example.

The reliable change index of Jacobson & Truax (1991, Journal of Consulting and Clinical Psychology 59, 12-19):

    standard error of measurement   SEM   = sd * sqrt(1 - reliability)
    standard error of a difference  Sdiff = sqrt(2) * SEM
    reliable change index           RCI   = (later - first) / Sdiff

A change is reliable where the RCI lies beyond 1.96 on either side. The standard deviation and the retest reliability
are those of the reference sample that the instrument declares first.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from assessments.change import Category, Change, Judgement, Verdict, category, changes, cut_offs, judged, off_the_floor
from assessments.error import difference_error, estimation_error, measurement_error, score_band, true_score_band
from protocol.instrument import LevelError, Norm


def retest(sd: float, reliability: float) -> Norm:
    return Norm("total", "a reference sample", 100, 59.0, sd, reliability, "retest", "invented for these examples")


def alpha(sd: float, reliability: float) -> Norm:
    return Norm("total", "a reference sample", 100, 59.0, sd, reliability, "alpha", "invented for these examples")


def between(first: float, later: float, *norms: Norm) -> Change:
    return changes([("before", first), ("after", later)], norms, "total")[1]


def by_method(first: float, later: float, *norms: Norm, selected_norms: bool = False) -> dict[str, Judgement]:
    """What each method says of a change on a score from 16 to 80."""
    given = judged(first, later, norms, "total", selected_norms=selected_norms, least=16, most=80)
    return {judgement.method: judgement for judgement in given}


def to_six_digits(number: float | None) -> float | None:
    return None if number is None else round(number, 6)


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


def test_a_sample_selected_by_the_score_is_refused_unless_the_study_allows_it() -> None:
    """People picked because they score low differ little among themselves: their SD of 4.24 would call 6 points much.

    No later norm stands in for the one that is refused: the first with a retest reliability counts, or nothing does.
    """
    picked = replace(retest(4.24, 0.80), selected=True)
    series = [("before", 18.0), ("after", 24.0)]

    refused = changes(series, [picked, retest(11.0, 0.80)], "total")[1]
    allowed = changes(series, [picked, retest(11.0, 0.80)], "total", selected_norms=True)[1]

    assert (refused.change, refused.reliable_change, refused.verdict) == (6.0, None, None)
    assert (to_six_digits(allowed.reliable_change), allowed.verdict) == (2.237461, "increased")


def test_unverified_numbers_never_give_a_verdict_whatever_the_study_says() -> None:
    recalled = replace(retest(11.0, 0.74), unverified=True)

    row = changes([("before", 18.0), ("after", 60.0)], [recalled], "total", selected_norms=True)[1]

    assert row == Change("after", 60.0, 42.0, None, None)


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


def test_a_study_says_what_change_is_measured_against() -> None:
    """`baseline: [day_1, screen]`: day 1, or the screening where day 1 has no value. Earlier values are rows too."""
    series = [("screen", 20.0), ("day_1", 18.0), ("after", 34.0)]
    without_day_1 = [("screen", 20.0), ("day_1", None), ("after", 34.0)]

    rows = changes(series, [retest(11.0, 0.80)], "total", baseline=("day_1", "screen"))
    fallen_back = changes(without_day_1, [retest(11.0, 0.80)], "total", baseline=("day_1", "screen"))

    assert [row.change for row in rows] == [2.0, None, 16.0]
    assert [row.change for row in fallen_back] == [None, None, 14.0]


def test_without_a_value_at_any_baseline_there_is_no_change() -> None:
    """The first value there is would be another question than the study asked."""
    rows = changes([("screen", 20.0), ("day_1", None), ("after", 34.0)], [], "total", baseline=("day_1",))

    assert [row.change for row in rows] == [None, None, None]


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


# --- 5. The errors, in points ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "later", "sd", "reliability", "sem", "sdiff", "index", "minimum"),
    [
        (18, 27, 11.0, 0.80, 4.919350, 6.957011, 1.293659, 13.635741),
        (18, 34, 11.0, 0.80, 4.919350, 6.957011, 2.299838, 13.635741),
        (20, 24, 4.24, 0.80, 1.896186, 2.681611, 1.491640, 5.255958),
        (40, 52, 12.5, 0.74, 6.373774, 9.013878, 1.331280, 17.667201),
    ],
)
def test_the_error_of_one_value_of_a_difference_and_the_minimum_change(
    first: float, later: float, sd: float, reliability: float, sem: float, sdiff: float, index: float, minimum: float
) -> None:
    norm = retest(sd, reliability)
    of_one_value, of_a_difference = measurement_error(norm), difference_error(norm)
    says = by_method(first, later, norm)["jacobson_truax"]

    assert of_one_value is not None
    assert of_a_difference is not None
    assert to_six_digits(of_one_value.value) == sem
    assert to_six_digits(of_a_difference.value) == to_six_digits(says.standard_error) == sdiff
    assert to_six_digits(says.index) == index
    assert to_six_digits(says.threshold) == to_six_digits(of_a_difference.margin) == minimum


def test_what_is_said_names_the_sample_that_it_goes_by() -> None:
    """So a page can say: by SD 11.0 and retest r .80 of a reference sample (invented for these examples)."""
    says = by_method(18, 34, retest(11.0, 0.80))["jacobson_truax"]

    assert (says.norm.sd, says.norm.reliability, says.norm.population, says.norm.source) == (
        11.0,
        0.80,
        "a reference sample",
        "invented for these examples",
    )


# --- 6. A norm moves the threshold -----------------------------------------------------------------------------------


def test_the_spread_of_the_sample_moves_the_threshold_fivefold() -> None:
    """Open data of one questionnaire: SD 4.24 in people with aphantasia, 22.17 where many of them were recruited."""
    narrow, wide = (difference_error(retest(sd, 0.80)) for sd in (4.24, 22.17))

    assert narrow is not None
    assert wide is not None
    assert round(wide.margin / narrow.margin, 1) == 5.2


def test_from_the_floor_twelve_to_fifteen_points_are_needed_by_a_general_sample() -> None:
    """SD 9.6 to 10.8 and retest .74 to .80: nearly one point on each of sixteen items, for someone who sees nothing."""
    thresholds = [
        by_method(16, 30, retest(sd, r))["jacobson_truax"].threshold for sd in (9.6, 10.8) for r in (0.8, 0.74)
    ]

    assert [round(threshold or 0, 1) for threshold in thresholds] == [11.9, 13.6, 13.4, 15.3]


# --- 7. Other standard errors of a difference ------------------------------------------------------------------------


def test_maassen_takes_the_spread_at_both_occasions() -> None:
    """`sqrt((11 ** 2 + 13 ** 2) * (1 - .80))`; Maassen (2004), J Int Neuropsychol Soc 10, 888-893."""
    says = by_method(18, 34, replace(retest(11.0, 0.80), sd_after=13.0))["maassen"]

    assert to_six_digits(says.standard_error) == 7.615773
    assert to_six_digits(says.index) == 2.100903
    assert says.verdict == "increased"


def test_with_the_same_spread_twice_maassen_is_jacobson_and_truax() -> None:
    says = by_method(18, 34, replace(retest(11.0, 0.80), sd_after=11.0))

    assert says["maassen"].standard_error == says["jacobson_truax"].standard_error
    assert says["maassen"].index == says["jacobson_truax"].index


def test_what_people_gain_without_training_is_taken_off_first() -> None:
    """Untrained people gained 1.6: `(16 - 1.6) / Sdiff`; Chelune and others (1993), Neuropsychology 7, 41-52.

    The minimum change is 13.6 beyond those 1.6: 15.2 upwards, and 12.0 downwards.
    """
    norm = replace(retest(11.0, 0.80), practice_gain=1.6)
    says = by_method(18, 34, norm)["practice_corrected"]

    assert to_six_digits(says.index) == 2.069854
    assert (says.expected, to_six_digits(says.threshold)) == (1.6, 13.635741)
    assert by_method(34, 34 + 15.2, norm)["practice_corrected"].verdict == "no_reliable_change"
    assert by_method(34, 34 + 15.3, norm)["practice_corrected"].verdict == "increased"
    assert by_method(34, 34 - 12.0, norm)["practice_corrected"].verdict == "no_reliable_change"
    assert by_method(34, 34 - 12.1, norm)["practice_corrected"].verdict == "decreased"


def test_the_smallest_detectable_change_is_the_same_minimum_by_another_name() -> None:
    """`1.96 * sqrt(2) * SEM` with an SEM of 4.919350; de Vet and others (2006), J Clin Epidemiol 59, 1033-1039."""
    says = by_method(18, 34, retest(11.0, 0.80))

    assert to_six_digits(says["smallest_detectable"].threshold) == 13.635741
    assert replace(says["smallest_detectable"], method="jacobson_truax") == says["jacobson_truax"]


# --- 8. At the floor -------------------------------------------------------------------------------------------------

LEVELS = (LevelError(16, 24, 1.5), LevelError(25, 48, 4.0), LevelError(49, 80, 6.0))


def test_near_the_floor_the_error_is_another_one() -> None:
    """Whoever sees nothing answers so each time: by the errors at their levels a gain of 9 from 16 is more than error.

    `sqrt(1.5 ** 2 + 4 ** 2)` is 4.272002, for which 8.373124 is enough; one error for all levels asks for 13.6.
    """
    says = by_method(16, 25, replace(retest(11.0, 0.80), errors=LEVELS))

    assert to_six_digits(says["conditional"].standard_error) == 4.272002
    assert to_six_digits(says["conditional"].threshold) == 8.373124
    assert says["conditional"].verdict == "increased"
    assert says["jacobson_truax"].verdict == "no_reliable_change"


def test_a_value_that_no_level_holds_has_no_conditional_error() -> None:
    """24.5, of someone who left an item out, is between two levels: nothing is said rather than guessed."""
    says = by_method(16, 24.5, replace(retest(11.0, 0.80), errors=LEVELS))["conditional"]

    assert (says.standard_error, says.index, says.threshold, says.verdict) == (None, None, None, None)
    assert says.refused == "no_error"


def test_a_first_value_at_an_end_of_the_score_is_marked() -> None:
    assert by_method(16, 30, retest(11.0, 0.80))["jacobson_truax"].one_sided
    assert by_method(80, 60, retest(11.0, 0.80))["jacobson_truax"].one_sided
    assert not by_method(17, 16, retest(11.0, 0.80))["jacobson_truax"].one_sided


def test_off_the_floor_on_two_items_twice_in_a_row() -> None:
    """How many of the sixteen answers are above *no image at all*, occasion by occasion; two of them are asked for."""
    once_and_back = off_the_floor([0, 2, 1, 3], 2)
    twice = off_the_floor([0, 1, 2, 5, 0], 2)

    assert (once_and_back.is_off, once_and_back.is_met, once_and_back.met_at) == (
        (False, True, False, True),
        False,
        None,
    )
    assert (twice.is_off, twice.is_met, twice.met_at) == ((False, False, True, True, False), True, 3)


def test_a_missing_occasion_breaks_the_row_and_leaves_the_answer_open() -> None:
    """The two on either side are not consecutive; what was not answered may have been off the floor, or not."""
    around_it = off_the_floor([0, 2, None, 2], 2)
    beside_nothing = off_the_floor([0, None, 1, 2], 2)

    assert (around_it.is_off, around_it.is_met, around_it.met_at) == ((False, True, None, True), None, None)
    assert (beside_nothing.is_met, beside_nothing.met_at) == (False, None)


# --- 9. From one group's side to the other's -------------------------------------------------------------------------

# Means and spreads by the open data of one study of 96 people; cut-offs need no reliability and no number of people.
APHANTASIA = Norm("total", "aphantasia", 96, 18.33, 4.24, 0.80, "retest", "open data of one study", selected=True)
CONTROLS = Norm("total", "controls", 96, 58.08, 10.81, 0.80, "retest", "open data of one study", selected=True)


def test_the_three_cut_offs() -> None:
    """a = 18.33 + 2 * 4.24; b = 58.08 - 2 * 10.81; c = (10.81 * 18.33 + 4.24 * 58.08) / (10.81 + 4.24)."""
    cuts = cut_offs(APHANTASIA, CONTROLS)

    assert cuts is not None
    assert (cuts.a, cuts.b, to_six_digits(cuts.c)) == (26.81, 36.46, 29.528671)


def test_cut_offs_between_groups_that_the_score_made_are_marked_as_circular() -> None:
    """Who scored low was called the low group: a cut-off between the two finds again what was put in."""
    found_otherwise = [replace(norm, selected=False) for norm in (APHANTASIA, CONTROLS)]

    circular, sound = cut_offs(APHANTASIA, CONTROLS), cut_offs(*found_otherwise)

    assert circular is not None
    assert sound is not None
    assert circular.is_circular
    assert not sound.is_circular


@pytest.mark.parametrize(
    ("first", "later", "says"),
    [
        (18, 34, "crossed"),  # 16 points, more than 13.6, and past 29.53
        (40, 56, "reliably_higher"),  # as many, and past it from the start
        (20, 30, "no_reliable_change"),  # past it, by a change that error alone could bring
        (16, 29.6, "no_reliable_change"),  # 13.6 are not yet more than 13.635741
        (56, 28, "reliably_lower"),  # back over it is no crossing
    ],
)
def test_the_words_for_what_became_of_a_person(first: float, later: float, says: Category) -> None:
    """Of a number: it crossed, is reliably higher or lower, or has not reliably changed. Nobody *recovers*."""
    cuts = cut_offs(APHANTASIA, CONTROLS)
    assert cuts is not None

    verdict: Verdict | None = by_method(first, later, retest(11.0, 0.80))["jacobson_truax"].verdict

    assert category(first, later, verdict, cuts) == says


# --- 10. A single value ----------------------------------------------------------------------------------------------


def test_the_band_around_a_value() -> None:
    """SD 11, reliability .88, a value of 30: SEM 3.810512, and 1.96 of them either way."""
    band = score_band(30, alpha(11.0, 0.88))

    assert band is not None
    assert (band.centre, to_six_digits(band.standard_error)) == (30.0, 3.810512)
    assert (round(band.low, 4), round(band.high, 4)) == (22.5314, 37.4686)


def test_the_band_ends_where_the_score_ends() -> None:
    band = score_band(18, alpha(11.0, 0.88), least=16, most=80)

    assert band is not None
    assert (band.low, round(band.high, 4)) == (16, 25.4686)


def test_the_estimated_true_score_lies_nearer_the_mean() -> None:
    """59 + .88 * (30 - 59); its standard error is 11 * sqrt(.88 * .12)."""
    norm = alpha(11.0, 0.88)
    band, error = true_score_band(30, norm), estimation_error(norm)

    assert band is not None
    assert error is not None
    assert band.centre == 33.48
    assert to_six_digits(band.standard_error) == to_six_digits(error.value) == 3.574577
    assert (round(band.low, 4), round(band.high, 4)) == (26.4738, 40.4862)


def test_one_standard_error_of_measurement_is_a_yardstick_of_importance() -> None:
    """No smallest important change was ever published for these questionnaires; one SEM stands in, and says so."""
    error = measurement_error(alpha(11.0, 0.88))

    assert error is not None
    assert round(error.value, 4) == 3.8105


# --- 11. Who is silent, and why --------------------------------------------------------------------------------------


def test_every_method_that_has_its_numbers_speaks_and_no_other() -> None:
    full = replace(retest(11.0, 0.80), sd_after=13.0, practice_gain=1.6, errors=LEVELS)

    assert list(by_method(18, 34, retest(11.0, 0.80))) == ["jacobson_truax", "smallest_detectable"]
    assert list(by_method(18, 34, full)) == [
        "jacobson_truax",
        "maassen",
        "practice_corrected",
        "conditional",
        "smallest_detectable",
    ]
    assert by_method(18, 34, alpha(11.0, 0.97)) == {}


def test_a_selected_sample_lends_its_level_errors_and_not_its_spread() -> None:
    """The error at a level is that of the people there; the spread is that of the selection."""
    picked = replace(retest(4.24, 0.80), selected=True, sd_after=5.0, practice_gain=1.6, errors=LEVELS)

    refused = {method: says.refused for method, says in by_method(16, 34, picked).items()}
    allowed = {method: says.refused for method, says in by_method(16, 34, picked, selected_norms=True).items()}

    assert refused == {
        "jacobson_truax": "selected",
        "maassen": "selected",
        "practice_corrected": "selected",
        "conditional": None,
        "smallest_detectable": "selected",
    }
    assert set(allowed.values()) == {None}


def test_an_unverified_norm_is_named_and_says_nothing() -> None:
    recalled = replace(retest(11.0, 0.74), unverified=True, errors=LEVELS)

    for says in by_method(18, 60, recalled, selected_norms=True).values():
        assert (says.norm, says.refused, says.index, says.verdict) == (recalled, "unverified", None, None)
