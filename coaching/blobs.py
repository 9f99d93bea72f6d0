"""Media files by their content: each lies in DATA_DIR/blobs under its SHA-256, written whole or not at all."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

CHUNK = 1 << 20


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "blobs"


def path_of(sha256: str) -> Path:
    """Where the bytes with that digest lie."""
    return _folder() / sha256[:2] / sha256


def store(source: BinaryIO) -> tuple[str, int]:
    """The digest and size of what was read from `source`, now on disk under that digest."""
    incoming = _folder() / "incoming"
    incoming.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=incoming, delete=False) as target:
        try:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        except BaseException:
            Path(target.name).unlink(missing_ok=True)
            raise
    final = path_of(digest.hexdigest())
    final.parent.mkdir(parents=True, exist_ok=True)
    Path(target.name).replace(final)
    return digest.hexdigest(), size
