"""Fifty identical posts at once, over a served product: one effect, and one answer to all of them."""

from __future__ import annotations

import http.client
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urljoin

import pytest

from tests import world
from tests.processes import Product, Served
from tests.proof.killing import SLUG, Rows, halves, is_whole
from tests.walk.client import Browser, Form

pytestmark = pytest.mark.slow

AT_ONCE = 50


@dataclass(frozen=True)
class Post:
    """A form as one browser would send it, cookies and all."""

    url: str
    body: str
    cookie: str


@pytest.fixture
def served(product: Product, tmp_path: Path) -> Iterator[Served]:
    bundle = world.written(world.without_sessions(), tmp_path / "bundle")
    for command in (("migrate", "--verbosity", "0"), ("load_study", str(bundle))):
        assert product.manage(*command).returncode == 0
    with product.served() as running:
        yield running


def _post(browser: Browser, form: Form, values: dict[str, str]) -> Post:
    url = urljoin(browser.page.url, form.action or browser.page.url)
    cookie = "; ".join(f"{c.name}={c.value}" for c in browser.cookies)
    return Post(url.removeprefix(browser.base), urlencode(form.filled(values)), cookie)


def _all_at_once(served: Served, post: Post) -> Counter[tuple[int, str]]:
    """How often each answer came, as its status and where it leads."""
    gate, answers, errors = threading.Barrier(AT_ONCE), [], []  # type: ignore[var-annotated]

    def send() -> None:
        connection = http.client.HTTPConnection(served.url.removeprefix("http://"), timeout=90)
        try:
            connection.connect()
            gate.wait(60)
            headers = {"Cookie": post.cookie, "Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", post.url, post.body, headers)
            answer = connection.getresponse()
            answer.read()
            answers.append((answer.status, answer.headers.get("Location", "")))
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert errors == []
    assert len(answers) == AT_ONCE
    return Counter(answers)


def _at_consent(served: Served) -> Browser:
    browser = Browser(served.url)
    browser.open(f"/join/{SLUG}/")
    browser.press()
    browser.press(age="34")
    browser.press(heard="web")
    return browser


def _at_question(served: Served, n: int) -> Browser:
    browser = _at_consent(served)
    browser.press(take_part="yes", data="yes")
    browser.press(email="one@people.example")
    browser.open("/me/next/")
    for item in ("h1", "h2", "d1")[: n - 1]:
        browser.press(**{item: "3"})
    return browser


def _counted(rows: Rows, *tables: str) -> list[int]:
    return [rows.ask(f"SELECT count(*) FROM {table}")[0][0] for table in tables]


def _audited(rows: Rows, action: str) -> int:
    return int(rows.ask(f"SELECT count(*) FROM accounts_auditentry WHERE action = '{action}'")[0][0])


def _answered_alike(answers: Counter[tuple[int, str]], where: str) -> None:
    assert len(answers) == 1, answers
    ((status, location),) = answers
    assert status == 303
    assert location.startswith(where), location


def test_fifty_consents_are_one_person(product: Product, served: Served) -> None:
    browser, rows = _at_consent(served), Rows(product)
    answers = _all_at_once(served, _post(browser, browser.page.main, {"take_part": "yes", "data": "yes"}))
    _answered_alike(answers, f"/join/{SLUG}/contact/")
    tables = ("coaching_enrolment", "coaching_screening", "coaching_consentrecord", "coaching_contact")
    assert _counted(rows, *tables) == [1, 1, 1, 1]
    assert _audited(rows, "consent.give") == 1
    assert (halves(rows), is_whole(product)) == ([], [])


def test_fifty_answers_are_one_answer_without_a_history(product: Product, served: Served) -> None:
    browser, rows = _at_question(served, 1), Rows(product)
    answers = _all_at_once(served, _post(browser, browser.page.main, {"h1": "4"}))
    _answered_alike(answers, "/q/")
    assert all(location.endswith("/scenes_4/2/") for _, location in answers)
    tables = ("assessments_answer", "assessments_answerrevision", "assessments_administration")
    assert _counted(rows, *tables) == [1, 0, 1]


def test_fifty_last_answers_finish_once_and_allocate_once(product: Product, served: Served) -> None:
    browser, rows = _at_question(served, 4), Rows(product)
    answers = _all_at_once(served, _post(browser, browser.page.main, {"d2": "5"}))
    _answered_alike(answers, "/q/")
    tables = ("assessments_answer", "assessments_scorerow", "assessments_answerrevision", "coaching_measure")
    assert _counted(rows, *tables) == [4, 2, 0, 2]
    assert rows.ask("SELECT count(*) FROM coaching_allocationslot WHERE taken_at IS NOT NULL") == [(1,)]
    assert (halves(rows), is_whole(product)) == ([], [])
    assert browser.open("/me/next/").screen == "wait"


