"""How the database itself writes values, for its own COPY (PostgreSQL): the bytes that `values` makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from protocol.columns import Column, Kind
from research.writers.values import FORMULA_STARTS

# Each of these is an expression over a value that `{0}` stands for.
Expressions = Mapping[Kind, str]

_FORMULA_STARTS = ", ".join(str(ord(start)) for start in FORMULA_STARTS)

# Up to 1e15, which no answer goes beyond: all digits and no exponent.
_SCALAR_NUMBER = "({0}::float8 + 0)::text"
_SCALAR_TEXT = "({0}::jsonb #>> '{{}}')"
_IS_NUMBER = "left({0}, 1) <> chr(34)"

IN_TEXT: Expressions = {
    "text": f"CASE WHEN ascii({{0}}) IN ({_FORMULA_STARTS}) THEN '''' || {{0}} ELSE {{0}} END",
    "integer": "{0}",
    # The database writes the fewest digits that say the same number, as Python does, but has exponents from 1e15 on and
    # a negative nought; up to 1e16 Python writes all digits, and a whole number past 2^53 with `.0`. Past 2^54, where
    # such digits may lie half-way between two numbers, the database sometimes writes one more; either reads the same.
    "number": "CASE WHEN abs({0}::float8) < 1e15 THEN ({0}::float8 + 0)::text"
    " WHEN abs({0}::float8) <= 9007199254740992 THEN {0}::float8::text::numeric::text"
    " WHEN abs({0}::float8) < 1e16 THEN {0}::float8::text::numeric || '.0'"
    " ELSE {0}::float8::text END",
    "boolean": "{0}::text",
    "time": """to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')""",
    "scalar": f"CASE WHEN {_IS_NUMBER} THEN {_SCALAR_NUMBER} WHEN ascii({_SCALAR_TEXT}) IN ({_FORMULA_STARTS}) "
    f"THEN chr(39) || {_SCALAR_TEXT} ELSE {_SCALAR_TEXT} END",
}
AS_STORED: Expressions = {
    "text": "{0}",
    "integer": "{0}",
    "number": "{0}::float8",
    "boolean": "{0}::text",
    "time": "{0} AT TIME ZONE 'UTC'",
    "scalar": f"CASE WHEN {_IS_NUMBER} THEN {_SCALAR_NUMBER} ELSE {_SCALAR_TEXT} END",
}


def copy_statement(columns: Sequence[Column], names: Sequence[str], rows: str, written: Expressions) -> str:
    """A COPY that sends a line of CSV a row, and no header; null is empty, and a text without letters is `""`.

    Args:
        columns: What is sent.
        names: What each of them is called in `rows`.
        rows: A SELECT, whose order is kept.
        written: How a value of each kind is written.
    """
    values = (written[column.kind].format(f'rows."{name}"') for column, name in zip(columns, names, strict=True))
    selected = f"SELECT {', '.join(values)} FROM ({rows}) AS rows"  # noqa: S608 - names and rows are the product's own
    return f"COPY ({selected}) TO STDOUT WITH (FORMAT csv, ENCODING 'UTF8')"
