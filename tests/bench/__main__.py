"""`make bench`: what the product does beside what is possible at all, each pair measured in turn in the same run.

Page turns per second with 50 people at once, each with an autosave before it, beside a bare application; reminders
claimed and marked per second beside a bare loop; a million responses as files beside the database's COPY; 100,000
questionnaires scored beside numpy's bare sum; and the methods of representations beside the time and memory they may
take.
`python -m tests.bench turns --rounds 5` measures one part alone; `--no-autosave` leaves the autosaves out, on both
sides.
"""

from __future__ import annotations

import argparse
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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from tests.bench import exports, pages, representations, scoring

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
    asked = _asked()
    name = f"potoo_bench_{secrets.token_hex(4)}"
    try:
        admin = psycopg.connect(f"{SERVER}/postgres", autocommit=True)
    except psycopg.OperationalError:
        print("no PostgreSQL answers; set BENCH_POSTGRES=postgresql://user@host:port", file=sys.stderr)
        return 1
    admin.execute(f"CREATE DATABASE {name}")
    try:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "data").mkdir()
            measured = {part: _PARTS[part](f"{SERVER}/{name}", Path(folder), asked) for part in asked.parts or _PARTS}
    finally:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    _report(measured, asked)
    return 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measures the product beside a limit.")
    parser.add_argument("parts", nargs="*", choices=[*_PARTS, []], help="what is measured; everything unless named")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--no-autosave", action="store_true", help="page turns alone, for both sides")
    return parser.parse_args()


def _reminders(database: str, folder: Path, asked: argparse.Namespace) -> list[dict[str, float]]:
    environment = dict(os.environ) | {"DATABASE_URL": database, "DATA_DIR": str(folder / "data")}
    _run(["manage.py", "migrate", "--verbosity", "0"], environment)
    command = [sys.executable, "-m", "tests.bench.reminders", str(REMINDERS), str(asked.rounds)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    rounds: list[dict[str, float]] = json.loads(done.stdout)
    return rounds


def _page_turns(database: str, folder: Path, asked: argparse.Namespace) -> list[dict[str, dict[str, float]]]:
    environment = {k: v for k, v in os.environ.items() if k not in {"REDIS_URL", "CLOCK", "EMAIL_URL"}}
    ours, bare = _free_port(), _free_port()
    environment |= {
        "DATABASE_URL": database,
        "DATA_DIR": str(folder / "data"),
        "PUBLIC_URL": f"http://127.0.0.1:{ours}",
    }
    _run(["manage.py", "migrate", "--verbosity", "0"], environment)
    cast = folder / "people.json"
    _run(["-m", "tests.bench.cast", str(_bundle(folder)), str(asked.rounds * PEOPLE), str(cast)], environment)
    everybody = [person | {"autosaves": not asked.no_autosave} for person in json.loads(cast.read_text())]
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
            for n in range(asked.rounds):
                people = everybody[n * PEOPLE : (n + 1) * PEOPLE]
                plain = [each | {"path": f"/{n * PEOPLE + i}/1/", "cookie": ""} for i, each in enumerate(people)]
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
    spent, saves = sorted(result["turns_ms"]), sorted(result["autosaves_ms"])
    return {
        "turns_per_s": len(spent) / result["seconds"],
        "p50_ms": statistics.median(spent),
        "p95_ms": spent[int(0.95 * len(spent))],
        "autosave_p50_ms": statistics.median(saves) if saves else 0,
        "autosave_p95_ms": saves[int(0.95 * len(saves))] if saves else 0,
    }


_PARTS: dict[str, Callable[[str, Path, argparse.Namespace], Any]] = {"turns": _page_turns, "reminders": _reminders}
_PARTS |= {"exports": exports.measure, "pages": pages.measure, "scoring": scoring.measure}
_PARTS["representations"] = representations.measure


def _report(measured: dict[str, Any], asked: argparse.Namespace) -> None:
    figures: dict[str, Any] = {}
    if "turns" in measured:
        figures["page_turns"] = _report_turns(measured["turns"], asked)
    if "reminders" in measured:
        figures["reminders"] = _report_reminders(measured["reminders"])
    if "exports" in measured:
        figures["exports"] = exports.report(measured["exports"])
    if "pages" in measured:
        figures["pages"] = pages.report(measured["pages"])
    if "scoring" in measured:
        figures["scoring"] = scoring.report(measured["scoring"])
    if "representations" in measured:
        figures["representations"] = representations.report(measured["representations"])
    target = ROOT / "var" / "bench.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(figures, indent=1))
    ratios = {
        "turns_ratio": figures.get("page_turns", {}).get("turns_ratio"),
        "p95_ratio": figures.get("page_turns", {}).get("p95_ratio"),
        "reminders_ratio": figures.get("reminders", {}).get("ratio"),
        "csv_ratio": figures.get("exports", {}).get("csv_ratio"),
        "parquet_ratio": figures.get("exports", {}).get("parquet_ratio"),
        "scoring_share_of_10_s": figures.get("scoring", {}).get("share_of_wanted"),
        "representations_share_of_5_min": figures.get("representations", {}).get("share_of_5_min"),
        "representations_share_of_1_5_gb": figures.get("representations", {}).get("share_of_1_5_gb"),
    }
    print(json.dumps({name: round(ratio, 3) for name, ratio in ratios.items() if ratio is not None}))


def _report_turns(rounds: list[dict[str, dict[str, float]]], asked: argparse.Namespace) -> dict[str, Any]:
    def middle(who: str, what: str) -> float:
        return statistics.median(each[who][what] for each in rounds)

    ratio = statistics.median(each["product"]["turns_per_s"] / each["bare"]["turns_per_s"] for each in rounds)
    slower = statistics.median(each["product"]["p95_ms"] / each["bare"]["p95_ms"] for each in rounds)
    saves = "alone" if asked.no_autosave else "with one autosave before each"
    print(f"Page turns {saves}, {PEOPLE} people at once, no think time, PostgreSQL, the same page")
    print(f"read on both sides; medians of {asked.rounds} interleaved rounds\n")
    columns = {"turns_per_s": "turns/s", "p50_ms": "p50 ms", "p95_ms": "p95 ms"}
    if not asked.no_autosave:
        columns |= {"autosave_p50_ms": "save p50", "autosave_p95_ms": "save p95"}
    print(f"{'':24}" + "".join(f"{name:>10}" for name in columns.values()))
    for who, words in (("bare", "bare WSGI, 1 statement"), ("product", "the product")):
        print(f"{words:24}" + "".join(f"{middle(who, column):>10.1f}" for column in columns))
    print(f"{'ratio to the limit':24}{ratio:>10.3f}{'':>10}{slower:>10.2f}\n")
    return {"rounds": rounds, "turns_ratio": ratio, "p95_ratio": slower}


def _report_reminders(reminders: list[dict[str, float]]) -> dict[str, Any]:
    marked = statistics.median(each["product"] / each["bare"] for each in reminders)
    rounds = len(reminders)
    print(f"Reminders claimed, fenced and marked per second; medians of {rounds} rounds of {REMINDERS} in turn\n")
    for who, words in (("bare", "bare loop, 3 statements"), ("product", "the product")):
        print(f"{words:24}{statistics.median(each[who] for each in reminders):>10.1f}")
    print(f"{'ratio to the bare loop':24}{marked:>10.3f}\n")
    return {"rounds": reminders, "ratio": marked}


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
