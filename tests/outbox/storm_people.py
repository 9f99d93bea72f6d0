"""People of twelve zones with a follow-up each, and those of them who withdraw or move while it leaves.

    python -m tests.outbox.storm_people enrol N SECONDS     N people, due one after the other over SECONDS from START
    python -m tests.outbox.storm_people act SECONDS SEED    withdrawals and moves over SECONDS, each done once

in the database that the environment names. `act` prints a line a deed: `withdrew ADDRESS`, `moved ADDRESS`,
`moved-to-night ADDRESS`.
"""

from __future__ import annotations

import datetime as dt
import functools
import os
import random
import sys
import time
from collections.abc import Callable

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
django.setup()

from django.db import InterfaceError, OperationalError, connection  # noqa: E402

import clock  # noqa: E402
from coaching.models import Enrolment, Message  # noqa: E402
from coaching.services import people  # noqa: E402
from tests import world  # noqa: E402

# An hour at which all twelve are between 09:00 and 20:00, and the two at whose night a move ends are not.
START = dt.datetime(2027, 1, 11, 14, 0, tzinfo=dt.UTC)
ZONES = (
    *("America/Halifax", "America/St_Johns", "America/Sao_Paulo", "Atlantic/Azores", "Europe/London"),
    *("Europe/Berlin", "Europe/Helsinki", "Europe/Moscow", "Asia/Tehran", "Asia/Kabul", "Asia/Karachi", "Asia/Kolkata"),
)
AT_NIGHT = ("Asia/Tokyo", "Pacific/Honolulu")
FOLLOWED = {
    "first, title: The first one, do: assess, instruments: [one]": "first, title: The first one, do: assess, "
    'instruments: [one], at: "consent + 0s", window: [0s, 7d], remind: [0s], between: ["09:00", "20:00"]'
}


def enrol(count: int, seconds: float) -> None:
    """People, who are due one after the other."""
    version = world.publish(world.edited(FOLLOWED, world.TINY), now=START)
    for n in range(count):
        at = START + dt.timedelta(seconds=seconds * n / count)
        world.consented(version, at, email=f"person-{n:04d}@mail.test", timezone=ZONES[n % len(ZONES)])
    last = START + dt.timedelta(seconds=seconds)
    assert Message.objects.filter(state="scheduled", due_at__range=(START, last)).count() == count


def act(seconds: float, seed: int) -> None:
    """A twentieth withdraws, a twentieth moves: half of those to where it is night."""
    dice, began = random.Random(seed), time.monotonic()
    everybody = sorted(Enrolment.objects.values_list("pk", flat=True))
    few = len(everybody) // 20
    for n, pk in enumerate(dice.sample(everybody, 2 * few)):
        wait = began + seconds * (n + 1) / (2 * few + 1) - time.monotonic()
        time.sleep(max(wait, 0))
        _until_the_database_answers(
            functools.partial(_withdraw, pk) if n % 2 else functools.partial(_move, pk, dice, to_night=n % 4 == 0)
        )


def _withdraw(pk: int) -> str:
    person = Enrolment.objects.select_related("contact").get(pk=pk)
    people.withdraw(enrolment=person, choice="keep", by="participant", now=clock.now())
    return f"withdrew {person.contact.email}"


def _move(pk: int, dice: random.Random, *, to_night: bool) -> str:
    person = Enrolment.objects.select_related("contact").get(pk=pk)
    timezone = dice.choice([name for name in (AT_NIGHT if to_night else ZONES) if name != person.timezone])
    email = person.contact.email
    people.record_contact(enrolment=person, email=email, timezone=timezone, by="participant", now=clock.now())
    return f"{'moved-to-night' if to_night else 'moved'} {email}"


def _until_the_database_answers(deed: Callable[[], str]) -> None:
    """Somebody whose page says that it could not be kept presses the button again."""
    while True:
        try:
            print(deed(), flush=True)
            return
        except (OperationalError, InterfaceError):
            connection.close()
            time.sleep(0.5)


if __name__ == "__main__":
    if sys.argv[1] == "enrol":
        enrol(int(sys.argv[2]), float(sys.argv[3]))
    else:
        act(float(sys.argv[2]), int(sys.argv[3]))
