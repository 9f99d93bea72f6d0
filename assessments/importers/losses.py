"""What a conversion could not carry, and why a file could not be converted at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

MAX_FAULTS = 500

Json = dict[str, Any]
Severity = Literal["lost", "changed"]


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that is not there any more (`lost`), or is there in another way (`changed`).

    `where` names it in the file that was read: a row and its field, a linkId, an item.
    """

    where: str
    what: str
    severity: Severity

    def __str__(self) -> str:
        return f"{self.severity}: {self.where}: {self.what}"


@dataclass(frozen=True, slots=True)
class Converted:
    """Instruments by their id, as their files would hold them, and all that did not come along."""

    instruments: dict[str, Json]
    losses: tuple[Loss, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a file; `column` is empty where it has none."""

    where: str
    column: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}, column {self.column}: {self.message}" if self.column else f"{self.where}: {self.message}"


class ImportFaults(Exception):
    """A file that can't be converted, with its faults in the order of the file; nothing of it is converted."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        found = list(dict.fromkeys(faults))
        self.faults = found[:MAX_FAULTS]
        if len(found) > MAX_FAULTS:
            self.faults.append(Fault("the file", "", f"has {len(found) - MAX_FAULTS} more faults"))
        super().__init__("\n".join(str(fault) for fault in self.faults))


@dataclass(slots=True)
class Ledger:
    """Where the losses of one conversion are written down, in the order in which they are found; each once."""

    _found: dict[Loss, None] = field(default_factory=dict)

    def lost(self, where: str, what: str) -> None:
        """Notes what is not there any more."""
        self._found[Loss(where, what, "lost")] = None

    def changed(self, where: str, what: str) -> None:
        """Notes what is there in another way."""
        self._found[Loss(where, what, "changed")] = None

    def __iter__(self) -> Iterator[Loss]:
        return iter(self._found)
