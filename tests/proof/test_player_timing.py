"""How near the quiet time that was kept comes to the one that was planned, in a real browser and in real time.

What is printed is to be read, not judged: a time depends on the machine. What is asserted is that each quiet time is
there, once, in its place, and that none ended before it was over.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

import clock
from imagery.models import SessionEvent, StageVisit
from tests.browser.playing import ENGLISH, PRESSES_WHEN_IT_IS_OVER, VOICES, Player

pytestmark = [
    pytest.mark.slow,
    pytest.mark.alone,
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]

HOLDS_S = [2 if n % 10 == 9 else 1 for n in range(200)]  # whole seconds are the shortest that a script can ask for
MINUTES_S = [30, 30, 30, 30]
LAST = "{id: how_clear, rate: vividness, scale: {min: 1, max: 5}}"
# Of two instants, each told to a tenth of a millisecond by a clock that goes in tenths.
GRAIN_MS = 0.2
# What a page can do at best: it looks at the clock before each frame, and stops at the first that is late enough.
BARE = """planned_ms => new Promise((done) => {
  const since = performance.now();
  const look = () => {
    const kept_ms = performance.now() - since;
    if (kept_ms < planned_ms) requestAnimationFrame(look);
    else done(kept_ms);
  };
  requestAnimationFrame(look);
})"""

Start = Callable[[Sequence[int]], Player]


@pytest.fixture
def start(page: Page, live_server: Any) -> Iterator[Start]:
    """A session of so many parts, of which each is quiet for so many seconds; begun by its own button, in real time.

    The voice is a stand-in that speaks until the test says that it has ended. The hand is one that presses "ready" in
    the instant in which the page says that the quiet time is over.
    """

    def begin(holds_s: Sequence[int]) -> Player:
        stages = {f"h{n}": f"{{id: h{n}, say: Part {n}., hold: {s}s}}" for n, s in enumerate(holds_s)}
        player = Player(page, live_server.url, stages | {"how_clear": LAST}, {})
        page.add_init_script(f"({VOICES})({json.dumps([ENGLISH])})")
        page.add_init_script(PRESSES_WHEN_IT_IS_OVER)
        player.press_begin(frozen=False)  # as people come: what sounds is ready before the first quiet time
        page.wait_for_function("() => spoken().at(-1) === 'Part 0.'")
        return player

    yield begin
    page.goto("about:blank")
    page.wait_for_timeout(500)  # what it still had to tell is told before the database is emptied


def keep(player: Player, n: int) -> None:
    """Part `n`, from the end of its words to the page of the next part."""
    page = player.page
    page.evaluate("spokenToTheEnd()")
    following = list(player.stages)[n + 1]
    page.wait_for_url(f"**/{following}/", timeout=120_000)
    if following != "how_clear":
        page.wait_for_function("text => spoken().at(-1) === text", arg=f"Part {n + 1}.")


@dataclass(frozen=True)
class Kept:
    """A quiet time as it was planned, as it was stored, and from its beginning to "ready" by the log, in ms."""

    stage: str
    planned_ms: int
    stored_ms: int
    logged_ms: float


def all_kept(player: Player, count: int) -> list[Kept]:
    """Each quiet time, once and in order, none of them cut short."""
    for _ in range(100):
        if SessionEvent.objects.filter(type="ready").count() >= count:
            break
        player.page.wait_for_timeout(200)
    visits = list(StageVisit.objects.filter(kind="say").order_by("place"))
    events = list(SessionEvent.objects.exclude(seq=0).order_by("seq"))
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    began = [event for event in events if (event.type, event.state) == ("state_enter", "quiet")]
    over = [event for event in events if event.type == "ready"]
    expected = [f"h{n}" for n in range(count)]
    assert [visit.stage for visit in visits] == expected
    assert [event.stage for event in began] == expected
    assert [event.stage for event in over] == expected
    assert [json.loads(event.payload)["ms_left"] for event in over] == [0] * count
    kept = [
        Kept(visit.stage, visit.quiet_planned_ms, visit.quiet_actual_ms or 0, last.t_mono_ms - first.t_mono_ms)
        for visit, first, last in zip(visits, began, over, strict=True)
    ]
    assert [each for each in kept if each.stored_ms < each.planned_ms] == []
    assert [each for each in kept if each.logged_ms < each.planned_ms - GRAIN_MS] == []
    return kept


def figures(off_ms: Sequence[float]) -> tuple[float, float, float]:
    """The median, the 95th percentile (nearest rank) and the largest."""
    ordered = sorted(off_ms)
    return statistics.median(ordered), ordered[math.ceil(0.95 * len(ordered)) - 1], ordered[-1]


def test_two_hundred_quiet_times_beside_a_bare_page_that_waits_as_long(chromium: Browser, start: Start) -> None:
    player = start(HOLDS_S)
    context = chromium.new_context()
    bare = context.new_page()
    at_best = []
    for n, hold_s in enumerate(HOLDS_S):
        # Turn by turn, so that whatever else the machine does falls on both.
        at_best.append(bare.evaluate(BARE, hold_s * 1000) - hold_s * 1000)
        keep(player, n)
    context.close()
    kept = all_kept(player, len(HOLDS_S))
    assert [each.planned_ms for each in kept] == [1000 * hold_s for hold_s in HOLDS_S]
    assert len(at_best) == len(kept)
    assert min(at_best) >= 0

    limit = figures(at_best)
    rows = {
        "a bare page": limit,
        "the player, as stored": figures([each.stored_ms - each.planned_ms for each in kept]),
        "the player, by its log": figures([each.logged_ms - each.planned_ms for each in kept]),
    }
    print(f"\n|kept - planned| of {len(kept)} quiet times, ms   median     p95     max   (times the bare page's)")
    for name, found in rows.items():
        ratios = "  ".join(f"{mine / its:.2f}" if its else "-" for mine, its in zip(found, limit, strict=True))
        print(f"{name:<42}" + "".join(f"{each:8.1f}" for each in found) + f"   ({ratios})")


def test_two_minutes_in_real_time_beside_the_servers_clock(start: Start) -> None:
    player = start(MINUTES_S)
    page = player.page
    clocks = [_clocks(page)]
    for n in range(len(MINUTES_S)):
        keep(player, n)
    clocks.append(_clocks(page))
    kept = all_kept(player, len(MINUTES_S))
    assert sum(each.planned_ms for each in kept) == 120_000

    first, last = clocks
    went = {name: last[name] - first[name] for name in first}
    offsets = [e.clock_offset_ms for e in SessionEvent.objects.exclude(clock_offset_ms=None).order_by("seq")]
    print("\nTwo minutes of quiet time in four parts:")
    print(f"  kept as stored: {sum(each.stored_ms for each in kept) - 120_000:+.0f} ms; by the log: ", end="")
    print(f"{sum(each.logged_ms for each in kept) - 120_000:+.1f} ms in all")
    print(
        f"  the run by performance.now: {went['page']:,.1f} ms; by the server's clock: {went['server']:,.1f} ms; ",
        end="",
    )
    print(f"by the page's Date: {went['date']:,.1f} ms")
    print(f"  performance.now less the server's clock, at the end: {went['page'] - went['server']:+.1f} ms ", end="")
    print(f"(asked with a way of {max(first['way'], last['way']):.1f} ms at most)")
    print(f"  the server's clock less the device's by the log: {offsets[0]:+d} ms first, {offsets[-1]:+d} ms last")
    assert len(offsets) > len(kept)


def _clocks(page: Page) -> dict[str, float]:
    """The page's clocks and the server's at one instant, in ms; `way` is how long asking took."""
    best: dict[str, float] = {}
    for _ in range(9):
        before, asked = clock.now(), time.monotonic()
        mine, date = page.evaluate("[performance.now(), Date.now()]")
        way = (time.monotonic() - asked) * 1000
        server = (before + dt.timedelta(milliseconds=way / 2)).timestamp() * 1000
        if not best or way < best["way"]:
            best = {"page": mine, "date": date, "server": server, "way": way}
    return best
