"""Whether a control asks as much of a person as the script that it is matched to, and imagery alone is different: pure.

What is compared is what a script plans. What somebody did in it is in the log of the session.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from imagery.timeline import about_s, quiet_ms, sentences, way
from imagery.wording import texts_of, words
from protocol.script import Script, Stage

ASKING = frozenset({"rate", "compare", "report", "draw", "choose", "form", "check"})
"""The kinds of stage in which the person is asked for something."""
RATING = frozenset({"rate", "compare"})

TOLERANCES: Mapping[str, float] = {"minutes": 0.05, "words": 0.10, "pauses_s": 0.10, "ratings": 0.0, "contacts": 0.0}
"""How far a control may be from its script, as a share of what the script has.

What a trial finds depends as much on its control as on what is tried (Mohr et al. 2009, *Psychotherapy and
Psychosomatics* 78, 275-284): a control takes the same time, and asks as often. The figures are conventions of ours.
Minutes, 5 %: 30 seconds of 10 minutes, well within what a person's own pace makes of them. Words and quiet time, 10 %:
a text of its own can't have the same to a word, and both count in the minutes already. What the person is asked for,
none: each question is one more contact, and each rating one more occasion to practise rating.
"""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a script asks of somebody who goes through all that is open to them and jumps over nothing.

    Attributes:
        minutes: How long it takes, with every question and quiet time as planned (`timeline.about_s`).
        words: What is said, and every prompt, choice and answer in the script's own words.
        pauses_s: The quiet time in seconds: after what is said, between its sentences, and rests.
        ratings: How many numbers are asked for, by `rate` and `compare`.
        contacts: How often the person is asked for something: a rating, words, a drawing, a choice, a form, a check.
    """

    minutes: float
    words: int
    pauses_s: float
    ratings: int
    contacts: int


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a control is not like its script.

    Attributes:
        what: A field of `Profile`; or `layers`, `times`: how many layers open one by one, and after how many sessions
            each; 0 where all are open from the start.
        control: The control's.
        script: The script's.
        tolerance: How far apart they may be, in the same unit.
        open: With how many layers open they differ, the first ones; None with all.
    """

    what: str
    control: float
    script: float
    tolerance: float
    open: int | None = None


def profile(script: Script, language: str, locked: Collection[str] = ()) -> Profile:
    """What a script asks of a person in a language, with the layers `locked` not open to them."""
    stages = way(script, {}, locked)
    return Profile(
        minutes=about_s(stages, script, language) / 60,
        words=sum(len(words(text)) for stage in stages for text in texts_of(stage, language)),
        pauses_s=sum(_pauses_s(stage, script, language) for stage in stages),
        ratings=sum(stage.kind in RATING for stage in stages),
        contacts=sum(stage.kind in ASKING for stage in stages),
    )


def differences(control: Script, script: Script, language: str) -> tuple[Difference, ...]:
    """Where a control is not like the script that it is matched to, in a language; empty where it is.

    Where layers open one by one, the two are compared with each number of layers that can be open: else the first
    sessions of one would be longer than those of the other.
    """
    opening, of_script = _opening(control), _opening(script)
    unlike = [
        Difference(what, ours, theirs, 0)
        for what, ours, theirs in zip(("layers", "times"), opening, of_script, strict=True)
        if ours != theirs
    ]
    if unlike:
        return (*unlike, *_unlike(control, script, language, None))
    return tuple(
        difference for open in (*range(1, opening[0]), None) for difference in _unlike(control, script, language, open)
    )


def _unlike(control: Script, script: Script, language: str, open: int | None) -> Iterator[Difference]:
    ours = profile(control, language, () if open is None else control.layers()[open:])
    theirs = profile(script, language, () if open is None else script.layers()[open:])
    for what, share in TOLERANCES.items():
        has, should = float(getattr(ours, what)), float(getattr(theirs, what))
        tolerance = share * should
        if abs(has - should) > tolerance:
            yield Difference(what, has, should, tolerance, open)


def _opening(script: Script) -> tuple[int, int]:
    """How many layers open one by one, and after how many sessions; zeros where all are open from the start."""
    return (len(script.layers()), script.unlock.times) if script.unlock else (0, 0)


def _pauses_s(stage: Stage, script: Script, language: str) -> float:
    said = sentences(stage.text.to(language), language) if stage.kind == "say" and stage.text else ()
    return quiet_ms(stage) / 1000 + max(0, len(said) - 1) * script.voice.pause.nominal_s
