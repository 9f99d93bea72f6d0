"""`manage.py serve`: the production web server for the settings in the environment."""

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from config.server import Server, is_taken


class Command(BaseCommand):
    """Serves until it is stopped; with no `REDIS_URL` the ticks run beside the server."""

    help = (
        "Serves the product, with the follow-ups beside it unless REDIS_URL names a broker; stops all of it on SIGTERM."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take where to listen."""
        parser.add_argument("--port", type=int, help="the port to listen on (default: PUBLIC_URL's; 8000 behind https)")
        parser.add_argument(
            "--host", help="the address to listen on (default: this machine alone; 0.0.0.0 inside a container)"
        )
        parser.add_argument(
            "--began", type=float, help="when the whole start began, in seconds since 1970, to tell how long"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Check what must be there, then serve."""
        host = options["host"] or ("::1" if settings.PUBLIC_HOST == "::1" else "127.0.0.1")
        port = options["port"]
        if port is None:
            port = settings.PUBLIC_PORT if settings.IS_LOOPBACK else 8000
        if not 1 <= port <= 65_535:
            raise CommandError(f"--port: found {port}; expected a number from 1 to 65535")
        if is_taken(host, port):
            raise CommandError(f"Port {port} is taken: another program listens there. Choose another by --port N.")
        self._prepare()
        url = settings.PUBLIC_URL
        if not settings.PUBLIC_URL_IS_DECLARED:
            url = f"http://127.0.0.1:{port}"
        server = Server(host=host, port=port, ticks=not settings.REDIS_URL, public_url=url, folder=settings.BASE_DIR)
        connection.close()
        raise SystemExit(server.run(when_ready=lambda: self._tell(url, options["began"])))

    def _prepare(self) -> None:
        """See that the database answers and is up to date, and that production's static files lie ready."""
        try:
            executor = MigrationExecutor(connection)
            lacking = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        except OperationalError as problem:
            raise CommandError(f"DATABASE_URL: the database does not answer ({type(problem).__name__})") from problem
        if lacking and not settings.IS_LOOPBACK:
            raise CommandError(f"The database lacks {lacking} migrations: run `manage.py migrate` first.")
        if lacking:
            call_command("migrate", verbosity=0, interactive=False)
        if not settings.IS_LOOPBACK:
            call_command("collectstatic", verbosity=0, interactive=False)

    def _tell(self, url: str, began: float | None) -> None:
        # The product's clock may be moved, and this is the length of a start that other programs began.
        took = f" Ready after {time.time() - began:.1f} s." if began else ""  # noqa: TID251
        self.stdout.write(f"Potoo is at {url}/ (Ctrl-C stops it).{took}")
        self.stdout.flush()
