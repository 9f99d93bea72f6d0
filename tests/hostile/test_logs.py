"""What a served product writes into its log while people with names and addresses come and go, and others mean it ill.

Canaries stand for names, addresses, tokens, answers and ids of other systems. Each is planted where a person would give
it, and where somebody might put it by mistake or on purpose: paths, queries, headers, cookies, hosts.
"""

from __future__ import annotations

import http.client
import json
import logging
import sqlite3
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import psycopg
import pytest
from django.test import Client

import clock
from privacy.erasure import erase
from tests import world
from tests.processes import Product, Served
from tests.walk.client import Browser

NAME = "Kanarienvogel-Quendel"
ADDRESS = "kanarienvogel.quendel@people.example"
CANARIES = (NAME, ADDRESS, "kanarienvogel", "PIDCANARY77", "LABELCANARY", "passphrase canary of staff")


def _raw(served: Served, method: str, path: str, *, headers: dict[str, str] | None = None, body: str = "") -> int:
    """The status of a request as no browser would send it."""
    parts = urlsplit(served.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    try:
        connection.putrequest(method, path, skip_host="Host" in (headers or {}))
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            connection.putheader(name, value)
        connection.endheaders(body.encode())
        return connection.getresponse().status
    finally:
        connection.close()


def test_no_name_address_token_or_answer_is_in_any_log(product: Product, tmp_path: Path) -> None:
    bundle = world.written(world.without_sessions(), tmp_path / "bundle")
    for command in (("migrate", "--verbosity", "0"), ("load_study", str(bundle))):
        assert product.manage(*command).returncode == 0
    invited = product.manage("invite", "small-scenes", "--email", ADDRESS, "--label", f"LABELCANARY {NAME}")
    staff = product.manage("staff", f"{NAME}@staff.example", "--study", "small-scenes", "--role", "owner")
    token = product.manage(
        "api_token", f"{NAME}@staff.example", "--study", "small-scenes", "--scopes", "export:read,contact:read"
    )
    links = [json.loads(done.stdout)["url"] for done in (invited, staff)]
    secret = json.loads(token.stdout)["token"]
    tokens = [
        *(url.rstrip("/").rpartition("/")[2] for url in links),
        secret,
        secret.split("_", 2)[2],
    ]  # the random part may hold a _ itself

    with product.served(TICK_S="1") as served:
        _live_with(served, links, secret)
        _mean_ill(served, tokens)
        _break(product, served)
        time.sleep(1.5)  # a tick
    told = served.log.read_text(encoding="utf-8")
    assert "Internal Server Error" in told or "OperationalError" in told, "nothing was broken: nothing was proven"
    assert "CSRF" in told, "no warning was written: nothing was proven"
    for canary in (*CANARIES, *tokens):
        assert canary.lower() not in told.lower(), canary
    assert "\x1b[31m" not in told
    assert "forged line" not in [line.strip() for line in told.splitlines()]


def _live_with(served: Served, links: list[str], secret: str) -> None:
    """What honest people do."""
    person = Browser(served.url)
    person.open(urlsplit(links[0]).path + "?PROLIFIC_PID=PIDCANARY77")
    person.press()
    person.open(f"/join/small-scenes/?PROLIFIC_PID=PIDCANARY77&name={NAME}")
    person.press()
    person.press(age="41")
    person.press(heard="web")
    person.press(take_part="yes", data="yes")
    person.press(email=ADDRESS)
    person.open("/me/next/")
    while person.page.screen == "question":
        name = next(i.name for i in person.page.main.inputs if i.kind == "radio")
        person.press(**{name: "3"})
    person.open("/me/data/")
    asking = Browser(served.url)
    asking.open("/me/link/")
    asking.press(email=ADDRESS)

    staff = Browser(served.url)
    staff.open(urlsplit(links[1]).path)
    staff.send(staff.page.forms[-1])
    staff.open("/staff/password/")
    staff.send(staff.page.forms[-1], {"password": "passphrase canary of staff"})
    people = staff.open("/studies/small-scenes/people/")
    assert people.status == 200
    for path in ("studies/", "studies/small-scenes/contacts/", "studies/small-scenes/datasets/responses/"):
        assert _raw(served, "GET", f"/api/v1/{path}", headers={"Authorization": f"Bearer {secret}"}) == 200


def _mean_ill(served: Served, tokens: list[str]) -> None:
    """What others send: refusals are what a log is full of."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    body = urlencode({"email": ADDRESS, "password": "passphrase canary of staff", "name": NAME, "h1": "PIDCANARY77"})
    for token in tokens:
        for path in (f"/p/{token}/", f"/staff/link/{token}/"):
            assert _raw(served, "POST", path, headers=form, body=body) == 403
            assert _raw(served, "GET", f"{path}{token}/") == 404
    for path in (
        "/me/pause/",
        "/staff/sign-in/",
        f"/me/link/?email={ADDRESS}",
        f"/join/small-scenes/consent/?n={NAME}",
    ):
        _raw(served, "POST", path, headers=form, body=body)
        _raw(
            served,
            "POST",
            path,
            headers={**form, "Origin": "https://evil.example", "Referer": f"/{NAME}"},
            body=body,
        )
    _raw(served, "GET", f"/{ADDRESS}/{NAME}/?{urlencode({'email': ADDRESS, 'token': tokens[0]})}")
    _raw(served, "GET", "/", headers={"Host": f"{NAME}@{ADDRESS}"})
    _raw(
        served,
        "GET",
        "/",
        headers={"Host": "127.0.0.1", "User-Agent": NAME, "Cookie": f"potoo_session={NAME}; a={ADDRESS}"},
    )
    _raw(served, "GET", "/api/v1/", headers={"Authorization": f"Bearer {NAME}"})
    _raw(served, "GET", f"/api/v1/studies/small-scenes/datasets/{NAME}/?participant={ADDRESS}")
    _raw(served, "POST", "/theme/", headers={**form, "Cookie": "potoo_csrf=" + NAME}, body="next=" + NAME)
    _raw(served, "GET", "/x%0a2026-01-01%20ERROR%0aforged%20line%0a%1b%5b31m")
    _raw(served, "GET", "/me/?" + "&".join(f"{NAME}{n}=1" for n in range(1_200)))
    _raw(served, "GET", "/me/", headers={"Content-Type": f"text/html; charset={NAME}"})


def _break(product: Product, served: Served) -> None:
    """An error inside, while a person's answer and address are at hand."""
    person = Browser(served.url)
    person.open("/join/small-scenes/")
    url = product.environment["DATABASE_URL"]
    statement = "ALTER TABLE coaching_contact RENAME TO coaching_contact_away"
    if url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement)
    else:
        file = Path(product.environment["DATA_DIR"]) / "potoo.sqlite3"
        lite = sqlite3.connect(file, timeout=30, isolation_level=None)
        lite.execute("PRAGMA legacy_alter_table = ON")
        lite.execute(statement)
        lite.close()
    person.press()
    person.press(age="41")
    person.press(heard="web")
    page = person.press(take_part="yes", data="yes")
    assert page.status in {500, 503}, page.status


@pytest.mark.django_db
def test_no_logger_of_the_product_is_told_a_canary(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    version = world.tiny()
    person = world.consented(version, email=ADDRESS, external_ids={"PID": "PIDCANARY77"})
    owner = world.browser_of_staff(world.staff(version.study, "owner", email=f"{NAME}@staff.example"))
    browser = world.browser_of(person)
    for client, path in ((browser, "/me/"), (browser, "/me/data/"), (owner, "/studies/tiny/people/")):
        assert client.get(path).status_code == 200
    owner.post(f"/studies/tiny/people/{person.pseudonym}/contact/")
    Client().post("/me/link/", {"email": ADDRESS})
    Client().post("/staff/sign-in/", {"email": f"{NAME}@staff.example", "password": "passphrase canary of staff"})
    erase(enrolment=person, by="command", reason="asked", now=clock.now())
    # The database's own lines are a developer's, and need DEBUG.
    lines: list[Any] = [r.getMessage() for r in caplog.records if not r.name.startswith("django.db")]
    assert [line for line in lines for canary in CANARIES if canary.lower() in line.lower()] == []
