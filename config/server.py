"""The web server and, without a broker, the ticks beside it: started together, stopped together."""

import ctypes
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from config.settings import environment

PROCESSES = 2
# A request waits for the database far more than it computes.
THREADS = 4
# A process lets its requests in hand end before it stops; what still runs after this is ended.
GRACE_S = 10

_PR_SET_PDEATHSIG = 1

_Child = subprocess.Popen[bytes]

log = logging.getLogger(__name__)


def is_taken(host: str, port: int) -> bool:
    """Whether another program holds the port: the server itself would share it in silence."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
        return False


class Server:
    """The child processes of `manage.py serve`, each the leader of a group of its own.

    Args:
        host: The address to listen on.
        port: The port to listen on.
        ticks: Whether the follow-ups' turns run beside the web server.
        public_url: What the children are told of their own address; empty leaves what the environment says.
        folder: Where `manage.py` lies.
    """

    def __init__(self, *, host: str, port: int, ticks: bool, public_url: str, folder: Path) -> None:
        self.host = host
        self.port = port
        self.folder = folder
        self.environment = environment.child_environment(**({"PUBLIC_URL": public_url} if public_url else {}))
        self.ticks = ticks
        # Each with the arguments with which it is started again.
        self.children: dict[_Child, tuple[str, ...]] = {}

    def run(self, *, when_ready: Callable[[], None]) -> int:
        """Serve until a SIGTERM or SIGINT; the answer is the exit status, 1 if the web server never came up."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _stop)
        try:
            web = self._start(*self._web_command())
            while not self._answers():
                if web.poll() is not None:
                    log.error("The web server ended with status %s before it served anything", web.returncode)
                    return 1
                time.sleep(0.05)
            if self.ticks:
                self._start(*self._tick_command())
            when_ready()
            while True:
                time.sleep(0.5)
                self._replace_the_ended()
        except _Stopped:
            return 0
        finally:
            self._end_all()

    def _replace_the_ended(self) -> None:
        for child in [child for child in self.children if child.poll() is not None]:
            arguments = self.children.pop(child)
            log.error("%s ended with status %s and is started again", " ".join(arguments[:2]), child.returncode)
            # What it started may still hold the port.
            _kill_group(child)
            self._start(*arguments)

    def _web_command(self) -> tuple[str, ...]:
        return (
            *("-m", "granian", "--interface", "wsgi", "--http", "1", "--no-ws"),
            *("--host", self.host, "--port", str(self.port)),
            *("--workers", str(PROCESSES), "--blocking-threads", str(THREADS)),
            # A worker that was killed is replaced; one that will not end in time is killed.
            *("--respawn-failed-workers", "--workers-kill-timeout", str(GRACE_S - 2)),
            *("--log-level", "warning", "config.wsgi:application"),
        )

    def _tick_command(self) -> tuple[str, ...]:
        return ("manage.py", "tick", "--loop")

    def _start(self, *arguments: str) -> _Child:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter with our own arguments
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
        self.children[child] = arguments
        return child

    def _answers(self) -> bool:
        try:
            with socket.create_connection((self.host, self.port), timeout=1):
                return True
        except OSError:
            return False

    def _end_all(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        for child in self.children:
            # The web server tells its workers itself; one that ends before it is told looks like a crash.
            child.terminate()
        deadline = time.monotonic() + GRACE_S
        for child in self.children:
            try:
                child.wait(timeout=max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("A process did not end in %d s and is killed", GRACE_S)
            _kill_group(child)
            child.wait()


class _Stopped(BaseException):
    """Raised by the signal that stops the server; nothing that catches errors may catch it."""


def _stop(number: int, frame: FrameType | None) -> None:
    raise _Stopped


def _kill_group(child: _Child) -> None:
    """Kill a child and what it started, also where it ended without them."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        # Nobody is left in the group (macOS says so by refusing).
        return


def _end_with_parent() -> None:
    """Have Linux end this child when `serve` is killed outright; on other systems only the ticks notice."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
