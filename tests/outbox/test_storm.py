"""A thousand follow-ups over twelve zones while everything that they need is taken away, one thing after the other.

PostgreSQL, Redis and a slow mail server, all the proof's own; four Celery workers, two beats, people who withdraw and
move. `POTOO_STORM=PEOPLE,SECONDS,TICK` makes it smaller, `POTOO_TREE` tries another build.
"""

from __future__ import annotations

import datetime as dt
import math
import os
import random
import secrets
import signal
import statistics
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message as Mail
from pathlib import Path
from typing import Any

import pytest

from tests.outbox.mail_server import Manners
from tests.outbox.servers import MailServer, Postgres, Redis, ended_with_us, postgres_programs, servers
from tests.outbox.storm_people import START

ROOT = Path(os.environ.get("POTOO_TREE", Path(__file__).resolve().parents[2]))
# Three ticks of 40 s are longer than the longest lease (75 s) and the tick that sees that it is over.
PEOPLE, STORM_S, TICK_S = (int(part) for part in os.environ.get("POTOO_STORM", "1000,120,40").split(","))
WORKERS, PROCESSES = 4, 2
SETTLED_S = max(3 * TICK_S, 120)
WARM_UP_S = 15
PENDING = ("claimed", "handing_over")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.alone,
    pytest.mark.once,
    pytest.mark.redis,
    pytest.mark.skipif(postgres_programs() is None, reason="there is no PostgreSQL here to start one of"),
]


@dataclass
class Run:
    """What a run left behind."""

    states: dict[str, str]
    waiting: set[str]
    late_s: list[float]
    mails: list[Mail]
    events: Counter[str]
    faults: Counter[str] = field(default_factory=Counter)
    deeds: dict[str, set[str]] = field(default_factory=dict)
    address_of: dict[str, str] = field(default_factory=dict)
    settled_s: float = math.nan

    @property
    def counts(self) -> Counter[str]:
        return Counter(self.states.values())

    @property
    def pending(self) -> int:
        """Under way, or due and not taken up."""
        return sum(state in PENDING for state in self.states.values()) + len(self.waiting)

    @property
    def arrived(self) -> set[str]:
        return {str(mail["X-Followup-Key"]) for mail in self.mails}

    @property
    def in_doubt(self) -> set[str]:
        return self.of("uncertain")

    def of(self, *states: str) -> set[str]:
        return {key for key, state in self.states.items() if state in states}

    @property
    def explained(self) -> int:
        """How many the faults may leave in doubt: what each of them can have met, and replies that were dropped."""
        each = {"kill": PROCESSES, "cut": WORKERS * PROCESSES, "postgres": WORKERS * PROCESSES}
        return self.events["dropped"] + sum(each.get(fault, 0) * count for fault, count in self.faults.items())

    def lines(self, name: str) -> str:
        late = sorted(self.late_s)
        twentieths = statistics.quantiles(late, n=20)
        twice = sum(count > 1 for count in Counter(str(mail["X-Rcpt"]) for mail in self.mails).values())
        return (
            f"\n{name}: {len(self.states)} follow-ups; faults {dict(self.faults)}; {self.events['cut']} sends cut "
            f"after acceptance, {self.events['dropped']} replies dropped, {self.events['turned_away']} turned away\n"
            f"  {len(self.mails)} mails, {twice} addresses twice, rows {dict(self.counts)}, in doubt at most "
            f"{self.explained} explained ({len(self.in_doubt - self.arrived)} of those in doubt never arrived)\n"
            f"  late by {statistics.median(late):.0f} s (median), {twentieths[-1]:.0f} s (95 %), {late[-1]:.0f} s "
            f"(most); {self.pending} pending {self.settled_s:.0f} s after the last fault"
        )


