"""JSON Schemas (2020-12) of the bundle's YAML files, made from the same definitions as the checker."""

from __future__ import annotations

from protocol import definitions
from protocol.kinds import Defs, Schema
from protocol.records import Record

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def study_schema() -> Schema:
    """The schema of study.yaml."""
    return _published(definitions.study)


def instrument_schema() -> Schema:
    """The schema of instruments/ID.yaml."""
    return _published(definitions.instrument)


def script_schema() -> Schema:
    """The schema of scripts/SLUG.yaml."""
    return _published(definitions.script)


def _published(record: Record) -> Schema:
    defs: Defs = {}
    described = record.described(defs)
    return {"$schema": DIALECT, "title": record.name, **described, "$defs": dict(sorted(defs.items()))}
