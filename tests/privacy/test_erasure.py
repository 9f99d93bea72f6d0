"""Erasure reaches everything, once, and leaves the tombstone."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as product
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse

import clock
from accounts.audit import broken_rows
from accounts.models import AuditEntry
from assessments.models import Administration, Answer, AnswerRevision, ScoreRow
from assessments.services import Given, answer
from coaching.handover.folder import FolderTransport
from coaching.models import AllocationSlot, Contact, Enrolment, Heartbeat, Measure, Occasion, PersonalLink
from coaching.services import links, people
from config.tick import turn
from privacy.erasure import erase, leave
from research.models import QualityDecision
from tests import world

CANARY = "zyx-canary"
ADDRESS = f"{CANARY}@example.org"


@pytest.fixture
def enrolment(db: None) -> Enrolment:
    """Somebody who has left traces everywhere: contact, links, an external id, answers, one of them changed, an arm.

    Somebody of the staff decided about their data, too.
    """
    version = world.example(sessions=False)
    person, _ = world.invited(version.study, email=ADDRESS, label=f"{CANARY} label")
    person = world.consented(version, enrolment=person, email=ADDRESS, external_ids={"PROLIFIC_PID": f"{CANARY}-pid"})
    answer_all(person, "baseline", then_change_the_first=True)
    QualityDecision.objects.create(
        enrolment=person,
        rule="same",
        rule_version=1,
        timepoint="baseline",
        part="scenes_4",
        decision="keep",
        reason=f"{CANARY} says that it is true",
        by=world.staff(version.study, "researcher"),
        decided_at=clock.now(),
    )
    return world.fresh(person)


def answer_all(person: Enrolment, key: str, *, then_change_the_first: bool = False) -> None:
    values = [2.0, 3.0, 4.0, 5.0]
    if then_change_the_first:
        give(person, key, 1, 1.0)
    for position, value in enumerate(values, start=1):
        give(person, key, position, value)


def give(person: Enrolment, key: str, position: int, value: float) -> None:
    answer(
        occasion=world.occasion(person, key),
        instrument="scenes_4",
        position=position,
        given=Given("answered", value),
        now=clock.now(),
        language="en",
    )


def everything() -> str:
    """Every row of every table, decrypted, as one text."""
    lines = []
    for model in apps.get_models():
        if model is Heartbeat:
            continue  # says when a turn was, and nothing of anybody
        lines += [f"{model._meta.label}: {row}" for row in model._default_manager.values_list()]
    return "\n".join(lines)


def wipe(person: Enrolment) -> None:
    erase(enrolment=person, by="participant", reason="participant", now=clock.now())


def test_nothing_of_an_erased_person_is_left_in_any_table(enrolment: Enrolment) -> None:
    assert CANARY in everything()
    wipe(enrolment)
    assert CANARY not in everything()
    for model in (
        Administration,
        Answer,
        AnswerRevision,
        ScoreRow,
        Measure,
        Occasion,
        Contact,
        PersonalLink,
        QualityDecision,
    ):
        assert not model._default_manager.exists(), model


def test_what_stays_is_pseudonym_date_and_what_the_flow_counts(enrolment: Enrolment) -> None:
    wipe(enrolment)
    left = Enrolment.objects.get(pk=enrolment.pk)
    assert left.erased_at is not None
    assert (left.pseudonym, left.arm, left.consented_at) == (enrolment.pseudonym, enrolment.arm, enrolment.consented_at)
    assert (left.eligibility, left.groups, left.language, left.timezone) == ({}, {}, "", "UTC")
    assert AllocationSlot.objects.get(enrolment=left).arm == enrolment.arm


def test_an_erasure_leaves_everybody_else_alone(enrolment: Enrolment) -> None:
    version = enrolment.version
    assert version is not None
    other = world.consented(version, email="other@example.org")
    answer_all(other, "baseline")
    before = [everything_of(other), Contact.objects.get(enrolment=other).email]
    wipe(enrolment)
    assert [everything_of(other), Contact.objects.get(enrolment=other).email] == before


def everything_of(person: Enrolment) -> list[Any]:
    return [
        list(Occasion.objects.filter(enrolment=person).order_by("pk").values_list()),
        list(Answer.objects.filter(administration__occasion__enrolment=person).order_by("pk").values_list()),
        list(ScoreRow.objects.filter(enrolment=person).order_by("pk").values_list()),
        list(Measure.objects.filter(enrolment=person).order_by("pk").values_list()),
    ]


def test_erasing_twice_is_one_erasure(enrolment: Enrolment) -> None:
    first = clock.now()
    assert erase(enrolment=enrolment, by="participant", reason="participant", now=first) == first
    again = erase(enrolment=enrolment, by="command", reason="again", now=first + dt.timedelta(days=3))
    assert again == first
    assert AuditEntry.objects.filter(action="person.erase").count() == 1


def test_an_erasure_is_in_the_audit_log_by_pseudonym_and_reason(enrolment: Enrolment) -> None:
    owner = world.staff(enrolment.study, "owner")
    erase(enrolment=enrolment, by=owner, reason="asked by phone", now=clock.now())
    entry = AuditEntry.objects.get(action="person.erase")
    assert (entry.actor, entry.subject, entry.study) == (f"staff:{owner.pk}", enrolment.pseudonym, "small-scenes")
    assert json.loads(entry.detail) == {"reason": "asked by phone"}
    assert list(broken_rows()) == []


def test_the_links_of_an_erased_person_lead_nowhere(enrolment: Enrolment, client: Client) -> None:
    token = links.mint(enrolment=enrolment, now=clock.now())
    assert client.get(f"/p/{token}/").status_code == 200
    wipe(enrolment)
    response = client.get(f"/p/{token}/")
    assert response.status_code == 404
    assert b'data-screen="error"' in response.content


def test_an_address_of_an_erased_person_is_not_known_any_more(enrolment: Enrolment, mailoutbox: list[Any]) -> None:
    wipe(enrolment)
    Client().post(reverse("coaching:mail_link"), {"email": ADDRESS})
    assert mailoutbox == []


def test_mails_that_lie_in_the_outbox_go_too(enrolment: Enrolment, tmp_path: Path, settings: Any) -> None:
    settings.EMAIL_FILE_PATH = str(tmp_path)
    token = links.mint(enrolment=enrolment, now=clock.now())
    linked = mailed(tmp_path, to="an-earlier-address@example.org", body=f"{links.url_of(token)}\r\n")
    addressed = mailed(tmp_path, to=ADDRESS, body="Hello\r\n")
    others = mailed(tmp_path, to="other@example.org", body=f"{links.url_of('x' * 43)}\r\n")
    wipe(enrolment)
    assert [path.exists() for path in (linked, addressed, others)] == [False, False, True]


def test_a_shared_address_does_not_take_somebody_elses_mail_along(
    enrolment: Enrolment, tmp_path: Path, settings: Any
) -> None:
    settings.EMAIL_FILE_PATH = str(tmp_path)
    assert enrolment.version is not None
    other = world.consented(enrolment.version, email=ADDRESS)
    theirs = mailed(tmp_path, to=ADDRESS, body=links.url_of(links.mint(enrolment=other, now=clock.now())))
    wipe(enrolment)
    assert theirs.exists()


def mailed(outbox: Path, *, to: str, body: str) -> Path:
    """The file of a mail that has left."""
    before = set(outbox.glob("*.eml"))
    mail = EmailMessage("Your link", body, "lab@example.org", [to])
    assert FolderTransport(outbox).hand_over(lambda: mail, lambda: True).what == "sent"
    (written,) = set(outbox.glob("*.eml")) - before
    return written


def test_what_fails_half_way_changes_nothing(enrolment: Enrolment, monkeypatch: pytest.MonkeyPatch) -> None:
    before = everything()

    def stop(*args: Any, **kwargs: Any) -> None:
        raise OSError("disk")

    monkeypatch.setattr("privacy.erasure.record", stop)
    with pytest.raises(OSError, match="disk"):
        wipe(enrolment)
    assert everything() == before


def test_leaving_with_everything_deleted_is_one_act(enrolment: Enrolment) -> None:
    leave(enrolment=enrolment, choice="erase", now=clock.now())
    left = Enrolment.objects.get(pk=enrolment.pk)
    assert (left.withdrawn_at is not None, left.withdrawal, left.erased_at is not None) == (True, "erase", True)
    assert CANARY not in everything()


def test_leaving_with_the_data_kept_keeps_it_and_can_be_erased_later(enrolment: Enrolment) -> None:
    leave(enrolment=enrolment, choice="keep", now=clock.now())
    assert Answer.objects.count() == 4
    assert Occasion.objects.filter(state="cancelled").exists()
    wipe(enrolment)
    assert Answer.objects.count() == 0


def test_the_tick_has_nothing_to_do_with_the_erased(enrolment: Enrolment) -> None:
    wipe(enrolment)
    assert turn(now=clock.now() + dt.timedelta(days=400))["people"] == 0


def test_an_invited_person_who_never_came_can_be_erased(db: None) -> None:
    person, token = world.invited(world.example().study, email=ADDRESS)
    wipe(person)
    assert CANARY not in everything()
    assert Client().get(f"/p/{token}/").status_code == 404


def test_a_new_pseudonym_is_never_that_of_an_erased_person(enrolment: Enrolment) -> None:
    wipe(enrolment)
    assert Enrolment.objects.filter(pseudonym=enrolment.pseudonym).exists()
    assert people.new_pseudonym() != enrolment.pseudonym


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_command_erases_and_says_when(enrolment: Enrolment, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("erase", enrolment.pseudonym, "--study", "small-scenes", "--reason", "asked by letter")
    printed = json.loads(capsys.readouterr().out)
    assert printed["participant"] == enrolment.pseudonym
    assert dt.datetime.fromisoformat(printed["erased_at"]).tzinfo is not None
    assert AuditEntry.objects.get(action="person.erase").actor == "command"
    call_command("erase", enrolment.pseudonym, "--study", "small-scenes", "--reason", "again")
    assert json.loads(capsys.readouterr().out) == printed


@pytest.mark.parametrize(
    ("pseudonym", "study", "reason", "says"),
    [
        ("NOBODY", "small-scenes", "r", "nobody in the study 'small-scenes'"),
        ("", "elsewhere", "r", "nobody in the study 'elsewhere'"),
        ("", "small-scenes", " ", "some words"),
    ],
)
def test_the_command_refuses_the_unknown_and_the_unreasoned(
    enrolment: Enrolment, pseudonym: str, study: str, reason: str, says: str
) -> None:
    with pytest.raises(CommandError, match=says):
        call_command("erase", pseudonym or enrolment.pseudonym, "--study", study, "--reason", reason)
    assert not Enrolment.objects.filter(erased_at__isnull=False).exists()


def test_the_outbox_of_the_suite_is_inside_its_own_folder() -> None:
    """These tests delete mails; they must never meet anybody's real ones."""
    assert Path(product.EMAIL_FILE_PATH).is_relative_to(product.DATA_DIR)
