"""Words of the editor of scripts."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from imagery.matching import Difference
from imagery.views.pages import form_words
from research.editing.measuring import Measured, Totals

Words = Mapping[str, str]


def kind_words() -> Words:
    """The kinds of stage."""
    return {
        "say": _("Something said"),
        "rest": _("Rest"),
        "rate": _("Rating"),
        "form": _("In what form it came"),
        "report": _("Own words"),
        "draw": _("Drawing"),
        "reveal": _("Picture"),
        "compare": _("Comparison with the picture"),
        "choose": _("Choice of the way"),
        "check": _("Question on attention"),
    }


def purpose_words() -> Words:
    """What a script is for."""
    return {
        "training": _("Practice"),
        "probe": _("Measurement by what is never practised"),
        "control": _("Comparison without imagery"),
    }


def label_words() -> Words:
    """What each control is called, by its key; a key of one kind of stage alone with the kind before it."""
    return {
        "title": _("Title"),
        "about": _("What it is, for staff"),
        "purpose": _("What it is for"),
        "matched_to": _("Of a comparison: the script that it is to be like"),
        "safety.note": _("What it may touch, read before it begins"),
        "safety.exit": _("What is said to somebody who wants out of it"),
        "unlock.by": _("Later layers open"),
        "unlock.times": _("After how many sessions"),
        "unlock.rating": _("By which rating"),
        "unlock.at_least": _("From which value on"),
        "voice.rate": _("Speed of the voice"),
        "voice.pause": _("Pause between sentences"),
        "say": _("What is said"),
        "hold": _("Quiet time after it"),
        "rate": _("What is rated"),
        "scale.min": _("Lowest value"),
        "scale.max": _("Highest value"),
        "na": _("Answer beside the scale, where there is nothing to rate"),
        "report": _("What is asked"),
        "min_words": _("How many words are asked for"),
        "draw": _("What is asked"),
        "seconds": _("Seconds to draw"),
        "condition": _("From what it is drawn"),
        "reveal": _("Picture"),
        "alt": _("The picture in words"),
        "credit": _("Who made it, under what licence"),
        "compare": _("What is asked"),
        "form": _("What is asked"),
        "forms": _("Form %(n)d"),
        "check": _("What is asked"),
        "choices": _("Answer %(n)d"),
        "answer": _("Number of the right answer"),
        "rest": _("How long"),
        "choose": _("What is asked"),
        "options.label": _("Way %(n)d"),
        "options.goto": _("Way %(n)d leads to the part"),
        "id": _("Name of the part"),
        "layer": _("Layer"),
        "audio": _("Recording"),
        "captions": _("Captions"),
        "text": _("Text"),
    }


def hint_words() -> Words:
    """What helps to fill in a control."""
    return {
        "hold": _("Such as 20s or 2m; a number alone is in seconds."),
        "rest": _("Such as 30s or 2m; a number alone is in seconds."),
        "rate": _("vividness, clarity, ease, effort, presence, confidence, or a word of your own."),
        "id": _("Small letters, digits and _. With a name, what is given here keeps it when parts move."),
        "layer": _("Small letters, digits and _. Parts of one layer stand one after the other."),
        "safety.exit": _("Empty: to look up, and to name five things around."),
        "voice.rate": _("1 is the voice's own; 0.9 is slower."),
        "voice.pause": _("Such as 2s."),
        "unlock.times": _("Empty: 2."),
        "min_words": _("Empty: none."),
        "seconds": _("Empty: no limit."),
        "forms": _("Without any, six are offered: knowing, words, place, movement, feeling, picture."),
        "options.goto": _("Empty: the next part. Else the name of a later part."),
    }


def choice_words(key: str) -> Words:
    """What can be chosen in a control."""
    return {
        "purpose": purpose_words(),
        "unlock.by": {
            "exposure": _("when the layer before was gone through"),
            "rating": _("when the layer before was rated high enough"),
        },
        "condition": {"imagery": _("imagination"), "memory": _("memory"), "copy": _("the picture in view")},
        "forms": form_words(),
    }[key]


def why_words() -> Words:
    """Why a word of a text had better be another."""
    return {
        "seeing": _("takes it that something is seen"),
        "eye": _("speaks of an inner eye"),
        "picture": _("takes it that a picture is there"),
        "pressing": _("asks for more effort"),
        "judging": _("judges"),
        "imagining": _("asks for imagery, which a comparison has not"),
    }


def about_words(measured: Measured) -> str:
    """How one text reads, in a line."""
    reading = measured.reading
    parts = [ngettext("%(n)d word", "%(n)d words", reading.words) % {"n": reading.words}]
    if reading.words:
        parts.append(_("%(n)s a sentence") % {"n": _figure(reading.words_a_sentence)})
    if reading.grade is not None:
        parts.append(_("school grade %(n)s") % {"n": _figure(reading.grade)})
    return ", ".join(parts)


def flag_words(measured: Measured) -> list[str]:
    """Each word of a text that had better be another, with why."""
    whys = why_words()
    return [_("“%(word)s” %(why)s") % {"word": found.word, "why": whys[found.why]} for found in measured.found]


def minutes_words(total: Totals) -> str:
    """About how long a script takes."""
    if total.minutes is None:
        return "–"
    minutes = max(1, round(total.minutes))
    return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}


def flagged_words(n: int) -> str:
    """How many words had better be others."""
    return (
        ngettext("%(n)d word to look at", "%(n)d words to look at", n) % {"n": n}
        if n
        else pgettext("words to look at", "none")
    )


def total_facts(total: Totals) -> list[tuple[str, str, str]]:
    """A script as a whole: the key of each figure, its label and the figure in words."""
    reading = total.reading
    return [
        ("minutes", _("Takes about"), minutes_words(total)),
        ("words", _("Words"), str(reading.words)),
        ("sentence", _("Words a sentence"), _figure(reading.words_a_sentence)),
        ("grade", _("School grade"), _figure(reading.grade) if reading.grade is not None else "–"),
        ("flagged", _("Flagged"), flagged_words(total.found)),
    ]


def unlike_words(difference: Difference) -> str:
    """One point in which a control is not like its script."""
    what = {
        "minutes": _("Minutes"),
        "words": _("Words"),
        "pauses_s": _("Seconds of quiet"),
        "ratings": _("Ratings"),
        "contacts": _("Questions"),
        "layers": _("Layers that open one by one"),
        "times": _("Sessions before a layer opens"),
    }[difference.what]
    figures = {
        "what": what,
        "ours": _figure(difference.control),
        "theirs": _figure(difference.script),
        "most": _figure(difference.tolerance),
    }
    said = _("%(what)s: %(ours)s here, %(theirs)s there; at most %(most)s apart.") % figures
    if difference.open is None:
        return said
    return _("%(said)s That is with %(n)d layers open.") % {"said": said, "n": difference.open}


def _figure(number: float) -> str:
    return f"{max(0.0, number):.1f}".removesuffix(".0")
