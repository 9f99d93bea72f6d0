"""A served product that can be killed as a power cut would, and people who answer it and note what it acknowledged."""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import psycopg

from tests import world
from tests.processes import ROOT, Product, descendants, free_port, is_running
from tests.walk.client import Page

SLUG = "small-scenes"
ITEMS = 4
_QUESTION = re.compile(r"/q/[0-9a-f-]+/scenes_4/([0-9]+)/$")


class Mortal:
    """A product's server on one port: killed with all that it started, and started again on the same data."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.port = free_port()
        self.log = product.folder / "serve.log"
        self.kills = 0
        self.is_up = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return when it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--port", str(self.port)],
                cwd=ROOT,
                env=self.product.environment | {"TICK_S": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 60
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(self.log.read_text(encoding="utf-8"))
            time.sleep(0.05)
        self.is_up.set()

    def kill(self) -> None:
        """SIGKILL to the server, its workers and the ticks; nobody gets to say goodbye."""
        assert self._process is not None
        self.is_up.clear()
        family = [self._process.pid, *descendants(self._process.pid)]
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        deadline = time.monotonic() + 20
        while any(is_running(pid) for pid in family):
            assert time.monotonic() < deadline, "something outlived its SIGKILL"
            time.sleep(0.01)
        self.kills += 1

    def terminate(self) -> int:
        """SIGTERM; the answer is the exit status."""
        assert self._process is not None
        self.is_up.clear()
        self._process.terminate()
        return self._process.wait(timeout=30)

    def stop(self) -> None:
        """End it, however it stands."""
        if self._process is not None and self._process.poll() is None:
            self.kill()

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


class NobodyThere(OSError):
    """Nothing listens: what was to be sent never left."""


@dataclass
class Ledger:
    """What one person was told is stored, and what may be stored though nobody told them."""

    code: str = ""
    consented: bool = False
    finished: bool = False
    told: dict[str, int] = field(default_factory=dict)
    maybe: dict[str, set[int]] = field(default_factory=dict)
    posts: int = 0
    lost: int = 0

    def tried(self, item: str, value: int) -> None:
        """Before the post of an answer."""
        self.maybe.setdefault(item, set()).add(value)

    def acknowledged(self, item: str, value: int) -> None:
        """After its response."""
        self.told[item] = value
        self.maybe[item] = set()


class Walker:
    """Somebody with a browser without JavaScript, who never gives up: what got no answer is sent or opened again."""

    def __init__(self, server: Mortal, seed: int, after_each: Callable[[], None] = lambda: None) -> None:
        self.server = server
        self.random = random.Random(seed)
        self.after_each = after_each
        self.ledger = Ledger()
        self.unexpected: list[str] = []
        self._cookies: dict[str, str] = {}
        self._url = ""
        self._seen_stored: set[str] = set()

    def walk(self) -> Ledger:
        """From the welcome to the last question that is open."""
        page = self._get(f"/join/{SLUG}/")
        self._uncertain = 0
        for _ in range(200):
            if page.screen == "welcome":
                page = self._get(page.primaries[0])
            elif page.screen == "eligibility":
                name = next(i.name for i in page.main.inputs if i.kind in {"number", "text", "radio"})
                page = self._post(page, {name: "34" if name == "age" else "web"})
            elif page.screen == "consent":
                page = self._post(page, {"take_part": "yes", "data": "yes"})
                self.ledger.consented = True
            elif page.screen == "contact":
                page = self._post(page, {"email": f"walker{self.random.random()}@people.example"})
            elif page.screen == "home":
                self.ledger.code = self.ledger.code or page.code
                page = self._get("/me/next/")
            elif page.screen == "question":
                page = self._answer(page)
            elif page.screen == "wait":
                self.ledger.finished = True
                return self.ledger
            else:
                raise AssertionError(f"{self._url}: {page.status} {page.screen} {page.words[:200]}")
        raise AssertionError(f"{self._url}: no end")

    def _answer(self, page: Page) -> Page:
        match = _QUESTION.search(self._url)
        assert match, self._url
        n = int(match[1])
        item = next(i.name for i in page.main.inputs if i.kind == "radio")
        value = self.random.randint(1, 5)
        if item in self.ledger.told and not self.ledger.maybe.get(item):
            shown = page.chosen(item)
            assert shown == str(self.ledger.told[item]), f"{item}: told {self.ledger.told[item]}, shown {shown}"
        following = self._post(page, {item: str(value)}, item=item, value=value)
        # Now and then somebody goes back and thinks again.
        if n > 1 and self.random.random() < 0.25 and following.screen == "question":
            following = self._get(self._url_of(n - 1))
        return following

    def _url_of(self, n: int) -> str:
        return re.sub(r"/[0-9]+/$", f"/{n}/", self._url)

    def _post(self, page: Page, values: dict[str, str], *, item: str = "", value: int = 0) -> Page:
        form = page.main
        url = urljoin(self._url, form.action or self._url)
        body = urlencode(form.filled(values))
        while True:
            if item:
                self.ledger.tried(item, value)
            try:
                status, location, text = self._call("POST", url, body)
            except NobodyThere:
                self.server.is_up.wait(90)
                continue
            except (OSError, http.client.HTTPException):
                self.ledger.lost += 1
                self.server.is_up.wait(90)
                if item and self.random.random() < 0.5:
                    return self._where_i_was(item)
                continue
            self.ledger.posts += 1
            if status not in {200, 302, 303}:
                self.unexpected.append(f"POST {url}: {status}")
                raise AssertionError(self.unexpected[-1] + text[:300])
            if item:
                self.ledger.acknowledged(item, value)
            return self._get(location) if location else Page(url, status, text)

    def _where_i_was(self, lost: str) -> Page:
        """Home again after an answer got none: it goes on at the first question that nothing is stored for."""
        page = self._get("/me/next/")
        match = _QUESTION.search(self._url)
        order = ("h1", "h2", "d1", "d2")
        without = self.ledger.told.keys() | self._seen_stored
        with_it = without | {lost}
        firsts = [
            next((n for n, item in enumerate(order, 1) if item not in known), ITEMS) for known in (without, with_it)
        ]
        if match is None:
            assert page.screen == "wait", self._url
            assert with_it == set(order), "finished before the end"
        else:
            assert int(match[1]) in firsts, f"at {match[1]}, expected one of {firsts}"
            if firsts[0] != firsts[1] and int(match[1]) == firsts[1]:
                self._seen_stored.add(lost)  # nobody said so, but the page went on behind it
        return page

    def _get(self, url: str) -> Page:
        while True:
            try:
                status, location, text = self._call("GET", url, None)
            except (OSError, http.client.HTTPException):
                self.server.is_up.wait(90)
                continue
            if status not in {200, 301, 302, 303}:
                self.unexpected.append(f"GET {url}: {status}")
                raise AssertionError(self.unexpected[-1])
            if not location:
                return Page(self._url, status, text)
            url = location

    def _call(self, method: str, url: str, body: str | None) -> tuple[int, str, str]:
        path = urlsplit(urljoin("http://x/", url))
        target = path.path + (f"?{path.query}" if path.query else "")
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self._cookies.items()), "Accept-Language": "en"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        try:
            connection.connect()
        except OSError as problem:
            raise NobodyThere from problem
        try:
            connection.request(method, target, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            for name, value in answer.getheaders():
                if name.lower() == "set-cookie":
                    key, _, rest = value.partition("=")
                    self._cookies[key] = rest.partition(";")[0]
            location = answer.headers.get("Location", "")
        finally:
            connection.close()
        self._url = target
        self.after_each()
        return answer.status, location, text


# --- what is stored --------------------------------------------------------------------------------------------------


class Rows:
    """Questions to the product's database, past the product."""

    def __init__(self, product: Product) -> None:
        self._url = product.environment["DATABASE_URL"]
        self._file = Path(product.environment["DATA_DIR"]) / "potoo.sqlite3"

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows of a SELECT."""
        with self._connected() as connection:
            return [tuple(row) for row in connection.execute(statement).fetchall()]

    def do(self, statement: str) -> None:
        """A statement that changes something."""
        with self._connected() as connection:
            connection.execute(statement)

    @contextlib.contextmanager
    def _connected(self) -> Iterator[Any]:
        if self._url:
            with psycopg.connect(self._url, autocommit=True) as connection:
                yield connection
            return
        lite = sqlite3.connect(self._file, timeout=30, isolation_level=None)
        try:
            yield lite
        finally:
            lite.close()

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file."""
        return not self._url


