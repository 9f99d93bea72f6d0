"""How a run of `python -m representations` says how far it is, and how it ends."""

from __future__ import annotations

import io
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from representations.commands.running import Meter, in_columns
from representations.result import Column, Table

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def long_work(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that would work for a while."""
    call = [sys.executable, "-m", "representations", "plan", "--items", "12", "--dimensions", "6", "--trials", "50"]
    call += ["--snr", "1", "--repetitions", "24", "--out", str(tmp_path / "out")]

    # A shell's background work ignores interrupts, and hands that on to what it starts.
    def heeds() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    with subprocess.Popen(call, cwd=ROOT, stderr=subprocess.PIPE, text=True, preexec_fn=heeds) as process:
        yield process
        process.kill()


def test_an_interrupt_leaves_nothing(long_work: subprocess.Popen[str], tmp_path: Path) -> None:
    assert long_work.stderr is not None
    assert long_work.stderr.readline() == "plan: 10 %\n"
    long_work.send_signal(signal.SIGINT)
    said = long_work.stderr.read()
    assert long_work.wait(60) == 130
    assert said.endswith("Stopped. Nothing was written.\n")
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


def test_on_a_terminal_one_line_is_rewritten() -> None:
    ours, theirs = pty.openpty()
    call = [sys.executable, "-m", "representations", "plan", "--items", "6", "--dimensions", "3", "--trials", "20"]
    call += ["--snr", "1", "--repetitions", "2", "--format", "table"]
    with subprocess.Popen(call, cwd=ROOT, stdout=subprocess.PIPE, stderr=theirs) as process:
        os.close(theirs)
        said = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            said += part
        assert process.wait(60) == 0
    os.close(ours)
    assert said.count(b"\r\x1b") == 0
    assert re.search(rb"plan:\s+100%, ", said)
    assert said.count(b"\n") == 1


def test_the_meter_says_each_tenth_once_and_begins_anew_with_new_work() -> None:
    to = io.StringIO()
    meter = Meter("work", to)
    for total in (50, 4):
        for done in range(total + 1):
            meter(done, total)
    meter(0, 0)
    meter.close()
    tenths = [int(line.split()[1]) for line in to.getvalue().splitlines()]
    assert tenths == [*range(10, 101, 10), 20, 50, 70, 100, 100]


def test_a_meter_on_a_terminal_writes_no_faster_than_one_can_read(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    now = iter(np.arange(0, 100, 0.01))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(now)))
    to = Terminal()
    meter = Meter("work", to)
    for done in range(101):
        meter(done, 100)
    meter.close()
    assert 8 <= to.getvalue().count("\r") <= 12
    assert to.getvalue().endswith("work: 100%, 100 of 100\x1b[K\n")


def test_a_table_is_shown_in_columns() -> None:
    table = Table(
        "t",
        "m",
        {
            "who": Column(["P1", None], "w"),
            "value": Column([0.123456, float("nan")], "v"),
            "n": Column([3, 1000], "n"),
            "used": Column([True, False], "u"),
        },
    )
    assert in_columns(table) == "who   value     n  used\nP1   0.1235     3  yes\n-         -  1000  no\n"
