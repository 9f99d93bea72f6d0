"""What a method gives back: tables, what to hold them against, charts, and the way to disk."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from representations.errors import RepresentationError
from representations.picture import Drawable, drawn

Progress: TypeAlias = Callable[[int, int], None]
"""Called with how much is done and how much there is; may raise to stop the work."""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        values: one value a row: numbers, strings or booleans; NaN and None are empty.
        means: what it is, for somebody who reads the table alone.
        unit: the unit, empty for a pure number or a name.
    """

    values: Sequence[Any] | np.ndarray[Any, Any]
    means: str
    unit: str = ""


@dataclass(frozen=True)
class Table:
    """Rows under one name, all columns of one length (`RepresentationError` otherwise)."""

    name: str
    means: str
    columns: Mapping[str, Column]

    def __post_init__(self) -> None:
        lengths = {name: len(column.values) for name, column in self.columns.items()}
        if len(set(lengths.values())) > 1:
            raise RepresentationError(f"Table {self.name}: columns of different lengths were found: {lengths}.")

    def rows(self) -> list[dict[str, Any]]:
        """One dictionary a row, in plain Python values; an empty value is None."""
        plain = {name: _plain_values(column.values) for name, column in self.columns.items()}
        return [dict(zip(plain, row, strict=True)) for row in zip(*plain.values(), strict=True)]


@dataclass(frozen=True)
class Reference:
    """What an estimate is held against.

    Attributes:
        value: on the estimate's own scale; None where it can't be had, and `how` then says why.
        how: how it was reckoned, with the number of draws where it is drawn.
        low, high: the limits between which 95 % of the draws lie, where there are draws.
    """

    value: float | None
    how: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Result:
    """What one method found.

    Attributes:
        method: its name on the command line.
        source: the paper, with the tag that says how well each part is known.
        tables: the estimates.
        null: what shuffled input gives.
        floor: what the method gives for no difference at all: interpolation, round-off.
        ceiling: the most that input of this reliability could give.
        warnings: what a reader must know before believing it.
        settings: all that was chosen, the seed among it.
        charts: the estimates drawn.
    """

    method: str
    source: str
    tables: Sequence[Table]
    null: Reference
    floor: Reference
    ceiling: Reference
    warnings: Sequence[str] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    charts: Mapping[str, Drawable] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [table.name for table in self.tables]
        unfit = [name for name in [*names, *self.charts] if not name or Path(name).name != name or name.startswith(".")]
        if unfit or len(set(names)) < len(names):
            raise RepresentationError(
                f"Expected: tables and charts with names for a file each. Found: {unfit or names}."
            )

    def table(self, name: str) -> Table:
        """The table of that name (`KeyError` where there is none)."""
        return {table.name: table for table in self.tables}[name]

    def as_json(self) -> dict[str, Any]:
        """All of it but the charts, in values that JSON knows; NaN and infinity are null."""
        return {
            "method": self.method,
            "source": self.source,
            "settings": _plain(self.settings),
            "warnings": list(self.warnings),
            **{name: _reference(getattr(self, name)) for name in ("null", "floor", "ceiling")},
            "tables": {
                table.name: {
                    "means": table.means,
                    "columns": {name: {"means": c.means, "unit": c.unit} for name, c in table.columns.items()},
                    "rows": table.rows(),
                }
                for table in self.tables
            },
        }

    def drawings(self) -> dict[str, str]:
        """Each chart as an SVG document, by its name."""
        return {name: drawn(chart) for name, chart in self.charts.items()}

    def write(self, folder: Path, *, replace: bool = False) -> list[Path]:
        """Writes `result.json`, one Parquet file a table and one SVG a chart into a new folder, all of it or nothing.

        Args:
            folder: where to; made by this call.
            replace: whether a result that stands there may go.

        Raises:
            RepresentationError: something stands there already, and is not to be replaced or is no result.
        """
        check_place(folder, replace=replace)
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            text = json.dumps(self.as_json(), ensure_ascii=False, indent=1, allow_nan=False)
            (part / "result.json").write_text(text + "\n", encoding="utf-8")
            for table in self.tables:
                pq.write_table(_arrow(table), part / f"{table.name}.parquet")
            for name, svg in self.drawings().items():
                (part / f"{name}.svg").write_text(svg, encoding="utf-8")
            part.chmod(0o755)
            if folder.exists():
                _exchange(part, folder)
            else:
                part.rename(folder)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
        return sorted(folder.iterdir())


def check_place(folder: Path, *, replace: bool = False) -> None:
    """Makes sure, before long work, that a result may be written there.

    Raises:
        RepresentationError: something stands there already, and is not to be replaced or is no result.
    """
    if folder.exists() and not (replace and folder.is_dir() and (folder / "result.json").is_file()):
        asked = "is no result of an earlier run" if replace else "is there already"
        raise RepresentationError(f"{folder}: {asked}. Expected: a folder that does not exist yet.")


def _exchange(part: Path, folder: Path) -> None:
    """Puts the new result where the old one is, which comes back should that fail."""
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        folder.rename(aside / "earlier")
        try:
            part.rename(folder)
        except BaseException:
            (aside / "earlier").rename(folder)
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _arrow(table: Table) -> pa.Table:
    arrays = {name: pa.array(_plain_values(column.values)) for name, column in table.columns.items()}
    schema = pa.schema(
        [
            pa.field(name, array.type, metadata={"means": table.columns[name].means, "unit": table.columns[name].unit})
            for name, array in arrays.items()
        ],
        metadata={"means": table.means},
    )
    return pa.Table.from_arrays(list(arrays.values()), schema=schema)


def _plain_values(values: Sequence[Any] | np.ndarray[Any, Any]) -> list[Any]:
    return [_plain(value) for value in values]


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return [_plain(one) for one in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Path):
        return value.name
    return value


def _reference(reference: Reference) -> dict[str, Any]:
    return {
        "value": _plain(reference.value),
        "low": _plain(reference.low),
        "high": _plain(reference.high),
        "how": reference.how,
    }
