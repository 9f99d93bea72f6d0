"""A disk that is full takes no answer, says so, and harms nothing that was stored before."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import Product
from tests.proof.killing import Mortal, Rows, halves, is_whole, lost_answers, prepared
from tests.proof.test_kill import Walker

pytestmark = pytest.mark.slow

SIZE_MB = 16


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path | None]:
    """A disk of a few megabytes; None where this user may not mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _fill(folder: Path) -> Path:
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1_000_000, 4_096, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return ballast


class Patient(Walker):
    """Somebody who answers while the disk is full, sees the page that says so, and sends it again afterwards."""

    def __init__(self, server: Mortal, seed: int, disk: Path) -> None:
        super().__init__(server, seed)
        self.disk = disk
        self.refused: list[tuple[int, str]] = []

    def _call(self, method: str, url: str, body: str | None) -> tuple[int, str, str]:
        if method != "POST" or not url.endswith("/2/"):
            return super()._call(method, url, body)
        ballast = _fill(self.disk)
        for _ in range(3):
            status, _location, text = super()._call(method, url, body)
            self.refused.append((status, text))
        ballast.unlink()
        return super()._call(method, url, body)


def test_a_full_disk_refuses_an_answer_and_harms_nothing(
    small_disk: Path | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if small_disk is None:
        with capsys.disabled():
            print("\nLeft out: a disk that is full, for this user may not mount a small one.")
        return
    product = Product(tmp_path)
    product.environment["DATA_DIR"] = str(small_disk)
    server = prepared(product)
    server.start()
    try:
        walker = Patient(server, 11, small_disk)
        ledger = walker.walk()
    finally:
        server.stop()
    assert {status for status, _ in walker.refused} == {503}
    assert all("<h1>" in text and "try again" in text for _, text in walker.refused)
    rows = Rows(product)
    assert ledger.finished
    assert (lost_answers(rows, [ledger]), halves(rows), is_whole(product)) == ([], [], [])
