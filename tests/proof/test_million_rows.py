"""A million responses leave by the web server in the memory that a hundred thousand take."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.processes import ROOT, Product, Served

pytestmark = [
    pytest.mark.slow,
    pytest.mark.alone,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="what a process held at its peak is read there"),
]

FEW, MANY = 100_000, 1_000_000
MOST_MORE_MB = 20


def crowd(product: Product, rows: int) -> str:
    """So many responses in all; the header of somebody who may read them."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.research.crowds", str(rows)],
        cwd=ROOT,
        env=product.environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    return str(json.loads(done.stdout)["authorization"])


def load(served: Served, authorization: str, file_format: str, path: Path) -> None:
    url = f"{served.url}/api/v1/studies/tiny/datasets/responses/file/?format={file_format}"
    request = urllib.request.Request(url, headers={"Authorization": authorization})
    with urllib.request.urlopen(request, timeout=600) as answer, path.open("wb") as file:
        shutil.copyfileobj(answer, file, 1 << 20)


def rows_in(path: Path) -> int:
    if path.suffix == ".parquet":
        return int(pq.read_metadata(path).num_rows)
    with path.open("rb") as file:
        return sum(1 for _ in file) - 1


def peak_mb(served: Served) -> float:
    """The most that one of the web server's processes ever held."""
    return max(held_mb(pid) for pid in served.family() if b"tick" not in Path(f"/proc/{pid}/cmdline").read_bytes())


def held_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    [peak] = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(peak) / 1_024


def test_ten_times_the_rows_take_no_more_memory(product: Product, tmp_path: Path) -> None:
    assert product.manage("migrate", "--verbosity", "0").returncode == 0
    peaks: dict[tuple[str, int], float] = {}
    for rows in (FEW, MANY):
        authorization = crowd(product, rows)
        for file_format in ("csv", "parquet"):
            path = tmp_path / f"responses.{file_format}"
            # A server of its own for each, since a peak never goes down again.
            with product.served() as served:
                load(served, authorization, file_format, path)
                peaks[file_format, rows] = peak_mb(served)
            assert rows_in(path) == rows
            print(f"{file_format}: {rows} rows, {path.stat().st_size / 1e6:.1f} MB, {peaks[file_format, rows]:.1f} MB")
    for file_format in ("csv", "parquet"):
        assert peaks[file_format, MANY] - peaks[file_format, FEW] < MOST_MORE_MB, file_format
