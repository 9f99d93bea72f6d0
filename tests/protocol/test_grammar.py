"""The small languages inside a bundle's strings."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest

from protocol.durations import Duration, parse_duration
from protocol.grammar import parse_at, parse_comparison, parse_score_ref, parse_time
from protocol.study import At, Requirement, ScoreRef
from protocol.zones import is_zone, zone_names


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("90d", Duration(90, "d")),
        ("36h", Duration(36, "h")),
        ("20m", Duration(20, "m")),
        ("15s", Duration(15, "s")),
        ("0s", Duration(0, "s")),
        ("-1d", Duration(-1, "d")),
        ("+1d", Duration(1, "d")),
        ("007d", Duration(7, "d")),
    ],
)
def test_a_duration_is_a_whole_number_and_a_unit(text: str, duration: Duration) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text", ["", "d", "1", "1w", "1.5d", "1 d", "1d ", "1d\n", "1D", "--1d", "1234567d", "\u0661d"]
)
def test_anything_else_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("consent + 0s", At("consent", "done", Duration(0, "s"))),
        ("allocation + 14d", At("allocation", "done", Duration(14, "d"))),
        ("s1 + 1d", At("s1", "done", Duration(1, "d"))),
        ("s1+1d", At("s1", "done", Duration(1, "d"))),
        ("s1.done + 1d", At("s1", "done", Duration(1, "d"))),
        ("s1.due + 1h", At("s1", "due", Duration(1, "h"))),
        ("s1.closed + 20m", At("s1", "closed", Duration(20, "m"))),
        ("s1.due + -3d", At("s1", "due", Duration(-3, "d"))),
        ("s1.due - 3d", At("s1", "due", Duration(-3, "d"))),
    ],
)
def test_at_is_an_anchor_and_a_duration(text: str, at: At) -> None:
    assert parse_at(text) == at


@pytest.mark.parametrize(
    "text",
    [
        "",
        "s1",
        "+ 1d",
        "s1 1d",
        "s1 + ",
        "s1 + 1",
        "s1 - -1d",
        "s1.start + 1d",
        "S1 + 1d",
        "s1 . due + 1d",
        "s1 + 1d\n",
    ],
)
def test_anything_else_is_no_at(text: str) -> None:
    with pytest.raises(ValueError, match="is not an anchor and a duration"):
        parse_at(text)


@pytest.mark.parametrize(
    ("text", "requirement"),
    [
        (">= 18", Requirement(">=", 18)),
        (">=18", Requirement(">=", 18)),
        ("<= 65", Requirement("<=", 65)),
        ("> -1", Requirement(">", -1)),
        ("< 0.5", Requirement("<", 0.5)),
        ("== 2", Requirement("==", 2)),
        ("!= 2", Requirement("!=", 2)),
    ],
)
def test_a_comparison_is_a_sign_and_a_number(text: str, requirement: Requirement) -> None:
    assert parse_comparison(text) == requirement


@pytest.mark.parametrize("text", ["", "18", "= 18", "=> 18", ">= ", ">= x", "18 <=", ">= 18 < 65", "is 18", ">= 1e3"])
def test_anything_else_is_no_comparison(text: str) -> None:
    with pytest.raises(ValueError, match="is not a comparison"):
        parse_comparison(text)


def test_a_requirement_holds_or_does_not() -> None:
    assert Requirement(">=", 18).holds(18)
    assert not Requirement(">=", 18).holds(17)
    assert Requirement("is", True).holds(True)
    assert not Requirement("is", True).holds(False)
    assert Requirement("in", ("a", "b")).holds("b")
    assert not Requirement("in", ("a", "b")).holds("c")


def test_times_of_day_are_hours_and_minutes() -> None:
    assert parse_time("09:05") == dt.time(9, 5)
    for text in ("9:05", "24:00", "09:60", "09:05:00", "0905", ""):
        with pytest.raises(ValueError, match="is not a time of day"):
            parse_time(text)


def test_a_score_is_named_by_step_instrument_and_score() -> None:
    assert parse_score_ref("baseline.scenes_4.total") == ScoreRef("baseline", "scenes_4", "total")
    for text in ("scenes_4.total", "a.b.c.d", "a..c", "A.b.c"):
        with pytest.raises(ValueError, match="STEP.INSTRUMENT.SCORE"):
            parse_score_ref(text)


@pytest.mark.parametrize(
    "name", ["Europe/London", "Asia/Kathmandu", "America/Argentina/Ushuaia", "US/Eastern", "UTC", "Etc/UTC"]
)
def test_a_zone_is_where_people_live(name: str) -> None:
    assert is_zone(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "EST",
        "EST5EDT",
        "GMT+5",
        "Etc/GMT+5",
        "CET",
        "localtime",
        "Factory",
        "posixrules",
        "../x",
        "/etc/x",
        "Mars/Base",
    ],
)
def test_anything_else_is_no_zone(name: str) -> None:
    assert not is_zone(name)


def test_every_zone_can_be_loaded_from_the_pinned_data() -> None:
    assert len(zone_names()) > 400
    assert [name for name in zone_names() if zoneinfo.ZoneInfo.no_cache(name).key != name] == []
