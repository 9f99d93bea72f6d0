"""A participant's home, through a plain HTML client."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

import clock
from accounts.models import AuditEntry
from coaching.models import Enrolment
from coaching.services import links, people
from coaching.services.occasions import complete_occasion
from tests import world
from tests.builders import utc
from tests.pages import Screen, submit, visit

pytestmark = pytest.mark.django_db

THEN = utc("2027-03-01T10:00Z")


def at_home(version: Any = None, **details: Any) -> tuple[Enrolment, Client]:
    person = world.consented(version or world.example(sessions=False), **details)
    return person, world.browser_of(person)


def done_with(person: Enrolment, *keys: str) -> None:
    for key in keys:
        complete_occasion(occasion=world.occasion(person, key), now=clock.now())


# --- what is shown ---------------------------------------------------------------------------------------------------


def test_home_shows_what_is_next_and_how_long_it_is() -> None:
    _, client = at_home()
    home = visit(client, "/me/")
    assert (home.name, len(home.primaries), home.primaries[0]["href"]) == ("home", 1, "/me/next/")
    assert "First questionnaire 4 questions" in home.text


def test_home_shows_what_is_done_and_when_the_next_window_opens_on_the_persons_own_clock(settings: Any) -> None:
    world.move_clock(settings, THEN)
    person, client = at_home(timezone="Asia/Tokyo")
    done_with(person, "baseline")
    home = visit(client, "/me/")
    # allocated on 1 March, 19:00 in Tokyo; the window opens 13 calendar days later
    assert "The next part opens on Sunday 14 March, 19:00." in home.text
    assert "First questionnaire Done · Monday 1 March, 19:00" in home.text
    assert "Second questionnaire Later · Sunday 14 March, 19:00" in home.text


def test_an_open_window_says_until_when(settings: Any) -> None:
    world.move_clock(settings, THEN)
    person, client = at_home(timezone="Europe/London")
    done_with(person, "baseline")
    world.move_clock(settings, THEN + timedelta(days=13, hours=1))
    # 14 days later in London, plus 7 days: the clocks have not changed yet on 22 March
    assert "open until Monday 22 March, 10:00" in visit(client, "/me/").text


def test_a_year_is_written_where_it_is_another(settings: Any) -> None:
    world.move_clock(settings, utc("2027-12-28T10:00Z"))
    person, client = at_home()
    done_with(person, "baseline")
    assert "The next part opens on Monday 10 January 2028, 10:00." in visit(client, "/me/").text


def test_a_step_without_a_title_is_a_questionnaire_or_a_session_and_no_script_is_named() -> None:
    person = world.consented(world.example())
    while not Enrolment.objects.filter(pk=person.pk, arm="sessions").exists():
        person = world.consented(world.example())
        done_with(person, "baseline")
    pages = [visit(world.browser_of(person), page) for page in ("/me/", "/me/next/", "/me/contact/")]
    assert "Session" in pages[0].text
    assert [word for page in pages for word in ("potoo", "bird") if word in page.text.lower()] == []
    assert not [page for page in pages if "A bird you have never seen" in page.html]


def test_the_arm_is_named_nowhere() -> None:
    person, client = at_home()
    done_with(person, "baseline")
    html = visit(client, "/me/").html
    assert not [word for word in ("Sessions first", "Questions first", world.fresh(person).arm) if word in html]


def test_home_speaks_the_persons_language() -> None:
    person, client = at_home(language="de")
    home = visit(client, "/me/", headers={"accept-language": "en"})
    assert "Erster Fragebogen" in home.text
    submit(client, home, next(f for f in home.forms if f.action == "/me/language/"), language="en")
    assert world.fresh(person).language == "en"
    assert "First questionnaire" in visit(client, "/me/").text


@pytest.mark.parametrize("language", ["", "fr", "../..", "x" * 100_000, "de\r\nX: 1"])
def test_a_language_that_the_study_does_not_have_changes_nothing(language: str) -> None:
    person, client = at_home()
    assert client.post("/me/language/", {"language": language}).status_code == 303
    assert world.fresh(person).language == "en"


def test_nobody_knows_a_home_without_a_link() -> None:
    pages = ("/me/", "/me/next/", "/me/contact/", "/join/small-scenes/contact/")
    world.example()
    assert [visit(Client(), page).url for page in pages] == ["/me/link/"] * 4
    acts = ("pause", "resume", "language", "sign-out")
    assert [Client().post(f"/me/{act}/").headers["Location"] for act in acts] == ["/me/link/"] * 4


def test_before_consent_home_leads_to_the_door() -> None:
    person, _ = world.invited(world.example().study)
    client = world.browser_of(person)
    assert [visit(client, page).name for page in ("/me/", "/me/next/", "/me/contact/")] == ["welcome"] * 3
    assert client.post("/me/pause/").status_code == 303
    assert world.fresh(person).paused_at is None


def test_an_erased_person_is_nobody_here() -> None:
    person, client = at_home()
    Enrolment.objects.filter(pk=person.pk).update(erased_at=clock.now())
    assert visit(client, "/me/").url == "/me/link/"


# --- the next step ---------------------------------------------------------------------------------------------------


def test_next_leads_to_the_open_questionnaire() -> None:
    person, client = at_home()
    response = client.get("/me/next/")
    occasion = world.occasion(person, "baseline")
    assert response.headers["Location"] == reverse("assessments:start", args=[occasion.public_id])


def test_with_nothing_open_next_says_when() -> None:
    person, client = at_home(timezone="Asia/Tokyo")
    done_with(person, "baseline")
    wait = visit(client, "/me/next/")
    assert (wait.name, wait.primaries[0]["href"]) == ("wait", "/me/")
    assert "The next part opens on " in wait.text


def test_an_optional_step_comes_last(settings: Any) -> None:
    optional = (
        "before:\n  - {id: extra, title: Extra, do: assess, instruments: [one], optional: true, at: consent + 0s}\n"
    )
    person, client = at_home(world.publish(world.edited({"before:\n": optional}, world.TINY)))
    first, extra = world.occasion(person, "first"), world.occasion(person, "extra")
    assert str(first.public_id) in client.get("/me/next/").headers["Location"]
    done_with(person, "first")
    assert str(extra.public_id) in client.get("/me/next/").headers["Location"]
    assert visit(client, "/me/").name == "home"


def test_when_nothing_can_open_any_more_it_is_done() -> None:
    person, client = at_home(world.tiny())
    done_with(person, "first")
    done = visit(client, "/me/next/")
    assert (done.name, len(done.primaries)) == ("done", 1)
    assert visit(client, "/me/").name == "home"


def test_a_window_that_closed_between_two_ticks_is_not_offered(settings: Any) -> None:
    windowed = world.edited(
        {"instruments: [one]}": "instruments: [one], at: consent + 0s, window: [0s, 2d]}"}, world.TINY
    )
    _, client = at_home(world.publish(windowed))
    world.move_clock(settings, timedelta(days=3))
    assert visit(client, "/me/next/").name == "done"
    assert "The first one Closed" in visit(client, "/me/").text


# --- pause and resume ------------------------------------------------------------------------------------------------


def test_a_pause_offers_nothing_and_one_click_ends_it() -> None:
    person, client = at_home()
    home = visit(client, "/me/")
    paused = submit(client, home, home.act("pause"))
    assert (paused.name, len(paused.primaries), paused.form.data_action) == ("paused", 1, "resume")
    assert visit(client, "/me/next/").name == "paused"
    assert submit(client, paused).name == "home"
    assert world.fresh(person).paused_at is None


def test_pausing_twice_is_one_pause() -> None:
    person, client = at_home()
    for _ in range(2):
        client.post("/me/pause/")
    assert AuditEntry.objects.filter(action="person.pause", subject=person.pseudonym).count() == 1


@pytest.mark.parametrize("path", ["/me/pause/", "/me/resume/", "/me/language/", "/me/sign-out/"])
def test_an_act_is_a_post(path: str) -> None:
    person, client = at_home()
    assert client.get(path).status_code == 405
    assert visit(client, "/me/").name == "home"


@pytest.mark.parametrize("path", ["/me/pause/", "/me/contact/", "/me/link/", "/join/small-scenes/eligibility/"])
def test_a_form_from_another_site_is_refused(path: str) -> None:
    person = world.consented(world.example())
    client = world.browser_of(person, enforce_csrf_checks=True)
    assert client.post(path, {"email": "", "timezone": "UTC"}).status_code == 403
    assert world.fresh(person).paused_at is None


# --- leaving ---------------------------------------------------------------------------------------------------------


def test_leaving_has_nothing_chosen_beforehand() -> None:
    _, client = at_home()
    form = visit(client, "/me/").act("withdraw")
    assert (form.options("data"), form.given.get("data")) == (["keep", "erase"], None)


def test_every_act_is_a_form_of_its_own() -> None:
    _, client = at_home()
    home = visit(client, "/me/")
    acts = {"pause", "withdraw", "erase", "download"}
    assert {form.data_action for form in home.forms} >= acts
    assert [home.act(act).method for act in sorted(acts)] == ["post"] * 4


def test_after_leaving_every_way_leads_to_one_screen_with_download_and_erase() -> None:
    version = world.example()
    person, token = world.invited(version.study)
    person = world.consented(version, enrolment=person)
    people.withdraw(enrolment=person, choice="keep", by="participant", now=clock.now())
    client = Client()
    assert "You have left this study." in visit(client, f"/p/{token}/").text
    arrived = submit(client, visit(client, f"/p/{token}/"))
    assert (arrived.name, len(arrived.primaries)) == ("withdrawn", 1)
    assert {form.data_action for form in arrived.forms} >= {"download", "erase"}
    pages = ("/me/next/", "/me/contact/", "/join/small-scenes/", "/join/small-scenes/contact/")
    assert [visit(client, page).name for page in pages] == ["withdrawn"] * 4
    client.post("/me/pause/")
    assert world.fresh(person).paused_at is None


def test_an_address_no_longer_changes_after_leaving() -> None:
    person, client = at_home(email="kept@canary.example")
    people.withdraw(enrolment=person, choice="keep", by="participant", now=clock.now())
    client.post("/me/contact/", {"email": "new@canary.example", "timezone": "UTC"})
    assert world.fresh(person).contact.email == "kept@canary.example"


# --- contact, signing out --------------------------------------------------------------------------------------------


def test_address_and_zone_can_be_changed_at_any_time() -> None:
    person, client = at_home(email="old@canary.example")
    form = visit(client, "/me/contact/")
    assert form.form.given["email"] == "old@canary.example"
    assert submit(client, form, email="", timezone="Asia/Kathmandu").name == "home"
    person = world.fresh(person)
    assert (person.contact.email, person.contact.email_hash, person.timezone) == ("", "", "Asia/Kathmandu")


def test_a_changed_zone_moves_what_is_to_come(settings: Any) -> None:
    world.move_clock(settings, THEN)
    person, client = at_home(timezone="Europe/London")
    done_with(person, "baseline")
    before = world.occasion(person, "post").opens_at
    client.post("/me/contact/", {"email": "", "timezone": "America/New_York"})
    after = world.occasion(person, "post").opens_at
    # Calendar days at the same wall time: New York's clocks go forward on 14 March, London's only on the 28th.
    assert after == before - timedelta(hours=1)


def test_signing_out_takes_the_page_off_this_browser_and_leaves_staff_signed_in() -> None:
    person, _ = at_home()
    user = world.staff(person.study)
    client = world.browser_of_staff(user)
    token = links.mint(enrolment=person, now=clock.now())
    client.post(f"/p/{token}/")
    planted = client.cookies["potoo_session"].value
    assert client.post("/me/sign-out/").headers["Location"] == "/me/link/"
    assert visit(client, "/me/").url == "/me/link/"
    assert "_auth_user_id" in client.session
    thief = Client()
    thief.cookies.load({"potoo_session": planted})
    assert visit(thief, "/me/").url == "/me/link/"


@pytest.mark.parametrize("next_", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
@pytest.mark.parametrize("path", ["/me/pause/", "/me/language/", "/me/contact/", "/me/sign-out/"])
def test_no_act_leads_to_another_site(path: str, next_: str) -> None:
    _, client = at_home()
    posted = {"next": next_, "email": "", "timezone": "UTC", "language": "de"}
    for address in (path, f"{path}?next={next_}"):
        client.force_login(world.staff())
        response = client.post(address, posted)
        assert response.status_code in {302, 303}
        assert response.headers["Location"].startswith("/me/")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil.example@127.0.0.1"])
def test_a_host_that_is_not_ours_is_refused(host: str) -> None:
    _, client = at_home()
    assert client.get("/me/", headers={"host": host}).status_code == 400


def test_home_asks_the_database_little(django_assert_max_num_queries: Any) -> None:
    _, client = at_home()
    visit(client, "/me/")
    with django_assert_max_num_queries(4):
        visit(client, "/me/")
    with django_assert_max_num_queries(4):
        client.get("/me/next/")


def test_pages_of_home_are_kept_by_no_cache() -> None:
    _, client = at_home()
    assert [client.get(page).headers["Cache-Control"] for page in ("/me/", "/me/contact/")] == ["no-store"] * 2


def test_what_people_gave_is_escaped() -> None:
    person, client = at_home()
    response = client.post("/me/contact/", {"email": '"><script>alert(1)</script>', "timezone": "<b>"})
    assert "<script>alert" not in Screen(response).html
    assert "<b>" not in Screen(response).html
