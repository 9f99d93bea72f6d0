"""The coder that any other has to beat: which words stand in a sentence, and how rare they are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

Floats: TypeAlias = npt.NDArray[np.float64]
Rows: TypeAlias = "sparse.csr_array[np.float64]"

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def tf_idf(texts: Sequence[str]) -> Rows:
    """Each text as its words and pairs of words, weighted by rarity: (texts, terms), each row of length 1 or all 0.

    Weight: count * (1 + log((1 + n) / (1 + texts with the term))). A text without a word is all 0. Categories play no
    part. Source: Salton and Buckley, Information Processing & Management, 1988 [R].
    """
    counted = [_terms(text) for text in texts]
    place = {term: k for k, term in enumerate(sorted(set().union(*counted)))}
    n = [count for terms in counted for count in terms.values()]
    columns = np.array([place[term] for terms in counted for term in terms], dtype=np.intp)
    ends = np.cumsum([0, *(len(terms) for terms in counted)])
    rarity = 1 + np.log((1 + len(texts)) / (1 + np.bincount(columns, minlength=len(place))))
    weights = np.array(n, dtype=np.float64) * rarity[columns]
    lengths = np.sqrt(np.add.reduceat(np.append(weights**2, 0.0), ends[:-1])) if len(texts) else np.zeros(0)
    weights /= np.repeat(lengths, np.diff(ends))
    return sparse.csr_array((weights, columns, ends), shape=(len(texts), len(place)))


def likeness(rows: Rows, learnt: Rows, codes: npt.NDArray[np.intp], n_categories: int) -> Floats:
    """The cosine of each row and the mean of each category's rows, (rows, categories), from 0 to 1.

    Args:
        rows: as `tf_idf` gives them.
        learnt: rows whose category is known.
        codes: these rows' categories; each category at least once.
        n_categories: how many there are.
    """
    centres = np.stack([learnt[codes == k].mean(axis=0) for k in range(n_categories)])
    length = np.linalg.norm(centres, axis=1, keepdims=True)
    return np.asarray(rows @ np.divide(centres, length, out=np.zeros(centres.shape), where=length > 0).T)


def _terms(text: str) -> Counter[str]:
    words = [word.lower().replace("’", "'") for word in _WORD.findall(text)]
    return Counter(words) + Counter(f"{a} {b}" for a, b in zip(words, words[1:], strict=False))
