from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

import clock


def seconds_off(expected: timedelta) -> float:
    return abs((clock.now() - datetime.now(UTC) - expected).total_seconds())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+14d", timedelta(days=14)),
        ("-2h", timedelta(hours=-2)),
        ("+1d12h", timedelta(days=1, hours=12)),
        ("+90m15s", timedelta(minutes=90, seconds=15)),
        (" +3d\n", timedelta(days=3)),
        ("+0d", timedelta(0)),
    ],
)
def test_an_offset_moves_the_clock(settings: Settings, text: str, expected: timedelta) -> None:
    settings.CLOCK = text
    assert seconds_off(expected) < 1


def test_without_an_offset_it_is_now_in_utc(settings: Settings) -> None:
    settings.CLOCK = ""
    assert seconds_off(timedelta(0)) < 1
    assert clock.now().tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    ["", "14d", "+", "+14", "+d", "+14x", "+1.5d", "+14d 2h", "+-2h", "now", "+36526d", "+" + "9" * 5000 + "d", "+١d"],
)
def test_a_malformed_offset_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="an offset such as"):
        clock.offset(text)


def test_a_file_is_read_at_every_call(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "clock"
    settings.CLOCK = f"@{file}"
    for text, expected in [("+1d", timedelta(days=1)), ("+90d\n", timedelta(days=90)), ("-1h", timedelta(hours=-1))]:
        file.write_text(text)
        assert seconds_off(expected) < 1


@pytest.mark.parametrize("content", [b"", b"+", b"+14", b"soon", b"\xff\xfe", None])
def test_a_broken_file_leaves_the_clock_where_it_was(settings: Settings, tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "clock"
    settings.CLOCK = f"@{file}"
    file.write_text("+30d")
    assert seconds_off(timedelta(days=30)) < 1
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)
    assert seconds_off(timedelta(days=30)) < 1
    file.write_text("+31d")
    assert seconds_off(timedelta(days=31)) < 1
