"""Time zones: the names of the pinned `tzdata` package, and only those that a person lives in."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

_WITHOUT_REGION = frozenset({"UTC", "Etc/UTC"})


@cache
def zone_names() -> frozenset[str]:
    """Every name that a study or a person may have: `Region/City`, and `UTC`.

    Left out are fixed offsets such as `Etc/GMT+5` and `EST`, which know no daylight saving and whose signs mislead, and
    what is no zone at all (`localtime`, `Factory`, `posixrules`).
    """
    names = files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    return frozenset(name for name in names if "/" in name and not name.startswith("Etc/")) | _WITHOUT_REGION


def is_zone(name: str) -> bool:
    """Whether `name` may be a study's or a person's time zone."""
    return name in zone_names()
