"""The content of a bundle: one JSON text that keeps the order of keys, and a digest that does not depend on it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any


def content_text(parts: dict[str, Any]) -> str:
    """The parts (`study`, `texts`, `instruments`, `scripts`, `media`) as JSON, keys in the order of the files."""
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def content_digest(content: str) -> str:
    """The SHA-256, in hexadecimal, of a content with its keys sorted: the same for any order of keys."""
    return _digest(json.loads(content))


def part_digests(content: str) -> dict[str, dict[str, str]]:
    """The digest of each instrument and script of a content: `{"instruments": {id: …}, "scripts": {slug: …}}`.

    A script's digest depends on the bytes of the pictures that it reveals, and of its recordings and captions.
    """
    parts: dict[str, Any] = json.loads(content)
    media: dict[str, str] = parts["media"]
    return {
        "instruments": {name: _digest(instrument) for name, instrument in parts["instruments"].items()},
        "scripts": {
            slug: _digest([script, [media[path] for stage in script["stages"] for path in _files(stage)]])
            for slug, script in parts["scripts"].items()
        },
    }


def _files(stage: dict[str, Any]) -> Iterator[str]:
    """The files that a stage names."""
    for key in ("reveal", "audio", "captions"):
        named = stage.get(key, {})
        yield from [named] if isinstance(named, str) else named.values()


def _digest(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