class Site:
    """One installation with its workers, whose clock began at `START`."""

    def __init__(self, folder: Path, postgres: Postgres, database: str, broker: Redis, mail: MailServer) -> None:
        self.folder, self.postgres, self.database, self.broker, self.mail = folder, postgres, database, broker, mail
        (folder / "data").mkdir(exist_ok=True)
        # What falls due waits until the workers are up.
        self.began = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=WARM_UP_S)
        self.environment = environment(folder, f"{postgres.server}/{database}") | {
            "REDIS_URL": broker.url,
            "EMAIL_URL": f"smtp://127.0.0.1:{mail.port}",
            "TICK_S": str(TICK_S),
            "CLOCK": f"{math.ceil((START - self.began).total_seconds()):+d}s",
        }
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *arguments: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=ended_with_us(signal.SIGTERM),
            )

    def start_worker(self, n: int) -> None:
        options = ("--concurrency", str(PROCESSES), "--hostname", f"w{n}@test", "--loglevel", "WARNING")
        self.start(f"worker-{n}", "celery", "-A", "config", "worker", *options)

    def start_beat(self, n: int) -> None:
        schedule = ("--schedule", str(self.folder / f"beat-{n}"))
        self.start(f"beat-{n}", "celery", "-A", "config", "beat", *schedule, "--loglevel", "WARNING")

    def kill_worker(self, n: int) -> None:
        os.killpg(self.running[f"worker-{n}"].pid, signal.SIGKILL)
        self.running[f"worker-{n}"].wait(10)

    def stop(self) -> None:
        for process in self.running.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)

    def seen(self) -> Run:
        """How things stand."""
        now = dt.datetime.now(dt.UTC) + (START - self.began)
        rows = self.postgres.ask("SELECT key, state, due_at, sent_at FROM coaching_message", database=self.database)
        return Run(
            states={key.hex: state for key, state, _, _ in rows},
            waiting={key.hex for key, state, due_at, _ in rows if state == "scheduled" and due_at <= now},
            late_s=[(sent_at - due_at).total_seconds() for _, state, due_at, sent_at in rows if state == "sent"],
            mails=[message_from_bytes(path.read_bytes()) for path in sorted(self.mail.folder.glob("*.eml"))],
            events=self._events(),
        )

    def wait_for_a_send(self, ends_at: float) -> bool:
        """Waits until the mail server has mails that it has not answered; whether it had any before that time."""
        while time.monotonic() < ends_at:
            events = self._events()
            if events["accepted"] - events["answered"] - events["dropped"] - events["cut"] >= WORKERS:
                return True
            time.sleep(0.05)
        return False

    def _events(self) -> Counter[str]:
        log = self.mail.folder / "log"
        return Counter(line.split()[0] for line in log.read_text().splitlines()) if log.exists() else Counter()

    def deeds(self) -> dict[str, set[str]]:
        """Who did what, by their addresses."""
        found = defaultdict(set)
        for line in (self.folder / "people.log").read_text().splitlines():
            what, _, address = line.partition(" ")
            found[what].add(address)
        return found


def environment(folder: Path, database: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "DATABASE_URL": database, "DATA_DIR": str(folder / "data"), "PUBLIC_URL": "http://127.0.0.1:8000"}


@dataclass(frozen=True)
class Ground:
    """A running PostgreSQL with a database to copy, and a running Redis."""

    postgres: Postgres
    broker: Redis
    folder: Path


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("storm")
    (folder / "data").mkdir()
    with servers() as (postgres, broker):
        postgres.ask("CREATE DATABASE calm")
        variables = environment(folder, f"{postgres.server}/calm")
        for command in (
            ("manage.py", "migrate", "--verbosity", "0"),
            ("-m", "tests.outbox.storm_people", "enrol", str(PEOPLE), str(STORM_S * 0.75)),
        ):
            subprocess.run([sys.executable, *command], cwd=ROOT, env=variables, check=True, timeout=600)
        yield Ground(postgres, broker, folder)


@contextmanager
def _site(ground: Ground, folder: Path, manners: Manners) -> Iterator[Site]:
    database = f"storm_{secrets.token_hex(4)}"
    ground.postgres.ask(f"CREATE DATABASE {database} TEMPLATE calm")
    # A copied sequence gives numbers that no log names until the next checkpoint, and after a fall gives them again.
    ground.postgres.ask("CHECKPOINT")
    ground.broker.flush()
    # The keys that the addresses are encrypted with lie here.
    (folder / "data").symlink_to(ground.folder / "data")
    mail = MailServer(folder / "mails", manners)
    site = Site(folder, ground.postgres, database, ground.broker, mail)
    try:
        for n in range(WORKERS):
            site.start_worker(n)
        site.start_beat(1)
        yield site
    finally:
        site.stop()
        mail.stop()


def _weather(site: Site) -> tuple[list[tuple[float, str, Callable[[], object]]], Counter[str]]:
    """What happens when, as (seconds, name, deed), and how often each fault came; restarts have no name."""
    plan: list[tuple[float, str, Callable[[], object]]] = []

    def at(share: float, name: str, deed: Callable[[], object]) -> None:
        plan.append((share * STORM_S, name, deed))

    def cut() -> None:
        site.postgres.cut(site.database)

    # Whatever empties the queue leaves nothing to send until the next tick: so it comes late in a tick, not early.
    for share in (0.10, 0.28, 0.60, 0.70, 0.96):
        at(share, "cut", cut)
    at(0.12, "second beat", lambda: site.start_beat(2))
    at(0.30, "refusing", lambda: site.mail.refuse(True))
    at(0.30 + 15 / 120, "", lambda: site.mail.refuse(False))
    at(0.44, "flush", site.broker.flush)
    at(0.45, "redis", site.broker.stop)
    at(0.45 + 10 / 120, "", site.broker.start)
    at(0.74, "postgres", site.postgres.stop)
    at(0.74 + 10 / 120, "", site.postgres.start)
    at(0.90, "flush", site.broker.flush)
    return sorted(plan, key=lambda each: each[0]), Counter(name for _, name, _ in plan if name)


