"""People for the benchmark: consented, signed in, at the first item. `python -m tests.bench.cast BUNDLE N FILE`."""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
django.setup()

from django.conf import settings  # noqa: E402
from django.urls import reverse  # noqa: E402

from coaching.middleware import SESSION_KEY  # noqa: E402
from tests import world  # noqa: E402


def main(bundle: Path, count: int, target: Path) -> None:
    version = world.publish(bundle)
    sessions = import_module(settings.SESSION_ENGINE)
    people = []
    for _ in range(count):
        enrolment = world.consented(version)
        session = sessions.SessionStore()
        session[SESSION_KEY] = enrolment.pk
        session.create()
        occasion = world.occasion(enrolment, "first")
        path = reverse("assessments:item", args=[occasion.public_id, "bench_32", 1])
        cookie = f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
        people.append({"path": path, "cookie": cookie, "turns": 32, "autosaves": True})
    target.write_text(json.dumps(people))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
