"""Fills a database with a study of many people and one of none, and asks for each staff page of the two in turn.

Run as `python -m tests.bench.staff_pages ROUNDS` with DATABASE_URL set; prints one JSON line.
"""

from __future__ import annotations

import json
import os
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
django.setup()

from django.conf import settings  # noqa: E402
from django.test import Client  # noqa: E402

import clock  # noqa: E402
from accounts.models import User  # noqa: E402
from coaching.services.studies import grant_role  # noqa: E402
from rehearsal.services import simulate  # noqa: E402
from tests import world  # noqa: E402
from tests.bench.pages import PAGES, PEOPLE  # noqa: E402


def main() -> None:
    """Milliseconds by page, a pair of studies a round."""
    settings.ALLOWED_HOSTS = ["*"]
    now = clock.now()
    full, empty = world.example(), world.publish(world.edited({"slug: small-scenes": "slug: empty"}))
    simulate(version=full, participants=PEOPLE, seed="bench", start=None, now=now, by="command")
    user = User.objects.create(email="owner@bench.example", created_at=now)
    for version in (full, empty):
        grant_role(user=user, study=version.study, role="owner", by="command", now=now)
    client = Client()
    client.force_login(user)
    slugs = {"empty": empty.study.slug, "full": full.study.slug}
    for slug in slugs.values():
        _taken(client, slug)  # templates and versions are read once
    rounds = [{who: _taken(client, slug) for who, slug in slugs.items()} for _ in range(int(sys.argv[1]) * 3)]
    print(json.dumps(rounds))


def _taken(client: Client, slug: str) -> dict[str, float]:
    times = {}
    for page in PAGES:
        began = time.perf_counter()
        answer = client.get(f"/studies/{slug}/{page}")
        times[page] = (time.perf_counter() - began) * 1000
        assert answer.status_code == 200, (page, answer.status_code)
    return times


if __name__ == "__main__":
    main()
