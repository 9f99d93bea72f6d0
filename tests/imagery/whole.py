"""A study with all that a script can have: layers that open one by one, forms, a check, nothing to rate, recordings."""

from __future__ import annotations

import datetime as dt
import io
import wave

from coaching.models import Enrolment, StudyVersion
from imagery import services
from imagery.selectors import Refusal
from imagery.services import NOT_APPLICABLE, PASSED, Chosen, Forms, Given, Rated, Reported, Taken, Timing
from tests import world
from tests.imagery.rounds import FILES, MINUTE, T0

STEPS = 5

_STEP = '  - {{id: s{n}, do: session, script: layers, at: "consent + {day}d", window: [0s, 2d], missed: skip}}\n'
_HEAD, _, _REST = str(FILES["study.yaml"]).partition("before:\n")
STUDY = (
    _HEAD.replace("slug: rounds", "slug: whole")
    + "before:\n"
    + "".join(_STEP.format(n=n, day=2 * (n - 1)) for n in range(1, STEPS + 1))
    + '  - {id: calm, do: session, script: listening, at: "consent + 11d", window: [0s, 2d], missed: skip}\n'
    + '  - {id: probe, do: session, script: never_met, at: "consent + 14d", window: [0s, 2d], missed: skip}\n'
    + '  - {id: last, do: assess, instruments: [one], at: "consent + 20d"}\n'
)
SCRIPT = """\
slug: layers
title: {en: Layer by layer, de: Schicht um Schicht}
unlock: {by: exposure, times: 2}
safety: {note: {en: "It is about water.", de: "Es geht um Wasser."}}
stages:
  - {say: {en: "Sit as you like.", de: "Sitzen Sie, wie Sie mögen."}}
  - id: place
    layer: place
    say: {en: "There is a shore.", de: "Da ist ein Ufer."}
    hold: 20s
    audio: {en: media/shore.wav, de: media/ufer.wav}
  - {id: ease, layer: place, rate: ease, scale: {min: 1, max: 5}}
  - {id: stones, layer: stones, say: {en: "Three smooth stones.", de: "Drei glatte Steine."}, hold: 30s}
  - {id: touch, layer: stones, rate: clarity, scale: {min: 0, max: 100}}
  - {id: hidden_float, layer: orange_float, say: {en: "Far out, a float.", de: "Weit draußen eine Boje."}, hold: 30s}
  - id: in_what_form
    form: {en: "In what form did it come?", de: "In welcher Form kam es?"}
    forms: [knowing, words, picture]
  - id: clear
    rate: vividness
    scale: {min: 1, max: 5}
    na: {en: "There was no picture to rate", de: "Da war kein Bild"}
  - id: attending
    check: {en: "Where was it?", de: "Wo war es?"}
    choices:
      - {en: "In a wood", de: "In einem Wald"}
      - {en: "By a shore", de: "An einem Ufer"}
      - {en: "In a street", de: "In einer Straße"}
    answer: 2
  - {id: words, report: {en: "What came, if anything?", de: "Was kam, wenn etwas kam?"}}
  - {say: {en: "Look around the room.", de: "Schauen Sie sich im Raum um."}}
"""
CONTROL = """\
slug: listening
title: {en: Listening, de: Zuhören}
purpose: control
matched_to: layers
stages:
  - {say: {en: "Listen to the words.", de: "Hören Sie auf die Worte."}, hold: 20s}
  - {rate: ease, scale: {min: 1, max: 5}}
"""
PROBE = """\
slug: never_met
title: {en: Something new, de: Etwas Neues}
purpose: probe
stages:
  - {say: {en: "A wooden box.", de: "Eine Kiste aus Holz."}, hold: 20s}
  - {id: form, form: {en: "In what form did it come?", de: "In welcher Form kam es?"}}
  - {id: clear, rate: vividness, scale: {min: 1, max: 5}, na: {en: "There was no picture", de: "Da war kein Bild"}}
"""


def silence(seconds: float = 0.5) -> bytes:
    """A recording in which nothing is heard."""
    written = io.BytesIO()
    with wave.open(written, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8_000)
        sound.writeframes(b"\x80" * round(8_000 * seconds))
    return written.getvalue()


BUNDLE: world.Files = {
    **{name: content for name, content in FILES.items() if not name.startswith(("study", "scripts", "media"))},
    "study.yaml": STUDY,
    "scripts/layers.yaml": SCRIPT,
    "scripts/listening.yaml": CONTROL,
    "scripts/never_met.yaml": PROBE,
    "media/shore.wav": silence(),
    "media/ufer.wav": silence(),
}
# What is given at each stage of the first session, where only the first layer is open.
FIRST: dict[str, Given] = {
    "stage_1": PASSED,
    "place": PASSED,
    "ease": Rated(2),
    "in_what_form": Forms(("knowing", "words")),
    "clear": NOT_APPLICABLE,
    "attending": Chosen(3),
    "words": Reported("I knew where it was."),
    "stage_11": PASSED,
}
HEARD = Timing(quiet_ms=20_000, voice="recording", audio_ms=500, audio_heard_ms=400)


def published(*, now: dt.datetime = T0) -> StudyVersion:
    """The study, published."""
    return world.publish(BUNDLE, now=now)


def go(person: Enrolment, *, until: str | None = None, at: dt.datetime = T0, step: str = "s1") -> dt.datetime:
    """Begins the first session and goes through it to the stage `until`, or to its end, a minute a stage."""
    assert not isinstance(services.begin(occasion=world.occasion(person, step), now=at, language="en"), Refusal)
    for stage, given in FIRST.items():
        if stage == until:
            break
        at += MINUTE
        timing = HEARD if stage == "place" else services.UNTIMED
        taken = services.submit(
            occasion=world.occasion(person, step), stage=stage, given=given, now=at, language="en", timing=timing
        )
        assert isinstance(taken, Taken), (stage, taken)
    return at
