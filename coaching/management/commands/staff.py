"""`manage.py staff`: an account, a role, and a one-time way in."""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

import clock
from accounts.services import ensure_account, mint_sign_in_link
from coaching.models import Role, Study
from coaching.services.studies import grant_role


class Command(BaseCommand):
    """Makes the account or grants the role; prints one JSON line with a one-time sign-in link."""

    help = "Makes an account or grants it a role, and prints a one-time sign-in link."

    def add_arguments(self, parser: CommandParser) -> None:
        """EMAIL, and what it is made for."""
        parser.add_argument("email")
        parser.add_argument("--study", metavar="SLUG")
        parser.add_argument("--role", choices=Role.values)
        parser.add_argument("--creator", action="store_true", help="may make studies in the browser")

    def handle(self, *args: Any, **options: Any) -> None:
        """All or nothing."""
        email, slug, role = options["email"].strip(), options["study"], options["role"]
        if bool(slug) != bool(role):
            raise CommandError("--study and --role go together: name both, or neither with --creator")
        if not slug and not options["creator"]:
            raise CommandError("say what for: --study SLUG --role ROLE, or --creator")
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{email!r} is not an email address") from error
        now = clock.now()
        with transaction.atomic():
            study = Study.objects.filter(slug=slug).first() if slug else None
            if slug and study is None:
                raise CommandError(f"there is no study {slug!r}")
            user = ensure_account(email=email, by="command", now=now, creator=options["creator"])
            if study is not None:
                grant_role(user=user, study=study, role=role, by="command", now=now)
            url = mint_sign_in_link(user=user, by="command", now=now)
        self.stdout.write(json.dumps({"email": user.email, "url": url}))
