#!/usr/bin/env python
"""The product's commands: `manage.py help` lists them."""

import sys

try:
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
except ImportError:
    sys.exit("Django is missing here: run `make install` first, then `.venv/bin/python manage.py COMMAND`.")

from config.settings import select_settings


def main() -> None:
    """Run one command; a variable of the environment that can't be read ends it in one line."""
    select_settings()
    try:
        _ = settings.INSTALLED_APPS
    except ImproperlyConfigured as fault:
        sys.exit(str(fault))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
