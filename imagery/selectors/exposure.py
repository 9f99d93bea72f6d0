"""How often a person met each layer of a script, and what that opens."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from coaching.models import Enrolment
from imagery.models import Rating, SessionRun, StageVisit
from imagery.selectors.versions import ScriptsOfRuns
from imagery.timeline import ends_layer, locked_layers, stage_called
from protocol.script import Script


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a person met of a script in earlier sessions, and which layers are not open to them yet.

    Attributes:
        exposures: In how many sessions each layer was gone through to its end.
        ratings: In how many of them it was rated as high as the script asks; empty where it asks for none.
        locked: The layers that are not open.
    """

    exposures: dict[str, int]
    ratings: dict[str, int]
    locked: tuple[str, ...]

    def as_json(self, script: Script) -> str:
        """For the log: both counts, whichever of them decides."""
        by = script.unlock.by if script.unlock else None
        told = {"by": by, "exposures": self.exposures, "ratings": self.ratings, "locked": list(self.locked)}
        return json.dumps(told, sort_keys=True)


def exposure(enrolment: Enrolment, script: Script) -> Exposure:
    """What the person's sessions of this script so far come to; several attempts at one session count once.

    A session counts by the script that it was begun with: a layer of the same name is the same layer.
    """
    if script.unlock is None:
        return Exposure({}, {}, ())
    runs = SessionRun.objects.filter(occasion__enrolment=enrolment, script=script.slug)
    scripts = ScriptsOfRuns(enrolment.version)
    as_run = {run.pk: scripts.of(run) or script for run in runs}
    left = StageVisit.objects.filter(run__in=as_run, left_at__isnull=False)
    exposures = _by_layer((occasion, _layer_ended(as_run[run], stage)) for run, occasion, stage in _placed(left))
    ratings: dict[str, int] = {}
    if script.unlock.rating is not None:
        high = Rating.objects.filter(
            run__in=as_run,
            kind=script.unlock.rating,
            status=Rating.Status.ANSWERED,
            value__gte=script.unlock.at_least,
        )
        ratings = _by_layer((occasion, _layer(as_run[run], stage)) for run, occasion, stage in _placed(high))
    return Exposure(exposures, ratings, locked_layers(script, exposures, ratings))


def _placed(rows: QuerySet[StageVisit] | QuerySet[Rating]) -> Iterable[tuple[int, int, str]]:
    """Run, occasion and stage of each row."""
    return rows.values_list("run", "run__occasion", "stage")


def _layer_ended(script: Script, id: str) -> str | None:
    """The layer whose last stage that is; None for any other stage."""
    stage = stage_called(script, id)
    return stage.layer if stage is not None and ends_layer(script, stage) else None


def _layer(script: Script, id: str) -> str | None:
    stage = stage_called(script, id)
    return stage.layer if stage is not None else None


def _by_layer(met: Iterable[tuple[int, str | None]]) -> dict[str, int]:
    return dict(Counter(layer for _, layer in set(met) if layer is not None))
