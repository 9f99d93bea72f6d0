"""The editor's form, box by box: what stands in each, how it reads, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from coaching.language import named
from protocol.drafting import Misfit
from research.editing.fields import field_at, words_fields
from research.editing.layout import HEAD, MOST_OF_LIST, STAGES, Control, kind_of
from research.editing.measuring import measures
from research.views import script_words

Json = dict[str, Any]


@dataclass
class Box:
    """One field of the form.

    Attributes:
        name: Its name, and its id.
        label: What stands above it.
        value: What stands in it.
        look: `area`, `line`, `select`; `hidden` for what is put in on another page.
        language: Of a text; empty for any other value.
        row: What it stands beside: the same text in the other languages; empty for whatever is short.
        hint: What helps to fill it in.
        options: What can be chosen.
        is_short: Whether a word or a number is expected.
        is_measured: Whether its words are counted.
        about: How it reads.
        flags: Its words that had better be others.
        error: What is wrong.
    """

    name: str
    label: str
    value: str
    look: Literal["area", "line", "select", "hidden"]
    language: str = ""
    row: str = ""
    hint: str = ""
    options: list[tuple[str, str]] = field(default_factory=list)
    is_short: bool = False
    is_measured: bool = False
    about: str = ""
    flags: list[str] = field(default_factory=list)
    error: str = ""

    @property
    def described(self) -> str:
        """The ids of what is read out with it."""
        parts = {"hint": self.hint, "error": self.error, "about": self.is_measured, "flags": self.is_measured}
        return " ".join(f"{self.name}-{part}" for part, there in parts.items() if there)


@dataclass
class Group:
    """Boxes that belong together: what stands around the stages, or one stage."""

    boxes: list[Box]
    more: list[Box]
    errors: list[str] = field(default_factory=list)

    @property
    def rows(self) -> list[list[Box]]:
        """The boxes in rows."""
        return _rows(self.boxes)

    @property
    def more_rows(self) -> list[list[Box]]:
        """What is folded away, in rows."""
        return _rows(self.more)

    @property
    def shows_more(self) -> bool:
        """Whether what is folded away is shown: there is a fault in it."""
        return any(box.error for box in self.more)


@dataclass
class StageGroup(Group):
    """One stage, with its place."""

    n: int = 0
    kind: str = ""
    title: str = ""
    called: str = ""
    layer: str = ""
    files: list[tuple[str, str]] = field(default_factory=list)
    has_files: bool = False


@dataclass(frozen=True)
class Form:
    """The whole form.

    Attributes:
        head: What stands around the stages.
        layers: Each stretch of stages of one layer (its name may be empty), in order.
        count: How many stages there are.
        summary: Every fault, with the id of where it is.
    """

    head: Group
    layers: list[tuple[str, list[StageGroup]]]
    count: int
    summary: list[dict[str, str]]


def form_of(
    script: Json, languages: Sequence[str], *, scripts: Iterable[str] = (), misfits: Sequence[Misfit] = ()
) -> Form:
    """The form of a script.

    Args:
        script: What stands in it.
        languages: The study's.
        scripts: The slugs of the study's scripts, one of which a control can be matched to.
        misfits: What is wrong.
    """
    maker = _Maker(script, languages, [slug for slug in scripts if slug != script["slug"]])
    head = Group(*maker.boxes(HEAD, "", script))
    stages = [maker.stage(n, stage) for n, stage in enumerate(script["stages"], start=1)]
    summary = [_placed(misfit, head, stages) for misfit in misfits]
    return Form(head, list(_by_layer(stages)), len(stages), summary)


class _Maker:
    """Makes boxes; what all of them need is looked up once."""

    def __init__(self, script: Json, languages: Sequence[str], scripts: Sequence[str]) -> None:
        self._languages = languages
        self._names = dict(named(languages))
        self._scripts = scripts
        self._measures = measures(script, languages)
        self._labels, self._hints = script_words.label_words(), script_words.hint_words()
        self._kinds = script_words.kind_words()

    def stage(self, n: int, stage: Json) -> StageGroup:
        kind = kind_of(stage)
        boxes, more = self.boxes(STAGES[kind], f"stage-{n}-", stage)
        return StageGroup(
            boxes,
            more,
            n=n,
            kind=kind,
            title=self._kinds[kind],
            called=str(stage.get("id", "")),
            layer=str(stage.get("layer", "")),
            files=[(box.label, box.value) for box in boxes if box.look == "hidden" and box.value],
            has_files=any(box.look == "hidden" for box in boxes),
        )

    def boxes(self, controls: Iterable[Control], prefix: str, within: Json) -> tuple[list[Box], list[Box]]:
        """The boxes of some controls: those in sight, and those that are folded away."""
        found: tuple[list[Box], list[Box]] = ([], [])
        for control in controls:
            value: Any = within
            for key in control.keys:
                value = value.get(key) if isinstance(value, dict) else None
            found[control.is_more].extend(self._of(control, f"{prefix}{'-'.join(control.keys)}", value))
        return found

    def _of(self, control: Control, name: str, value: Any) -> Iterator[Box]:
        label, hint = self._labels.get(control.key, control.key), self._hints.get(control.key, "")
        if control.widget in ("words", "title", "paths"):
            yield from self._texts(control, name, value, label, hint)
        elif control.widget == "words_list":
            for n, each in self._with_spare(control, value):
                if control.of:
                    yield self._choice(control, f"{name}-{n}", each, label % {"n": n}, hint if n == 1 else "")
                else:
                    yield from self._texts(control, f"{name}-{n}", each, label % {"n": n}, "")
        elif control.widget == "options":
            for n, each in self._with_spare(control, value):
                yield from self._option(control, name, n, each or {})
        elif control.widget == "choice" or control.key == "matched_to":
            yield self._choice(control, name, value, label, hint)
        elif control.widget == "path":
            yield Box(name, label, value or "", "hidden")
        else:
            text = "" if value is None else str(value)
            is_short = control.widget in ("number", "duration", "id")
            yield Box(name, label, text, "line", hint=hint, is_short=is_short)

    def _with_spare(self, control: Control, value: Any) -> list[tuple[int, Any]]:
        """What is in a list, and room for one more."""
        filled = list(enumerate(value or (), start=1))
        return [*filled, (len(filled) + 1, None)] if len(filled) < MOST_OF_LIST[control.key] else filled

    def _texts(self, control: Control, name: str, value: Any, label: str, hint: str) -> Iterator[Box]:
        look: Any = {"words": "area", "paths": "hidden"}.get(control.widget, "line")
        for (full, text), language in zip(words_fields(name, value, self._languages), self._languages, strict=True):
            measured = self._measures.get(full)
            yield Box(
                full,
                self._in_language(label, language),
                text,
                look,
                language=language,
                row=name,
                hint=hint,
                is_measured=control.measured,
                about=script_words.about_words(measured) if measured else "",
                flags=script_words.flag_words(measured) if measured else [],
            )

    def _option(self, control: Control, name: str, n: int, value: Json) -> Iterator[Box]:
        label = self._labels["options.label"] % {"n": n}
        texts = Control("options.label", "title", measured=control.measured)
        yield from self._texts(texts, f"{name}-{n}-label", value.get("label"), label, "")
        goto = self._labels["options.goto"] % {"n": n}
        hint = self._hints["options.goto"] if n == 1 else ""
        yield Box(f"{name}-{n}-goto", goto, str(value.get("goto", "")), "line", hint=hint, is_short=True)

    def _choice(self, control: Control, name: str, value: Any, label: str, hint: str) -> Box:
        chosen = str(value or ("training" if control.key == "purpose" else ""))
        if control.of:
            words = script_words.choice_words(control.key)
            options = [(each, words[each]) for each in control.of]
        else:
            options = [(each, each) for each in self._scripts]
        if chosen and chosen not in dict(options):
            options.append((chosen, chosen))  # what was typed elsewhere is kept, and told to be wrong
        empty = {
            "unlock.by": _("all of them from the start"),
            "matched_to": pgettext("session", "none"),
            "forms": pgettext("form in which something came", "none"),
        }
        if control.key in empty or not chosen:
            options.insert(0, ("", empty.get(control.key, _("Choose one"))))
        return Box(name, label, chosen, "select", hint=hint, options=options)

    def _in_language(self, label: str, language: str) -> str:
        if len(self._languages) == 1:
            return label
        return _("%(label)s, %(language)s") % {"label": label, "language": self._names.get(language, language)}


def _rows(boxes: Sequence[Box]) -> list[list[Box]]:
    return [list(row) for _, row in groupby(boxes, key=lambda box: box.row)]


def _by_layer(stages: Iterable[StageGroup]) -> Iterator[tuple[str, list[StageGroup]]]:
    layer, found = "", list[StageGroup]()
    for stage in stages:
        if stage.layer != layer and found:
            yield layer, found
            found = []
        layer = stage.layer
        found.append(stage)
    if found:
        yield layer, found


def _placed(misfit: Misfit, head: Group, stages: Sequence[StageGroup]) -> dict[str, str]:
    """A fault's line in the summary; it is noted at the box or the part that it is about as well."""
    # What begins with the path of a file keeps it as it is.
    is_sentence = "/" not in misfit.message.partition(" ")[0]
    message = misfit.message[:1].upper() + misfit.message[1:] if is_sentence else misfit.message
    path = misfit.path
    is_of_stage = len(path) > 1 and path[0] == "stages" and isinstance(path[1], int) and path[1] < len(stages)
    group = stages[int(path[1])] if is_of_stage else head
    box = _box_at(group, path) if path and not misfit.file else None
    place = _("Part %(n)d: %(message)s") % {"n": group.n, "message": message} if isinstance(group, StageGroup) else ""
    anchor = f"stage-{group.n}" if isinstance(group, StageGroup) else "script-head"
    if box is not None:
        box.error = f"{box.error} {message}".strip()
        anchor = box.name
    elif not misfit.file:
        group.errors.append(message)
    return {"id": "" if misfit.file else anchor, "text": place or message}


def _box_at(group: Group, path: Sequence[str | int]) -> Box | None:
    """The box of a value, else the first of those that belong to it; none that is put in on another page."""
    boxes = [box for box in (*group.boxes, *group.more) if box.look != "hidden"]
    name = field_at(path)
    exact = [box for box in boxes if box.name == name]
    is_whole_stage = path[0] == "stages" and len(path) == 2
    within = [] if is_whole_stage else [box for box in boxes if box.name.startswith(f"{name}-")]
    return next(iter([*exact, *within]), None)
