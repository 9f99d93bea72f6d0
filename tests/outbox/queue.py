"""People with a due reminder each, in the database that the environment names. `python -m tests.outbox.queue N`."""

from __future__ import annotations

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
django.setup()

import clock  # noqa: E402
from coaching.models import Message  # noqa: E402
from tests import world  # noqa: E402

REMINDED_AT_ONCE = {
    "first, title: The first one, do: assess, instruments: [one]": "first, title: The first one, do: assess, "
    'instruments: [one], at: "consent + 0s", window: [0s, 7d], remind: [0s]'
}


def main(count: int) -> None:
    version = world.publish(world.edited(REMINDED_AT_ONCE, world.TINY))
    now = clock.now()
    for n in range(count):
        world.consented(version, now, email=f"person-{n:04d}@mail.test")
    assert Message.objects.filter(state="scheduled", due_at__lte=clock.now()).count() == count


if __name__ == "__main__":
    main(int(sys.argv[1]))
