import numpy as np
import pytest

from representations.errors import NotEnough, RepresentationError
from representations.judgements import (
    from_arrangements,
    from_features,
    from_matrices,
    from_pair_ratings,
    from_triplets,
)

pytestmark = pytest.mark.once
RATED = {"person": ["q", "p", "p", "p"], "a": ["cat", "cat", "fox", "owl"], "b": ["fox", "owl", "cat", "fox"]}


def test_pair_ratings_run_from_the_alike_end_of_the_scale():
    unlike = from_pair_ratings(**RATED, rating=[1, 2, 5, 7], scale=(1, 7))
    assert unlike.people == ("p", "q")
    assert unlike.items == ("cat", "fox", "owl")
    assert unlike.value.tolist() == [0, 1, 4, 6]
    assert unlike.cell.tolist() == [0, 1, 0, 2]
    assert unlike.trials.tolist() == [3, 1]
    alike = from_pair_ratings(**RATED, rating=[1, 2, 5, 7], scale=(1, 7), high_is_alike=True)
    assert alike.value.tolist() == [6, 5, 2, 0]
    assert from_pair_ratings(**RATED, rating=[3, 2, 5, 6]).unit == "rating, 0 to 4"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rating": [1, 2, float("nan"), 4]}, "Row 3: rating nan was found"),
        ({"rating": [1, 2, 9, 4]}, "Row 3: a rating of 9 was found. Expected: from 1 to 7"),
        ({"rating": [1, 2, 3]}, "Expected: \\(4,\\)"),
        ({"b": ["fox", "cat", "cat", "fox"]}, "Row 2: cat with itself"),
        ({"items": ["cat", "fox", "hen"]}, "Row 4: a 'owl' was found"),
        ({"items": ["cat", "fox", "owl", "cat"]}, "Item cat was found twice"),
        ({"a": ["cat"]}, "rows were found. Expected"),
    ],
)
def test_faults_of_pair_ratings_say_where(change, said):
    with pytest.raises(RepresentationError, match=said):
        from_pair_ratings(**{**RATED, "rating": [1, 2, 5, 7], "scale": (1, 7), **change})


def test_too_little_says_what_would_be_enough():
    with pytest.raises(NotEnough, match="2 items.*3 items"):
        from_pair_ratings(["p"], ["cat"], ["fox"], [1])
    with pytest.raises(NotEnough, match="3 items"):
        from_pair_ratings([], [], [], [])
    with pytest.raises(NotEnough, match="no judgement"):
        from_pair_ratings([], [], [], [], items=["cat", "fox", "owl"])


def test_a_triplet_parts_the_odd_one_from_both():
    made = from_triplets(["p", "p"], ["cat", "owl"], ["fox", "cat"], ["owl", "fox"], ["owl", "cat"])
    told = {
        (made.items[i], made.items[j], int(t)): v
        for i, j, t, v in zip(made.first, made.second, made.trial, made.value, strict=True)
    }
    assert told == {
        ("cat", "fox", 0): 0, ("cat", "owl", 0): 1, ("fox", "owl", 0): 1,
        ("cat", "owl", 1): 1, ("fox", "owl", 1): 0, ("cat", "fox", 1): 1,
    }  # fmt: skip
    assert made.trials.tolist() == [2]
    with pytest.raises(RepresentationError, match="Row 1: cat, fox, owl with the odd one hen"):
        from_triplets(["p"], ["cat"], ["fox"], ["owl"], ["hen"], items=["cat", "fox", "hen", "owl"])
    with pytest.raises(RepresentationError, match="three items, one of them odd"):
        from_triplets(["p"], ["cat"], ["cat"], ["owl"], ["owl"], items=["cat", "fox", "owl"])


def test_arrangements_are_of_one_size_whatever_the_surface():
    def laid(scale):
        place = np.array([[0, 0], [3, 0], [0, 4]]) * scale
        return from_arrangements(["p"] * 3, ["1"] * 3, ["cat", "fox", "owl"], place[:, 0], place[:, 1])

    assert laid(1.0).value == pytest.approx(laid(250.0).value)
    assert (laid(2.0).value ** 2).mean() == pytest.approx(1)
    assert laid(1.0).value / laid(1.0).value[0] == pytest.approx([1, 4 / 3, 5 / 3])
    assert laid(0.0).value.tolist() == [0, 0, 0], "all in one place stays there"
    with pytest.raises(RepresentationError, match="Arrangement 1 of p: 3 places of 2 items"):
        from_arrangements(
            ["p"] * 3, ["1"] * 3, ["cat", "fox", "cat"], [0, 1, 2], [0, 1, 2], items=["cat", "fox", "owl"]
        )


def test_features_average_to_the_squared_distance_by_the_number_of_features():
    features = np.random.default_rng(0).normal(size=(2, 4, 5))
    made = from_features(["p", "q"], ["cat", "fox", "hen", "owl"], features)
    assert made.trials.tolist() == [5, 5]
    rows = (made.person == 1) & (made.first == 1) & (made.second == 3)
    assert made.value[rows].mean() == pytest.approx(((features[1, 1] - features[1, 3]) ** 2).mean())
    with pytest.raises(RepresentationError, match="2 people, 3 items, features"):
        from_features(["p", "q"], ["cat", "fox", "hen"], features)


def test_matrices_are_trials_and_gaps_are_no_judgements():
    whole = np.array([[0, 1, np.nan], [1, 0, 2], [np.nan, 2, 0.0]])
    made = from_matrices(["p", "p"], ["cat", "fox", "owl"], np.stack([whole, whole]))
    assert made.trials.tolist() == [2]
    assert made.value.tolist() == [1, 2, 1, 2]
    for spoilt, said in (
        (np.array([[0, 1, 2], [3, 0, 2], [2, 2, 0.0]]), "two different halves"),
        (np.array([[1, 1, 2], [1, 0, 2], [2, 2, 0.0]]), "diagonal"),
        (np.array([[0, -1, 2], [-1, 0, 2], [2, 2, 0.0]]), "below 0"),
    ):
        with pytest.raises(RepresentationError, match=f"Matrix 2 of q.*{said}"):
            from_matrices(["p", "q"], ["cat", "fox", "owl"], np.stack([whole, spoilt]))


def test_halves_never_part_a_trial():
    made = from_triplets(["p"] * 6, ["cat"] * 6, ["fox"] * 6, ["owl"] * 6, ["owl"] * 6)
    for seed in range(10):
        rows = made.first_half(np.random.default_rng(seed))
        assert rows.sum() == 9
        assert all(len(set(rows[made.trial == trial])) == 1 for trial in range(6))


def test_some_people_alone():
    made = from_pair_ratings(**RATED, rating=[1, 2, 5, 7], scale=(1, 7))
    alone = made.of([1])
    assert (alone.people, alone.value.tolist(), alone.trials.tolist()) == (("q",), [0.0], [1])
    assert alone.items == made.items
