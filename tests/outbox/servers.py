"""A PostgreSQL, a Redis and a mail server of a proof's own, which it may stop and start as it likes.

Each ends with the process that started it, however that one ends, and the machine's own are never touched.
"""

from __future__ import annotations

import ctypes
import functools
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psycopg
import redis

from tests.outbox.mail_server import Manners
from tests.processes import free_port

HERE = Path(__file__).resolve().parents[2]
_PR_SET_PDEATHSIG = 1


def postgres_programs() -> Path | None:
    """The folder of `initdb` and `postgres`; None where no PostgreSQL is installed."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    # Debian keeps them out of the way, by version.
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


def ended_with_us(number: signal.Signals) -> Callable[[], None]:
    """What a child runs before its program: it gets that signal when we are gone."""
    return functools.partial(ctypes.CDLL(None).prctl, _PR_SET_PDEATHSIG, number)


class Postgres:
    """A cluster on a free port. What it commits outlives its own fall; it does not wait for the disk, for no proof
    cuts the machine's power.
    """

    def __init__(self, folder: Path) -> None:
        programs = postgres_programs()
        assert programs is not None
        self.folder, self.port = folder, free_port()
        self._postgres, self._log = programs / "postgres", folder.parent / "postgres.log"
        # It refuses to run as root, as whom the suite may run in a container.
        self._as: dict[str, Any] = {"user": "postgres"} if os.geteuid() == 0 else {}
        self._process: subprocess.Popen[bytes] | None = None
        owner = pwd.getpwnam("postgres").pw_uid if self._as else -1
        folder.mkdir()
        for path in (folder.parent, folder):
            os.chown(path, owner, -1)
        command = [programs / "initdb", "-D", folder, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, **self._as)

    @property
    def server(self) -> str:
        """Its address, without a database."""
        return f"postgresql://postgres@127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts it; returns when it lets somebody in."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._postgres, "-D", self.folder, "-p", str(self.port), "-k", "", "-h", "127.0.0.1", "-F"],
                cwd="/",
                stdout=log,
                stderr=log,
                preexec_fn=ended_with_us(signal.SIGQUIT),
                **self._as,
            )
        _wait_until(lambda: bool(self.ask("SELECT 1")), psycopg.OperationalError)

    def stop(self) -> None:
        """Stops it at once, as a fall of the machine would: what was committed is there when it starts again."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(30)

    def cut(self, database: str) -> int:
        """Ends every connection to a database; how many there were."""
        others = "FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
        return len(self.ask(f"SELECT pg_terminate_backend(pid) {others}", database))

    def ask(self, statement: str, *values: object, database: str = "postgres") -> list[tuple[Any, ...]]:
        """The rows of one statement; none of one that has none."""
        with psycopg.connect(f"{self.server}/{database}", autocommit=True, connect_timeout=5) as connection:
            cursor = connection.execute(statement, values or None)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []


class Redis:
    """A broker on a free port that keeps nothing on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Starts it, empty; returns when it answers."""
        options = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(self.folder))
        self._process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), *options],
            stdout=subprocess.DEVNULL,
            preexec_fn=ended_with_us(signal.SIGKILL),
        )
        _wait_until(lambda: bool(self._ask().ping()), redis.ConnectionError)

    def stop(self) -> None:
        """Ends it, and all that lay in it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)

    def flush(self) -> None:
        """Empties it."""
        self._ask().flushall()

    def _ask(self) -> redis.Redis:
        return redis.Redis.from_url(self.url, socket_timeout=5)


class MailServer:
    """`tests.outbox.mail_server` in a process of its own; what it took lies in `folder`."""

    def __init__(self, folder: Path, manners: Manners) -> None:
        self.folder, self.port = folder, free_port()
        folder.mkdir()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.outbox.mail_server", str(folder), str(self.port)],
            cwd=HERE,
            stdin=subprocess.PIPE,
            preexec_fn=ended_with_us(signal.SIGKILL),
        )
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asdict(manners)).encode())
        self._process.stdin.close()

    def refuse(self, refuses: bool) -> None:
        """From now on it sends everybody away, or lets them in again."""
        sign = self.folder / "refusing"
        sign.touch() if refuses else sign.unlink()

    def stop(self) -> None:
        """Ends it."""
        self._process.kill()
        self._process.wait(10)


@contextmanager
def servers() -> Iterator[tuple[Postgres, Redis]]:
    """A running PostgreSQL and a running Redis; nothing of them is left afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="potoo-servers-"))
    started: list[Postgres | Redis] = []
    try:
        postgres = Postgres(folder / "postgres")
        broker = Redis(folder)
        for server in (postgres, broker):
            started.append(server)
            server.start()
        yield postgres, broker
    finally:
        for server in started:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until(answers: Callable[[], bool], refusal: type[Exception]) -> None:
    ends_at = time.monotonic() + 60
    while True:
        try:
            if answers():
                return
        except refusal:
            if time.monotonic() > ends_at:
                raise
        time.sleep(0.1)
