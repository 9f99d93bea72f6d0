"""Quiet times under a clock that the test moves: over an hour, out of sight, and while the device's clock is set.

Each quiet time is ended by a hand that presses "ready" in the instant in which the page says that it is over; so what
was kept is what the page took for the whole of it.
"""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

import clock
from imagery.models import SessionEvent, StageVisit
from tests.browser.playing import NO_VOICES_MS, OUT_OF_SIGHT, PRESSES_WHEN_IT_IS_OVER, Player

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.once]

REST_S = 600
RESTS = 6
FRAME_MS = 17  # of the moved clock: how late a page that looks before each frame can be
DAY_MS = 86_400_000
# Of what may come between: a page that has no turn at all may find, when it has one, that the whole rest has gone by.
LENGTHS_MS = {"away": (4000, 900_000), "asleep": (700_000, 900_000), "glance": (1000, 2900), "paused": (1000, 900_000)}
LAST = "{id: how_clear, rate: vividness, scale: {min: 1, max: 5}}"


@pytest.fixture
def player(page: Page, live_server: Any) -> Iterator[Player]:
    """An hour of quiet time in six parts in which nothing is said."""
    stages = {f"r{n}": f"{{id: r{n}, rest: {REST_S}s}}" for n in range(RESTS)}
    page.add_init_script(PRESSES_WHEN_IT_IS_OVER)
    yield Player(page, live_server.url, stages | {"how_clear": LAST}, {})
    page.goto("about:blank")


def rests(player: Player, n: int) -> None:
    """Brings the rest `n` to its beginning: a part asks first whether there is a voice."""
    player.page.locator("[data-ring][data-state=guide]").wait_for()
    assert player.page.url.endswith(f"/r{n}/")
    player.page.clock.run_for(NO_VOICES_MS)
    player.page.locator("[data-ring][data-state=quiet]").wait_for()


def is_over(player: Player, n: int) -> None:
    """The page of the part after rest `n` has come."""
    player.page.wait_for_url("**/how_clear/" if n == RESTS - 1 else f"**/r{n + 1}/")


def visits() -> list[StageVisit]:
    found = list(StageVisit.objects.filter(kind="rest").order_by("place"))
    assert [visit.stage for visit in found] == [f"r{n}" for n in range(RESTS)]
    return found


def are_kept(found: list[StageVisit]) -> None:
    """Each is as long as it was planned and a frame at most, so that an hour is no further off than a minute."""
    off = [(visit.quiet_actual_ms or 0) - visit.quiet_planned_ms for visit in found]
    assert all(0 <= each <= FRAME_MS for each in off), off


def test_an_hour_of_quiet_times_is_the_hour_that_was_planned(player: Player) -> None:
    player.begin()
    for n in range(RESTS):
        rests(player, n)
        # Frame by frame at both ends; between them the page is given one turn, and knows no less for it.
        player.page.clock.run_for(5000)
        player.page.clock.fast_forward(REST_S * 1000 - 10_000)
        player.page.clock.run_for(5050)
        is_over(player, n)
    are_kept(visits())


def test_no_time_out_of_sight_or_paused_is_kept_whenever_the_page_gets_its_turn(player: Player) -> None:
    """Away for long, with turns and without; a glance, which counts; a pause; in an order of a seeded generator."""
    page = player.page
    seeded = random.Random(9)
    away_ms, paused_ms = [0] * RESTS, [0] * RESTS
    player.begin()
    for n in range(RESTS):
        rests(player, n)
        left_ms = REST_S * 1000
        for act in seeded.sample(list(LENGTHS_MS), seeded.randint(1, 4)):
            went_ms = seeded.randrange(1000, 60_000)
            page.clock.fast_forward(went_ms)
            left_ms -= went_ms
            length_ms = seeded.randrange(*LENGTHS_MS[act])
            if act == "paused":
                page.keyboard.press("Space")
            else:
                page.evaluate(OUT_OF_SIGHT, "hidden")
            # Where nobody sees it, a browser may give a page its turns or none.
            turns_ms = 3500 if act == "away" else 0
            page.clock.run_for(turns_ms)
            page.clock.fast_forward(length_ms - turns_ms)
            if act != "paused":
                page.evaluate(OUT_OF_SIGHT, "visible")
                away_ms[n] += length_ms
            if act == "glance":
                left_ms -= length_ms
            else:
                page.keyboard.press("Space")
                paused_ms[n] += length_ms
        page.clock.fast_forward(left_ms - 1000)
        page.clock.run_for(1100)
        is_over(player, n)
    found = visits()
    are_kept(found)
    assert [visit.hidden_ms for visit in found] == pytest.approx(away_ms, abs=FRAME_MS)
    assert [visit.paused_ms for visit in found] == pytest.approx(paused_ms, abs=4 * FRAME_MS)


@pytest.mark.parametrize("went", ["before its end", "after its end"])
def test_no_time_out_of_sight_is_kept_once_the_planned_time_is_over(page: Page, live_server: Any, went: str) -> None:
    stages = {"r0": f"{{id: r0, rest: {REST_S}s}}", "how_clear": LAST}
    player = Player(page, live_server.url, stages, {})
    player.begin()
    rests(player, 0)
    ahead_ms = 1000 if went == "before its end" else -5000
    page.clock.fast_forward(REST_S * 1000 - ahead_ms - 100)
    page.clock.run_for(100)
    page.evaluate(OUT_OF_SIGHT, "hidden")
    page.clock.run_for(3500)
    page.clock.fast_forward(900_000)
    page.locator("[data-ring][data-state=after]").wait_for()
    page.evaluate(OUT_OF_SIGHT, "visible")
    page.clock.run_for(7000)
    kept_ms = player.go_on().quiet_actual_ms or 0
    assert kept_ms - REST_S * 1000 == pytest.approx(7000 + max(0, -ahead_ms), abs=3 * FRAME_MS)
    page.goto("about:blank")


def test_a_devices_clock_that_is_set_changes_no_quiet_time(player: Player) -> None:
    page = player.page
    player.begin()
    for n in range(RESTS):
        rests(player, n)
        page.clock.fast_forward(REST_S * 500)
        shift = dt.timedelta(days=(1, -1, 0)[n % 3], hours=n)
        before = page.evaluate("Date.now()")
        page.clock.set_system_time(clock.now() + shift)
        assert abs(page.evaluate("Date.now()") - before) > DAY_MS / 25, "the clock was not set"
        page.clock.fast_forward(REST_S * 500 - 1000)
        page.clock.run_for(1050)
        is_over(player, n)
    are_kept(visits())
    events = _told(page)
    mono = [event.t_mono_ms for event in events]
    assert mono == sorted(mono)
    wall = [event.happened_at for event in events]
    assert any(later < earlier for earlier, later in zip(wall, wall[1:], strict=False)), "the log tells what it said"
    exits = [json.loads(e.payload)["actual_ms"] for e in events if e.type == "state_exit" and e.state == "rest"]
    assert len(exits) == RESTS
    assert all(REST_S * 1000 <= each <= REST_S * 1000 + 1000 for each in exits), exits


def _told(page: Page) -> list[SessionEvent]:
    for _ in range(100):
        if SessionEvent.objects.filter(type="ready").count() == RESTS:
            break
        page.clock.run_for(1000)
        page.wait_for_timeout(50)
    return list(SessionEvent.objects.exclude(seq=0).order_by("seq"))
