"""Columns that several datasets of sessions have."""

from __future__ import annotations

from typing import Any

from django.db.models import F

from coaching.models import Study
from coaching.tables import of_person
from protocol.columns import Column

FILTERS = {name: name for name in ("participant", "arm", "timepoint", "script", "synthetic")}


def of_study(study: Study | int) -> dict[str, Any]:
    """What holds for everything that a study's people gave in a run, those who were erased left out."""
    return {"run__occasion__enrolment__study": study, "run__occasion__enrolment__erased_at": None}


def timepoint(path: str) -> Column:
    """The step at which the session was to be held; `path` leads from the row to its occasion."""
    return Column(
        "timepoint",
        "text",
        "The id of the step at which the session was to be held, as the study's file names it.",
        expression=F(f"{path}key"),
    )


def script(path: str) -> Column:
    """The script; `path` leads from the row to its run."""
    return Column("script", "text", "The script of the session, by its slug.", expression=F(f"{path}script"))


def script_version(path: str) -> Column:
    """Which content of the script."""
    return Column(
        "script_version",
        "integer",
        "Which content of the script was used: the number of the first version of the study that had exactly this "
        "content. Rows with different numbers are of different sessions, though the slug is the same.",
        expression=F(f"{path}script_version"),
    )


def attempt(path: str) -> Column:
    """Which run of the same session."""
    return Column(
        "attempt",
        "integer",
        "Which attempt at the session it was, 1 the first. Somebody who begins a session again makes the next one, and "
        "both are kept: where there are several, decide which one counts.",
        source="the product",
        expression=F(f"{path}attempt"),
    )


def stage() -> Column:
    """Where in the script."""
    return Column(
        "stage",
        "text",
        "The stage of the script, by its id; stage_N is the Nth of all stages.",
        expression=F("stage"),
    )


def given_in(path: str = "run__") -> tuple[tuple[Column, ...], tuple[Column, ...]]:
    """What stands before and after the columns of a thing that was given at a stage."""
    participant, study, arm, synthetic = of_person(f"{path}occasion__enrolment")
    ahead = (participant, study, arm, timepoint(f"{path}occasion__"), script(path), stage())
    return ahead, (attempt(path), script_version(path), synthetic)
