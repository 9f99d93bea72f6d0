"""Somebody's browser in a session of their own, with a clock that is held still and moved by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from playwright.sync_api import Page, expect

import clock
from imagery.models import StageVisit
from tests import world

STAGES = {
    "shore": '{id: shore, say: "You stand on a shore. The sand is warm.", hold: 20s}',
    "how_clear": "{id: how_clear, rate: vividness, scale: {min: 1, max: 5}}",
    "breather": "{id: breather, rest: 90s}",
    "in_words": "{id: in_words, report: Say it in words}",
    "unveiled": "{id: unveiled, reveal: media/umbrella.png, alt: A striped umbrella, credit: Drawn by Ada}",
    "how_close": "{id: how_close, compare: How near was it, scale: {min: 0, max: 100}}",
}
GIVEN = {"how_clear": "2", "how_close": "40", "in_words": "Warmth", "shore": "", "breather": "", "unveiled": ""}
BOTH_SENTENCES_MS = 4000 + 1000 + 4000 + 800  # short ones: the least time for each, a pause between, a moment after
NO_VOICES_MS = 1200  # as long a browser is given to learn of its voices

# No voice: a stand-in for the browser's. Nothing is heard; it notes what it should say, and has said it when the test
# says so. A session that is really spoken is in `tests/proof/test_player_speech.py`.
VOICES = """voices => {
  const said = [];
  const heard = new EventTarget();
  let isStuck = false; // as the voice of Linux is by an utterance of no letter: nothing after it is said
  window.SpeechSynthesisUtterance = class extends EventTarget {
    constructor(text) { super(); this.text = text; }
  };
  const synthesis = {
    getVoices: () => voices,
    addEventListener: (...what) => heard.addEventListener(...what),
    speak(utterance) {
      isStuck ||= utterance.text === '';
      if (!isStuck && utterance.text.trim()) said.push(utterance);
    },
    cancel() {},
  };
  Object.defineProperty(window, 'speechSynthesis', { value: synthesis });
  window.spoken = () => said.map((each) => each.text);
  window.spokenToTheEnd = () => said.at(-1).dispatchEvent(new Event('end'));
  window.spokenNotAllowed = () => {
    said.at(-1).dispatchEvent(Object.assign(new Event('error'), { error: 'not-allowed' }));
  };
}"""
ENGLISH = {"lang": "en-GB", "name": "Ada", "localService": True, "default": True}
NOTHING_OPEN = """() => {
  for (const each of document.querySelectorAll('details')) each.open = false;
  document.querySelector('dialog[open]')?.close();
}"""
# A hand that waits for nothing else: it presses "ready" in the instant in which a page says that the time is over.
PRESSES_WHEN_IT_IS_OVER = """
new MutationObserver((changes) => {
  const isOver = changes.some(({ target }) => target.matches('[data-ring][data-state=after]'));
  if (isOver) document.querySelector('main [data-primary]').click();
}).observe(document, { subtree: true, attributeFilter: ['data-state'] });
"""
OUT_OF_SIGHT = """state => {
  Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
  document.dispatchEvent(new Event('visibilitychange'));
}"""


class Player:
    """Somebody's browser in a session of their own: that of `STAGES`, or of other stages with what is given at each."""

    def __init__(
        self,
        page: Page,
        url: str,
        stages: Mapping[str, str] = STAGES,
        given: Mapping[str, str] = GIVEN,
        files: Mapping[str, str | bytes] | None = None,
    ) -> None:
        media = world.files()["media/potoo.png"]
        script = "slug: walk\ntitle: A walk\nvoice: {rate: 0.9, pause: 1s}\nstages:\n"
        script += "".join(f"  - {stage}\n" for stage in stages.values())
        version = world.publish(
            world.edited({"do: assess, instruments: [one]": "do: session, script: walk"}, world.TINY)
            | {"scripts/walk.yaml": script, "media/umbrella.png": media}
            | (files or {})
        )
        self.person = world.consented(version)
        self.page, self.stages, self.given = page, stages, given
        self.client = world.browser_of(self.person)
        self.base = f"/s/{world.occasion(self.person, 'first').public_id}/"
        page.context.add_cookies([{"name": m.key, "value": m.value, "url": url} for m in self.client.cookies.values()])

    def hold_clock(self, voices: Sequence[dict[str, Any]] = ()) -> None:
        """The pages' clock stands still from now on, and their voices are those of the test."""
        self.page.add_init_script(f"({VOICES})({json.dumps(list(voices))})")
        start = clock.now()
        self.page.clock.install(time=start)
        self.page.clock.pause_at(start + timedelta(seconds=1))

    def begin(self, stage: str = "", *, voices: Sequence[dict[str, Any]] = (), frozen: bool = True) -> None:
        """Opens a stage; those before it are gone through without a browser. The page's clock stands still."""
        stage = stage or next(iter(self.stages))
        self.client.post(self.base)
        for each in list(self.stages)[: list(self.stages).index(stage)]:
            given = self.given.get(each, "")
            answer = self.client.post(f"{self.base}{each}/", {each: given} if given else {})
            assert answer.status_code == 303
        if frozen:
            self.hold_clock(voices)
        self.page.goto(f"{self.base}{stage}/")
        self.page.locator("body.playing").wait_for()

    def press_begin(self, *, voices: Sequence[dict[str, Any]] = (), frozen: bool = True) -> None:
        """Comes to the session by its own door, so that the press lets sound what is to sound."""
        if frozen:
            self.hold_clock(voices)
        self.page.goto(self.base)
        self.page.locator("[data-ready]:not([hidden])").wait_for()
        self.press("Begin")
        self.page.locator("body.playing").wait_for()

    def later(self, seconds: float) -> None:
        """Lets time go by: so much, and a few frames, so that what is due at that instant has been drawn."""
        self.page.clock.run_for(round(seconds * 1000) + 50)

    def listen_to_the_end(self) -> None:
        """Goes through what is said, where there is no voice, to the first moment of the quiet time."""
        self.page.clock.run_for(NO_VOICES_MS + BOTH_SENTENCES_MS)
        expect(self.timer).to_contain_text("quiet time")

    @property
    def timer(self) -> Any:
        return self.page.get_by_role("timer")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def go_on(self) -> StageVisit:
        """Presses "ready"; what was stored of the part."""
        stage = self.page.url.rstrip("/").split("/")[-1]
        with self.page.expect_navigation():
            self.page.locator("[data-primary]").click()
        return StageVisit.objects.get(stage=stage)

    def out_of_sight(self, seconds: float) -> None:
        self.page.evaluate(OUT_OF_SIGHT, "hidden")
        self.later(seconds)
        self.page.evaluate(OUT_OF_SIGHT, "visible")
