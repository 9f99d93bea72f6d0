"""Contact details at rest: encrypted columns, and a keyed hash to find an address without reading all of them."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models


def _cipher() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.DATA_KEYS])


def address_hashes(email: str) -> list[str]:
    """The keyed hashes under which an address may be stored, newest key first (one a key, for rotation)."""
    folded = email.strip().lower().encode()
    return [hmac.new(key.encode(), b"address:" + folded, hashlib.sha256).hexdigest() for key in settings.DATA_KEYS]


def endpoint_hashes(endpoint: str) -> list[str]:
    """The keyed hashes under which a browser's address at its push service may be stored, newest key first."""
    said = b"endpoint:" + endpoint.encode()
    return [hmac.new(key.encode(), said, hashlib.sha256).hexdigest() for key in settings.DATA_KEYS]


def panel_hashes(study: str, panel_id: str) -> list[str]:
    """The keyed hashes under which a panel's id of somebody in a study may be stored, newest key first."""
    said = f"panel:{study}:{panel_id}".encode()
    return [hmac.new(key.encode(), said, hashlib.sha256).hexdigest() for key in settings.DATA_KEYS]


if TYPE_CHECKING:
    _TextField = models.TextField[str, str]
else:
    _TextField = models.TextField  # not subscriptable when running


class EncryptedTextField(_TextField):
    """Text that the database holds encrypted (Fernet) and Python reads in clear; an empty text stays empty."""

    def get_prep_value(self, value: Any) -> Any:
        """The ciphertext to store."""
        return _cipher().encrypt(str(value).encode()).decode() if value else ""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str:
        """The text in clear."""
        return _cipher().decrypt(value.encode()).decode() if value else ""
