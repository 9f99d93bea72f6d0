"""The contract's table of roles, cell by cell: what is in all that each account can read, and what is in none of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import resolve, reverse

import clock
from accounts.models import AuditEntry, User
from coaching.models import Membership, Study
from config.access import ROUTES
from tests import world
from tests.architecture.canaries import OTHER, OWN, Scene
from tests.architecture.reading import Page, crawled, downloaded, found, told_by_the_api

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ACCOUNTS = ("owner", "researcher", "coach", "data_manager", "observer", "coach+data_manager", "nobody")
# Written out from the contract, section 6, and not worked out from the product's own table. `y`: it is in what they
# can read. `1`: it is on the page alone on which one person is shown to them because they asked for it. `-`: nowhere.
# What hangs on no row of its own goes with the page that shows it: who is of the team, with the log of what they did.
TABLE = """
                            owner  researcher  coach  data_manager  observer  two  nobody
study's name                  y        y         y         y           y       y     -
person's code                 y        y         y         y           y       y     -

note                          y        y         y         -           -       y     -
addendum                      y        y         y         -           -       y     -
draft of a script             y        y         y         -           -       y     -

answer                        y        y         y         y           -       y     -
earlier answer                y        y         y         y           -       y     -
score                         y        y         y         y           -       y     -
band of a score               y        y         y         y           -       y     -
question that was not met     y        y         y         y           -       y     -
rating                        y        y         y         y           -       y     -
comparison                    y        y         y         y           -       y     -

letter of the person          y        y         y         y           -       y     -
letter of the team            y        y         y         y           -       y     -
report                        y        y         y         y           -       y     -
report's earlier words        y        y         y         y           -       y     -
report of not being well      y        y         y         y           -       y     -
done after an alert           y        y         y         y           -       y     -
adverse event                 y        y         y         y           -       y     -
what happened in an event     y        y         y         y           -       y     -
reason of a guess             y        y         -         y           -       y     -
words for a drawing           y        y         y         y           -       y     -
drawing                       y        y         y         y           -       y     -
reason of a change            y        y         y         y           -       y     -
colleague who acted           y        y         y         y           -       y     -

address                       y        -         1         -           -       1     -
external id                   y        -         1         -           -       1     -
label                         1        -         1         -           -       1     -
telephone number              1        -         1         -           -       1     -

event of a session            y        y         -         y           -       y     -
reason of a decision          y        y         -         y           -       y     -
erased person's code          y        y         -         y           -       y     -
token's prefix                y        y         -         y           -       y     -
entry of the log              y        y         -         y           -       y     -
rest of the team              y        y         -         y           -       y     -

next place                    -        -         -         -           -       -     -
answer at the door            -        -         -         -           -       -     -
erased person's things        -        -         -         -           -       -     -
device                        -        -         -         -           -       -     -
hash of a device              -        -         -         -           -       -     -
personal link                 -        -         -         -           -       -     -
one-time link                 -        -         -         -           -       -     -
token                         -        -         -         -           -       -     -
hash of a token               -        -         -         -           -       -     -
hash of an address            -        -         -         -           -       -     -
"""
CELLS: Mapping[str, Mapping[str, str]] = {
    line[:27].strip(): dict(zip(ACCOUNTS, line[27:].split(), strict=True))
    for line in TABLE.strip("\n").splitlines()[1:]
    if line
}
# Columns of answers, and of reasons: where they are not shown there is no heading of them either.
HEADINGS = {"Answer", "Earlier answers", "Score", "Value", "Band", "Reliable change", "Rating", "Why", "Who"}


@dataclass
class Reader:
    """An account, and all that it could read."""

    user: User
    client: Client
    pages: dict[str, Page]


@pytest.fixture(scope="module")
def scenes(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[Scene, Scene]]:
    """The study and another one beside it, made once; in the end both are taken back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield Scene(OWN), Scene(OTHER)
        transaction.set_rollback(True)


def account(study: Study, name: str) -> User:
    """An account with the roles that its name says."""
    user = world.staff(email=f"{name}@reading-{study.pk}.example")
    for role in () if name == "nobody" else name.split("+"):
        Membership.objects.create(user=user, study=study, role=role, created_at=clock.now())
    return user


@pytest.fixture(scope="module")
def readers(scenes: tuple[Scene, Scene], django_db_blocker: Any) -> dict[str, Reader]:
    """Everybody, with all that they found: pages and what these lead to, files, and the API."""
    made = {}
    with django_db_blocker.unblock():
        for name in ACCOUNTS:
            user = account(scenes[0].study, name)
            client = world.browser_of_staff(user)
            # Whoever may do most looks for everything of the other study; the rest, at each of its routes.
            pages = crawled(client, *scenes, every_other=name == "owner")
            pages |= downloaded(client, *scenes) | told_by_the_api(user, scenes)
            made[name] = Reader(user, client, pages)
    return made


def revealed(client: Client, scene: Scene) -> Page:
    """The page that shows where one person can be reached."""
    address = reverse("coaching:reveal_contact", args=[scene.study.slug, scene.person.pseudonym])
    return Page.of(client.post(address), address)


