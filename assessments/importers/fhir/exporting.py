"""Instruments as FHIR R4B Questionnaires."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from operator import ge, gt, le, lt
from typing import Literal

from assessments.importers.branching import ORDERED, asked_item
from assessments.importers.declared import (
    Question,
    digits,
    languages_of,
    note_what_stays,
    questions,
    questions_of,
)
from assessments.importers.fhir.answering import codes_of, coding, way_of
from assessments.importers.fhir.importing import SOURCE
from assessments.importers.fhir.questions import DEFAULT_LONGEST
from assessments.importers.fhir.terms import MAX_VALUE, MIN_VALUE, ORDINAL, SLIDER_STEP, UNIT, control
from assessments.importers.fhir.wording import put
from assessments.importers.losses import Json, Ledger, Loss
from assessments.importers.wording import Text
from protocol.conditions import Comparison, Condition, Joined, parse_condition

_TYPES = {
    "coded": "choice",
    "slider": "integer",
    "integer": "integer",
    "decimal": "decimal",
    "date": "date",
    "string": "string",
    "text": "text",
}
_ANSWERS = {"integer": "answerInteger", "slider": "answerInteger", "decimal": "answerDecimal", "date": "answerDate"}
_MEETS: Mapping[str, Callable[[float, float], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_OPS = {"==": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def to_questionnaire(
    instrument: Json, *, url: str, version: str, languages: Sequence[str]
) -> tuple[Json, tuple[Loss, ...]]:
    """The Questionnaire of an instrument, and what it doesn't hold of it.

    Args:
        instrument: As its file holds it.
        url: The canonical address that responses name.
        version: The version that they name beside it.
        languages: Of its words; the first is the resource's own, the others are its translations.
    """
    ledger = Ledger()
    tags = list(languages) or languages_of(instrument)
    left_out = [language for language in languages_of(instrument) if language not in tags]
    if left_out:
        ledger.lost(instrument["id"], f"its texts in {', '.join(left_out)}")
    note_what_stays(instrument, ledger)
    if any(question.scale for question in questions(instrument)):
        ledger.lost(instrument["id"], f"direction: that {instrument['scale']['direction'].replace('_', ' ')}")
    writer = _Writer(instrument, tags, ledger)
    resource: Json = {"resourceType": "Questionnaire", "url": url, "version": version, "name": instrument["id"]}
    if tags:
        resource["language"] = tags[0]
    put(resource, "title", instrument["title"], tags)
    resource |= {
        "status": "active",
        "subjectType": ["Patient"],
        "description": f"{SOURCE}{instrument['source']}",
        "copyright": instrument["licence"],
        "item": writer.items(),
    }
    return resource, tuple(ledger)


class _Writer:
    """Writes the items of one questionnaire."""

    def __init__(self, instrument: Json, languages: list[str], ledger: Ledger) -> None:
        self._instrument = instrument
        self._languages = languages
        self._ledger = ledger
        self._by_id = {question.id: question for question in questions(instrument)}

    def items(self) -> list[Json]:
        """A group for each section; what leads them is displayed. No id has a dot, so theirs are free."""
        items = [self._display("about.", self._instrument["about"])] if "about" in self._instrument else []
        return items + [self._group(section) for section in self._instrument["sections"]]

    def _group(self, section: Json) -> Json:
        group: Json = {"linkId": section["id"], "type": "group"}
        if "title" in section:
            self._put(group, "text", section["title"])
        lead = [self._display(f"{section['id']}.lead", section["lead"])] if "lead" in section else []
        group["item"] = lead + [self._question(question) for question in questions_of(section, self._instrument)]
        return group

    def _display(self, link: str, text: Text) -> Json:
        return self._put({"linkId": link, "type": "display"}, "text", text)

    def _put(self, element: Json, key: str, text: Text) -> Json:
        return put(element, key, text, self._languages)

    def _question(self, question: Question) -> Json:
        way = way_of(question)
        item: Json = self._put({"linkId": question.id, "type": _TYPES[way]}, "text", question.text)
        if not question.of.get("optional"):
            item["required"] = True
        if question.type == "multi":
            item["repeats"] = True
        extensions = self._extensions(question, way)
        if extensions:
            item["extension"] = extensions
        if way == "coded":
            item["answerOption"] = self._options(question)
        if way == "slider" and (ends := self._ends(question)):
            item["item"] = ends
        longest = question.of.get("longest", DEFAULT_LONGEST)
        if question.type == "text" and longest != DEFAULT_LONGEST:
            item["maxLength"] = longest
        if "when" in question.of:
            item |= self._enabled(parse_condition(question.of["when"]), question)
        return item

    def _options(self, question: Question) -> list[Json]:
        options = []
        for code, (_, number) in codes_of(question).items():
            option: Json = {"valueCoding": coding(question, code, self._languages)}
            if number is not None:
                option["extension"] = [{"url": ORDINAL, "valueDecimal": number}]
            options.append(option)
        return options

    def _extensions(self, question: Question, way: str) -> list[Json]:
        where = f"{self._instrument['id']}.{question.id}"
        found: list[Json] = []
        if way == "slider" and question.scale:
            found += [control("slider"), {"url": SLIDER_STEP, "valueInteger": question.scale.step}]
            low, high = question.scale.min, question.scale.max
        elif way == "decimal" and question.scale:
            self._ledger.changed(where, "scale: it is a decimal; its step and its labels are lost")
            low, high = question.scale.min, question.scale.max
        elif way in ("integer", "decimal", "date"):
            low, high, step = question.bounds
            if way == "decimal" and step is not None:
                self._ledger.lost(where, f"step: that it goes by {digits(step)}")
        else:
            return found
        kind = {"date": "valueDate", "decimal": "valueDecimal"}.get(way, "valueInteger")
        found += [{"url": url, kind: end} for url, end in ((MIN_VALUE, low), (MAX_VALUE, high)) if end is not None]
        if "unit" in question.of:
            found.append({"url": UNIT, "valueCoding": self._put({}, "display", question.of["unit"])})
        return found

    def _ends(self, question: Question) -> list[Json]:
        """The labels at the ends of a slider; those between them have no place."""
        scale = question.scale
        assert scale is not None  # noqa: S101 - nothing else is a slider
        between = [digits(point) for point in scale.labels if point not in (scale.min, scale.max)]
        if between:
            where = f"{self._instrument['id']}.{question.id}"
            self._ledger.lost(where, f"labels of {', '.join(between)}: a slider has them at its ends alone")
        return [
            self._display(f"{question.id}.{name}", scale.labels[point]) | {"extension": [control(name)]}
            for name, point in (("lower", scale.min), ("upper", scale.max))
            if point in scale.labels
        ]

    # --- branching -------------------------------------------------------------------------------------------------

    def _enabled(self, condition: Condition, question: Question) -> Json:
        where = f"{self._instrument['id']}.{question.id}"
        rules = self._rules(condition)
        if rules is None:
            self._ledger.lost(
                where, "when: it has parts within parts, which enableWhen has not; it is asked of everybody"
            )
            return {}
        behaviour, found = rules
        unguarded = [rule["question"] for rule in found if rule["operator"] == "!="] if behaviour == "any" else []
        if unguarded:
            self._ledger.changed(where, f"when: while {unguarded[0]} has no answer FHIR enables it")
        return {"enableWhen": found, **({"enableBehavior": behaviour} if len(found) > 1 else {})}

    def _rules(self, condition: Condition) -> tuple[Literal["all", "any"], list[Json]] | None:
        """The rules that state a condition, of which all or any must hold; None where no such list does."""
        parts = condition.parts if isinstance(condition, Joined) else (condition,)
        if asked_item(condition) is not None:
            parts = (condition,)
        is_all = not isinstance(condition, Joined) or condition.by == "and"
        if len(parts) == 1:
            alone = self._any_of(parts[0])
            return ("any", alone) if alone is not None and len(alone) > 1 else self._all_of(parts)
        return self._all_of(parts) if is_all else self._any_of_all(parts)

    def _all_of(self, parts: Sequence[Condition]) -> tuple[Literal["all"], list[Json]] | None:
        rules: list[Json] = []
        for part in parts:
            item = asked_item(part)
            if item is not None:
                rules.append(_exists(item))
            elif isinstance(part, Comparison):
                rules += self._narrowing(part)
            else:
                return None
        return "all", list({repr(rule): rule for rule in rules}.values())

    def _any_of_all(self, parts: Sequence[Condition]) -> tuple[Literal["any"], list[Json]] | None:
        rules: list[Json] = []
        pairs = {part for part in parts if isinstance(part, Comparison) and part.op == "!="}
        for part in parts:
            if isinstance(part, Comparison) and part.op in ("==", "!="):
                opposite = Comparison(part.item, "!=", part.value)
                # To be something or not to be it is no more than to be answered.
                is_pair = opposite in pairs and Comparison(part.item, "==", part.value) in parts
                rules.append(_exists(part.item) if is_pair else self._rule(part))
                continue
            found = [_exists(item)] if (item := asked_item(part)) is not None else self._any_of(part)
            if found is None:
                return None
            rules += found
        return "any", list({repr(rule): rule for rule in rules}.values())

    def _any_of(self, part: Condition) -> list[Json] | None:
        """The rules of which one must hold for a comparison to; None of anything else."""
        if not isinstance(part, Comparison) or part.op == "!=":
            return None
        return [self._rule(each) for each in self._spelled(part)] if part.op in ORDERED else [self._rule(part)]

    def _narrowing(self, part: Comparison) -> list[Json]:
        """The rules that must all hold for a comparison to. FHIR enables by != what has no answer; hence `exists`."""
        if part.op == "!=":
            return [_exists(part.item), self._rule(part)]
        if part.op in ORDERED and way_of(self._by_id[part.item]) == "coded":
            met = {each.value for each in self._spelled(part)}
            others = [code for code in codes_of(self._by_id[part.item]) if code not in met]
            if len(met) == 1:
                return [self._rule(each) for each in self._spelled(part)]
            return [_exists(part.item), *(self._rule(Comparison(part.item, "!=", code)) for code in others)]
        return [self._rule(part)]

    def _spelled(self, part: Comparison) -> list[Comparison]:
        """A comparison with the order of codes as one with each code that meets it."""
        question = self._by_id[part.item]
        if way_of(question) != "coded":
            return [part]
        limit = float(part.value)
        meets = {
            "<": lambda n: n < limit,
            "<=": lambda n: n <= limit,
            ">": lambda n: n > limit,
            ">=": lambda n: n >= limit,
        }
        return [Comparison(part.item, "==", code) for code in codes_of(question) if meets[part.op](float(code))]

    def _rule(self, part: Comparison) -> Json:
        question = self._by_id[part.item]
        way = way_of(question)
        rule: Json = {"question": part.item, "operator": _OPS[part.op]}
        if way == "coded":
            return rule | {"answerCoding": {"code": digits(float(part.value)) if question.scale else part.value}}
        if way in ("integer", "slider") and re.fullmatch(r"-?[0-9]+", part.value):
            return rule | {"answerInteger": int(part.value)}
        if way in ("integer", "slider", "decimal"):
            return rule | {"answerDecimal": float(part.value)}
        return rule | {_ANSWERS.get(way, "answerString"): part.value}


def _exists(item: str) -> Json:
    return {"question": item, "operator": "exists", "answerBoolean": True}
