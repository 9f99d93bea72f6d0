"""The Django app."""

from django.apps import AppConfig


class ImageryConfig(AppConfig):
    """What was practised."""

    name = "imagery"
    default_auto_field = "django.db.models.BigAutoField"
