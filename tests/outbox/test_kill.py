"""Reminders under SIGKILL: PostgreSQL, Redis, Celery workers and beat, and a mail server slow and forgetful.

Power needs kills that meet sends, so the run goes on until enough sends were cut between the server's acceptance and
its 250.
"""

from __future__ import annotations

import json
import os
import random
import secrets
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from email import message_from_bytes
from email.message import Message as Mail
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from tests.outbox.mail_server import Manners
from tests.processes import free_port

ROOT = Path(os.environ.get("POTOO_TREE", Path(__file__).resolve().parents[2]))
POSTGRES = "postgresql://postgres@127.0.0.1:5432"
REDIS = "redis://127.0.0.1:6379/7"
REMINDERS = 300
WORKERS = 3
TICK_S = 30  # three ticks are longer than the longest lease (75 s)
ENOUGH_CUTS = 10
PENDING = ("scheduled", "claimed", "handing_over")
pytestmark = [pytest.mark.slow, pytest.mark.alone]


@dataclass
class Run:
    """What a run left behind."""

    states: Counter[str] = field(default_factory=Counter)
    sent: set[str] = field(default_factory=set)
    uncertain: set[str] = field(default_factory=set)
    mails: list[Mail] = field(default_factory=list)
    events: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    seconds: float = 0.0
    settled_s: float = 0.0

    @property
    def per_address(self) -> Counter[str]:
        return Counter(str(mail["X-Rcpt"]) for mail in self.mails)

    @property
    def arrived(self) -> set[str]:
        return {str(mail["X-Followup-Key"]) for mail in self.mails}

    def line(self, name: str) -> str:
        twice = sum(count > 1 for count in self.per_address.values())
        return (
            f"{name}: {REMINDERS} reminders, {self.kills} kills, {self.events['cut']} sends cut after acceptance, "
            f"{self.events['dropped']} replies dropped, {self.events['refused']} put off: {len(self.mails)} mails, "
            f"{twice} addresses twice, rows {dict(self.states)} "
            f"({len(self.uncertain - self.arrived)} of the uncertain never arrived), {self.seconds:.0f} s, "
            f"nothing pending {self.settled_s:.0f} s after the last kill"
        )


class Site:
    """One installation on PostgreSQL and Redis, with its workers."""

    def __init__(self, folder: Path, database: str, mail_port: int) -> None:
        self.folder = folder
        (folder / "data").mkdir()
        self.environment = {
            **{k: v for k, v in os.environ.items() if k not in {"CLOCK", "DJANGO_SETTINGS_MODULE"}},
            "DATABASE_URL": database,
            "REDIS_URL": REDIS,
            "DATA_DIR": str(folder / "data"),
            "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
            "TICK_S": str(TICK_S),
            "PUBLIC_URL": "http://127.0.0.1:8000",
        }
        self.workers: dict[int, subprocess.Popen[bytes]] = {}

    def run(self, *command: str) -> None:
        subprocess.run([sys.executable, *command], cwd=ROOT, env=self.environment, check=True, timeout=300)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.folder / "celery.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "config", *arguments],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start_worker(self, n: int) -> None:
        self.workers[n] = self.start(
            "worker", "--concurrency", "2", "--hostname", f"w{n}@test", "--loglevel", "WARNING"
        )

    def kill_worker(self, n: int) -> None:
        os.killpg(self.workers[n].pid, signal.SIGKILL)
        self.workers[n].wait(10)


