"""`manage.py serve` as an operator has it: real processes, real signals."""

import os
import signal
import socket
import time
from collections.abc import Iterator

import pytest

from tests.processes import Product, Served, database_of_its_own, descendants, is_running

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """An installation that is migrated, for what does not depend on how it came to be."""
    with database_of_its_own() as url:
        product = Product(tmp_path_factory.mktemp("installed"), url)
        assert product.manage("migrate", "--verbosity", "0").returncode == 0
        yield product


def wait_until_gone(family: list[int], within_s: float) -> list[int]:
    deadline = time.monotonic() + within_s
    while (left := [pid for pid in family if is_running(pid)]) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


def wait_until_whole(served: Served) -> None:
    deadline = time.monotonic() + 30
    while not is_whole(served) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert is_whole(served), served.log.read_text()


def is_whole(served: Served) -> bool:
    """The web server, its two workers and the ticks run, and a page comes."""
    return len([pid for pid in served.family() if is_running(pid)]) == 4 and served.status("/healthz") == 200


def test_it_serves_ticks_and_stops_all_of_it_on_sigterm(product: Product) -> None:
    with product.served() as served:
        wait_until_whole(served)
        family = served.family()
        assert served.stop() == 0
        assert wait_until_gone(family, within_s=1) == []
    assert f"Potoo is at {served.url}/" in served.log.read_text()
    assert "ERROR" not in served.log.read_text()


def test_with_a_broker_it_does_not_tick(installed: Product) -> None:
    with installed.served(REDIS_URL="redis://127.0.0.1:1/0") as served:
        assert len(served.family()) == 3


def test_a_taken_port_is_said_at_once(product: Product) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = product.manage("serve", "--port", str(port))
    assert done.returncode == 1
    assert f"Port {port} is taken" in done.stderr


@pytest.mark.parametrize("port", ["0", "65536", "-1"])
def test_a_port_that_cannot_be_is_refused(product: Product, port: str) -> None:
    done = product.manage("serve", "--port", port)
    assert done.returncode == 1
    assert "--port" in done.stderr


def test_a_tick_prints_its_counts_as_one_line(installed: Product) -> None:
    done = installed.manage("tick")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 1
    assert done.stdout.startswith("{")


@pytest.mark.slow
def test_nothing_outlives_a_server_that_was_killed(product: Product) -> None:
    with product.served() as served:
        wait_until_whole(served)
        family = served.family()
        served.stop(signal.SIGKILL)
        assert wait_until_gone(family, within_s=10) == []


@pytest.mark.slow
@pytest.mark.parametrize("with_web", [False, True], ids=["workers and ticks", "all"])
def test_what_was_killed_under_the_server_is_replaced(product: Product, with_web: bool) -> None:
    with product.served() as served:
        wait_until_whole(served)
        before = served.family()
        web = max(before, key=lambda pid: len(descendants(pid)))
        for pid in before:
            if pid != web or with_web:
                os.kill(pid, signal.SIGKILL)
        wait_until_whole(served)
