"""A backup that is put back: what left after it does not leave again, and who was erased after it is erased again."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.outbox.servers import postgres_programs
from tests.processes import ROOT, Product

pytestmark = pytest.mark.slow
PEOPLE = 6


class Restorable:
    """A product with people who are due, and a copy of its database as operating.md has it made."""

    def __init__(self, product: Product, folder: Path) -> None:
        self.product, self.copy = product, folder / "backup"
        self.url = product.environment["DATABASE_URL"]
        self.data = Path(product.environment["DATA_DIR"])

    def back_up(self) -> None:
        if self.url:
            self._program("pg_dump", "--format=custom", f"--file={self.copy}", self.url)
            return
        with sqlite3.connect(self.data / "potoo.sqlite3") as there, sqlite3.connect(self.copy) as here:
            there.backup(here)

    def restore(self) -> None:
        if self.url:
            self._program("pg_restore", "--clean", "--if-exists", f"--dbname={self.url}", str(self.copy))
            return
        for old in self.data.glob("potoo.sqlite3*"):
            old.unlink()
        shutil.copy(self.copy, self.data / "potoo.sqlite3")

    def tick(self) -> dict[str, int]:
        done = self.product.manage("tick")
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout))

    def enrol(self, count: int) -> None:
        subprocess.run(
            [sys.executable, "-m", "tests.outbox.queue", str(count)],
            cwd=ROOT,
            env=self.product.environment,
            check=True,
            timeout=120,
        )

    def states(self) -> list[str]:
        lines = self.product.manage("followups", "--status").stdout.splitlines()
        return sorted(json.loads(line)["state"] for line in lines)

    def mails(self) -> int:
        return len(list((self.data / "outbox").glob("*.eml")))

    def _program(self, name: str, *arguments: str) -> None:
        assert urlsplit(self.url).scheme.startswith("postgres")
        beside = postgres_programs()
        program = shutil.which(name) or (str(beside / name) if beside else name)
        subprocess.run([program, *arguments], check=True, timeout=120, env=dict(os.environ))


@pytest.fixture
def restorable(product: Product, tmp_path: Path) -> Restorable:
    assert product.manage("migrate", "--verbosity", "0").returncode == 0
    found = Restorable(product, tmp_path)
    found.enrol(PEOPLE)
    return found


def _turn_before(restorable: Restorable) -> None:
    """The database has a name and knows of a turn, in which nobody was due."""
    assert restorable.product.manage("tick", CLOCK="-1d").returncode == 0
    assert restorable.mails() == 0


def test_what_left_after_the_backup_does_not_leave_again(restorable: Restorable) -> None:
    _turn_before(restorable)
    restorable.back_up()
    assert restorable.tick()["sent"] == PEOPLE
    restorable.restore()
    assert restorable.states() == ["scheduled"] * PEOPLE, "the backup knows of no mail"

    assert restorable.tick() == {"held": 1}
    assert restorable.tick() == {"held": 1}
    assert "after_restore" in restorable.product.manage("tick").stderr
    assert restorable.mails() == PEOPLE

    done = restorable.product.manage("after_restore")
    assert json.loads(done.stdout) == {"uncertain": PEOPLE, "erased_again": 0}, done.stderr
    assert restorable.states() == ["uncertain"] * PEOPLE
    assert restorable.tick()["sent"] == 0
    assert restorable.tick()["sent"] == 0
    assert restorable.mails() == PEOPLE
    assert json.loads(restorable.product.manage("verify_audit").stdout)["broken"] == []


def test_a_backup_of_the_very_turn_that_sent_is_noticed_by_its_last_message(restorable: Restorable) -> None:
    restorable.back_up()
    assert restorable.tick()["sent"] == PEOPLE
    turns = {path: path.read_text() for path in (restorable.data / "turns").glob("*.turn")}
    assert list(turns.values()) == ["1"]
    # The backup is put back, and one turn is counted of it: as if it had been made while that turn was sending.
    name = next(iter(turns)).stem
    restorable.restore()
    script = (
        "import clock; from coaching.services import running; from coaching.models import Heartbeat; "
        f"Heartbeat.objects.create(name='installation', place='{name}', at=clock.now()); "
        "running.count_turn(now=clock.now())"
    )
    assert restorable.product.manage("shell", "-c", script).returncode == 0
    assert restorable.tick() == {"held": 1}
    assert restorable.mails() == PEOPLE


def test_who_was_erased_after_the_backup_is_erased_again(restorable: Restorable) -> None:
    _turn_before(restorable)
    restorable.back_up()
    lines = restorable.product.manage("followups", "--status").stdout.splitlines()
    person = json.loads(lines[0])["participant"]
    erased = restorable.product.manage("erase", person, "--study", "tiny", "--reason", "asked for it")
    assert erased.returncode == 0, erased.stderr
    assert restorable.tick()["sent"] == PEOPLE - 1
    restorable.restore()
    assert person in restorable.product.manage("followups", "--status").stdout

    done = restorable.product.manage("after_restore")
    assert json.loads(done.stdout) == {"uncertain": PEOPLE - 1, "erased_again": 1}, done.stderr
    assert person not in restorable.product.manage("followups", "--status").stdout
    assert restorable.tick()["sent"] == 0
    assert restorable.mails() == PEOPLE - 1


def test_a_product_that_was_only_stopped_or_killed_goes_on(restorable: Restorable) -> None:
    assert restorable.tick()["sent"] == PEOPLE
    restorable.back_up()
    restorable.restore()
    assert restorable.tick()["sent"] == 0, "a backup newer than all that left holds nothing back"
    # A DATA_DIR without its signs of life, as on another machine.
    shutil.rmtree(restorable.data / "turns")
    assert "held" not in restorable.tick()


def test_since_leaves_alone_what_was_due_before(restorable: Restorable) -> None:
    later = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    done = restorable.product.manage("after_restore", "--since", later.isoformat())
    assert json.loads(done.stdout) == {"uncertain": 0, "erased_again": 0}
    assert restorable.states() == ["scheduled"] * PEOPLE
    refused = restorable.product.manage("after_restore", "--since", "yesterday")
    assert refused.returncode == 1
    assert "found 'yesterday'" in refused.stderr
