"""A lab's own installation: the real product, served, with a clock that only goes forward and a key to its rows."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import functools
import json
import re
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from tests import world
from tests.processes import Product, Served, database_of_its_own

SLUG = "small-scenes"
DATABASE = "potoo.sqlite3"
Row = dict[str, Any]


class Lab:
    """The served product. `bundle` is the study that it runs."""

    def __init__(self, product: Product, served: Served, clock: Path) -> None:
        self.product = product
        self.url = served.url
        self.served = served
        self._clock = clock
        self._offset = dt.timedelta(0)
        self._token = ""

    def now(self) -> dt.datetime:
        """This instant by the lab's clock."""
        return dt.datetime.now(dt.UTC) + self._offset

    def later(self, **length: float) -> None:
        """Moves the clock forward."""
        # In whole seconds, as the file holds them.
        self._offset += dt.timedelta(seconds=round(dt.timedelta(**length).total_seconds()))
        beside = self._clock.with_suffix(".new")
        beside.write_text(f"+{int(self._offset.total_seconds())}s\n", encoding="utf-8")
        beside.replace(self._clock)

    def manage(self, *arguments: str) -> list[Row]:
        """What a command prints, line by line."""
        done = self.product.manage(*arguments, PUBLIC_URL=self.url)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    def invite(self, *options: str) -> tuple[str, str]:
        """The code and the link of somebody who is invited."""
        invited = self.manage("invite", SLUG, *options)[0]
        return invited["participant"], invited["url"]

    def staff(self, address: str, role: str) -> str:
        """A one-time sign-in link of somebody of the staff."""
        return str(self.manage("staff", address, "--study", SLUG, "--role", role)[0]["url"])

    def until(self, instant: dt.datetime) -> None:
        """Moves the clock forward to just after an instant; not at all where that has gone by."""
        self.later(seconds=max(0.0, (instant - self.now()).total_seconds() + 2))

    def mails(self, address: str) -> list[EmailMessage]:
        """What was mailed to an address so far, in the order in which it left."""
        found = []
        for path in sorted((self.product.folder / "var" / "outbox").glob("*.eml")):
            mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if isinstance(mail, EmailMessage) and str(mail["To"]) == address:
                found.append(mail)
        return found

    def mailed_link(self, address: str, count: int = 1) -> str:
        """The personal link in the last mail to an address, once there are `count` of them."""
        deadline = time.monotonic() + 10
        while len(mails := self.mails(address)) < count and time.monotonic() < deadline:
            time.sleep(0.1)
        assert len(mails) >= count, f"{len(mails)} mails to {address}"
        return link_in(mails[-1])

    def rows(self, dataset: str, **filters: str) -> list[Row]:
        """A dataset's rows, all pages, as the API gives them."""
        query = urllib.parse.urlencode({"page_size": "5000", **filters})
        url: str | None = f"{self.url}/api/v1/studies/{SLUG}/datasets/{dataset}/?{query}"
        rows: list[Row] = []
        while url:
            answer = self._get(url)
            rows += answer["results"]
            url = answer["next"]
        return rows

    def rows_once(self, dataset: str, count: int, **filters: str) -> list[Row]:
        """The rows as soon as there are so many: the ticks write some of them."""
        deadline = time.monotonic() + 15
        while len(rows := self.rows(dataset, **filters)) != count and time.monotonic() < deadline:
            time.sleep(0.2)
        assert len(rows) == count, rows
        return rows

    def _get(self, url: str) -> Mapping[str, Any]:
        if not self._token:
            self.staff("data@lab.example", "owner")
            scopes = ("--scopes", "export:read")
            self._token = self.manage("api_token", "data@lab.example", "--study", SLUG, *scopes)[0]["token"]
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {self._token}"})
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
            result: Mapping[str, Any] = json.load(answer)
        return result


def link_in(mail: EmailMessage) -> str:
    """The personal link in a mail."""
    body = mail.get_body(("plain",))
    assert body
    return re.findall(r"http://\S+/p/\S+", body.get_content())[0]


@contextmanager
def opened(folder: Path, study: world.Files | None = None) -> Iterator[Lab]:
    """A lab, ticking once a second, that runs `study`, else the example study without its sessions."""
    clock = folder / "clock"
    clock.write_text("+0s\n", encoding="utf-8")
    with database_of_its_own() as database:
        product = Product(folder, database)
        product.environment |= {"CLOCK": f"@{clock}", "TICK_S": "1"}
        if database:
            _run(product, "migrate", "--verbosity", "0")
        else:
            (folder / "var").mkdir(mode=0o700)
            (folder / "var" / DATABASE).write_bytes(_migrated())
        _run(product, "load_study", str(world.written(study or world.without_sessions(), folder / "study")))
        with product.served() as served:
            yield Lab(product, served, clock)


@functools.cache
def _migrated() -> bytes:
    """A database as `migrate` leaves it, which takes a while and is the same for every lab."""
    with tempfile.TemporaryDirectory(prefix="potoo-migrated-") as folder:
        _run(Product(Path(folder)), "migrate", "--verbosity", "0")
        return (Path(folder) / "var" / DATABASE).read_bytes()


def _run(product: Product, *arguments: str) -> None:
    done = product.manage(*arguments)
    assert done.returncode == 0, done.stderr
