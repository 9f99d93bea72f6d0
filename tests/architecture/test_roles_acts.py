"""The contract's table of roles, act by act: whom the table refuses changes nothing, whatever they send."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.db import transaction

import clock
from accounts.models import User
from coaching.models import Membership
from config.access import ROUTES
from tests import world
from tests.hostile.cast import BY_NAME, Cast, digest, nothing_changes

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ACCOUNTS = ("owner", "researcher", "coach", "data_manager", "observer", "coach+data_manager", "nobody")
# Written out from the contract, section 6, and not worked out from the product's own table.
TABLE = """
                                                    owner  researcher  coach  data_manager  observer  two  nobody
move, skip, pause, invite, notes, messages            y        y         y         -           -       y     -
write scripts as drafts                               y        y         y         -           -       y     -
addresses and external ids                            y        -         y         -           -       y     -
export, tokens                                        y        y         -         y           -       y     -
upload a version, open, close                         y        y         -         -           -       -     -
team, roles, erase                                    y        -         -         -           -       -     -
"""
ROWS: Mapping[str, Mapping[str, str]] = {
    line[:50].strip(): dict(zip(ACCOUNTS, line[50:].split(), strict=True))
    for line in TABLE.strip("\n").splitlines()[1:]
}
ACTS: Mapping[str, str] = {
    "coaching:seen": "move, skip, pause, invite, notes, messages",
    "coaching:enrol": "move, skip, pause, invite, notes, messages",
    "coaching:enrol_list": "move, skip, pause, invite, notes, messages",
    "coaching:enrol_checked": "move, skip, pause, invite, notes, messages",
    "coaching:person_notes": "move, skip, pause, invite, notes, messages",
    "coaching:change_note": "move, skip, pause, invite, notes, messages",
    "coaching:write_message": "move, skip, pause, invite, notes, messages",
    "coaching:messages_seen": "move, skip, pause, invite, notes, messages",
    "coaching:change_step": "move, skip, pause, invite, notes, messages",
    "coaching:alert": "move, skip, pause, invite, notes, messages",
    "coaching:record_event": "move, skip, pause, invite, notes, messages",
    "coaching:change_event": "move, skip, pause, invite, notes, messages",
    "coaching:hold_address": "move, skip, pause, invite, notes, messages",
    "coaching:pause_person": "move, skip, pause, invite, notes, messages",
    "coaching:revoke_links": "move, skip, pause, invite, notes, messages",
    "coaching:resolve_message": "move, skip, pause, invite, notes, messages",
    "coaching:reopen_door": "move, skip, pause, invite, notes, messages",
    "assessments:guess": "move, skip, pause, invite, notes, messages",
    "research:new_script": "write scripts as drafts",
    "research:script": "write scripts as drafts",
    "research:script_media": "write scripts as drafts",
    "research:preview_script": "write scripts as drafts",
    "research:preview_stage": "write scripts as drafts",
    "coaching:reveal_contact": "addresses and external ids",
    "research:export_file": "export, tokens",
    "research:safety_file": "export, tokens",
    "coaching:payments_file": "export, tokens",
    "research:make_token": "export, tokens",
    "research:revoke_token": "export, tokens",
    "research:upload_version": "upload a version, open, close",
    "coaching:change_payments": "upload a version, open, close",
    "coaching:upload_payments": "upload a version, open, close",
    "research:publish_script": "upload a version, open, close",
    "research:set_state": "upload a version, open, close",
    "research:set_plan": "upload a version, open, close",
    "research:quality_flag": "upload a version, open, close",
    "rehearsal:walk": "upload a version, open, close",
    "research:invite_member": "team, roles, erase",
    "research:fresh_link": "team, roles, erase",
    "research:revoke_role": "team, roles, erase",
    "privacy:erase_person": "team, roles, erase",
}
# What names a thing that only its maker has, or that is not there: not found, by those too who may look for it.
NOT_THEIRS = {"research:revoke_token"}


@pytest.fixture(scope="module")
def cast(django_db_setup: None, django_db_blocker: Any) -> Iterator[Cast]:
    """A study in full swing, made once; each test takes back what it did, and the cast goes at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield Cast()
        transaction.set_rollback(True)


def account(cast: Cast, name: str) -> User:
    """An account with the roles that its name says."""
    user = world.staff(email=f"{name}@acting.example")
    for role in () if name == "nobody" else name.split("+"):
        Membership.objects.create(user=user, study=cast.study, role=role, created_at=clock.now())
    return user


def body(route: str) -> dict[str, str]:
    """What an honest browser of an owner would send."""
    return dict(BY_NAME[route].body) if route in BY_NAME else {"all-the-same": "yes"}


def test_the_list_of_acts_is_every_route_of_a_study_that_takes_a_post(cast: Cast) -> None:
    for name in sorted(name for name, rule in ROUTES.items() if rule.who == "study"):
        with transaction.atomic():
            # A browser of its own each: beginning a walk gives the browser another session, which is taken back too.
            status = cast.browser("owner").post(cast.address(name), body(name)).status_code
            transaction.set_rollback(True)
        assert (status == 405) is (name not in ACTS), f"{name}: {status}"


@pytest.mark.parametrize("name", ACCOUNTS)
def test_who_may_not_act_changes_nothing(cast: Cast, name: str) -> None:
    client = world.browser_of_staff(account(cast, name))
    before = digest()
    for route, row in ACTS.items():
        if ROWS[row][name] == "y":
            continue
        with nothing_changes(since=before):
            answer: Any = client.post(cast.address(route), body(route))
            assert answer.status_code == (404 if name == "nobody" else 403), f"{route}: {answer.status_code}"


@pytest.mark.parametrize("name", ACCOUNTS)
def test_who_may_act_is_let_through(cast: Cast, name: str) -> None:
    user = account(cast, name)
    for route, row in ACTS.items():
        if ROWS[row][name] == "-" or route in NOT_THEIRS:
            continue
        with transaction.atomic():
            answer: Any = world.browser_of_staff(user).post(cast.address(route), body(route))
            transaction.set_rollback(True)
        assert answer.status_code not in {403, 404, 405, 500}, f"{route}: {answer.status_code}"
        assert "/sign-in/" not in answer.headers.get("Location", ""), route
        if answer.streaming:
            b"".join(answer)


@pytest.mark.parametrize("name", ACCOUNTS)
def test_no_role_makes_a_study_and_no_role_reaches_into_another(cast: Cast, name: str) -> None:
    client, other = world.browser_of_staff(account(cast, name)), world.tiny(slug="next-door")
    theirs = world.consented(other, email="next-door@people.example")
    before = digest()
    with nothing_changes(since=before):
        assert client.post(cast.address("research:new_study")).status_code == 403
        for route in ACTS:
            for known in ({"slug": "next-door"}, {"slug": "next-door", "pseudonym": theirs.pseudonym}):
                answer: Any = client.post(cast.address(route, **known), body(route))
                assert answer.status_code == 404, f"{route}: {answer.status_code}"
