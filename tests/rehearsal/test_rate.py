"""Ten thousand synthetic people: how fast they are made, and what the pages of their study then take."""

from __future__ import annotations

import time

import pytest

import clock
from rehearsal.services import simulate
from tests import world

PEOPLE = 10_000
PAGES = ("", "today/", "people/", "quality/", "export/", "codebook/")


@pytest.mark.slow
@pytest.mark.django_db
def test_ten_thousand_people_are_all_there_and_on_every_page(capsys: pytest.CaptureFixture[str]) -> None:
    version = world.example()
    began = time.monotonic()
    done = simulate(version=version, participants=PEOPLE, seed="rate", start=None, now=clock.now(), by="command")
    lines = [f"{PEOPLE} people simulated in {time.monotonic() - began:.0f} s, with {done.answers} answers"]
    assert (done.added, version.study.enrolments.filter(synthetic=True).count()) == (PEOPLE, PEOPLE)
    browser = world.browser_of_staff(world.staff(version.study, "owner"))
    for page in PAGES:
        address = f"/studies/{version.study.slug}/{page}"
        browser.get(address)
        began = time.monotonic()
        answer = browser.get(address)
        lines.append(f"{page or 'overview':12}{(time.monotonic() - began) * 1000:8.0f} ms")
        assert answer.status_code == 200
    with capsys.disabled():
        print("\n" + "\n".join(lines))
    assert ">10000<" in browser.get(f"/studies/{version.study.slug}/").content.decode()