def test_the_table_has_a_row_for_everything_that_there_is(scenes: tuple[Scene, Scene]) -> None:
    assert set(CELLS) == set(found(scenes[0], {}))


def test_every_route_of_staffs_is_read_with_real_things(readers: dict[str, Reader]) -> None:
    statuses: dict[str, set[int]] = {}
    for at, page in readers["owner"].pages.items():
        if at.startswith("/studies/zq-cells/"):
            statuses.setdefault(resolve(at.partition("?")[0]).view_name, set()).add(page.status)
    assert set(statuses) == {name for name, rule in ROUTES.items() if rule.who == "study"}
    # Shown, or a way back to a page, or for posts alone.
    assert {name for name, seen in statuses.items() if not seen & {200, 302, 303, 405}} == set()


@pytest.mark.parametrize("name", ACCOUNTS)
def test_each_account_finds_what_the_table_says_and_no_more(
    name: str, scenes: tuple[Scene, Scene], readers: dict[str, Reader]
) -> None:
    scene, reader = scenes[0], readers[name]
    there = found(scene, reader.pages)
    asked = found(scene, {"the reveal": revealed(reader.client, scene)})
    wrong = {}
    for thing, cells in CELLS.items():
        seen = "y" if there[thing] else "1" if asked[thing] else "-"
        if seen != cells[name]:
            wrong[thing] = f"{seen} in place of {cells[name]}: {there[thing][:5]}"
    assert wrong == {}


@pytest.mark.parametrize("name", ACCOUNTS)
def test_nothing_of_another_study_is_found_by_anybody(
    name: str, scenes: tuple[Scene, Scene], readers: dict[str, Reader]
) -> None:
    other = scenes[1]
    page = revealed(readers[name].client, other)
    places = found(other, readers[name].pages | {"the reveal": page})
    assert {thing: at for thing, at in places.items() if at} == {}


def test_what_is_looked_for_in_the_other_study_is_there(scenes: tuple[Scene, Scene]) -> None:
    other = scenes[1]
    client = world.browser_of_staff(account(other.study, "owner"))
    pages = crawled(client, other, scenes[0], every_other=False)
    places = found(other, pages | {"the reveal": revealed(client, other)})
    assert {thing for thing, cells in CELLS.items() if cells["owner"] != "-"} == {n for n, at in places.items() if at}


@pytest.mark.parametrize("name", ["owner", "coach", "coach+data_manager"])
def test_an_address_is_shown_for_one_person_at_a_time_and_it_is_written_down_who_looked(
    name: str, scenes: tuple[Scene, Scene], readers: dict[str, Reader]
) -> None:
    scene, reader = scenes[0], readers[name]
    before = AuditEntry.objects.count()
    page = revealed(reader.client, scene).text
    assert OWN.word("address").encode() in page
    assert OWN.word("refused").encode() not in page
    [row] = AuditEntry.objects.order_by("id")[before:]
    assert (row.action, row.actor, row.subject) == (
        "contact.reveal",
        f"staff:{reader.user.pk}",
        scene.person.pseudonym,
    )
    assert OWN.word("address") not in row.detail


@pytest.mark.parametrize("name", ["researcher", "data_manager", "observer", "nobody"])
def test_who_may_not_see_addresses_is_refused_and_nothing_is_written_down(
    name: str, scenes: tuple[Scene, Scene], readers: dict[str, Reader]
) -> None:
    before = AuditEntry.objects.count()
    assert OWN.word("address").encode() not in revealed(readers[name].client, scenes[0]).text
    assert AuditEntry.objects.count() == before


def headings(pages: Mapping[str, Page]) -> set[str]:
    """The heads of columns and rows of the tables about people."""
    about = [page.text for at, page in pages.items() if "/people/" in at or "/today/" in at]
    cells = {text for page in about for text in re.findall(rb"<th[ >].*?</th>", page, re.DOTALL)}
    return {re.sub(r"<[^>]+>", "", cell.decode()).strip() for cell in cells}


def test_where_answers_and_reasons_are_not_shown_there_is_no_column_for_them(readers: dict[str, Reader]) -> None:
    coachs, observers = headings(readers["coach"].pages), headings(readers["observer"].pages)
    assert coachs >= HEADINGS - {"Rating"}
    assert any(each.startswith("Vividness") for each in coachs)
    assert not HEADINGS & observers
    assert not any(each == "" or each.startswith("Vividness") for each in observers)
    observed = [page.text for at, page in readers["observer"].pages.items() if "/zq-cells/today/" in at]
    assert observed
    assert not [page for page in observed if re.search(rb"c-line|\bratings?\b", page, re.IGNORECASE)]


@pytest.mark.parametrize("name", ACCOUNTS)
def test_no_page_leads_to_one_that_the_account_may_not_open(name: str, readers: dict[str, Reader]) -> None:
    pages = readers[name].pages
    shown = [page for at, page in pages.items() if at.startswith("/") and page.status == 200]
    assert {link for page in shown for link in page.links if pages[link].status in {403, 404}} == set()
