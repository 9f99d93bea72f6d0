"""The Django app."""

from django.apps import AppConfig


class RehearsalConfig(AppConfig):
    """Simulated people and the demo."""

    name = "rehearsal"
    default_auto_field = "django.db.models.BigAutoField"
