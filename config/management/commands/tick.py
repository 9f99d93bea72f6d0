"""`manage.py tick`: one turn of the follow-ups by hand, for a lab that prefers cron."""

import json
import logging
import math
import os
import signal
import time
from argparse import ArgumentParser
from functools import partial
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import close_old_connections

import clock
from config.tick import turn

log = logging.getLogger(__name__)


class Command(BaseCommand):
    """Plans, sends what is due and closes windows, once; prints its counts as one JSON line."""

    is_stopping = False
    help = "Does one turn of what the workers do every TICK_S seconds, and prints its counts as one JSON line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take `--loop`, with which `serve` runs the turns beside itself."""
        parser.add_argument(
            "--loop", action="store_true", help="go on, a turn every TICK_S seconds, until the starting process ends"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do one turn, or go on."""
        if options["loop"]:
            self._go_on()
        else:
            self.stdout.write(json.dumps(turn(now=clock.now())))

    def _go_on(self) -> None:
        parent = os.getppid()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop_soon)
        while self._goes_on(parent, until=math.inf):
            started = time.monotonic()
            close_old_connections()
            try:
                # A slow mail server must not keep the next turn from closing windows.
                turn(now=clock.now(), goes_on=partial(self._goes_on, parent, until=started + settings.TICK_S))
            except Exception:
                # A turn that fails must not end the next: a database that was away comes back.
                log.exception("A tick failed; the next one follows in %d s", settings.TICK_S)
            while self._goes_on(parent, until=started + settings.TICK_S):
                time.sleep(min(1.0, settings.TICK_S))

    def _goes_on(self, parent: int, *, until: float) -> bool:
        return not self.is_stopping and os.getppid() == parent and time.monotonic() < until

    def _stop_soon(self, number: int, frame: FrameType | None) -> None:
        """Let the mail that is under way end, and begin no other: cut off, nobody would know whether it arrived."""
        self.is_stopping = True
