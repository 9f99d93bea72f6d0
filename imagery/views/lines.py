"""Rating lines: a small picture of each person's ratings, for the lists of people that other rooms make."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby

from django.core.exceptions import BadRequest
from django.http import HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

import clock
from coaching.http import StudyRequest
from imagery.selectors.lines import Line, lines_of
from imagery.timeline import shown

CAPTION = "caption"  # beside pseudonyms, which are capital letters and digits
MOST_PEOPLE = 200
MOST_DAYS = 3660
LEFT, RIGHT, TOP, BOTTOM = 4.0, 84.0, 5.0, 29.0  # of the line, in a picture of 120 by 34
WIDE_SCALE = 20  # from here on a mean is given to the whole number, below to a tenth


@require_safe
def lines(request: StudyRequest, slug: str) -> HttpResponse:
    """`{pseudonym: HTML}` of the people asked for (`person`, repeated) who had a session in the last `days`.

    Where all of them rated the same on the same scale, `caption` says it, and no line has to.
    """
    names, days = request.GET.getlist("person"), request.GET.get("days", "28")
    if len(names) > MOST_PEOPLE or not (days.isascii() and days.isdigit() and 0 < int(days[:6]) <= MOST_DAYS):
        raise BadRequest
    found = lines_of(request.study, names, clock.now() - timedelta(days=int(days)))
    scales = {scale_words(line) for line in found.values()}
    is_one = len(scales) == 1
    pictures = {
        name: render_to_string("imagery/_line.html", picture_of(line) | {"says_scale": not is_one})
        for name, line in found.items()
    }
    return JsonResponse(pictures | {CAPTION: escape(scales.pop())} if is_one else pictures)


def scale_words(line: Line) -> str:
    """What a line shows, and from where to where."""
    known = {
        "vividness": _("Vividness"),
        "clarity": _("Clarity"),
        "ease": _("Ease"),
        "effort": _("Effort"),
        "presence": _("Presence"),
        "confidence": _("Confidence"),
    }
    what = known.get(line.kind) or line.kind.replace("_", " ").capitalize()
    return _("%(kind)s, %(low)s to %(high)s") % {"kind": what, "low": shown(line.low), "high": shown(line.high)}


def picture_of(line: Line) -> dict[str, object]:
    """What the picture of a line is drawn from: its stretches without a gap, its last value, and all of it in words.

    The scale's ends are its ends, whatever was given, so that a small change never fills the picture.
    """
    last = next((n for n in reversed(range(len(line.values))) if line.values[n] is not None), None)
    stretches = [
        [(_x(n, len(line.values)), _y(value, line)) for n, value in stretch if value is not None]
        for given, stretch in groupby(enumerate(line.values), key=lambda each: each[1] is not None)
        if given
    ]
    return {
        "low_y": _number(BOTTOM),
        "high_y": _number(TOP),
        "left": _number(LEFT),
        "right": _number(RIGHT),
        "paths": [_path(points) for points in stretches if len(points) > 1],
        "dots": [points[0] for points in stretches if len(points) == 1],
        "end": _end(line, last),
        "scale": scale_words(line),
        "values": ", ".join(_("not given") if value is None else _text(value, line) for value in line.values),
    }


def _end(line: Line, last: int | None) -> dict[str, str] | None:
    value = line.values[last] if last is not None else None
    if last is None or value is None:
        return None
    y = _y(value, line)
    return {
        "x": _x(last, len(line.values)),
        "y": y,
        "text_y": _number(min(max(float(y) + 4.5, TOP + 6), BOTTOM + 4)),
        "text": _text(value, line),
    }


def _x(n: int, count: int) -> str:
    return _number(LEFT + (RIGHT - LEFT) * (n / (count - 1) if count > 1 else 1))


def _y(value: float, line: Line) -> str:
    span = line.high - line.low
    return _number(BOTTOM - (BOTTOM - TOP) * ((value - line.low) / span if span else 0))


def _path(points: Sequence[tuple[str, str]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in points)


def _text(value: float, line: Line) -> str:
    return shown(float(round(value)) if line.high - line.low >= WIDE_SCALE else round(value, 1))


def _number(value: float) -> str:
    # As text: a template would write it with the reader's decimal mark, which no picture understands.
    return f"{value:.1f}"
