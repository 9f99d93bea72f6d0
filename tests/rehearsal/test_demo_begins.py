"""The demonstration where there is none: it is not made in every place, and what broke off is finished."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from coaching.models import Adjustment, Letter, Message, Note, Study
from rehearsal import furnishing
from research.models import ApiToken
from tests import world
from tests.hostile.cast import nothing_changes

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_a_start_that_broke_off_is_finished_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(furnishing, "doubt_message", lambda person: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            call_command("demo")
    kept = (Note.objects.count(), Letter.objects.count(), Adjustment.objects.count(), ApiToken.objects.count())
    call_command("demo")
    assert kept == (Note.objects.count(), Letter.objects.count(), Adjustment.objects.count(), ApiToken.objects.count())
    assert Message.objects.filter(state="uncertain").count() == 1


@pytest.mark.parametrize("who", ["researcher", "coach", "participant"])
def test_nothing_opens_where_there_is_no_demonstration(who: str) -> None:
    world.example()
    world.staff(Study.objects.get(), "owner", email=f"{who}@example.org")
    with nothing_changes():
        assert Client().post(f"/demo/{who}/").status_code == 404
    assert "/demo/" not in Client().get("/").content.decode()


def test_it_is_never_made_where_others_can_reach_it(settings: Any) -> None:
    settings.IS_LOOPBACK = False
    with pytest.raises(CommandError, match="PUBLIC_URL"):
        call_command("demo")
    assert not Study.objects.exists()
