"""Handing one message over, with a last word between "go ahead" and the content."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from django.core.mail import EmailMessage

# Called when the other side has said "go ahead", or hears us, and nothing of the content has left. It makes the point
# of no return durable and says whether it may be passed; on False nothing is sent.
Fence = Callable[[], bool]

# Makes the mail: asked for by the way that it leaves, before anything is opened.
Compose = Callable[[], EmailMessage]

Content = TypeVar("Content", contravariant=True)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a handing-over.

    `sent`: the server has taken the message. `put_off`: it has not, and may later (`code` 4xx of a mail server, 429 or
    5xx of a web server, or no talk came about). `refused`: it never will. `withheld`: the fence said no. `unknown`: the
    talk broke off after the fence, so the message may or may not have arrived. `gone`: the place that it was for is not
    there any more, so it has arrived nowhere and may go another way.

    `lost` names the devices that are not there any more, whatever became of the message at others.
    """

    what: Literal["sent", "put_off", "refused", "withheld", "unknown", "gone"]
    code: int = 0
    lost: tuple[int, ...] = ()


class Transport(Protocol[Content]):
    """A way by which messages of one form leave."""

    def hand_over(self, compose: Callable[[], Content], fence: Fence) -> Outcome:
        """What became of the message; never raises for what a server or a disk does."""
        ...
