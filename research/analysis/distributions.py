"""Tails and points of the normal, t and F distributions, as the other modules need them.

From `scipy.special`, since `scipy.stats` takes seconds to load for the same numbers.
"""

from __future__ import annotations

from scipy.special import fdtrc, ndtr, ndtri, stdtr, stdtrit

Z95 = float(ndtri(0.975))
"""1.959964: beyond it, on both sides together, lie 5 % of the normal distribution."""

Z95_ONE_SIDED = float(ndtri(0.95))
"""1.644854: above it lie 5 % of the normal distribution."""


def t_point(df: float) -> float:
    """Beyond this, on both sides together, lie 5 % of Student's t distribution."""
    return float(stdtrit(df, 0.975))


def p_of_t(t: float, df: float) -> float:
    """The share of Student's t distribution that lies at least as far from 0 as `t`, on both sides."""
    return 2 * float(stdtr(df, -abs(t)))


def p_of_z(z: float) -> float:
    """The same of the normal distribution."""
    return 2 * float(ndtr(-abs(z)))


def p_of_f(f: float, df_effect: float, df_error: float) -> float:
    """The share of the F distribution at or above `f`."""
    return float(fdtrc(df_effect, df_error, f))
