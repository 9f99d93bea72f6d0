"""`manage.py invite SLUG`: people who may come in by a link of their own, one or a file of them."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

import clock
from coaching.invitations import Invitation, InvitationFaults, from_csv, single
from coaching.models import Enrolment, Message, Study
from coaching.selectors.people import enrolments, with_address
from coaching.services import links, people, reminders


class Command(BaseCommand):
    """Invites people, and prints one JSON line each, in order: `{"participant", "url"}`."""

    help = "Makes a person (or one for each row of a CSV file) with a link of their own; prints one JSON line each."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take who is to be invited, or whose links are to be revoked."""
        parser.add_argument("slug", metavar="SLUG")
        parser.add_argument("--email", default="", help="where the person can be reached")
        parser.add_argument("--timezone", default="", help="such as Europe/Berlin; without it the study's own")
        parser.add_argument("--label", default="", help="what the person is called in your own lists")
        parser.add_argument("--csv", type=Path, metavar="FILE", help="columns email, timezone, label; a row a person")
        parser.add_argument("--send", action="store_true", help="mail the invitation to those with an address")
        parser.add_argument("--revoke", metavar="PSEUDONYM", help="make all links of a person stop working")

    def handle(self, *args: Any, slug: str, revoke: str | None, **options: Any) -> None:
        """Invite, or revoke."""
        study = Study.objects.filter(slug=slug).first()
        if study is None:
            raise CommandError(f"There is no study {slug!r}.")
        own = [name for name in ("email", "timezone", "label") if options[name]]
        if revoke is not None:
            if own or options["csv"] or options["send"]:
                raise CommandError("--revoke goes with no other option.")
            self._revoke(study, revoke)
            return
        if own and options["csv"]:
            raise CommandError(f"--csv does not go with --{own[0]}: the file has a column for it.")
        self._invite(study, self._read(**options), is_sent=options["send"])

    def _read(self, *, csv: Path | None, email: str, timezone: str, label: str, **options: Any) -> list[Invitation]:
        try:
            return from_csv(csv) if csv else [single(email=email, timezone=timezone, label=label)]
        except OSError as problem:
            raise CommandError(f"{csv} can't be read: {problem.strerror}.") from problem
        except InvitationFaults as found:
            for fault in found.faults:
                self.stderr.write(fault)
            raise SystemExit(1) from None

    def _invite(self, study: Study, rows: list[Invitation], *, is_sent: bool) -> None:
        now = clock.now()
        for row in rows:
            if row.email and (_is_known(row.email, study) or row.repeats):
                self.stderr.write(f"{row.place}: {row.email} is already in the study; this is one more person.")
        invited = people.invite_all(study=study, by="command", now=now, rows=[row.person for row in rows])
        for enrolment, token in invited:
            self.stdout.write(json.dumps({"participant": enrolment.pseudonym, "url": links.url_of(token)}))
        if is_sent:
            self._send(list(zip(rows, (enrolment for enrolment, _ in invited), strict=True)))

    def _send(self, invited: list[tuple[Invitation, Enrolment]]) -> None:
        """Puts an invitation for each into the outbox; the next tick sends it."""
        now = clock.now()
        for row, enrolment in invited:
            if row.email:
                reminders.schedule(enrolment=enrolment, kind=Message.Kind.INVITATION, now=now)
            else:
                self.stderr.write(f"{row.place}: no address, so nothing is sent to {enrolment.pseudonym}.")

    def _revoke(self, study: Study, pseudonym: str) -> None:
        enrolment = enrolments().filter(study=study, pseudonym=pseudonym.strip().upper(), erased_at=None).first()
        if enrolment is None:
            raise CommandError(f"There is no {pseudonym!r} in {study.slug!r}.")
        count = links.revoke(enrolment=enrolment, by="command", now=clock.now())
        self.stdout.write(json.dumps({"participant": enrolment.pseudonym, "revoked": count}))


def _is_known(email: str, study: Study) -> bool:
    return with_address(email, study).exists()
