"""Branching logic of a dictionary's fields as conditions on the items that became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assessments.importers.branching import Answers, NotCarried, joined, stated, written
from assessments.importers.declared import question_of
from assessments.importers.drafts import DIRECTION
from assessments.importers.losses import Fault, Json, Ledger
from assessments.importers.redcap import rows as columns
from assessments.importers.redcap.logic import Compared, Logic, compared_in, parse_logic
from assessments.importers.redcap.rows import Row
from protocol.conditions import Condition
from protocol.errors import listed, shown
from protocol.rules.branching import circles

_NO_SCALE = {"min": 0, "max": 1, "direction": DIRECTION}


@dataclass(slots=True)
class Field:
    """A field and what became of it: `item` is None where it isn't asked; `number` is its place in the file."""

    row: Row
    number: int
    item: Json | None

    @property
    def answers(self) -> Answers | None:
        """What can be answered to it; None where it isn't asked."""
        return Answers.of(question_of(self.item, "", _NO_SCALE)) if self.item is not None else None


class Asking:
    """Gives items their conditions; what is lost goes to the ledger, what is wrong to the faults."""

    def __init__(self, fields: Mapping[str, Field], ledger: Ledger, faults: list[Fault]) -> None:
        self._fields = fields
        self._ledger = ledger
        self._faults = faults
        self._forms_done = {f"{field.row[columns.FORM].lower()}_complete" for field in fields.values()}

    def attach(self) -> None:
        """Writes the `when` of each item that has branching logic which can be said."""
        logics = {name: self._logic(field) for name, field in self._fields.items() if field.row[columns.BRANCHING]}
        self._check_circles({name: logic for name, logic in logics.items() if logic is not None})
        for name, logic in logics.items():
            field = self._fields[name]
            if logic is None or field.item is None:
                continue
            try:
                field.item["when"] = written(self._condition(logic, field))
            except NotCarried as why:
                self._lose(field, str(why))
            else:
                self._note_unanswered(field, logic)

    def _logic(self, field: Field) -> Logic | None:
        """What a field's cell says; None where it says more than comparisons, or something wrong."""
        try:
            logic = parse_logic(field.row[columns.BRANCHING])
        except NotCarried as why:
            if field.item is not None:
                self._lose(field, str(why))
            return None
        except ValueError as problem:
            self._faults.append(field.row.fault(columns.BRANCHING, str(problem)))
            return None
        unknown = [
            each.field
            for each in compared_in(logic)
            if each.field not in self._fields and each.field not in self._forms_done
        ]
        for name in dict.fromkeys(unknown):
            self._faults.append(
                field.row.fault(columns.BRANCHING, f"names {shown(name)}; expected a field of this dictionary")
            )
        return None if unknown else logic

    def _lose(self, field: Field, why: str) -> None:
        self._ledger.lost(field.row.where, f"{columns.BRANCHING}: {why}; it is asked of everybody")

    def _check_circles(self, logics: Mapping[str, Logic]) -> None:
        names: dict[str, Sequence[str]] = {
            name: [each.field for each in compared_in(logic) if self._counts(each)] for name, logic in logics.items()
        }
        for name, way in circles(names).items():
            row = self._fields[name].row
            self._faults.append(row.fault(columns.BRANCHING, f"leads in a circle: {' -> '.join(way)}"))

    def _counts(self, each: Compared) -> bool:
        """Whether a comparison could become one here: that a field is empty can't, so two may exclude each other."""
        return not (each.op == "==" and not each.value)

    def _condition(self, logic: Logic, of: Field) -> Condition:
        if isinstance(logic, Compared):
            return self._comparison(logic, of)
        return joined(logic.by, [self._condition(part, of) for part in logic.parts])

    def _comparison(self, each: Compared, of: Field) -> Condition:
        named = self._fields.get(each.field)
        if named is None:
            raise NotCarried(f"names {each.field!r}, which says whether a form is complete")
        if named.row[columns.FORM] != of.row[columns.FORM]:
            raise NotCarried(f"names {each.field!r} of another form")
        answers = named.answers
        if answers is None:
            raise NotCarried(f"names {each.field!r}, which isn't asked here")
        if named.number >= of.number:
            raise NotCarried(f"names {each.field!r}, which comes later")
        return stated(answers, each.code, each.op, each.value)

    def _note_unanswered(self, field: Field, logic: Logic) -> None:
        """Notes where REDCap would ask of somebody who left the other field empty."""
        parts = list(compared_in(logic))
        guarded = {each.field for each in parts if each.op == "!=" and not each.value and each.code is None}
        unguarded = [
            each.field
            for each in parts
            if each.field not in guarded and (each.op != "==" if each.code is None else _is_off(each))
            if each.op == "!=" or each.code is not None
        ]
        if unguarded:
            names = listed(dict.fromkeys(unguarded))
            self._ledger.changed(
                field.row.where,
                f"{columns.BRANCHING}: while {names} has no answer REDCap asks it; here it isn't asked then",
            )


def _is_off(each: Compared) -> bool:
    return (each.op == "==") == (each.value == "0")
