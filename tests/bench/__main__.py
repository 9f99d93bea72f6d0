"""`make bench`: what the product does beside what is possible at all, each pair measured in turn in the same run.

Page turns per second with 50 people at once beside a bare application, and reminders claimed and marked per second
beside a bare loop.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parents[2]
SERVER = os.environ.get("BENCH_POSTGRES", "postgresql://postgres@127.0.0.1:5432")
ROUNDS = 3
PEOPLE = 50
ITEMS = 32
REMINDERS = 400
INSTRUMENT = """\
id: bench_32
title: A long questionnaire
source: made for the benchmark
licence: CC0-1.0
scale: {min: 1, max: 5, step: 1, direction: higher_is_more, labels: {1: Nothing, 2: Dim, 3: Fair, 4: Clear, 5: As seen}}
sections:
  - id: all_of_it
    title: A scene
    lead: Think of a scene for a while.
    items:
"""
STUDY = """\
format: 1
slug: bench
title: A benchmark
languages: [en]
timezone: UTC
contact: lab@example.org
summary: welcome.md
consent: {version: "1", text: welcome.md, statements: [{id: take_part, text: I take part., required: true}]}
before: [{id: first, do: assess, instruments: [bench_32]}]
"""


def main() -> int:
    """Measures, prints a table, and writes the figures to var/bench.json."""
    name = f"potoo_bench_{secrets.token_hex(4)}"
    try:
        admin = psycopg.connect(f"{SERVER}/postgres", autocommit=True)
    except psycopg.OperationalError:
        print("no PostgreSQL answers; set BENCH_POSTGRES=postgresql://user@host:port", file=sys.stderr)
        return 1
    admin.execute(f"CREATE DATABASE {name}")
    try:
        with tempfile.TemporaryDirectory() as folder:
            turns = _page_turns(f"{SERVER}/{name}", Path(folder))
            reminders = _reminders(f"{SERVER}/{name}", Path(folder))
    finally:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    _report(turns, reminders)
    return 0


def _reminders(database: str, folder: Path) -> list[dict[str, float]]:
    environment = dict(os.environ) | {"DATABASE_URL": database, "DATA_DIR": str(folder / "data")}
    command = [sys.executable, "-m", "tests.bench.reminders", str(REMINDERS), str(ROUNDS)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    rounds: list[dict[str, float]] = json.loads(done.stdout)
    return rounds


def _page_turns(database: str, folder: Path) -> list[dict[str, dict[str, float]]]:
    environment = {k: v for k, v in os.environ.items() if k not in {"REDIS_URL", "CLOCK", "EMAIL_URL"}}
    ours, bare = _free_port(), _free_port()
    environment |= {
        "DATABASE_URL": database,
        "DATA_DIR": str(folder / "data"),
        "PUBLIC_URL": f"http://127.0.0.1:{ours}",
    }
    (folder / "data").mkdir()
    _run(["manage.py", "migrate", "--verbosity", "0"], environment)
    cast = folder / "people.json"
    _run(["-m", "tests.bench.cast", str(_bundle(folder)), str(ROUNDS * PEOPLE), str(cast)], environment)
    everybody = json.loads(cast.read_text())
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE bare_answer (person int, item int, value int, PRIMARY KEY (person, item))")
    granian = [str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "--host", "127.0.0.1"]
    granian += [
        "--workers",
        "2",
        "--blocking-threads",
        "4",
        "--no-log",
        "--port",
        str(bare),
        "tests.bench.bare:application",
    ]
    product = [sys.executable, "manage.py", "serve", "--port", str(ours)]
    rounds = []
    page = folder / "page.html"
    bare_environment = environment | {"BARE_DATABASE": database, "BARE_PAGE": str(page)}
    with _serving(product, environment, ours):
        page.write_bytes(_page_of(ours, everybody[0]))
        with _serving(granian, bare_environment, bare):
            for n in range(ROUNDS):
                people = everybody[n * PEOPLE : (n + 1) * PEOPLE]
                plain = [{"path": f"/{n * PEOPLE + i}/1", "cookie": "", "turns": ITEMS} for i in range(PEOPLE)]
                rounds.append({"bare": _walk(bare, plain, folder), "product": _walk(ours, people, folder)})
    return rounds


def _page_of(port: int, person: dict[str, Any]) -> bytes:
    """A question's page as the product serves it."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{person['path']}", headers={"Cookie": person["cookie"]})
    with urllib.request.urlopen(request, timeout=30) as response:
        content: bytes = response.read()
    return content