def _kill_some(site: Site, dice: random.Random, first: float, until: float) -> tuple[int, float]:
    """Kills groups of workers one after the other, each while mails are under way, from `first` until then.

    How many, and from when the next may go. It starts the new ones itself and in no thread: a child that is to end with
    us ends with the thread that started it.
    """
    count = 0
    time.sleep(max(min(first, until) - time.monotonic(), 0))
    while site.wait_for_a_send(until):
        n = dice.randrange(WORKERS)
        site.kill_worker(n)
        site.start_worker(n)
        count += 1
        first = time.monotonic() + dice.uniform(0.05, 0.1) * STORM_S
        time.sleep(max(min(first, until) - time.monotonic(), 0))
    return count, first


def _storm(site: Site, seed: int) -> Run:
    plan, faults = _weather(site)
    time.sleep(max((site.began - dt.datetime.now(dt.UTC)).total_seconds(), 0))
    site.start("people", "tests.outbox.storm_people", "act", str(STORM_S), str(seed))
    began = next_kill = time.monotonic()
    dice = random.Random(seed)
    for seconds, _, deed in plan:
        kills, next_kill = _kill_some(site, dice, next_kill, began + seconds)
        faults["kill"] += kills
        deed()
    site.running["people"].wait(60)
    return _settled(site, SETTLED_S, faults)


def _settled(site: Site, within_s: float, faults: Counter[str]) -> Run:
    """What was seen when nothing was pending any more, or else after that time."""
    last = time.monotonic()
    while True:
        run = site.seen()
        if not run.pending or time.monotonic() - last > within_s:
            break
        time.sleep(1)
    run.settled_s = time.monotonic() - last
    run.faults = faults
    return run


def test_no_follow_up_goes_twice_or_is_lost_in_silence_in_a_storm(ground: Ground, tmp_path: Path, capsys: Any) -> None:
    with _site(ground, tmp_path, Manners(before_354_s=0.1, before_250_s=0.6, dropped=0.01, seed=7)) as site:
        run = _storm(site, seed=7)
        deeds = site.deeds()
        with capsys.disabled():
            print(run.lines("in the storm"))
        subprocess.run(
            [sys.executable, "-m", "tests.outbox.open_links", str(site.mail.folder)],
            cwd=ROOT,
            env=site.environment,
            check=True,
        )
    address_of = {str(mail["X-Followup-Key"]): str(mail["X-Rcpt"]) for mail in run.mails}

    # Never twice.
    assert max(Counter(address_of[str(mail["X-Followup-Key"])] for mail in run.mails).values()) == 1
    assert max(Counter(str(mail["X-Rcpt"]) for mail in run.mails).values()) == 1
    # Never in silence: what says sent was taken, and what was taken says so or is named in doubt.
    assert run.of("sent") <= run.arrived
    assert run.arrived <= run.of("sent", "uncertain")
    assert run.pending == 0, f"three ticks after the last fault: {run.counts}, {len(run.waiting)} due"
    # All others are those who left, and those whose morning is still to come.
    assert set(run.states.values()) <= {"sent", "uncertain", "cancelled", "scheduled"}
    assert len(run.of("cancelled")) <= len(deeds["withdrew"])
    assert len(run.of("scheduled")) <= len(deeds["moved-to-night"])
    assert len(deeds["withdrew"]) == PEOPLE // 20
    assert len(deeds["moved"] | deeds["moved-to-night"]) == PEOPLE // 20
    # Not by naming everything in doubt: few of those never left, for the point of no return lies after the 354.
    assert len(run.in_doubt) <= run.explained
    assert len(run.in_doubt - run.arrived) <= max(2, sum(run.faults.values()) // 5)
    # A storm that met no sends would prove nothing.
    assert run.events["cut"] >= 3, "too few sends were cut after acceptance to tell"


def test_in_a_calm_every_follow_up_is_sent_and_none_is_in_doubt(ground: Ground, tmp_path: Path, capsys: Any) -> None:
    with _site(ground, tmp_path, Manners(before_250_s=0.05)) as site:
        began = time.monotonic()
        time.sleep(WARM_UP_S + STORM_S * 0.75)
        run = _settled(site, SETTLED_S, Counter())
        with capsys.disabled():
            print(run.lines("in a calm"), f"({time.monotonic() - began:.0f} s in all)")
    assert dict(run.counts) == {"sent": PEOPLE}
    assert len(run.mails) == PEOPLE
    assert set(Counter(str(mail["X-Rcpt"]) for mail in run.mails).values()) == {1}


def test_workers_that_are_asked_to_end_finish_the_mails_in_hand(ground: Ground, tmp_path: Path) -> None:
    with _site(ground, tmp_path, Manners(before_250_s=1)) as site:
        assert site.wait_for_a_send(time.monotonic() + WARM_UP_S + 2 * TICK_S)
        workers = [process for name, process in site.running.items() if name.startswith("worker")]
        for worker in workers:
            worker.terminate()
        assert [worker.wait(60) for worker in workers] == [0] * WORKERS
        run = site.seen()
    assert len(run.mails) >= WORKERS
    assert run.of("sent") == run.arrived
    assert run.of("uncertain", *PENDING) == set()
