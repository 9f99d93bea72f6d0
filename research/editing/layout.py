"""What an editor's form has for each kind of stage: pure, and as complete as what a script's file may hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from protocol.script import FORMS, PURPOSES

Widget = Literal[
    "words", "title", "line", "id", "number", "duration", "choice", "path", "paths", "words_list", "options"
]


@dataclass(frozen=True, slots=True)
class Control:
    """One key of a script or a stage, and how it is put in.

    Attributes:
        key: The key, or two with a point between: `scale.max`.
        widget: `words`: free text in each language; `title`: one line in each; `line`, `id`: one line; `number`;
            `duration`; `choice`: one of `of`; `path`, `paths`: a file, or one a language; `words_list`: several
            texts; `options`: ways on, each a label and where it leads. With `of`, `words_list` is a list of these.
        required: Whether a file without it has a fault.
        of: What can be chosen.
        measured: Whether a person reads or hears it, so that its words are counted.
        is_more: Whether it is folded away, being needed seldom.
    """

    key: str
    widget: Widget
    required: bool = False
    of: tuple[str, ...] = ()
    measured: bool = False
    is_more: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """The way from the stage to the value."""
        return tuple(self.key.split("."))


def _prompt(key: str) -> Control:
    return Control(key, "words", required=True, measured=True)


_SCALE = (Control("scale.min", "number"), Control("scale.max", "number"))
_NA = Control("na", "title", measured=True)
_SHARED = (Control("id", "id", is_more=True), Control("layer", "id", is_more=True))

STAGES: Mapping[str, tuple[Control, ...]] = {
    kind: (*controls, *_SHARED)
    for kind, controls in {
        "say": (_prompt("say"), Control("hold", "duration"), Control("audio", "paths"), Control("captions", "paths")),
        "rate": (Control("rate", "id", required=True), *_SCALE, _NA),
        "report": (_prompt("report"), Control("min_words", "number")),
        "draw": (
            _prompt("draw"),
            Control("seconds", "number"),
            Control("condition", "choice", required=True, of=("imagery", "memory", "copy")),
        ),
        "reveal": (
            Control("reveal", "path", required=True),
            Control("alt", "words", required=True),
            Control("credit", "line"),
        ),
        "compare": (_prompt("compare"), *_SCALE, _NA),
        "form": (_prompt("form"), Control("forms", "words_list", of=FORMS)),
        "check": (
            _prompt("check"),
            Control("choices", "words_list", required=True, measured=True),
            Control("answer", "number"),
        ),
        "rest": (Control("rest", "duration", required=True),),
        "choose": (_prompt("choose"), Control("options", "options", required=True, measured=True)),
    }.items()
}
"""Its controls by kind, in the order of the form."""

HEAD: tuple[Control, ...] = (
    Control("title", "title", required=True),
    Control("about", "words"),
    Control("purpose", "choice", of=PURPOSES),
    Control("matched_to", "id"),
    Control("safety.note", "words", measured=True),
    Control("safety.exit", "words", measured=True),
    Control("unlock.by", "choice", of=("exposure", "rating"), is_more=True),
    Control("unlock.times", "number", is_more=True),
    Control("unlock.rating", "id", is_more=True),
    Control("unlock.at_least", "number", is_more=True),
    Control("voice.rate", "number", is_more=True),
    Control("voice.pause", "duration", is_more=True),
)
"""What stands around the stages."""

MOST_STAGES = 500
MOST_OF_LIST = {"forms": len(FORMS), "choices": 10, "options": 20}


def kind_of(stage: Mapping[str, object]) -> str:
    """The kind of a stage, told by its key."""
    return next(kind for kind in STAGES if kind in stage)
