"""The table of a reproduction: each figure, what was found, what was wanted of it, and whether that holds."""

from __future__ import annotations

import sys


class Wanted:
    """The table of figures, and whether all are as wanted."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, str, str]] = []

    def add(self, figure: str, found: str, wanted: str = "", *, holds: bool | None = None) -> None:
        """One figure; without a wish it is only told."""
        self.rows.append((figure, found, wanted, "" if holds is None else "yes" if holds else "NO"))

    def below(self, figure: str, found: float, limit: float) -> None:
        """A figure that should be smaller than a limit."""
        self.add(figure, f"{found:.3g}", f"< {limit:g}", holds=found < limit)

    def above(self, figure: str, found: float, limit: float) -> None:
        """A figure that should be larger than a limit."""
        self.add(figure, f"{found:.5g}", f"> {limit:g}", holds=found > limit)

    def equal(self, figure: str, found: int, wished: int) -> None:
        """A count that should be so much."""
        self.add(figure, str(found), str(wished), holds=found == wished)

    def close(self) -> int:
        """Prints all, and gives the exit status: 1 where something does not hold."""
        for row in (("figure", "found", "wanted", "holds"), *self.rows):
            sys.stdout.write(f"{row[0]:<74} {row[1]:<26} {row[2]:<22} {row[3]}\n")
        return int(any(row[3] == "NO" for row in self.rows))
