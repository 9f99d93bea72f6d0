"""The coder that counts words."""

import numpy as np
import pytest

from representations.word_counts import likeness, tf_idf

pytestmark = pytest.mark.once


def test_rows_have_length_one_and_rare_terms_weigh_more() -> None:
    rows = tf_idf(["saw red", "saw Blue blue", "", "…"])
    assert np.allclose(np.linalg.norm(rows.toarray(), axis=1), [1, 1, 0, 0])
    # Of "saw", "red" and "saw red" the first is in two texts: 1 + log(5/3), against 1 + log(5/2).
    weights = np.sort(rows.toarray()[0])[-3:]
    assert weights[0] / weights[1] == pytest.approx((1 + np.log(5 / 3)) / (1 + np.log(5 / 2)))


def test_pairs_of_words_tell_a_negation() -> None:
    texts = ["it was not sharp", "it was sharp", "not sharp at all", "sharp it was"]
    rows = tf_idf(texts)
    like = likeness(rows, rows[:2], np.array([0, 1]), 2)
    assert like[2].argmax() == 0
    assert like[3].argmax() == 1


def test_a_text_without_known_words_is_like_nothing() -> None:
    rows = tf_idf(["red", "blue", ""])
    assert likeness(rows, rows[:2], np.array([0, 1]), 2)[2].tolist() == [0, 0]
    assert tf_idf([]).shape == (0, 0)
