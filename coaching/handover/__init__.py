"""Handing one mail over, with a last word between "go ahead" and the content."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from django.core.mail import EmailMessage

# Called when the mail server has said "go ahead" and nothing of the content has left. It makes the point of no return
# durable and says whether it may be passed; on False nothing is sent.
Fence = Callable[[], bool]

# Makes the mail: asked for by the way that it leaves, before anything is opened.
Compose = Callable[[], EmailMessage]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a handing-over.

    `sent`: the server has taken the mail. `put_off`: it has not, and may later (`code` 4xx, or no talk came about).
    `refused`: it never will (`code` 5xx). `withheld`: the fence said no. `unknown`: the talk broke off after the
    fence, so the mail may or may not have arrived.
    """

    what: Literal["sent", "put_off", "refused", "withheld", "unknown"]
    code: int = 0


class Transport(Protocol):
    """A way by which mails leave."""

    def hand_over(self, compose: Compose, fence: Fence) -> Outcome:
        """What became of the mail; never raises for what a server or a disk does."""
        ...
