"""What the tests of the door share."""

from __future__ import annotations

from django.test import Client

from coaching.models import ConsentRecord, Contact, Enrolment, PersonalLink, Screening
from tests.pages import Screen, follow, submit, visit

DOOR = "/join/small-scenes/"
AGREED = {"take_part": "yes", "data": "yes"}
RIGHT_TO_LEFT = "\u202e\u0661\u0662"


def at_consent(client: Client, *, age: str = "30", heard: str = "web") -> Screen:
    """The consent form of the example study, its questions answered."""
    screen = follow(client, visit(client, DOOR))
    return submit(client, submit(client, screen, age=age), heard=heard)


def counts() -> dict[str, int]:
    """How many rows there are of everything that somebody at the door could leave."""
    models = (Enrolment, Screening, ConsentRecord, Contact, PersonalLink)
    return {model.__name__: model.objects.count() for model in models}
