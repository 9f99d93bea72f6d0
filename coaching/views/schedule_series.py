"""A person's steps as their page shows them: the times of a repeated step folded into one row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coaching.selectors.schedule_history import is_drawn, is_extra
from protocol.study import Study

Row = dict[str, Any]


def with_marks(rows: Iterable[Row], study: Study) -> list[Row]:
    """The rows with what the study says of each step: `series`, `n`, whether it is `extra` practice, or `drawn`."""
    declared = {step.id: step for step in study.steps()}
    found = []
    for row in rows:
        step = declared.get(row["key"])
        marks = {"series": "", "n": "", "extra": False, "drawn": False}
        if step is not None:
            times = study.series(step.series) if step.series else ()
            second = declared[times[1]] if len(times) > 1 else None
            n = _("%(n)d of %(of)d") % {"n": step.time, "of": len(times)} if step.series else ""
            marks = {"series": step.series, "n": n, "extra": is_extra(step, second), "drawn": is_drawn(step)}
        found.append({**row, **marks})
    return found


def folded(rows: Sequence[Row]) -> list[Row]:
    """Each step that comes once, and each series as one row with its `times`, in the order in which they begin."""
    found: list[Row] = []
    series: dict[str, Row] = {}
    for row in rows:
        if not row["series"]:
            found.append({**row, "times": []})
        elif row["series"] in series:
            series[row["series"]]["times"].append(row)
        else:
            series[row["series"]] = {**row, "times": [row]}
            found.append(series[row["series"]])
    for row in series.values():
        row["so_far"] = _so_far(row["times"])
        live = [each for each in row["times"] if each["is_live"]]
        shown = next((each for each in live if each["opens"]), None) or row["times"][-1]
        row["opens"], row["closes"] = shown["opens"], row["times"][-1]["closes"]
    return found


def _so_far(times: Sequence[Row]) -> str:
    """How many times were done, how many missed, and how many are to come."""
    counts = Counter(each["state"] for each in times)
    ended = counts["done"] + counts["missed"] + counts["cancelled"]
    parts = [
        ngettext("%(n)d done", "%(n)d done", counts["done"]) % {"n": counts["done"]},
        ngettext("%(n)d missed", "%(n)d missed", counts["missed"]) % {"n": counts["missed"]}
        if counts["missed"]
        else "",
        ngettext("%(n)d to come", "%(n)d to come", len(times) - ended) % {"n": len(times) - ended},
    ]
    return ", ".join(part for part in parts if part)
