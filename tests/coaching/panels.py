"""A study whose people come from a panel: three questionnaires, a week apart, and no address of anybody."""

from __future__ import annotations

from typing import Any

from django.test import Client

from tests import world
from tests.pages import Screen, follow, submit, visit

STUDY = {
    "slug: tiny\n": "slug: small-scenes\n",
    "before:\n": "eligibility:\n"
    "  - {id: adult, ask: Are you 18 or older?, type: boolean, require: true}\n"
    "panel: {kind: prolific, id: PROLIFIC_PID, codes: {first: C1, again: C2, last: C3}, screenout: CNO,\n"
    '  back: "https://panel.example/complete?cc={code}"}\n'
    "payments: {currency: EUR, steps: {first: 2.5, again: 1, last: 5}}\n"
    "debrief: debrief.md\n"
    "before:\n",
    "instruments: [one]}\n": "instruments: [one]}\n"
    '  - {id: again, title: The second one, do: assess, instruments: [one], at: "first + 7d", window: [0d, 3d],\n'
    "     remind: [0s]}\n"
    '  - {id: last, title: The third one, do: assess, instruments: [one], at: "again.due + 7d", window: [0d, 3d]}\n',
}
FILES = world.edited(STUDY, world.TINY) | {"debrief.md": "This was about **one** question.\n"}
DOOR = "/join/small-scenes/"


def came(panel_id: str, client: Client | None = None) -> tuple[Client, Screen]:
    """The first page of somebody whom the panel sends, in a browser of their own unless one is given."""
    client = client or Client()
    return client, visit(client, f"{DOOR}?PROLIFIC_PID={panel_id}&STUDY_ID=s1")


def through_the_door(panel_id: str, client: Client | None = None, *, zone: str = "Europe/Berlin") -> Client:
    """The browser of a newcomer who went all the way in."""
    client, screen = came(panel_id, client)
    screen = submit(client, follow(client, screen), adult="yes")
    screen = submit(client, screen, take_part="yes")
    assert screen.name == "contact", screen.text
    screen = submit(client, screen, timezone=zone)
    assert screen.name == "home", screen.text
    return client


def back_again(panel_id: str, **headers: Any) -> tuple[Client, Screen]:
    """Somebody who was here, in a new browser: their page."""
    client, screen = came(panel_id, Client(**headers))
    assert screen.name == "welcome"
    return client, submit(client, screen)
