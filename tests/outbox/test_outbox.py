"""The outbox: planned with the programme, handed over once, and honest about what nobody knows."""

from __future__ import annotations

import datetime as dt
from email import message_from_bytes
from pathlib import Path

import pytest
from django.core.mail import EmailMessage

from accounts.models import AuditEntry
from coaching.handover import Compose, Fence, Outcome
from coaching.handover.folder import FolderTransport
from coaching.models import Enrolment, Message, PersonalLink
from coaching.selectors.followups import foreseen
from coaching.services import falling_due, forgetting, outbox, people, reminders
from coaching.services.occasions import complete_occasion
from config.tick import turn
from tests import world
from tests.outbox.sending import send_one

T0 = dt.datetime(2027, 1, 11, 9, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
MINUTE = dt.timedelta(minutes=1)
REMINDING = {
    "first, title: The first one, do: assess, instruments: [one]": "first, title: The first one, do: assess, "
    'instruments: [one], at: "consent + 0s", window: [0s, 7d], remind: [1d, 2d, 4d]'
}
pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> Enrolment:
    """Somebody with three reminders ahead: a day, two and four after consent."""
    return world.consented(world.publish(world.edited(REMINDING, world.TINY)), T0, email="someone@example.org")


class Talk:
    """A mail server that lets a test act between its "go ahead" and the content."""

    def __init__(self, then: Outcome | None = None, meanwhile: object = None) -> None:
        self.then = then or Outcome("sent", 250)
        self.meanwhile = meanwhile
        self.mails: list[EmailMessage] = []

    def hand_over(self, compose: Compose, fence: Fence) -> Outcome:
        mail = compose()
        if callable(self.meanwhile):
            self.meanwhile()
        if not fence():
            return Outcome("withheld")
        self.mails.append(mail)
        return self.then


def _states(person: Enrolment) -> list[str]:
    return list(person.messages.order_by("n").values_list("state", flat=True))


def _send_first(person: Enrolment, talk: Talk, now: dt.datetime = T0 + DAY) -> str:
    message = person.messages.order_by("n").first()
    assert message is not None
    return send_one(message_id=message.pk, transport=talk, now=now)


def test_reminders_are_rows_of_the_transaction_that_plans_them(person: Enrolment) -> None:
    rows = person.messages.order_by("n").values_list("timepoint", "kind", "n", "due_at", "state")
    due = {1: T0 + DAY, 2: T0 + 2 * DAY, 3: T0 + 4 * DAY}
    assert list(rows) == [("first", "reminder", n, at, "scheduled") for n, at in due.items()]


def test_what_is_due_is_sent_and_says_when(person: Enrolment) -> None:
    talk = Talk()
    assert falling_due.due_ids(now=T0 + DAY - MINUTE, most=10) == []
    assert _send_first(person, talk) == "sent"
    message = person.messages.get(n=1)
    assert (message.state, message.sent_at, message.attempts) == ("sent", T0 + DAY, 1)
    assert [mail.to for mail in talk.mails] == [["someone@example.org"]]


def test_a_message_is_sent_once_however_often_it_is_asked_for(person: Enrolment) -> None:
    talk = Talk()
    assert [_send_first(person, talk) for _ in range(5)] == ["sent", "", "", "", ""]
    assert len(talk.mails) == 1


@pytest.mark.parametrize("what", ["complete", "withdraw", "pause", "no mail", "close", "erase"])
def test_what_happens_between_claim_and_hand_over_is_seen_by_the_fence(person: Enrolment, what: str) -> None:
    now = T0 + DAY
    acts = {
        "complete": lambda: complete_occasion(occasion=world.occasion(person, "first"), now=now),
        "withdraw": lambda: people.withdraw(enrolment=person, choice="keep", by="participant", now=now),
        "pause": lambda: people.pause(enrolment=person, by="participant", now=now),
        "no mail": lambda: people.stop_mail(enrolment=person, by="participant", now=now),
        "close": lambda: person.occasions.update(closes_at=now),
        "erase": lambda: forgetting.empty_person(person, now=now),
    }
    talk, links = Talk(meanwhile=acts[what]), PersonalLink.objects.count()
    assert _send_first(person, talk) in {"", "scheduled"}
    assert talk.mails == []
    assert PersonalLink.objects.count() <= links, "no link is made for a mail that never left"
    assert not Message.objects.filter(state__in=["claimed", "handing_over", "sent"]).exists()


def test_a_zone_move_between_claim_and_hand_over_sends_nothing_that_is_not_due_yet() -> None:
    by_day = {"remind: [1d, 2d, 4d]": 'remind: [1d, 2d, 4d], between: ["09:00", "20:00"]'}
    version = world.publish(world.edited(by_day, world.edited(REMINDING, world.TINY)))
    person = world.consented(version, T0, email="someone@example.org")
    assert person.messages.get(n=1).due_at == T0 + DAY

    def move() -> None:
        people.record_contact(
            enrolment=person, email="someone@example.org", timezone="Pacific/Honolulu", by="participant", now=T0 + DAY
        )

    talk = Talk(meanwhile=move)
    assert _send_first(person, talk) == ""
    assert talk.mails == []
    # 09:00 in London is 23:00 in Honolulu, so it waits for 09:00 there.
    assert (person.messages.get(n=1).state, person.messages.get(n=1).due_at) == (
        "scheduled",
        T0 + DAY + 10 * 60 * MINUTE,
    )


def test_a_put_off_message_waits_longer_each_time_and_is_given_up_in_the_end(person: Enrolment) -> None:
    for refusals in range(1, outbox.MOST_REFUSALS + 1):
        Message.objects.update(not_before=None)
        state = _send_first(person, Talk(then=Outcome("put_off", 451)))
        message = person.messages.get(n=1)
        assert (message.refusals, message.due_at) == (refusals, T0 + DAY)
        assert state == ("failed" if refusals == outbox.MOST_REFUSALS else "scheduled")
        if state == "scheduled":
            assert _send_first(person, Talk()) == "", "not before its time"


def test_a_refused_message_has_failed_and_the_reason_names_no_address(person: Enrolment) -> None:
    assert _send_first(person, Talk(then=Outcome("refused", 550))) == "failed"
    assert person.messages.get(n=1).reason == "refused with 550"


def test_what_may_have_arrived_is_uncertain_and_never_sent_again_by_itself(person: Enrolment) -> None:
    assert _send_first(person, Talk(then=Outcome("unknown"))) == "uncertain"
    talk = Talk()
    assert _send_first(person, talk) == ""
    assert talk.mails == []


def test_a_person_says_what_became_of_an_uncertain_message_and_the_log_keeps_it(person: Enrolment) -> None:
    _send_first(person, Talk(then=Outcome("unknown")))
    message, coach = person.messages.get(n=1), world.staff(person.study, "coach")
    assert outbox.resolve(message=message, was_delivered=False, by=coach, now=T0 + DAY)
    assert _send_first(person, Talk()) == "sent"
    assert not outbox.resolve(message=message, was_delivered=True, by=coach, now=T0 + DAY)
    assert list(AuditEntry.objects.filter(action__startswith="message.").values_list("action", flat=True)) == [
        "message.again"
    ]


def test_leases_end_by_the_databases_clock(person: Enrolment) -> None:
    first, second, third = person.messages.order_by("n")
    long_ago = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    Message.objects.filter(pk=first.pk).update(state="claimed", claimed_at=long_ago)
    Message.objects.filter(pk=second.pk).update(state="handing_over", handing_over_at=long_ago)
    Message.objects.filter(pk=third.pk).update(state="claimed", claimed_at=dt.datetime.now(dt.UTC))
    assert falling_due.expire_leases() == {"reclaimed": 1, "uncertain": 1}
    assert _states(person) == ["scheduled", "uncertain", "claimed"]


def test_the_attempt_that_saw_the_reply_may_correct_what_its_lease_became(person: Enrolment) -> None:
    def lease_over() -> None:
        pass

    class Slow(Talk):
        def hand_over(self, compose: Compose, fence: Fence) -> Outcome:
            assert fence()
            Message.objects.update(handing_over_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
            falling_due.expire_leases()
            return Outcome("sent", 250)

    assert _send_first(person, Slow(meanwhile=lease_over)) == "sent"
    assert person.messages.get(n=1).state == "sent"


def test_of_several_overdue_only_the_latest_goes(person: Enrolment, settings: object, tmp_path: Path) -> None:
    settings.EMAIL_HOST, settings.EMAIL_FILE_PATH = "", str(tmp_path)  # type: ignore[attr-defined]
    counts = turn(now=T0 + 3 * DAY)
    assert _states(person) == ["missed", "sent", "scheduled"]
    assert (counts["sent"], counts["messages_missed"]) == (1, 1)
    assert turn(now=T0 + 3 * DAY)["sent"] == 0


def test_what_falls_due_during_a_pause_is_cancelled_and_later_ones_still_go(
    person: Enrolment, settings: object, tmp_path: Path
) -> None:
    settings.EMAIL_HOST, settings.EMAIL_FILE_PATH = "", str(tmp_path)  # type: ignore[attr-defined]
    people.pause(enrolment=person, by="participant", now=T0)
    turn(now=T0 + DAY)
    people.resume(enrolment=person, by="participant", now=T0 + DAY + MINUTE)
    turn(now=T0 + 2 * DAY)
    assert _states(person) == ["cancelled", "sent", "scheduled"]


def test_completion_cancels_what_was_not_sent(person: Enrolment) -> None:
    complete_occasion(occasion=world.occasion(person, "first"), now=T0 + MINUTE)
    assert _states(person) == ["cancelled"] * 3


def test_nobody_to_send_to_is_planned_all_the_same_and_ends_as_failed() -> None:
    nobody = world.consented(world.publish(world.edited(REMINDING, world.TINY)), T0)
    assert _send_first(nobody, Talk()) == "failed"
    assert nobody.messages.get(n=1).reason == "no address"


def test_the_mail_has_one_recipient_a_link_of_its_own_and_one_click_to_stop(person: Enrolment, tmp_path: Path) -> None:
    assert _send_first(person, FolderTransport(tmp_path)) == "sent"  # type: ignore[arg-type]
    mail = message_from_bytes(next(tmp_path.glob("*.eml")).read_bytes())
    message = person.messages.get(n=1)
    assert mail["To"] == "someone@example.org"
    assert message.key.hex in mail["Message-ID"]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    kinds = [part.get_content_type() for part in mail.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html"]
    text = mail.get_payload()[0].get_payload(decode=True).decode()  # type: ignore[union-attr, index]
    token = text.split("/p/")[1].split("/")[0]
    assert world.Client().post(f"/p/{token}/").status_code in {302, 303}
    assert person.pseudonym not in mail["Message-ID"] + mail["Subject"]


def test_one_post_to_the_unsubscribe_address_stops_the_reminders_and_a_get_changes_nothing(person: Enrolment) -> None:
    talk = Talk()
    _send_first(person, talk)
    address = talk.mails[0].extra_headers["List-Unsubscribe"].strip("<>").split("/", 3)[3]
    client = world.Client(enforce_csrf_checks=True)
    assert client.get(f"/{address}").status_code == 200
    assert world.fresh(person).no_mail_at is None
    assert client.post(f"/{address}", {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert world.fresh(person).no_mail_at is not None
    assert _states(person)[1:] == ["scheduled", "scheduled"]
    falling_due.settle_due(now=T0 + 2 * DAY)
    assert _states(person)[1] == "cancelled"


def test_a_look_ahead_lists_what_would_be_due_if_nobody_did_anything_more(person: Enrolment) -> None:
    lines = foreseen(T0 + 3 * DAY)
    assert [(each.timepoint, each.n, each.due_at) for each in lines] == [("first", n, T0 + n * DAY) for n in (1, 2)]
    assert all(each.participant == person.pseudonym for each in lines)
    complete_occasion(occasion=world.occasion(person, "first"), now=T0)
    assert foreseen(T0 + 3 * DAY) == []


def test_an_invitation_that_was_taken_up_meanwhile_is_not_sent() -> None:
    version = world.tiny()
    enrolment, _ = world.invited(version.study, email="new@example.org", now=T0)
    message = reminders.schedule(enrolment=enrolment, kind=Message.Kind.INVITATION, now=T0)
    talk = Talk(meanwhile=lambda: world.consented(version, T0, enrolment=enrolment))
    send_one(message_id=message.pk, transport=talk, now=T0)
    assert talk.mails == []


# --- that somebody wrote ---------------------------------------------------------------------------------------------


def _told(person: Enrolment, now: dt.datetime = T0) -> Message:
    return reminders.schedule(enrolment=person, kind=Message.Kind.MESSAGE, now=now)


def test_that_somebody_wrote_is_sent_once_whatever_step_is_open_and_without_a_way_to_unsubscribe(
    person: Enrolment,
) -> None:
    message, talk = _told(person), Talk()
    states = [send_one(message_id=message.pk, transport=talk, now=T0) for _ in range(3)]
    assert states == ["sent", "", ""]
    assert [mail.to for mail in talk.mails] == [["someone@example.org"]]
    assert "List-Unsubscribe" not in talk.mails[0].extra_headers
    assert [each.kind for each in foreseen(T0)] == []


@pytest.mark.parametrize("what", ["pause", "no mail"])
def test_that_somebody_wrote_is_cancelled_when_it_falls_due_in_a_pause(person: Enrolment, what: str) -> None:
    message = _told(person)
    {"pause": people.pause, "no mail": people.stop_mail}[what](enrolment=person, by="participant", now=T0)
    assert falling_due.settle_due(now=T0)["cancelled"] == 1
    message.refresh_from_db()
    assert (message.state, message.reason) == ("cancelled", "paused")
    people.resume(enrolment=person, by="participant", now=T0)
    assert falling_due.due_ids(now=T0, most=10) == []


@pytest.mark.parametrize("what", ["withdraw", "pause", "no mail", "erase"])
def test_the_fence_holds_back_that_somebody_wrote(person: Enrolment, what: str) -> None:
    message = _told(person)
    acts = {
        "withdraw": lambda: people.withdraw(enrolment=person, choice="keep", by="participant", now=T0),
        "pause": lambda: people.pause(enrolment=person, by="participant", now=T0),
        "no mail": lambda: people.stop_mail(enrolment=person, by="participant", now=T0),
        "erase": lambda: forgetting.empty_person(person, now=T0),
    }
    talk = Talk(meanwhile=acts[what])
    send_one(message_id=message.pk, transport=talk, now=T0)
    assert talk.mails == []


def test_a_simulated_person_is_never_told(person: Enrolment) -> None:
    Enrolment.objects.filter(pk=person.pk).update(synthetic=True)
    message, talk = _told(person), Talk()
    assert falling_due.due_ids(now=T0, most=10) == []
    send_one(message_id=message.pk, transport=talk, now=T0)
    assert talk.mails == []


def test_a_look_ahead_names_a_message_that_waits(person: Enrolment) -> None:
    _told(person)
    assert [(each.kind, each.why) for each in foreseen(T0)] == [("message", "staff wrote")]
