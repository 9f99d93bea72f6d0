"""A payer's CSV file: who was paid, for which step, under which reference."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from coaching.services.payments import MOST_REFERENCE, Settled

COLUMNS = ("participant", "panel_id", "timepoint", "reference")
MOST_ROWS = 5_000


class FileFaults(Exception):
    """All that is wrong with a file, a line each: `row 3, reference: …`."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(faults))


def read(content: bytes, *, with_panel_ids: bool) -> list[Settled]:
    """A row a payment, in the file's order; blank lines are passed over.

    Args:
        content: The file: UTF-8, with the columns `reference`, and `participant` or `panel_id`; `timepoint` may be
            there.
        with_panel_ids: Whether whoever reads the file may name people by the panel's id.

    Raises:
        FileFaults: With every fault of the file.
    """
    columns = COLUMNS if with_panel_ids else tuple(name for name in COLUMNS if name != "panel_id")
    try:
        text = content.decode("utf-8-sig")
        rows = list(_numbered(text))
    except UnicodeDecodeError as problem:
        place = problem.object[: problem.start].count(b"\n") + 1
        raise FileFaults([_("row %(n)d: is not UTF-8; save the file as CSV UTF-8") % {"n": place}]) from None
    except csv.Error as problem:
        raise FileFaults([_("the file is no CSV: %(problem)s") % {"problem": problem}]) from None
    header = [name.strip().lower() for name in rows[0][1]] if rows else []
    faults = list(_header_faults(header, columns))
    if len(rows) - 1 > MOST_ROWS:
        faults.append(_("the file has more than %(most)d rows; split it") % {"most": MOST_ROWS})
    if faults:
        raise FileFaults(faults)
    found = []
    for number, row in rows[1:]:
        cells = dict.fromkeys(COLUMNS, "") | {k: v.strip() for k, v in zip(header, row, strict=False)}
        problems = list(_problems(cells, len(row) - len(header)))
        faults += [
            _("row %(row)s, %(column)s: %(problem)s") % {"row": number, "column": column, "problem": problem}
            for column, problem in problems
        ]
        found.append(
            Settled(
                number,
                cells["participant"].upper(),
                "" if cells["participant"] else cells["panel_id"],
                cells["timepoint"],
                cells["reference"],
            )
        )
    if faults:
        raise FileFaults(faults)
    return found


def _numbered(text: str) -> Iterator[tuple[int, list[str]]]:
    for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), start=1):
        if any(cell.strip() for cell in cells):
            yield number, cells


def _header_faults(header: list[str], columns: Sequence[str]) -> Iterator[str]:
    expected = ", ".join(columns)
    for place, name in enumerate(header, start=1):
        if name not in columns:
            yield _("row 1, column %(n)d: %(found)s is no column; expected %(columns)s, with commas") % {
                "n": place,
                "found": repr(name[:60]),
                "columns": expected,
            }
        elif name in header[: place - 1]:
            yield _("row 1, column %(n)d: %(found)s is there twice") % {"n": place, "found": repr(name)}
    if "reference" not in header or not {"participant", "panel_id"} & set(header):
        yield _("row 1: lacks a column; expected %(columns)s") % {"columns": expected}


def _problems(cells: dict[str, str], more: int) -> Iterator[tuple[str, str]]:
    if more > 0:
        yield _("last column"), _("is more than the first row has names for")
    if not cells["participant"] and not cells["panel_id"]:
        yield "participant", _("is empty; expected who was paid")
    if problem := reference_problem(cells["reference"]):
        yield "reference", problem


def reference_problem(reference: str) -> str:
    """Why a text can't be a payer's reference; empty when it can."""
    if not reference:
        return _("is empty; expected what the payer calls the payment")
    if len(reference) > MOST_REFERENCE or not reference.isprintable():
        return _("is too long, or more than one line; expected at most %(most)d characters") % {"most": MOST_REFERENCE}
    return ""
