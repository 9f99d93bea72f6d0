"""The preview of every message: what it shows is what is sent, word for word, and no more of it than it says."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

import clock
from coaching import message_plan
from coaching.message_plan import as_html, as_markdown, plan_of
from coaching.models import Message
from coaching.selectors.studies import declared
from coaching.services.occasions import complete_occasion
from protocol.bundle import read_bundle
from tests import world
from tests.mailbox import Mailbox
from tests.protocol.bundles import PROGRAMME
from tests.research.sending import send, text_of, zipped

T0 = dt.datetime(2027, 1, 11, 9, 0, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db

MESSAGES = """\
messages:
  steps:
    post: {subject: {en: "Again: {step}", de: "Noch einmal"}, text: {en: "Until {until}, at {link}", de: "{link}"}}
  waiting: {subject: {en: Hello, de: Hallo}, text: {en: Nothing to do., de: Nichts zu tun.}, every: 3d, times: 2,
    arms: [questions]}
  caps: {day: 1, week: 4}
  between: ["08:00", "21:00"]
"""


def _source() -> dict[str, str | bytes]:
    files = world.files()
    text = files["study.yaml"]
    assert isinstance(text, str)
    return {**files, "study.yaml": text + MESSAGES}


def test_entries_say_to_whom_when_how_often_and_in_what_hours(tmp_path: Path) -> None:
    plan = plan_of(read_bundle(world.written(_source(), tmp_path)).study)
    seen = [(entry.kind, entry.steps, entry.arms, entry.most) for entry in plan.entries]
    assert seen == [
        ("invitation", (), (), 1),
        ("reminder", ("s1",), ("sessions",), 2),
        ("reminder", ("s2",), ("sessions",), 2),
        ("reminder", ("post",), (), 3),
        ("reminder", ("day28",), (), 2),
        ("waiting", (), ("questions",), 2),
        ("message", (), (), None),
        ("link", (), (), None),
        ("alert", (), (), None),
    ]
    assert plan.most == {"sessions": 9, "questions": 7}
    post = plan.entries[3]
    assert (post.opens, post.when[0]) == ("allocation + 14d - 1d", "as soon as it opens")
    assert post.hours == (dt.time(9), dt.time(20))
    assert post.said["en"].subject == "Again: Second questionnaire"
    assert plan.entries[5].hours == (dt.time(8), dt.time(21))


def test_times_of_a_repeated_step_that_read_and_go_alike_are_one_entry(tmp_path: Path) -> None:
    step = '{id: day28, do: assess, instruments: [scenes_4], at: "post.due + 28d", window: [-3d, 7d]'
    often = "{id: day28, do: assess, instruments: [scenes_4], repeat: 4 times every 8d, window: [0s, 7d]"
    files = world.edited({step: often})
    plan = plan_of(read_bundle(world.written(files, tmp_path)).study)
    (diary,) = [entry for entry in plan.entries if "day28_1" in entry.steps]
    assert diary.steps == ("day28_1", "day28_2", "day28_3", "day28_4")
    assert diary.most == 8


def test_what_is_sent_is_what_was_shown(settings: Any, tmp_path: Path) -> None:
    """Somebody of each arm who does nothing after allocation gets the words of the plan, and no more than its most."""
    settings.EMAIL_HOST, settings.EMAIL_FILE_PATH = "", str(tmp_path)
    world.move_clock(settings, T0)
    version = world.publish(_source())
    plan = plan_of(declared(version))
    arms = {}
    for n in range(4):
        person = world.consented(version, clock.now(), email=f"p{n}@example.org")
        complete_occasion(occasion=world.occasion(person, "baseline"), now=clock.now())
        arms[f"p{n}@example.org"] = world.fresh(person).arm
    assert set(arms.values()) == {"sessions", "questions"}
    mailbox = Mailbox(tmp_path)
    for _day in range(60):
        world.move_clock(settings, dt.timedelta(days=1))
        mails = mailbox.after_a_tick()
    shown = {_plain(said.subject, said.text) for entry in plan.entries for said in entry.said.values()}
    assert {_plain(mail.subject, mail.body) for mail in mails} <= shown
    got = Counter(mail.to for mail in mails)
    assert all(got[to] <= plan.most[arm] for to, arm in arms.items()), got
    assert all(got.values())
    assert not Message.objects.filter(state__in=("scheduled", "claimed"), due_at__lte=clock.now()).exists()


def _plain(subject: str, body: str) -> str:
    """A mail without what is each person's own: link, way to stop, and the end of the window."""
    text = re.sub(r"https?://\S+", "LINK", body)
    text = re.sub(r"[A-Z][a-z]+day \d+ [A-Z][a-z]+, \d\d:\d\d", "END", text)
    return " ".join(f"{subject} {text}".split())


@pytest.mark.parametrize("kind", ["md", "html"])
def test_the_command_prints_a_study_or_a_bundle_that_is_not_loaded_alike(tmp_path: Path, kind: str) -> None:
    folder = world.written(_source(), tmp_path / "bundle")
    of_path, of_slug = io.StringIO(), io.StringIO()
    call_command("messages", str(folder), format=kind, stdout=of_path)
    world.publish(folder)
    call_command("messages", "small-scenes", format=kind, stdout=of_slug)
    assert of_path.getvalue() == of_slug.getvalue()
    assert "Again: Second questionnaire" in of_path.getvalue()
    assert "At most 1 " in of_path.getvalue()


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="expected the slug of a study, or the path of a bundle"):
        call_command("messages", "no-such-study")
    faulty = world.written({**_source(), "study.yaml": "format: 2\n"}, tmp_path / "bundle")
    with pytest.raises(SystemExit):
        call_command("messages", str(faulty), stderr=(said := io.StringIO()))
    assert "study.yaml:1" in said.getvalue()


def test_the_page_is_there_for_whoever_may_see_people_and_its_files_can_be_had() -> None:
    version = world.publish(_source())
    browser = world.browser_of_staff(world.staff(version.study, "observer"))
    page = browser.get("/studies/small-scenes/messages/plan/").content.decode()
    assert "Again: Second questionnaire" in page
    assert "Noch einmal" in page
    markdown = browser.get("/studies/small-scenes/messages/plan/md/")
    assert markdown.content.decode() == as_markdown(plan_of(declared(version)))
    assert "small-scenes-v1-messages.md" in markdown["Content-Disposition"]
    assert browser.get("/studies/small-scenes/messages/plan/html/").status_code == 200
    assert browser.get("/studies/small-scenes/messages/plan/pdf/").status_code == 404
    assert world.browser_of_staff(world.staff()).get("/studies/small-scenes/messages/plan/").status_code == 404


def test_the_check_of_an_upload_shows_them_before_anything_is_stored() -> None:
    version = world.publish(_source())
    files = world.edited({"Again: {step}": "Once more: {step}"}, _source())
    owner = world.staff(version.study, "owner")
    page = text_of(send(owner, "/studies/small-scenes/versions/upload/", act="check", bundle=zipped(files)))
    assert "Once more: Second questionnaire" in page
    assert version.study.versions.count() == 1


def test_a_study_is_shown_in_the_readers_language_and_its_mails_in_theirs() -> None:
    study = read_bundle(PROGRAMME).study
    with translation.override("de"):
        assert "An invitation to Quiet pictures" in as_html(plan_of(study))
    assert message_plan.SAMPLE_TOKEN in as_html(plan_of(study))
