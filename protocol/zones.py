"""Time zones: the names of the pinned `tzdata` package that a person may live in."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

# Names that no person lives in: offsets whose sign reads the wrong way round, abbreviations that mean another clock in
# another country, and the file that stands for "not set".
_REFUSED = re.compile(r"(Etc/)?GMT[+-]?\d+|[A-Z]ST|[A-Z]{3}\d[A-Z]{3}|CET|EET|MET|WET|Factory")


@cache
def zone_names() -> tuple[str, ...]:
    """Every name that a study or a person may have, sorted: the IANA names and the older ones that browsers report."""
    listed = files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    return tuple(sorted(name for name in listed if not _REFUSED.fullmatch(name)))


def is_zone(name: str) -> bool:
    """Whether `name` may be a study's or a person's time zone."""
    return name in _accepted()


@cache
def _accepted() -> frozenset[str]:
    return frozenset(zone_names())
