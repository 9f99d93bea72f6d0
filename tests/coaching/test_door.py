"""The way in to a study, through a plain HTML client: welcome, questions, languages."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client

import clock
from coaching.models import BrowserSession as Session
from coaching.models import ConsentRecord, Contact, Enrolment, Screening
from coaching.services import people
from coaching.wording import rendered
from tests import world
from tests.coaching.doorway import AGREED, DOOR, RIGHT_TO_LEFT, at_consent, counts
from tests.pages import follow, submit, visit

pytestmark = pytest.mark.django_db

HOSTILE = {
    "formula": "=HYPERLINK(1)",
    "line breaks": "30\r\nX-Injected: yes",
    "huge": "9" * 5_000,
    "huge text": "x" * 100_000,
    "a billion": "1000000000",
    "fraction": "30.5",
    "exponent": "3e1",
    "other digits": "٣٠",
    "right to left": RIGHT_TO_LEFT,
    "markup": "<script>alert(1)</script>",
    "nothing": "",
    "blanks": "   ",
    "list": '["clinic"]',
    "python": "True",
}


# --- the whole way ----------------------------------------------------------------------------------------------------


def test_a_newcomer_walks_from_the_welcome_to_their_own_page() -> None:
    version, client = world.example(), Client()
    welcome = visit(client, DOOR)
    assert (welcome.name, welcome.status, len(welcome.primaries)) == ("welcome", 200, 1)
    age = follow(client, welcome)
    assert (age.name, age.form.names()) == ("eligibility", {"age"})
    heard = submit(client, age, age="30")
    assert (heard.name, heard.form.names()) == ("eligibility", {"heard"})
    consent = submit(client, heard, heard="web")
    assert (consent.name, consent.form.names()) == ("consent", {"take_part", "data", "recontact"})
    contact = submit(client, consent, **AGREED)
    assert (contact.name, contact.form.names()) == ("contact", {"email", "timezone"})
    assert contact.form.given["timezone"] == "Europe/London"
    home = submit(client, contact, email="canary@one.example", timezone="Asia/Tokyo")
    assert (home.name, home.url) == ("home", "/me/")

    person = Enrolment.objects.get()
    assert (person.version, person.timezone, person.language) == (version, "Asia/Tokyo", "en")
    assert person.eligibility == {"age": 30, "heard": "web"}
    assert person.contact.email == "canary@one.example"
    record = ConsentRecord.objects.get()
    assert "Before you begin" in record.text
    assert {s["id"]: s["agreed"] for s in record.statements} == {"take_part": True, "data": True, "recontact": False}
    assert Screening.objects.get().outcome == "consented"


def test_every_screen_of_the_door_has_one_main_action() -> None:
    world.example()
    client = Client()
    screens = [visit(client, DOOR)]
    screens.append(follow(client, screens[-1]))
    screens.append(submit(client, screens[-1], age="30"))
    screens.append(submit(client, screens[-1], heard="web"))
    screens.append(submit(client, screens[-1], **AGREED))
    assert [(s.name, len(s.primaries)) for s in screens] == [
        ("welcome", 1),
        ("eligibility", 1),
        ("eligibility", 1),
        ("consent", 1),
        ("contact", 1),
    ]


def test_nothing_is_chosen_or_ticked_beforehand() -> None:
    world.example()
    client = Client()
    screens = [follow(client, visit(client, DOOR))]
    screens.append(submit(client, screens[0], age="30"))
    screens.append(submit(client, screens[1], heard="web"))
    assert [f.name for s in screens for form in s.forms for f in form.fields if f.is_chosen] == []


def test_no_page_has_inline_code() -> None:
    world.example()
    client = Client()
    pages = [visit(client, DOOR), at_consent(client)]
    assert [re.findall(r"<script(?![^>]+src=)|\sstyle=|\son[a-z]+=|javascript:", page.html) for page in pages] == [
        [],
        [],
    ]


def test_a_study_that_asks_nothing_leads_from_the_welcome_to_consent() -> None:
    world.tiny()
    consent = follow(Client(), visit(Client(), "/join/tiny/"))
    assert consent.name == "consent"


def test_an_unknown_study_is_not_found() -> None:
    assert [visit(Client(), f"/join/nowhere/{page}").status for page in ("", "eligibility/", "consent/")] == [404] * 3


# --- eligibility ------------------------------------------------------------------------------------------------------


def test_a_post_with_several_answers_is_taken_whole() -> None:
    world.example()
    client = Client()
    screen = follow(client, visit(client, DOOR))
    assert submit(client, screen, age="30", heard="friend").name == "consent"


def test_of_several_answers_with_one_bad_none_is_taken() -> None:
    world.example()
    client = Client()
    screen = follow(client, visit(client, DOOR))
    again = submit(client, screen, age="30", heard="a rumour")
    assert (again.status, again.form.names()) == (422, {"heard"})
    assert visit(client, f"{DOOR}eligibility/").form.names() == {"age"}


def test_an_answer_can_be_changed_by_going_back() -> None:
    world.example()
    client = Client()
    consent = at_consent(client)
    earlier = visit(client, f"{DOOR}eligibility/?question=age")
    assert earlier.form.given["age"] == "30"
    assert submit(client, earlier, age="31").name == "consent"
    submit(client, consent, **AGREED)
    assert Enrolment.objects.get().eligibility["age"] == 31


def test_nothing_chosen_shows_the_question_again_with_an_error() -> None:
    world.example()
    client = Client()
    screen = submit(client, follow(client, visit(client, DOOR)), age="30")
    again = submit(client, screen)
    assert (again.status, again.name, again.form.names()) == (422, "eligibility", {"heard"})
    assert "Choose one of the answers." in again.text


def test_answers_are_stored_nowhere_but_in_the_browsers_session_until_consent() -> None:
    world.example()
    at_consent(Client(), age="37")
    assert counts() == {"Enrolment": 0, "Screening": 1, "ConsentRecord": 0, "Contact": 0, "PersonalLink": 0}
    assert (Screening.objects.get().outcome, Screening.objects.get().reason) == ("unfinished", "")


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("question", ["age", "heard"])
def test_a_bad_answer_is_an_error_and_stores_nothing(question: str, value: str) -> None:
    world.example()
    client = Client()
    screen = follow(client, visit(client, DOOR))
    if question == "heard":
        screen = submit(client, screen, age="30")
    before = counts()
    again = submit(client, screen, **{question: value})
    assert (again.status, again.name) == (422, "eligibility")
    assert "<script>alert" not in again.html
    assert counts() == before
    assert visit(client, f"{DOOR}eligibility/").form.names() == {question}


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_a_question_of_yes_or_no_posts_just_that(answer: str) -> None:
    world.publish(yes_or_no())
    client = Client()
    screen = follow(client, visit(client, "/join/tiny/"))
    assert screen.form.options("glasses") == ["yes", "no"]
    assert submit(client, screen, glasses=answer).name == ("consent" if answer == "yes" else "ineligible")


def yes_or_no() -> dict[str, str | bytes]:
    question = "eligibility:\n  - {id: glasses, ask: Do you wear glasses, type: boolean, require: true}\nconsent:"
    return world.edited({"consent:\n": f"{question}\n"}, world.TINY)


# --- not eligible -----------------------------------------------------------------------------------------------------


def test_someone_not_eligible_leaves_a_count_and_the_question_and_nothing_else() -> None:
    world.example()
    client = Client()
    visit(client, f"{DOOR}?PROLIFIC_PID=canary77")
    away = submit(client, follow(client, visit(client, DOOR)), age="17")
    assert away.name == "ineligible"
    screening = Screening.objects.get()
    assert (screening.outcome, screening.reason) == ("ineligible", "age")
    assert screening.reference in away.text
    assert counts() == {"Enrolment": 0, "Screening": 1, "ConsentRecord": 0, "Contact": 0, "PersonalLink": 0}
    kept = Session.objects.get().get_decoded()["door"]
    assert kept == {"small-scenes": {"screening": screening.reference}}


def test_the_first_unmet_question_counts() -> None:
    world.publish(
        world.edited(
            {"choices: [clinic, web, friend]": "choices: [clinic, web, friend], require: [web]"}, world.files()
        )
    )
    client = Client()
    submit(client, follow(client, visit(client, DOOR)), age="17", heard="clinic")
    assert Screening.objects.get().reason == "age"


def test_that_browser_stays_outside_at_every_path_of_the_door() -> None:
    world.example()
    client = Client()
    question = follow(client, visit(client, DOOR))
    submit(client, question, age="17")
    shown = [
        visit(client, f"{DOOR}{page}").name for page in ("", "eligibility/", "eligibility/?question=age", "consent/")
    ]
    assert shown == ["ineligible"] * 4
    assert submit(client, question, age="30").name == "ineligible"
    assert (Screening.objects.count(), Enrolment.objects.count()) == (1, 0)
    assert visit(Client(), DOOR).name == "welcome"


def test_staff_can_open_the_door_again_for_a_browser() -> None:
    version, client = world.example(), Client()
    question = follow(client, visit(client, DOOR))
    submit(client, question, age="17")
    people.reopen(by=world.staff(version.study), now=clock.now(), screening=Screening.objects.get())
    assert visit(client, DOOR).name == "welcome"
    assert submit(client, submit(client, question, age="30"), heard="web").name == "consent"


def test_an_invitation_that_was_not_met_stays_outside_in_every_browser_until_staff_reopen_it() -> None:
    version = world.example()
    person, token = world.invited(version.study)
    client = Client()
    arrived = submit(client, visit(client, f"/p/{token}/"))
    assert arrived.name == "welcome"
    assert submit(client, follow(client, arrived), age="17").name == "ineligible"
    assert (world.fresh(person).ineligible_by, Screening.objects.count()) == ("age", 0)
    other = Client()
    assert submit(other, visit(other, f"/p/{token}/")).name == "ineligible"
    people.reopen(by=world.staff(version.study), now=clock.now(), enrolment=person)
    assert submit(other, visit(other, f"/p/{token}/")).name == "welcome"


# --- external ids, languages ------------------------------------------------------------------------------------------


def test_parameters_of_the_address_are_kept_as_external_ids() -> None:
    world.example()
    client = Client()
    visit(client, f"{DOOR}?PROLIFIC_PID=5f3a&STUDY_ID=77&lang=en&theme=dusk")
    submit(client, at_consent(client), **AGREED)
    assert json.loads(Contact.objects.get().external_ids) == {"PROLIFIC_PID": "5f3a", "STUDY_ID": "77"}


@pytest.mark.parametrize(
    "query",
    [
        "a b=1",
        f"{'n' * 65}=1",
        f"pid={'v' * 201}",
        "pid=%00",
        "pid=1%0d%0aX: 2",
        "pid=%E2%80%AE12",
        "%3Cscript%3E=1",
        "pid=",
        "[]=1",
        "__proto__.x=1",
    ],
)
def test_parameters_that_are_not_fit_to_keep_are_left(query: str) -> None:
    world.example()
    client = Client()
    assert visit(client, f"{DOOR}?{query}").status == 200
    submit(client, at_consent(client), **AGREED)
    assert Contact.objects.get().external_ids == ""


def test_of_a_thousand_parameters_ten_are_kept() -> None:
    world.example()
    client = Client()
    visit(client, DOOR + "?" + "&".join(f"p{n}={n}" for n in range(900)))
    submit(client, at_consent(client), **AGREED)
    assert len(json.loads(Contact.objects.get().external_ids)) == 10


@pytest.mark.parametrize(
    ("query", "header", "language"),
    [
        ("", "", "en"),
        ("", "de-AT,de;q=0.9,en;q=0.5", "de"),
        ("", "fr,de;q=0.3", "de"),
        ("", "fr", "en"),
        ("", "de;q=0", "en"),
        ("", "\x00,;;q=,*;q=9" + "x" * 5_000, "en"),
        ("?lang=de", "en", "de"),
        ("?lang=xx", "de", "de"),
        ("?lang=%00", "en", "en"),
        ("?lang=../../etc", "en", "en"),
    ],
)
def test_the_door_speaks_the_language_asked_for_else_the_browsers_else_the_first(
    query: str, header: str, language: str
) -> None:
    world.example()
    response = Client().get(f"{DOOR}{query}", headers={"accept-language": header})
    words = {"en": "How people imagine small scenes", "de": "Menschen stellen sich kleine Szenen"}
    assert words[language] in response.content.decode()
    assert response.headers["Content-Language"] == language


def test_a_language_once_chosen_stays_through_the_door_and_after() -> None:
    world.example()
    client = Client()
    assert "?lang=de" in visit(client, DOOR).links
    visit(client, f"{DOOR}?lang=de")
    form = at_consent(client)
    assert "Ich nehme teil." in form.text
    submit(client, form, **AGREED)
    assert Enrolment.objects.get().language == "de"
    assert ConsentRecord.objects.get().text.startswith("# Bevor Sie beginnen")
    assert visit(client, "/me/").language == "de"


@pytest.mark.parametrize(
    ("hostile", "forbidden"),
    [
        ("<script>alert(1)</script>", "<script>alert"),
        ("[x](javascript:alert(1))", 'href="javascript'),
        ("<img src=x onerror=alert(1)>", "<img src=x"),
        ("[x](data:text/html;base64,AAAA)", 'href="data'),
        ("<iframe src=//evil.example></iframe>", "<iframe"),
        ("![x](//evil.example/p.png)", "<img"),
        ("[x](//evil.example/)", "evil.example"),
    ],
)
def test_a_studys_text_can_do_no_harm(hostile: str, forbidden: str) -> None:
    world.tampered(world.tiny(), "You answer one question.", json.dumps(hostile)[1:-1])
    assert forbidden not in rendered(hostile)
    consent = follow(Client(), visit(Client(), "/join/tiny/"))
    assert consent.name == "consent"
    assert forbidden not in consent.html
    assert "You answer one question." not in consent.html


def test_links_in_a_studys_text_say_nothing_of_where_they_came_from() -> None:
    assert rendered("[the lab](https://lab.example/)") == (
        '<p><a href="https://lab.example/" rel="noopener nofollow">the lab</a></p>'
    )


# --- the welcome's title -------------------------------------------------------------------------------------------


def test_a_welcome_that_begins_with_the_studys_title_says_it_once() -> None:
    world.publish({**world.TINY, "welcome.md": "\n# Tiny \n\nA study.\n\n# Tiny\n"})
    page = Client().get("/join/tiny/").content.decode()
    assert re.findall(r"<h[12][^>]*>(.*?)</h", page) == ["Tiny", "Tiny"]  # the page's own, and one further down
    assert page.index("A study.") < page.rindex("Tiny</h2>")


def test_a_welcome_with_a_heading_of_its_own_keeps_it() -> None:
    world.publish({**world.TINY, "welcome.md": "# Tiny, and more\n\nA study.\n"})
    assert "Tiny, and more</h2>" in Client().get("/join/tiny/").content.decode()
