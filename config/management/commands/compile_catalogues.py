"""`manage.py compile_catalogues`: what is said in each language, compiled for use."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config.catalogues import compile_all, found_strings, update


class Command(BaseCommand):
    """Compiles every catalogue; with `--update` brings them level with the code and the templates first."""

    help = "Compiles the catalogues of what is said in each language, without the gettext programs."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take `--update`."""
        parser.add_argument("--update", action="store_true", help="first bring each catalogue level with what is said")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compile, and say what was found."""
        folder = settings.LOCALE_PATHS[0]
        if options["update"]:
            strings = found_strings(settings.BASE_DIR)
            for code, _ in settings.LANGUAGES:
                if code != settings.LANGUAGE_CODE:
                    came, left = update(folder / code / "LC_MESSAGES" / "django.po", strings)
                    self.stdout.write(f"{code}: {len(strings)} strings, {came} of them new; {left} left")
        count = compile_all(folder)
        if options["verbosity"] > 1 or options["update"]:
            self.stdout.write(f"{count} catalogues compiled")
