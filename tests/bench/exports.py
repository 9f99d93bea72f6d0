"""A million responses by the web server, beside the database's own COPY of the same SELECT, each in turn."""

from __future__ import annotations

import argparse
import json
import secrets
import shutil
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from tests.processes import ROOT, Product, Served

ROWS = 1_000_000
WORDS = {"copy": "COPY of the SELECT", "csv": "CSV over HTTP", "parquet": "Parquet over HTTP"}


def measure(database: str, folder: Path, asked: argparse.Namespace) -> list[dict[str, float]]:
    """Seconds that each way took, round by round, in a database of its own beside `database`."""
    server, name = database.rsplit("/", 1)[0], f"potoo_bench_{secrets.token_hex(4)}"
    folder = folder / "exports"
    folder.mkdir()
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        try:
            product = Product(folder, f"{server}/{name}")
            product.manage("migrate", "--verbosity", "0").check_returncode()
            command = [sys.executable, "-m", "tests.research.crowds", str(ROWS)]
            done = subprocess.run(command, cwd=ROOT, env=product.environment, capture_output=True, text=True)
            if done.returncode:
                raise SystemExit(done.stderr)
            made = json.loads(done.stdout)
            with product.served() as served:
                ways = _ways(served, f"{server}/{name}", made["select"], made["authorization"], folder)
                return [{way: _seconds(take) for way, take in ways.items()} for _ in range(asked.rounds)]
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def report(rounds: list[dict[str, float]]) -> dict[str, Any]:
    """Prints a table, and returns each way's time as a ratio to COPY's."""
    print(f"{ROWS} responses as a file; medians of {len(rounds)} rounds in turn\n")
    print(f"{'':24}{'s':>10}{'to COPY':>10}")
    ratios = {way: statistics.median(each[way] / each["copy"] for each in rounds) for way in WORDS}
    for way, words in WORDS.items():
        print(f"{words:24}{statistics.median(each[way] for each in rounds):>10.2f}{ratios[way]:>10.2f}")
    print()
    return {"rounds": rounds, "csv_ratio": ratios["csv"], "parquet_ratio": ratios["parquet"]}


def _ways(
    served: Served, database: str, select: str, authorization: str, folder: Path
) -> dict[str, Callable[[], None]]:
    def copied() -> None:
        with (
            psycopg.connect(database) as connection,
            connection.cursor() as cursor,
            cursor.copy(f"COPY ({select}) TO STDOUT WITH (FORMAT csv)") as lines,  # type: ignore[arg-type]
            (folder / "copied").open("wb", buffering=1 << 16) as file,
        ):
            for line in lines:
                file.write(line)

    def loaded(file_format: str) -> Callable[[], None]:
        url = f"{served.url}/api/v1/studies/tiny/datasets/responses/file/?format={file_format}"
        request = urllib.request.Request(url, headers={"Authorization": authorization})

        def load() -> None:
            with urllib.request.urlopen(request, timeout=600) as answer, (folder / file_format).open("wb") as file:
                shutil.copyfileobj(answer, file, 1 << 20)

        return load

    return {"copy": copied, **{file_format: loaded(file_format) for file_format in WORDS if file_format != "copy"}}


def _seconds(take: Callable[[], None]) -> float:
    began = time.perf_counter()
    take()
    return time.perf_counter() - began
