"""Which layers of a script are open to a simulated person, by the sessions that they had. Pure.

`imagery.selectors.exposure` says the same of what is stored.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from imagery.timeline import ends_layer, locked_layers
from protocol.script import Script, Stage
from rehearsal.sessions import Visit


@dataclass(frozen=True, slots=True)
class Opened:
    """In how many earlier sessions each layer was gone through, or rated high enough, and which are not open."""

    exposures: Mapping[str, int] = field(default_factory=dict)
    ratings: Mapping[str, int] = field(default_factory=dict)
    locked: tuple[str, ...] = ()


EVERYTHING = Opened()


def opened(script: Script, earlier: Iterable[Sequence[Visit]], at: dt.datetime) -> Opened:
    """What is open at an instant to somebody with these sessions of the script, each as far as it went."""
    if script.unlock is None:
        return EVERYTHING
    went = [[visit for visit in visits if visit.left_at is not None and visit.left_at <= at] for visits in earlier]
    exposures = _counted([visit.stage for visit in visits if ends_layer(script, visit.stage)] for visits in went)
    ratings = _counted([visit.stage for visit in visits if _is_high(script, visit)] for visits in went)
    return Opened(exposures, ratings, locked_layers(script, exposures, ratings))


def _counted(sessions: Iterable[Sequence[Stage]]) -> dict[str, int]:
    """In how many sessions each layer was met."""
    return dict(Counter(layer for stages in sessions for layer in {stage.layer for stage in stages} if layer))


def _is_high(script: Script, visit: Visit) -> bool:
    unlock = script.unlock
    if unlock is None or unlock.rating is None or unlock.at_least is None or visit.stage.rates != unlock.rating:
        return False
    return visit.status == "answered" and visit.value is not None and visit.value >= unlock.at_least