def lost_answers(rows: Rows, ledgers: list[Ledger]) -> list[str]:
    """Answers that were acknowledged and are not what is stored."""
    stored: dict[str, dict[str, int]] = {}
    for code, item, value in rows.ask(
        "SELECT e.pseudonym, a.item, a.value FROM assessments_answer a "
        "JOIN assessments_administration m ON m.id = a.administration_id "
        "JOIN coaching_occasion o ON o.id = m.occasion_id JOIN coaching_enrolment e ON e.id = o.enrolment_id"
    ):
        stored.setdefault(code, {})[item] = int(value)
    lost = []
    for ledger in ledgers:
        held = stored.get(ledger.code, {})
        for item, value in ledger.told.items():
            if held.get(item) != value and held.get(item) not in ledger.maybe.get(item, set()):
                lost.append(f"{ledger.code} {item}: told {value}, stored {held.get(item)}")
        lost += [f"{ledger.code} {item}: stored, never sent" for item in held.keys() - ledger.maybe.keys()]
    return lost


_HALVES = {
    "a consent without its contact": (
        "SELECT pseudonym FROM coaching_enrolment e WHERE consented_at IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM coaching_contact c WHERE c.enrolment_id = e.id)"
    ),
    "a consent without its text, or with two": (
        "SELECT pseudonym FROM coaching_enrolment e WHERE consented_at IS NOT NULL AND 1 <> "
        "(SELECT count(*) FROM coaching_consentrecord c WHERE c.enrolment_id = e.id)"
    ),
    "a consent without its steps": (
        "SELECT pseudonym FROM coaching_enrolment e WHERE consented_at IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM coaching_occasion o WHERE o.enrolment_id = e.id AND o.key = 'baseline')"
    ),
    "a consent that the door does not count": (
        "SELECT pseudonym FROM coaching_enrolment e JOIN coaching_screening s ON s.id = e.screening_id "
        "WHERE s.outcome <> 'consented' OR e.consented_at IS NULL"
    ),
    "a count of a consent without a person": (
        "SELECT reference FROM coaching_screening s WHERE outcome = 'consented' AND NOT EXISTS "
        "(SELECT 1 FROM coaching_enrolment e WHERE e.screening_id = s.id)"
    ),
    "a consent that the log does not know, or knows twice": (
        "SELECT pseudonym FROM coaching_enrolment e WHERE consented_at IS NOT NULL AND 1 <> "
        "(SELECT count(*) FROM accounts_auditentry a WHERE a.subject = e.pseudonym AND a.action = 'consent.give')"
    ),
    "a finished questionnaire without all of its answers": (
        "SELECT m.id FROM assessments_administration m WHERE finished_at IS NOT NULL AND 4 <> "
        "(SELECT count(*) FROM assessments_answer a WHERE a.administration_id = m.id)"
    ),
    "a finished questionnaire without both of its scores": (
        "SELECT m.id FROM assessments_administration m WHERE finished_at IS NOT NULL AND 2 <> "
        "(SELECT count(*) FROM assessments_scorerow s WHERE s.administration_id = m.id)"
    ),
    "scores of a questionnaire that nobody finished": (
        "SELECT s.id FROM assessments_scorerow s JOIN assessments_administration m ON m.id = s.administration_id "
        "WHERE m.closed_at IS NULL"
    ),
    "a score that the programme does not know": (
        "SELECT e.pseudonym FROM coaching_enrolment e JOIN coaching_occasion o ON o.enrolment_id = e.id "
        "WHERE o.key = 'baseline' AND o.state = 'done' AND 2 <> "
        "(SELECT count(*) FROM coaching_measure x WHERE x.enrolment_id = e.id)"
    ),
    "a finished questionnaire whose step is not done, or the other way round": (
        "SELECT o.id FROM coaching_occasion o LEFT JOIN assessments_administration m ON m.occasion_id = o.id "
        "WHERE o.key = 'baseline' AND (o.state = 'done') <> (m.finished_at IS NOT NULL)"
    ),
    "somebody through the first step without an arm and a place": (
        "SELECT e.pseudonym FROM coaching_enrolment e JOIN coaching_occasion o ON o.enrolment_id = e.id "
        "WHERE o.key = 'baseline' AND (o.state = 'done') <> (EXISTS (SELECT 1 FROM coaching_allocationslot s "
        "WHERE s.enrolment_id = e.id AND s.arm = e.arm))"
    ),
    "an arm without the steps after it": (
        "SELECT pseudonym FROM coaching_enrolment e WHERE arm <> '' AND NOT EXISTS "
        "(SELECT 1 FROM coaching_occasion o WHERE o.enrolment_id = e.id AND o.key = 'post')"
    ),
    "an answer whose changes are not its history": (
        "SELECT a.id FROM assessments_answer a WHERE changes <> "
        "(SELECT count(*) FROM assessments_answerrevision r WHERE r.answer_id = a.id)"
    ),
}


def halves(rows: Rows) -> list[str]:
    """What is stored without what belongs to it."""
    return [f"{what}: {found}" for what, statement in _HALVES.items() if (found := rows.ask(statement))]


def prepared(product: Product) -> Mortal:
    """The example study with questions alone, loaded, and its server, not started yet."""
    bundle = world.written(world.without_sessions(), product.folder / "bundle")
    for command in (("migrate", "--verbosity", "0"), ("load_study", str(bundle))):
        done = product.manage(*command)
        assert done.returncode == 0, done.stderr
    return Mortal(product)


def is_whole(product: Product) -> list[str]:
    """What is wrong with the database as a file, and with the chain of its log; empty for nothing."""
    rows = Rows(product)
    wrong = []
    if rows.is_sqlite:
        wrong += [str(row) for row in rows.ask("PRAGMA integrity_check") if row != ("ok",)]
        wrong += [str(row) for row in rows.ask("PRAGMA foreign_key_check")]
    script = "from accounts.audit import broken_rows; print('broken:', [row.pk for row in broken_rows()])"
    told = product.manage("shell", "--no-imports", "-c", script).stdout
    return wrong if "broken: []" in told else [*wrong, told]
