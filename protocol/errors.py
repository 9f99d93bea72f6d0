"""Faults of a bundle: where they are, what was found, what was expected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MAX_PER_FILE = 500
MAX_LISTED = 20


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a bundle; `line` counts from 1, `file` is the path in the bundle.

    A path may hold characters that no page or terminal should be handed: they stand in it escaped.
    """

    file: str
    line: int
    message: str

    def __post_init__(self) -> None:
        if not self.file.isprintable():
            object.__setattr__(self, "file", ascii(self.file)[1:-1])

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class BundleFaults(Exception):
    """A bundle that can't be read, with all its faults, sorted by file and line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: list[Fault] = _first_of_each_file(sorted(dict.fromkeys(faults), key=lambda f: (f.file, f.line)))
        super().__init__("\n".join(str(fault) for fault in self.faults))


def _first_of_each_file(faults: list[Fault]) -> list[Fault]:
    """At most `MAX_PER_FILE` of each file and one line that says so: a hostile file may not flood the reader."""
    kept: list[Fault] = []
    counts: dict[str, int] = {}
    for fault in faults:
        counts[fault.file] = counts.get(fault.file, 0) + 1
        if counts[fault.file] <= MAX_PER_FILE:
            kept.append(fault)
        elif counts[fault.file] == MAX_PER_FILE + 1:
            kept.append(
                Fault(fault.file, fault.line, f"has more than {MAX_PER_FILE} faults; the others are not listed")
            )
    return kept


def shown(value: object) -> str:
    """What was found, short and on one line, fit for a message."""
    text = str(value)
    text = text if len(text) <= 60 else text[:57] + "..."
    return ascii(text) if not text.isprintable() else repr(text)


def listed(words: Iterable[str], last: str = "or") -> str:
    """`a, b or c`; of more than `MAX_LISTED` the first ones, and how many others there are."""
    names = list(words)
    if len(names) > MAX_LISTED + 1:
        names[MAX_LISTED:] = [f"{len(names) - MAX_LISTED} others"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}" if names else "nothing"


def quoted(words: Sequence[str], last: str = "or") -> str:
    """`'a', 'b' or 'c'`: the same of words that may hold anything, each as `shown`."""
    return listed([*(shown(word) for word in words[: MAX_LISTED + 1]), *words[MAX_LISTED + 1 :]], last)
