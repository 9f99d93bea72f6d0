"""What holds for every test: no socket leaves this machine, and what is not installed is not asked for."""

import ipaddress
import os
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db.backends.sqlite3.base import DatabaseOperations
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, BrowserType, Page, sync_playwright
from playwright.sync_api import Request as Asked
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]

from tests.mailbox import Mailbox
from tests.processes import Product, database_of_its_own

# No test asserts a time: on a busy machine an example may take as long as it takes.
hypothesis_settings.register_profile("potoo", deadline=None)
hypothesis_settings.load_profile("potoo")

# Chromium without its own windows: what it shows is the same, and a fresh context costs a third.
SHELL = shutil.which("chromium-headless-shell")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CHROMIUM_SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NO_TIME = "the time for it was over"
DATABASE_FIXTURES = {
    *("db", "transactional_db", "django_db_reset_sequences", "live_server"),
    *("product", "lab", "whole_lab"),
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database-only",
        action="store_true",
        help="only tests that touch a database, without a browser: for a second run of the suite, on another one",
    )
    parser.addoption(
        "--until",
        type=float,
        default=float("inf"),
        metavar="TIME",
        help="no test begins after that time (seconds since 1970): what is left is skipped, and said so",
    )


def pytest_configure(config: pytest.Config) -> None:
    _shut_sockets()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if time.time() > item.config.getoption("--until"):
        pytest.skip(NO_TIME)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if {"page", "chromium"}.intersection(getattr(item, "fixturenames", ())):
            item.add_marker("browser")
    left_out = [item for item in items if _is_left_out(item, config)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def _is_left_out(item: pytest.Item, config: pytest.Config) -> bool:
    if item.get_closest_marker("browser") and not CHROMIUM:
        return True
    if item.get_closest_marker("redis") and not shutil.which("redis-server"):
        return True
    if not config.getoption("--database-only"):
        return False
    # A page reads alike whichever database its words come from; what it stores is tried without one.
    if item.get_closest_marker("browser") or item.get_closest_marker("once"):
        return True
    touches = DATABASE_FIXTURES.intersection(getattr(item, "fixturenames", ()))
    return not (touches or item.get_closest_marker("django_db"))


def _shut_sockets() -> None:
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        _refuse_outside(self.family, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        _refuse_outside(self.family, address)
        return connect_ex(self, address)

    def guarded_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        _refuse_outside(socket.AF_INET, (host,))
        return getaddrinfo(host, *args, **kwargs)

    socket.socket.connect = guarded_connect  # type: ignore[method-assign]
    socket.socket.connect_ex = guarded_connect_ex  # type: ignore[method-assign]
    socket.getaddrinfo = guarded_getaddrinfo


def _refuse_outside(family: int, address: Any) -> None:
    if family not in {socket.AF_INET, socket.AF_INET6}:
        return
    host = address[0].decode() if isinstance(address[0], bytes) else address[0]
    if host in {None, "", "localhost", socket.gethostname()}:
        return
    try:
        inside = ipaddress.ip_address(host).is_loopback or ipaddress.ip_address(host).is_unspecified
    except ValueError:
        inside = False
    if not inside:
        pytest.fail(f"A test reached for {host}: only this machine may be asked.")


@pytest.fixture(scope="session")
def browsers() -> Iterator[BrowserType]:
    # Playwright keeps an event loop in this thread, which Django would take for an asynchronous view.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        yield playwright.chromium


@pytest.fixture(scope="session")
def chromium(browsers: BrowserType) -> Iterator[Browser]:
    browser = browsers.launch(executable_path=SHELL or CHROMIUM, args=CHROMIUM_SWITCHES)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def whole_chromium(browsers: BrowserType) -> Iterator[Browser]:
    browser = browsers.launch(executable_path=CHROMIUM, args=CHROMIUM_SWITCHES)
    yield browser
    browser.close()


@pytest.fixture
def page(request: pytest.FixtureRequest, live_server: Any) -> Iterator[Page]:
    """A page on the live server that fails its test if it asks another host for anything, or throws an error."""
    is_whole = request.node.get_closest_marker("whole_browser") is not None
    browser: Browser = request.getfixturevalue("whole_chromium" if is_whole else "chromium")
    url = live_server.url
    context = browser.new_context(base_url=url)
    context.set_default_timeout(10_000)
    page = context.new_page()
    outside: list[str] = []
    errors: list[str] = []

    def note(asked: Asked) -> None:
        if not asked.url.startswith((url, "data:", "blob:", "about:")):
            outside.append(asked.url)

    context.on("request", note)
    context.on("weberror", lambda error: errors.append(str(error.error)))
    yield page
    context.close()
    assert outside == []
    assert errors == []


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    """An installation with a folder and a database of its own, not migrated yet."""
    with database_of_its_own() as url:
        yield Product(tmp_path, url)


@pytest.fixture(scope="session", autouse=True)
def _log_is_emptied_between_tests() -> Iterator[None]:
    """After a test with real transactions Django empties every table; the audit log's triggers refuse that."""
    flush = DatabaseOperations.execute_sql_flush

    def without_triggers(self: DatabaseOperations, sql_list: list[str]) -> None:
        with self.connection.cursor() as cursor:
            triggers = cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for name, _ in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
        flush(self, sql_list)
        with self.connection.cursor() as cursor:
            for _, statement in triggers:
                cursor.execute(statement)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", without_triggers)
        yield


@pytest.fixture(scope="session", autouse=True)
def _static_files_are_looked_at_once() -> Iterator[None]:
    """A client of Django's makes the middleware anew, and WhiteNoise then looks at every file: half of a request."""
    find = WhiteNoiseMiddleware.add_files_from_finders
    seen: dict[tuple[str, ...], dict[str, Any]] = {}

    def remembering(self: Any) -> None:
        key = (self.static_prefix, str(settings.STATICFILES_DIRS), str(settings.STORAGES), str(settings.STATIC_ROOT))
        if key not in seen:
            find(self)
            seen[key] = dict(self.files)
        self.files.update(seen[key])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", remembering)
        yield


@pytest.fixture
def mailbox(settings: Any, tmp_path: Path) -> Mailbox:
    """Where mails arrive, once a tick has sent them."""
    settings.EMAIL_HOST, settings.EMAIL_FILE_PATH = "", str(tmp_path / "mails")
    return Mailbox(tmp_path / "mails")
