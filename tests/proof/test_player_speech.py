"""One session that is really spoken: by Debian's Chromium, through speech-dispatcher and espeak-ng, into a recording.

Everywhere else the tests give a page a stand-in that says nothing (`tests.browser.playing.VOICES`). Here nothing stands
in: what is asserted is that something was heard, sentence by sentence, and that the log tells it in its order.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from conftest import CHROMIUM, CHROMIUM_SWITCHES
from imagery.models import SessionEvent, SessionRun, StageVisit
from tests.browser.playing import Player
from tests.proof.speaking import SWITCHES, Voice, missing, speaking

pytestmark = [
    pytest.mark.slow,
    pytest.mark.alone,
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(bool(missing()), reason=f"no voice to be heard: {missing()}"),
]

SAID = ["You stand on a shore.", "The sand is warm.", "The sea comes and goes."]
STAGES = {
    "shore": f'{{id: shore, say: "{SAID[0]} {SAID[1]}", hold: 1s}}',
    "waves": f'{{id: waves, say: "{SAID[2]}", hold: 1s}}',
    "how_clear": "{id: how_clear, rate: vividness, scale: {min: 1, max: 5}}",
}
SILENCE = 0.001
# What the browser's own voice tells of each utterance, beside what the player makes of it.
LISTENS = """
window.told = [];
const speak = speechSynthesis.speak.bind(speechSynthesis);
speechSynthesis.speak = (each) => {
  for (const name of ['start', 'boundary', 'end', 'error']) {
    each.addEventListener(name, () => {
      if (!each.text.trim()) return;
      told.push({ name, text: each.text, at: performance.now(), voice: each.voice.name, lang: each.voice.lang });
    });
  }
  speak(each);
};
"""


@pytest.fixture
def voice() -> Iterator[Voice]:
    # The path of a socket may hold 107 letters, which the folder of a test can be longer than.
    folder = Path(tempfile.mkdtemp(prefix="potoo-voice-"))
    try:
        with speaking(folder) as voice:
            yield voice
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def context(chromium: Browser, voice: Voice, live_server: Any) -> Iterator[BrowserContext]:
    """A browser that has this voice."""
    environment: dict[str, str | float | bool] = dict(voice.environment)
    switches = [*CHROMIUM_SWITCHES, *SWITCHES]
    browser = chromium.browser_type.launch(executable_path=CHROMIUM, args=switches, env=environment)
    try:
        yield browser.new_context(base_url=live_server.url)
    finally:
        browser.close()


def test_a_session_is_spoken_aloud_and_heard(
    context: BrowserContext, voice: Voice, live_server: Any, tmp_path: Path
) -> None:
    page = context.new_page()
    page.add_init_script(LISTENS)
    player = Player(page, live_server.url, STAGES, {})
    with voice.recorded(tmp_path / "session.wav") as stop:
        page.goto(player.base)
        page.wait_for_function("() => speechSynthesis.getVoices().length > 0", timeout=60_000)
        player.press("Begin")
        for following in list(STAGES)[1:]:
            page.locator("[data-ring][data-state=after]").wait_for(timeout=60_000)
            page.locator("main [data-primary]").click()
            page.wait_for_url(f"**/{following}/")
        heard = stop()
    told = page.evaluate("told")
    page.locator("label.answer").first.click()
    page.locator("main [data-primary]").click()
    page.wait_for_url("**/me/**")
    expect(page.locator("main h1")).to_be_visible()

    stretches = heard.louder()
    print(f"\n{heard.seconds:.1f} s were recorded, RMS {heard.rms:.4f}; something sounds from - to, s:")
    print("  " + ", ".join(f"{begin:.2f} - {end:.2f}" for begin, end in stretches))
    for each in told:
        print(f"  {each['at']:>9.1f} ms  {each['name']:<9} {each['voice']} ({each['lang']}): {each['text']}")
    assert heard.seconds > 0
    assert heard.rms > SILENCE
    assert len(stretches) >= len(SAID), "a stretch of sound for each sentence"

    spoken = [(each["name"], each["text"]) for each in told if each["name"] != "boundary"]
    assert spoken == [(name, text) for text in SAID for name in ("start", "end")]
    assert {each["lang"].split("-")[0] for each in told} == {"en"}

    assert SessionRun.objects.get().status == SessionRun.Status.COMPLETED
    assert [visit.voice for visit in StageVisit.objects.filter(kind="say").order_by("place")] == ["device", "device"]
    events = list(SessionEvent.objects.exclude(seq=0).order_by("seq"))
    types = ("speech_start", "sentence", "speech_end", "speech_fail", "fallback")
    log = [(each.stage, each.type, json.loads(each.payload)["voice"]) for each in events if each.type in types]
    assert log == [
        ("shore", "speech_start", "device"),
        ("shore", "sentence", "device"),
        ("shore", "sentence", "device"),
        ("shore", "speech_end", "device"),
        ("waves", "speech_start", "device"),
        ("waves", "sentence", "device"),
        ("waves", "speech_end", "device"),
    ]
