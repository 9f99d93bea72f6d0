"""When an answer calls for somebody to look. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from protocol.care import SafetyRule
from protocol.conditions import Given, holds


def is_met(rule: SafetyRule, asked: Sequence[Mapping[str, Given]]) -> bool:
    """Whether a rule holds, given the answers of every time that its questionnaire was finished, the latest last.

    It holds when its condition held each of the last `times` times. A time at which an item was declined or passed
    makes each comparison with it false: nothing is known of it.
    """
    if len(asked) < rule.times:
        return False
    return all(holds(rule.when, given) is True for given in asked[len(asked) - rule.times :])
