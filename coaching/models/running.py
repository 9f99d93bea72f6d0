"""How the product itself is doing."""

from __future__ import annotations

from django.db import models


class Heartbeat(models.Model):
    """The last sign of life of one part of the product: the tick, a worker's queue."""

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField(help_text="by the product's clock")
    took_ms = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict, help_text="what the last turn did")
    place = models.CharField(max_length=80, blank=True, help_text="host and process")
    tzdata = models.CharField(max_length=16, blank=True, help_text="the time zone rules that it goes by")

    def __str__(self) -> str:
        return self.name