def test_fifty_different_answers_leave_one_and_the_history_of_the_others(product: Product, served: Served) -> None:
    browser, rows = _at_question(served, 1), Rows(product)
    posts = [_post(browser, browser.page.main, {"h1": str(n)}) for n in (1, 2, 3, 4, 5)]
    threads = [threading.Thread(target=_all_at_once, args=(served, post)) for post in posts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(180)
    ((changes, value),) = rows.ask("SELECT changes, value FROM assessments_answer")
    history = rows.ask("SELECT value FROM assessments_answerrevision ORDER BY id")
    assert len(history) == changes
    told = [*(v for (v,) in history), value]
    assert all(before != after for before, after in zip(told, told[1:], strict=False)), "a repeat was counted"
    assert halves(rows) == []


@pytest.mark.parametrize(
    ("act", "values", "where", "logged"),
    [
        ("withdraw", {"data": "keep"}, "/me/", {"person.withdraw": 1, "person.erase": 0}),
        ("withdraw", {"data": "erase"}, "/me/erased/", {"person.withdraw": 1, "person.erase": 1}),
        ("erase", {}, "/me/erased/", {"person.withdraw": 0, "person.erase": 1}),
        ("pause", {}, "/me/", {"person.pause": 1}),
    ],
    ids=["leave", "leave and erase", "erase", "pause"],
)
def test_fifty_times_the_same_act_is_one_act(
    product: Product, served: Served, act: str, values: dict[str, str], where: str, logged: dict[str, int]
) -> None:
    browser, rows = _at_question(served, 3), Rows(product)
    page = {"erase": "/me/data/", "withdraw": "/me/withdraw/"}.get(act, "/me/")
    browser.open(page)
    forms = [f for f in browser.page.forms if f.act == act or f.action.endswith(f"/{act}/")]
    form = forms[0] if forms else browser.page.main
    _answered_alike(_all_at_once(served, _post(browser, form, values)), where)
    assert {action: _audited(rows, action) for action in logged} == logged
    if "person.erase" in logged and logged["person.erase"]:
        tables = ("assessments_answer", "coaching_contact", "coaching_consentrecord", "coaching_personallink")
        assert _counted(rows, *tables) == [0, 0, 0, 0]
        assert rows.ask("SELECT count(*) FROM coaching_enrolment WHERE erased_at IS NOT NULL") == [(1,)]
    assert is_whole(product) == []


def test_answers_that_race_an_erasure_leave_nothing_behind(product: Product, served: Served) -> None:
    browser, rows = _at_question(served, 2), Rows(product)
    answer = _post(browser, browser.page.main, {"h2": "4"})
    contact_page = Browser(served.url, cookies=browser.cookies)
    contact_page.open("/me/contact/")
    contact = _post(contact_page, contact_page.page.main, {"email": "late@people.example"})
    data = Browser(served.url, cookies=browser.cookies)
    data.open("/me/data/")
    erase = _post(data, data.page.act("erase"), {})
    acts: list[Callable[[], object]] = []
    for post in (answer, contact, erase):
        acts += [lambda post=post: _send(served, post) for _ in range(12)]  # type: ignore[misc]
    threads = [threading.Thread(target=act) for act in acts[::-1] + acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    tables = ("assessments_answer", "assessments_administration", "coaching_contact", "coaching_occasion")
    assert _counted(rows, *tables) == [0, 0, 0, 0]
    assert _audited(rows, "person.erase") == 1
    assert is_whole(product) == []


def _send(served: Served, post: Post) -> int:
    connection = http.client.HTTPConnection(served.url.removeprefix("http://"), timeout=90)
    try:
        headers = {"Cookie": post.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", post.url, post.body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.once
def test_a_limit_holds_over_both_of_the_servers_processes(product: Product, served: Served) -> None:
    page = Browser(served.url)
    page.open("/staff/sign-in/")
    form = {"email": "owner@staff.example", "password": "wrong and long enough"}
    post = _post(page, page.page.main, form)
    statuses = [_send(served, post) for _ in range(14)]
    # Each connection may reach either process; ten failures are ten failures.
    assert statuses == [422] * 10 + [429] * 4
