"""Ten thousand synthetic people: how fast they are made, and what the pages of their study then take."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

import clock
from rehearsal.services import simulate
from tests import world

PEOPLE = 10_000
EVERY_KIND = Path(__file__).parents[1] / "studies" / "every_kind"
PAGES = ("", "today/", "people/", "quality/", "export/", "codebook/")


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.django_db
@pytest.mark.parametrize(
    "bundle",
    [
        pytest.param(world.SMALL_SCENES, id="scales and sessions"),
        pytest.param(EVERY_KIND, id="every kind", marks=pytest.mark.once),
    ],
)
def test_ten_thousand_people_are_all_there_and_on_every_page(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    version = world.publish(bundle)
    began = time.monotonic()
    done = simulate(version=version, participants=PEOPLE, seed="rate", start=None, now=clock.now(), by="command")
    took_s = time.monotonic() - began
    rate = f"{PEOPLE / took_s:.0f} people and {done.answers / took_s:.0f} answers a second"
    lines = [f"{version.study.slug}: {PEOPLE} people simulated in {took_s:.0f} s, {rate}"]
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
