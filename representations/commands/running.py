"""Runs a method and hands over what it found: to a folder, to the screen, or both."""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from typing import Any, TextIO

from representations.commands import Method
from representations.errors import RepresentationError
from representations.result import Result, Table, check_place

BETWEEN_S = 0.1  # a line on a terminal is written anew no more often


class Meter:
    """Says how far the work is: a line that is rewritten on a terminal, else a line at every 10 %.

    Work that has several parts counts each of them from the start.
    """

    def __init__(self, name: str, to: TextIO) -> None:
        self._name, self._to, self._is_terminal = name, to, to.isatty()
        self._total, self._tenth, self._at, self._is_open = 0, 0, -math.inf, False

    def __call__(self, done: int, total: int) -> None:
        """Takes note; writes where there is something new to say."""
        share = min(max(done / total, 0.0), 1.0) if total > 0 else 1.0
        if self._is_terminal:
            now = time.monotonic()
            if now - self._at >= BETWEEN_S or done >= total:
                self._to.write(f"\r{self._name}: {share:4.0%}, {done:,} of {total:,}\x1b[K")
                self._to.flush()
                self._at, self._is_open = now, True
            return
        if total != self._total or math.floor(share * 10) < self._tenth:
            self._total, self._tenth = total, 0
        if math.floor(share * 10) > self._tenth:
            self._tenth = math.floor(share * 10)
            self._to.write(f"{self._name}: {self._tenth * 10} %\n")
            self._to.flush()

    def close(self) -> None:
        """Ends the line."""
        if self._is_open:
            self._to.write("\n")
            self._to.flush()
            self._is_open = False


def carry_out(name: str, method: Method, asked: argparse.Namespace) -> None:
    """Runs the method; its result goes where it was asked for, what a reader must know to stderr."""
    if asked.out is not None:
        check_place(asked.out, replace=asked.replace)
    meter = Meter(name, sys.stderr)
    try:
        result = method.run(asked, meter)
    finally:
        meter.close()
    for warning in result.warnings:
        sys.stderr.write(f"Note: {warning}\n")
    if asked.out is not None:
        written = result.write(asked.out, replace=asked.replace)
        sys.stderr.write(f"{asked.out}: {', '.join(file.name for file in written)}\n")
    if asked.format == "table":
        sys.stdout.write(in_columns(_asked_table(result, asked.table)))
    elif asked.format == "json":
        json.dump(result.as_json(), sys.stdout, ensure_ascii=False, indent=1, allow_nan=False)
        sys.stdout.write("\n")


def _asked_table(result: Result, name: str | None) -> Table:
    """The table of that name; by default the one of groups, else the first."""
    tables = {table.name: table for table in result.tables}
    if name is None:
        return tables.get("groups", result.tables[0])
    if name not in tables:
        raise RepresentationError(f"--table {name}: no such table. Expected: one of {', '.join(tables)}.")
    return tables[name]


def in_columns(table: Table) -> str:
    """The table as text: names above, numbers to the right with four digits, a dash where there is nothing."""
    names = list(table.columns)
    rows = table.rows()
    cells = [[_shown(row[name]) for name in names] for row in rows]
    is_number = [
        all(row[name] is None or isinstance(row[name], int | float) and not isinstance(row[name], bool) for row in rows)
        for name in names
    ]
    widths = [max(len(line[k]) for line in [names, *cells]) for k in range(len(names))]
    lines = [
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, is_number, strict=True)
        ).rstrip()
        for line in [names, *cells]
    ]
    return "\n".join(lines) + "\n"


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4g}"
    return " ".join(str(value).split()) if not isinstance(value, bool) else ("yes" if value else "no")
