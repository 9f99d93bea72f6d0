"""`manage.py api_token`: a key to one study's data."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

import clock
from accounts.models import User
from coaching.models import Study
from research.services import SCOPES, ScopeNotGrantable, create_token


class Command(BaseCommand):
    """Makes a token and prints it once, as one JSON line."""

    help = "Makes an API token of an account for one study and prints it, this once, as one JSON line."

    def add_arguments(self, parser: CommandParser) -> None:
        """EMAIL, the study, the scopes."""
        parser.add_argument("email")
        parser.add_argument("--study", metavar="SLUG", required=True)
        parser.add_argument("--scopes", metavar="A,B", required=True, help=f"some of {', '.join(SCOPES)}")

    def handle(self, *args: Any, **options: Any) -> None:
        """The account must have a role in the study that allows each scope."""
        user = User.objects.filter(email__iexact=options["email"].strip()).first()
        study = Study.objects.filter(slug=options["study"]).first()
        if study is None:
            raise CommandError(f"there is no study {options['study']!r}")
        if user is None:
            raise CommandError(f"there is no account {options['email']!r}: manage.py staff makes one")
        scopes = [scope.strip() for scope in options["scopes"].split(",") if scope.strip()]
        try:
            _, text = create_token(user=user, study=study, scopes=scopes, by="command", now=clock.now())
        except ScopeNotGrantable as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(json.dumps({"token": text}))