@contextmanager
def _site(folder: Path, manners: Manners) -> Iterator[Site]:
    name, mail_port = f"potoo_kill_{secrets.token_hex(4)}", free_port()
    (folder / "mails").mkdir()
    mail_server = subprocess.Popen(
        [sys.executable, "-m", "tests.outbox.mail_server", str(folder / "mails"), str(mail_port)],
        cwd=Path(__file__).resolve().parents[2],
        stdin=subprocess.PIPE,
    )
    assert mail_server.stdin is not None
    mail_server.stdin.write(json.dumps(asdict(manners)).encode())
    mail_server.stdin.close()
    with psycopg.connect(f"{POSTGRES}/postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    redis.Redis.from_url(REDIS).flushdb()
    site = Site(folder, f"{POSTGRES}/{name}", mail_port)
    running = [mail_server]
    try:
        site.run("manage.py", "migrate", "--verbosity", "0")
        site.run("-m", "tests.outbox.queue", str(REMINDERS))
        for n in range(WORKERS):
            site.start_worker(n)
        running.append(site.start("beat", "--loglevel", "WARNING"))
        yield site
    finally:
        for process in (*site.workers.values(), *running[1:]):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)
        mail_server.kill()
        mail_server.wait(10)
        redis.Redis.from_url(REDIS).flushdb()
        with psycopg.connect(f"{POSTGRES}/postgres", autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _rows(site: Site) -> dict[str, str]:
    with psycopg.connect(site.environment["DATABASE_URL"]) as connection:
        return {key.hex: state for key, state in connection.execute("SELECT key, state FROM coaching_message")}


def _events(site: Site) -> Counter[str]:
    log = site.folder / "mails" / "log"
    return Counter(line.split()[0] for line in log.read_text().splitlines()) if log.exists() else Counter()


def _result(site: Site, kills: int, began: float) -> Run:
    rows = _rows(site)
    mails = [message_from_bytes(path.read_bytes()) for path in sorted((site.folder / "mails").glob("*.eml"))]
    return Run(
        states=Counter(rows.values()),
        sent={key for key, state in rows.items() if state == "sent"},
        uncertain={key for key, state in rows.items() if state == "uncertain"},
        mails=mails,
        events=_events(site),
        kills=kills,
        seconds=time.monotonic() - began,
    )


def _wait_until_nothing_is_pending(site: Site, seconds: float) -> None:
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at and any(state in PENDING for state in _rows(site).values()):
        time.sleep(1)


def _under_kill(site: Site, seed: int) -> Run:
    dice, began, kills, flushed = random.Random(seed), time.monotonic(), 0, False
    while time.monotonic() - began < 420:
        time.sleep(dice.uniform(2, 4))
        if not any(state in PENDING for state in _rows(site).values()):
            break
        if _events(site)["cut"] >= ENOUGH_CUTS and flushed:
            break
        victim = dice.randrange(WORKERS)
        site.kill_worker(victim)
        kills += 1
        site.start_worker(victim)
        if kills == 4 and not flushed:
            redis.Redis.from_url(REDIS).flushdb()
            flushed = True
    # Three ticks after the last fault; what the server put off twice waits five minutes by rule, and is waited for.
    last_kill = time.monotonic()
    _wait_until_nothing_is_pending(site, 480)
    run = _result(site, kills, began)
    run.settled_s = time.monotonic() - last_kill
    return run


def _check(run: Run) -> None:
    """Never twice, never lost in silence, and not by naming everything uncertain."""
    assert max(run.per_address.values()) == 1, "an address got a message twice"
    assert run.sent <= run.arrived, "a row says sent without a mail"
    # The point of no return lies after the 354: few of those in doubt never left. A build that commits before it
    # connects leaves a quarter of them.
    assert len(run.uncertain - run.arrived) <= max(2, run.kills // 10), "in doubt long before anything had left"
    assert not set(run.states) & set(PENDING), f"still pending: {run.states}"
    assert set(run.states) <= {"sent", "uncertain"}, run.states
    touched = run.events["cut"] + run.events["dropped"]
    # Each kill of a group may leave at most its two sends in doubt, wherever it met them.
    assert run.states["uncertain"] <= 2 * run.kills + run.events["dropped"], "more in doubt than faults can explain"
    assert run.states["uncertain"] >= min(touched, 1)


def test_no_reminder_goes_twice_or_is_lost_in_silence_while_workers_are_killed(tmp_path: Path, capsys: Any) -> None:
    manners = Manners(before_354_s=0.15, before_250_s=0.45, refused=0.02, dropped=0.01, seed=7)
    with _site(tmp_path, manners) as site:
        run = _under_kill(site, seed=7)
        with capsys.disabled():
            print("\n" + run.line("under SIGKILL"))
        assert run.events["cut"] >= 3, "too few to tell"
        _check(run)
        site.run("-m", "tests.outbox.open_links", str(site.folder / "mails"))


def test_without_faults_every_reminder_is_sent_and_none_is_uncertain(tmp_path: Path, capsys: Any) -> None:
    with _site(tmp_path, Manners(before_354_s=0.15, before_250_s=0.45)) as site:
        began = time.monotonic()
        _wait_until_nothing_is_pending(site, 240)
        run = _result(site, 0, began)
        with capsys.disabled():
            print("\n" + run.line("without faults"))
        assert dict(run.states) == {"sent": REMINDERS}
        assert len(run.mails) == REMINDERS
        assert set(run.per_address.values()) == {1}
