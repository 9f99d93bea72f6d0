"""Whether the counts of a trial's participant flow add up, as CONSORT asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm, in people.

    Attributes:
        allocated: Those allocated to it.
        received: Those of them who got what it offers.
        not_received: Those who didn't.
        lost: Those lost to follow-up, whether or not they received it.
        analysed: By analysis (*itt*, *complete cases*), how many are in it.
        left_out: By analysis, how many are not.
    """

    allocated: int
    received: int
    not_received: int
    lost: int = 0
    analysed: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Flow:
    """A whole trial: how many were assessed, excluded (in all, and by reason), randomised, and each arm."""

    assessed: int
    excluded: int
    reasons: Mapping[str, int]
    randomised: int
    arms: Mapping[str, Arm]


@dataclass(frozen=True, slots=True)
class Fault:
    """A count that isn't what others make it.

    Attributes:
        rule: The rule as CONSORT's diagram has it.
        arm: In which arm; empty where it concerns all.
        analysis: In which analysis; empty where it concerns none.
        found: The count.
        expected: What the others come to, or the bound that it breaks.
    """

    rule: str
    arm: str
    analysis: str
    found: int
    expected: int


def faults(flow: Flow) -> list[Fault]:
    """Every rule that the counts break, from above; empty where all adds up.

    Source: Hopewell et al. (2025), PLoS Medicine 22, e1004587 (CONSORT 2025, flow diagram).
    """
    return [*_of_trial(flow), *(fault for name, arm in flow.arms.items() for fault in _of_arm(name, arm))]


def _of_trial(flow: Flow) -> Iterator[Fault]:
    counts = {"assessed": flow.assessed, "excluded": flow.excluded, "randomised": flow.randomised, **flow.reasons}
    yield from _negative(counts)
    yield from _sum("assessed = excluded + randomised", flow.assessed, flow.excluded + flow.randomised)
    yield from _sum("excluded = sum of reasons", flow.excluded, sum(flow.reasons.values()))
    yield from _sum("randomised = sum of arms", flow.randomised, sum(arm.allocated for arm in flow.arms.values()))


def _of_arm(name: str, arm: Arm) -> Iterator[Fault]:
    counts = {"allocated": arm.allocated, "received": arm.received, "not received": arm.not_received, "lost": arm.lost}
    yield from _negative(counts, name)
    yield from _sum("allocated = received + not received", arm.allocated, arm.received + arm.not_received, name)
    yield from _most("lost <= allocated", arm.lost, arm.allocated, name)
    for analysis in dict.fromkeys([*arm.analysed, *arm.left_out]):
        analysed, left_out = arm.analysed.get(analysis, 0), arm.left_out.get(analysis, 0)
        yield from _negative({"analysed": analysed, "excluded from analysis": left_out}, name, analysis)
        yield from _most("analysed <= allocated", analysed, arm.allocated, name, analysis)
        parts = analysed + left_out
        yield from _sum("allocated = analysed + excluded from analysis", arm.allocated, parts, name, analysis)


def _sum(rule: str, found: int, expected: int, arm: str = "", analysis: str = "") -> Iterator[Fault]:
    if found != expected:
        yield Fault(rule, arm, analysis, found, expected)


def _most(rule: str, found: int, expected: int, arm: str = "", analysis: str = "") -> Iterator[Fault]:
    if found > expected:
        yield Fault(rule, arm, analysis, found, expected)


def _negative(counts: Mapping[str, int], arm: str = "", analysis: str = "") -> Iterator[Fault]:
    for name, count in counts.items():
        if count < 0:
            yield Fault(f"{name} >= 0", arm, analysis, count, 0)
