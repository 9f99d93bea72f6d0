"""The Django app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Staff accounts, sign-in and the audit log."""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
