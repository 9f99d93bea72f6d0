"""The product's settings: `base` reads them from the environment alone, `test` fixes them for the suite."""

import os


def select_settings() -> None:
    """Name `config.settings.base` as Django's settings, unless the environment names others."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
