"""`manage.py verify_audit`: whether the audit log is as it was written."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand

from accounts.audit import broken_rows
from accounts.models import AuditEntry


class Command(BaseCommand):
    """Follows the chain of digests; names each row that does not follow from the one before, and exits with 1 then."""

    help = "Checks the audit log's chain; prints one JSON line with its length, its last digest and what is broken."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what was found; the last digest can be kept elsewhere, to notice rows that were cut off at the end."""
        broken = [entry.pk for entry in broken_rows()]
        last = AuditEntry.objects.order_by("-id").values_list("digest", flat=True).first()
        self.stdout.write(json.dumps({"rows": AuditEntry.objects.count(), "last": last, "broken": broken}))
        if broken:
            raise SystemExit(1)
