"""A broker that takes connections and stays silent: nothing that a person does waits for it."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path
from typing import Any

from tests import world
from tests.processes import Product
from tests.walk.client import Browser

REMINDING = {
    "first, title: The first one, do: assess, instruments: [one]": "first, title: The first one, do: assess, "
    'instruments: [one], at: "consent + 0s", window: [0s, 7d], remind: [0s, 1d]'
}


def test_every_page_of_a_whole_way_answers_while_the_broker_says_nothing(
    product: Product, tmp_path: Path, capsys: Any
) -> None:
    bundle = world.written(world.edited(REMINDING, world.TINY), tmp_path / "bundle")
    assert product.manage("migrate", "--verbosity", "0").returncode == 0
    assert product.manage("load_study", str(bundle)).returncode == 0
    spent_s: list[float] = []

    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(64)
        broker = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        with product.served(REDIS_URL=broker) as served:
            browser = Browser(served.url)

            def timed(act: Any, *args: Any, **values: Any) -> Any:
                began = time.monotonic()
                page = act(*args, **values)
                spent_s.append(time.monotonic() - began)
                return page

            timed(browser.open, "/join/tiny/")
            timed(browser.press)
            timed(browser.press, take_part="yes")
            timed(browser.press, email="someone@canary.example", timezone="UTC")
            timed(browser.open, "/me/next/")
            done = timed(browser.press, q1="1")
            timed(browser.open, "/me/link/")
            timed(browser.press, email="someone@canary.example")
    assert done.screen in {"done", "wait"}
    with capsys.disabled():
        print(f"\n{len(spent_s)} acts with a silent broker, the slowest {max(spent_s):.2f} s")
    states = [json.loads(line) for line in product.manage("followups", "--status").stdout.splitlines()]
    assert [(row["kind"], row["state"]) for row in states] == [
        ("reminder", "cancelled"),
        ("link", "scheduled"),
        ("reminder", "cancelled"),
    ]
