"""What a stage's form posts, read.

No id of a stage has a hyphen, so that none of the names here can be mistaken for one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from imagery.services import DECLINED, NOT_APPLICABLE, PASSED, Chosen, Drawn, Forms, Given, Rated, Reported, Timing
from imagery.services.kept import count_words, tidy
from imagery.services.pictures import PictureFault, keep
from imagery.timeline import is_point, shown, step_of
from protocol.script import Range, Stage

RATHER_NOT = "rather-not-say"
NA = "na"
NOTHING = "nothing"
NOTHING_TO_ADD = "nothing-to-add"
WAS_SHORT = "was-short"
ATTEMPT = "attempt"
RESTART = "restart"
LONGEST_TEXT = 20_000
VOICES = ("recording", "device", "words")

# What a radio or a number field posts. Python's float() would also take "nan", "1e3", "1_0" and other scripts' digits.
_NUMBER = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,9})?", re.ASCII)
_WHOLE = re.compile(r"[0-9]{1,10}(?:\.[0-9]{1,20})?", re.ASCII)
_LONGEST_MS = 7 * 86_400_000
_MOST_PAUSES = 100_000


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a posted form gives nothing, said to the person; `id` names the field."""

    id: str
    text: str
    is_short: bool = False
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY


def read_stage(
    stage: Stage, posted: QueryDict, files: MultiValueDict[str, UploadedFile[Any]], draft: str
) -> Given | Fault:
    """What the form of one stage gives; its input is named by the stage's id.

    `draft` holds the strokes of a drawing that were saved while it was made: they count where the page sends none.
    """
    if stage.kind == "draw":
        return _drawn(stage, posted, files, draft)
    return _READERS[stage.kind](stage, posted)


def _passed(stage: Stage, posted: QueryDict) -> Given | Fault:
    return PASSED


def _rated(stage: Stage, posted: QueryDict) -> Given | Fault:
    if RATHER_NOT in posted:
        return DECLINED
    scale = stage.scale or Range(0, 0)
    texts = _texts(stage, posted)
    if not texts:
        return Fault(stage.id, nothing_chosen())
    if texts == [NA] and stage.na is not None:
        return NOT_APPLICABLE
    value = float(texts[0]) if len(texts) == 1 and _NUMBER.fullmatch(texts[0]) else None
    return Fault(stage.id, off_scale(scale)) if value is None or not is_point(scale, value) else Rated(value)


def _chosen(stage: Stage, posted: QueryDict) -> Given | Fault:
    texts = _texts(stage, posted)
    numbers = [str(number) for number in range(1, len(stage.options) + 1)]
    return Chosen(int(texts[0])) if len(texts) == 1 and texts[0] in numbers else Fault(stage.id, _("Choose a way on."))


def _checked(stage: Stage, posted: QueryDict) -> Given | Fault:
    if RATHER_NOT in posted:
        return DECLINED
    texts = _texts(stage, posted)
    numbers = [str(number) for number in range(1, len(stage.choices) + 1)]
    return Chosen(int(texts[0])) if len(texts) == 1 and texts[0] in numbers else Fault(stage.id, nothing_chosen())


def _forms(stage: Stage, posted: QueryDict) -> Given | Fault:
    if RATHER_NOT in posted:
        return DECLINED
    texts = set(_texts(stage, posted))
    if not texts or texts - {NOTHING, *stage.forms}:
        return Fault(stage.id, _("Choose all that fit, or ‘Nothing came’."))
    if NOTHING in texts and len(texts) > 1:
        return Fault(stage.id, _("Choose either ‘Nothing came’ or the forms in which it came."))
    return Forms(tuple(form for form in stage.forms if form in texts))


def _reported(stage: Stage, posted: QueryDict) -> Given | Fault:
    if NOTHING_TO_ADD in posted:
        return Reported("")
    text = tidy(posted.get(stage.id, ""))
    if len(text) > LONGEST_TEXT:
        return Fault(stage.id, _("This is too long to keep. Make it shorter."))
    # Asked for once: whoever has no more to say goes on with the next press.
    if count_words(text) < stage.min_words and WAS_SHORT not in posted:
        return Fault(stage.id, too_short(stage.min_words), is_short=True)
    return Reported(text)


def _drawn(stage: Stage, posted: QueryDict, files: MultiValueDict[str, UploadedFile[Any]], draft: str) -> Given | Fault:
    try:
        kept = keep(
            strokes_text=posted.get("drawing-strokes", "").strip() or draft,
            upload=files.get(stage.id),
            words=posted.get("drawing-words", ""),
            reason=posted.get("reason", ""),
        )
    except PictureFault as fault:
        return Fault(stage.id, str(fault), status=fault.http_status)
    return Drawn(kept)


def drawn_again(posted: QueryDict) -> dict[str, str]:
    """What a drawing's form held, to show it once more; a file can't be."""
    fields = {"words": "drawing-words", "reason": "reason", "strokes": "drawing-strokes"}
    return {name: str(posted.get(field)) for name, field in fields.items() if posted.get(field)}


_READERS: dict[str, Callable[[Stage, QueryDict], Given | Fault]] = {
    "say": _passed,
    "rest": _passed,
    "reveal": _passed,
    "rate": _rated,
    "compare": _rated,
    "choose": _chosen,
    "form": _forms,
    "check": _checked,
    "report": _reported,
}


def nothing_chosen() -> str:
    """What is said when the main action comes with nothing chosen."""
    return _("Choose the answer that fits best, or choose ‘I would rather not say’.")


def off_scale(scale: Range) -> str:
    """What is said when what was typed is no point of the scale."""
    ends = {"low": shown(scale.min), "high": shown(scale.max)}
    if step_of(scale) is not None and float(scale.min).is_integer():
        return _("Give a whole number from %(low)s to %(high)s.") % ends
    return _("Give a number from %(low)s to %(high)s.") % ends


def too_short(min_words: int) -> str:
    """What is said, once, of a text with fewer words than are asked for."""
    return ngettext(
        "If you can, write %(count)d word or more. If that was all, go on.",
        "If you can, write %(count)d words or more. If that was all, go on.",
        min_words,
    ) % {"count": min_words}


def timing(posted: QueryDict) -> Timing:
    """How the page's time was kept, as the page measured it; None for what it did not, or measured as nonsense."""
    return Timing(
        quiet_ms=_whole(posted, "quiet-ms"),
        longer_ms=_whole(posted, "longer-ms"),
        pauses=_whole(posted, "pauses", _MOST_PAUSES),
        paused_ms=_whole(posted, "paused-ms"),
        hidden_ms=_whole(posted, "hidden-ms"),
        response_time_ms=_whole(posted, "response-time-ms"),
        voice=posted.get("voice", "") if posted.get("voice") in VOICES else "",
        audio_ms=_whole(posted, "audio-ms"),
        audio_heard_ms=_whole(posted, "audio-heard-ms"),
    )


def attempt(posted: QueryDict, name: str = ATTEMPT) -> int | None:
    """The attempt that a page belonged to; None where it doesn't say."""
    return _whole(posted, name, 10**6)


def _texts(stage: Stage, posted: QueryDict) -> list[str]:
    return [text.strip() for text in posted.getlist(stage.id) if text.strip()]


def _whole(posted: QueryDict, name: str, most: int = _LONGEST_MS) -> int | None:
    text = posted.get(name, "").strip()
    if not _WHOLE.fullmatch(text):
        return None
    number = round(float(text))
    return number if number <= most else None
