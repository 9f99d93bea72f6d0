"""Whether people of one version of a study can go over to another in the middle of it: pure (docs/adr/0021)."""

from __future__ import annotations

import json
from typing import Any

from protocol.changes import Change, changes

# What may differ in study.yaml: nothing that anybody agreed to, and nothing that a plan or a number hangs on.
FREE = frozenset({"title", "contact", "summary"})


def hindrances(before: str, after: str) -> tuple[Change, ...]:
    """What keeps somebody of the content `before` from going over to `after`; nothing where only sessions differ.

    Consent, steps, instruments and all else that study.yaml declares must be the same. Scripts, pictures, recordings
    and the welcome page may differ.
    """
    agreed = {*_consent_texts(before), *_consent_texts(after)}
    return tuple(each for each in changes(before, after) if _hinders(each, agreed))


def _hinders(change: Change, agreed: set[str]) -> bool:
    if change.part == "study":
        return change.name not in FREE
    return change.part in {"step", "instrument"} or (change.part == "text" and change.name in agreed)


def _consent_texts(content: str) -> list[str]:
    text: Any = json.loads(content)["study"]["consent"]["text"]
    return [text] if isinstance(text, str) else list(text.values())
