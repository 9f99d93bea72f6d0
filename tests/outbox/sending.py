"""One message, sent as a turn would send it."""

from __future__ import annotations

from typing import Any

from coaching.services import outbox


def send_one(*, message_id: int, **how: Any) -> str:
    """The state that it ended in; empty when it was not ours to send."""
    return dict(outbox.send(message_ids=[message_id], **how)).get(message_id, "")
