"""What mail servers send back: delivery reports (RFC 3464) and complaints (RFC 5965), by the mail that they are of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from typing import Literal

MOST_BYTES = 10 * 1024 * 1024
_KEY = re.compile(r"[0-9a-f]{32}", re.ASCII)
_ADDRESS = re.compile(r"[^\s<>;,@]+@[^\s<>;,@]+")
_RETURNED = {"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"}
What = Literal["hard", "soft", "complaint"]


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What is known of one mail's fate.

    Attributes:
        what: `hard`: it never arrives at that address (status 5.x.x). `soft`: it did not arrive, or not yet, and the
            next may. `complaint`: whoever got it called it unwanted.
        key: The mail's own name, as its headers had it: 32 hexadecimal digits.
        addresses: Where it went, in small letters, as far as the report says; empty where it says nothing.
    """

    what: What
    key: str
    addresses: frozenset[str]


def report_in(raw: bytes) -> DeliveryReport | None:
    """The report that a mail is; None for every other mail, and for a report on a mail that is none of ours.

    Only what a report says in its own parts counts, never its words: those anybody can write.
    """
    mail = message_from_bytes(raw[:MOST_BYTES], policy=policy.compat32)
    if mail.get_content_type() != "multipart/report" or not mail.is_multipart():
        return None
    parts = [part for part in mail.get_payload() if isinstance(part, Message)]
    what = next((found for part in parts if (found := _what(part)) is not None), None)
    returned = next((headers for part in parts if (headers := _returned(part)) is not None), None)
    key = _key(returned) if returned is not None else ""
    if what is None or not key:
        return None
    stated = [str(value) for part in parts for block in _blocks(part) for value in _recipients(block)]
    sent_to = [str(value) for value in returned.get_all("To", [])] if returned is not None else []
    addresses = (match[0].lower() for value in (*stated, *sent_to) for match in _ADDRESS.finditer(value))
    return DeliveryReport(what, key, frozenset(addresses))


def _what(part: Message) -> What | None:
    """What a part says of the mail's fate; None where it is no such part, or the mail was only relayed or delivered."""
    kind = part.get_content_type()
    if kind == "message/feedback-report":
        # Other types, such as not-spam, take nothing back.
        types = {str(block.get("Feedback-Type", "")).strip().lower() for block in _blocks(part)}
        return "complaint" if types & {"abuse", "fraud", "opt-out", "opt-out-list", "other"} else None
    if kind not in {"message/delivery-status", "message/global-delivery-status"}:
        return None
    fates: set[What] = set()
    for block in _blocks(part):
        action, status = (str(block.get(name, "")).strip().lower() for name in ("Action", "Status"))
        if action == "failed":
            fates.add("hard" if status.startswith("5.") else "soft")
        elif action == "delayed":
            fates.add("soft")
    return "hard" if "hard" in fates else "soft" if fates else None


def _blocks(part: Message) -> Iterator[Message]:
    """The groups of fields of a report's part, whether the reader has split them or left them as text."""
    if not part.get_content_type().startswith("message/") or part.get_content_type() in _RETURNED:
        return
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (block for block in payload if isinstance(block, Message))
    else:
        content = part.get_payload(decode=True)
        for text in re.split(rb"\r?\n\r?\n", content if isinstance(content, bytes) else b""):
            yield message_from_bytes(text, EmailMessage, policy=policy.compat32)


def _recipients(block: Message) -> Iterator[str]:
    for name in ("Final-Recipient", "Original-Recipient", "Original-Rcpt-To"):
        yield from (str(value) for value in block.get_all(name, []))


def _returned(part: Message) -> Message | None:
    """The headers of the mail that came back."""
    if part.get_content_type() not in _RETURNED:
        return None
    payload = part.get_payload()
    if isinstance(payload, list):
        return payload[0] if payload and isinstance(payload[0], Message) else None
    content = part.get_payload(decode=True)
    return message_from_bytes(content, policy=policy.compat32) if isinstance(content, bytes) else None


def _key(headers: Message) -> str:
    """The mail's own name: its X-Followup-Key, or the first part of its Message-ID."""
    named = str(headers.get("X-Followup-Key", "")).strip()
    if _KEY.fullmatch(named):
        return named
    first = str(headers.get("Message-ID", "")).strip().lstrip("<").partition("@")[0]
    return first if _KEY.fullmatch(first) else ""