def _bundle(folder: Path) -> Path:
    bundle = folder / "bundle"
    (bundle / "instruments").mkdir(parents=True)
    items = "".join(f"      - {{id: q{i}, text: The detail number {i} of the scene}}\n" for i in range(1, ITEMS + 1))
    (bundle / "instruments" / "bench_32.yaml").write_text(INSTRUMENT + items + "scores: {total: {of: all, how: sum}}\n")
    (bundle / "study.yaml").write_text(STUDY)
    (bundle / "welcome.md").write_text("A benchmark.\n")
    return bundle


def _walk(port: int, people: list[dict[str, Any]], folder: Path) -> dict[str, float]:
    file = folder / "walk.json"
    file.write_text(json.dumps(people))
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.walkers", str(port), str(file)], cwd=ROOT, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    result = json.loads(done.stdout)
    spent = sorted(result["turns_ms"])
    return {
        "turns_per_s": len(spent) / result["seconds"],
        "p50_ms": statistics.median(spent),
        "p95_ms": spent[int(0.95 * len(spent))],
    }


def _report(rounds: list[dict[str, dict[str, float]]], reminders: list[dict[str, float]]) -> None:
    def middle(who: str, what: str) -> float:
        return statistics.median(each[who][what] for each in rounds)

    ratio = statistics.median(each["product"]["turns_per_s"] / each["bare"]["turns_per_s"] for each in rounds)
    slower = statistics.median(each["product"]["p95_ms"] / each["bare"]["p95_ms"] for each in rounds)
    print(f"Page turns, {PEOPLE} people at once, no think time, PostgreSQL, the same page read on both sides;")
    print(f"medians of {ROUNDS} interleaved rounds\n")
    print(f"{'':24}{'turns/s':>10}{'p50 ms':>10}{'p95 ms':>10}")
    for who, words in (("bare", "bare WSGI, 1 statement"), ("product", "the product")):
        print(f"{words:24}" + "".join(f"{middle(who, w):>10.1f}" for w in ("turns_per_s", "p50_ms", "p95_ms")))
    print(f"{'ratio to the limit':24}{ratio:>10.3f}{'':>10}{slower:>10.2f}")
    marked = statistics.median(each["product"] / each["bare"] for each in reminders)
    print(f"\nReminders claimed, fenced and marked per second; medians of {ROUNDS} rounds of {REMINDERS} in turn\n")
    for who, words in (("bare", "bare loop, 3 statements"), ("product", "the product")):
        print(f"{words:24}{statistics.median(each[who] for each in reminders):>10.1f}")
    print(f"{'ratio to the bare loop':24}{marked:>10.3f}\n")
    target = ROOT / "var" / "bench.json"
    target.parent.mkdir(exist_ok=True)
    figures = {"page_turns": {"rounds": rounds, "turns_ratio": ratio, "p95_ratio": slower}}
    figures["reminders"] = {"rounds": reminders, "ratio": marked}  # type: ignore[dict-item]
    target.write_text(json.dumps(figures, indent=1))
    print(
        json.dumps({"turns_ratio": round(ratio, 3), "p95_ratio": round(slower, 2), "reminders_ratio": round(marked, 3)})
    )


def _run(arguments: list[str], environment: dict[str, str]) -> None:
    subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, check=True)


@contextmanager
def _serving(command: list[str], environment: dict[str, str], port: int) -> Iterator[None]:
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        else:
            raise SystemExit(f"{command[1]} did not come up")
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.exit(main())
