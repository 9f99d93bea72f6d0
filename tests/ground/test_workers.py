"""Workers of their own, with a real Redis as their broker."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.processes import ROOT, Product, free_port


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    yield f"redis://127.0.0.1:{port}/0"
    server.terminate()
    server.wait(timeout=10)


@pytest.mark.redis
@pytest.mark.slow
def test_beat_asks_and_a_worker_takes_the_turns(product: Product, redis_url: str) -> None:
    assert product.manage("migrate", "--verbosity", "0").returncode == 0
    celery = str(Path(sys.executable).with_name("celery"))
    environment = product.environment | {"REDIS_URL": redis_url, "TICK_S": "1"}
    with ExitStack() as stack, (product.folder / "workers.log").open("w+") as log:
        for arguments in (["worker", "--concurrency", "1", "--hostname", "one@here"], ["beat"]):
            process = subprocess.Popen(
                [celery, "-A", "config", *arguments], cwd=ROOT, env=environment, stderr=log, stdout=log
            )
            stack.callback(process.wait, timeout=20)
            stack.callback(process.terminate)
        deadline, turns = time.monotonic() + 60, 0
        while turns < 2 and time.monotonic() < deadline:
            asked = subprocess.run(
                [celery, "-A", "config", "inspect", "stats", "--json", "--timeout", "2"],
                cwd=ROOT,
                env=environment,
                capture_output=True,
                text=True,
                timeout=30,
            )
            if asked.returncode == 0:
                turns = json.loads(asked.stdout.splitlines()[-1])["one@here"]["total"].get("config.tick", 0)
        assert turns >= 2, (product.folder / "workers.log").read_text()
    assert "Traceback" not in (product.folder / "workers.log").read_text()
