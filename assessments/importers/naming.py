"""Ids made from other programs' names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from protocol.definitions.shared import TAKEN

LONGEST = 24


class Names:
    """Ids of one space: each is given once."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {TAKEN, *taken}

    def give(self, wanted: str, otherwise: str) -> str:
        """A free id as near to `wanted` as can be; made of `otherwise` where nothing of it can stand in an id."""
        base = _as_id(wanted) or _as_id(otherwise) or "q"
        for n in range(1, len(self._taken) + 2):
            tail = "" if n == 1 else f"_{n}"
            id = _shortened(base, LONGEST - len(tail)) + tail
            if id not in self._taken:
                break
        self._taken.add(id)
        return id


def _as_id(text: str) -> str:
    if re.fullmatch(r"[a-z][a-z0-9_]*", text):
        return text
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    id = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    return id if not id or id[0].isalpha() else f"q_{id}"


def _shortened(id: str, longest: int) -> str:
    """At most `longest` characters: the end, for names of one questionnaire mostly begin alike."""
    if len(id) <= longest:
        return id
    end = id[-longest:]
    whole = end.partition("_")[2] if "_" in end[: longest // 2] else end
    return whole.lstrip("_") if whole.lstrip("_")[:1].isalpha() else f"q_{id[2 - longest :].lstrip('_')}"
