"""The Django app."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """My data, erasure, retention."""

    name = "privacy"
    default_auto_field = "django.db.models.BigAutoField"
