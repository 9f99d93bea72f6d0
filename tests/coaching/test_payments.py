"""The ledger: what a paid step brings, who says yes, what was paid; and what people see of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import clock
from accounts.models import AuditEntry, User
from coaching.models import Enrolment, Payment, Study, StudyVersion
from coaching.selectors.payments import ledger, totals
from coaching.services import payments
from coaching.services.occasions import complete_occasion
from privacy import erasure
from tests import world
from tests.coaching.panels import FILES
from tests.pages import visit
from tests.research.calls import caller

pytestmark = pytest.mark.django_db

PAGE = "/studies/small-scenes/payments/"


@pytest.fixture
def panel(db: None) -> StudyVersion:
    return world.publish(FILES)


def somebody(version: StudyVersion, panel_id: str, *keys: str) -> Enrolment:
    person = world.consented(version, external_ids={"PROLIFIC_PID": panel_id})
    for key in keys:
        complete_occasion(occasion=world.occasion(person, key), now=clock.now())
    return person


def approved(study: Study, by: User) -> None:
    keys = list(ledger(study, "due").values_list("pk", flat=True))
    payments.approve(study=study, payments=keys, by=by, now=clock.now())


def states(study: Study) -> list[tuple[str, int, str]]:
    return [
        (p.timepoint, p.cents, "paid" if p.paid_at else "approved" if p.approved_at else "due") for p in ledger(study)
    ]


def upload(client: Client, text: str) -> Any:
    return client.post(f"{PAGE}upload/", {"file": SimpleUploadedFile("paid.csv", text.encode())}, follow=True)


def test_a_paid_step_is_entered_once(panel: StudyVersion) -> None:
    person = somebody(panel, "p1", "first")
    complete_occasion(occasion=world.occasion(person, "first"), now=clock.now())
    assert states(panel.study) == [("first", 250, "due")]
    payments.owe(person, step="first", now=clock.now())
    assert Payment.objects.count() == 1


def test_a_repeated_step_is_paid_each_time() -> None:
    paid = "payments: {currency: EUR, steps: "
    repeated = {
        f"{paid}{{first: 2.5, again: 1, last: 5}}}}": f"{paid}{{again: 1}}}}",
        "codes: {first: C1, again: C2, last: C3}": "codes: {again: C2}",
        'at: "first + 7d", window: [0d, 3d],\n     remind: [0s]}': 'at: "first + 7d", repeat: 2 times every 1d}',
        'at: "again.due + 7d"': 'at: "first + 30d"',
    }
    version = world.publish(world.edited(repeated, FILES))
    person = somebody(version, "p1", "first", "again_1", "again_2")
    assert states(version.study) == [("again_1", 100, "due"), ("again_2", 100, "due")]
    own = visit(world.browser_of(person), "/me/").text
    assert "You have earned 2.00 EUR so far." in own
    assert "The second one 2 × 1.00 EUR 2.00 EUR Done, not paid yet" in own  # one line, not one a time


def test_nobody_pays_who_is_simulated(panel: StudyVersion) -> None:
    person = world.consented(panel)
    Enrolment.objects.filter(pk=person.pk).update(synthetic=True)
    complete_occasion(occasion=world.occasion(person, "first"), now=clock.now())
    assert Payment.objects.count() == 0


def test_people_see_what_they_will_get_and_got(panel: StudyVersion) -> None:
    person = somebody(panel, "p1", "first")
    client = world.browser_of(person)
    assert "The first one 2.50 EUR Done, not paid yet" in visit(client, "/me/").text
    assert "The third one 5.00 EUR When it is done" in visit(client, "/me/").text
    owner = world.staff(panel.study)
    approved(panel.study, owner)
    keys = list(Payment.objects.values_list("pk", flat=True))
    payments.mark_paid(study=panel.study, payments=keys, reference="R1", by=owner, now=clock.now())
    assert "The first one 2.50 EUR Paid" in visit(client, "/me/").text


def test_approved_then_paid_by_a_researcher_with_a_row_in_the_log_each(panel: StudyVersion) -> None:
    person = somebody(panel, "p1", "first")
    client = world.browser_of_staff(world.staff(panel.study, "researcher"))
    entry = Payment.objects.get()
    assert f"{person.pseudonym} first 2.50 EUR" in visit(client, PAGE).text
    client.post(f"{PAGE}change/", {"act": "paid", "payment": entry.pk, "reference": "R1"})
    assert states(panel.study)[0][2] == "due", "what nobody approved is not paid"
    client.post(f"{PAGE}change/", {"act": "approve", "payment": entry.pk})
    client.post(f"{PAGE}change/", {"act": "paid", "payment": entry.pk, "reference": "R1"})
    client.post(f"{PAGE}change/", {"act": "paid", "payment": entry.pk, "reference": "R2"})
    assert (states(panel.study)[0][2], Payment.objects.get().reference) == ("paid", "R1")
    logged = AuditEntry.objects.filter(action__startswith="payment.").order_by("pk")
    assert [(e.action, e.subject) for e in logged] == [
        ("payment.approve", person.pseudonym),
        ("payment.paid", person.pseudonym),
    ]


@pytest.mark.parametrize(("role", "status"), [("coach", 403), ("observer", 403), ("data_manager", 403)])
def test_others_may_not_approve(panel: StudyVersion, role: str, status: int) -> None:
    somebody(panel, "p1", "first")
    client = world.browser_of_staff(world.staff(panel.study, role))
    assert client.post(f"{PAGE}change/", {"act": "approve", "payment": Payment.objects.get().pk}).status_code == status
    assert states(panel.study)[0][2] == "due"


def test_another_studys_entries_are_out_of_reach(panel: StudyVersion) -> None:
    somebody(panel, "p1", "first")
    other = world.tiny(slug="other").study
    client = world.browser_of_staff(world.staff(other))
    client.post("/studies/other/payments/change/", {"act": "approve", "payment": Payment.objects.get().pk})
    assert states(panel.study)[0][2] == "due"


def test_sums_are_by_currency(panel: StudyVersion) -> None:
    somebody(panel, "p1", "first", "again")
    owner = world.staff(panel.study)
    approved(panel.study, owner)
    dollars = world.publish(world.edited({"currency: EUR": "currency: USD"}, FILES))
    somebody(dollars, "p2", "first")
    found = {t.currency: (dict(t.counts), dict(t.cents)) for t in totals(panel.study)}
    assert found == {
        "EUR": ({"due": 0, "approved": 2, "paid": 0}, {"due": 0, "approved": 350, "paid": 0}),
        "USD": ({"due": 1, "approved": 0, "paid": 0}, {"due": 250, "approved": 0, "paid": 0}),
    }


def test_a_payers_file_settles_by_pseudonym_or_by_the_panels_id_and_may_come_twice(panel: StudyVersion) -> None:
    first, _ = somebody(panel, "p1", "first"), somebody(panel, "p2", "first", "again")
    owner = world.staff(panel.study)
    approved(panel.study, owner)
    client = world.browser_of_staff(owner)
    text = f"participant,panel_id,reference,timepoint\n{first.pseudonym},,R1,\n,p2,R2,first\n"
    assert "2 entries are marked as paid." in upload(client, text).content.decode()
    upload(client, text)
    assert [(p.timepoint, p.reference) for p in ledger(panel.study)] == [
        ("first", "R1"),
        ("first", "R2"),
        ("again", ""),
    ]


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ("NOBODY7,R1", "row 2, participant: leads to no payment of this study"),
        ("{approved},R1\n{due},R2", "row 3, participant: is not approved yet; approve it first"),
        ("{approved},R1\n{approved},R2", "row 3, participant: is named by an earlier row too"),
        ("{approved},", "row 2, reference: is empty; expected what the payer calls the payment"),
    ],
)
def test_a_file_with_a_fault_changes_nothing(panel: StudyVersion, rows: str, fault: str) -> None:
    person, owner = somebody(panel, "p1", "first"), world.staff(panel.study)
    approved(panel.study, owner)
    late = somebody(panel, "p2", "first")
    rows = rows.format(approved=person.pseudonym, due=late.pseudonym)
    answer = upload(world.browser_of_staff(owner), f"participant,reference\n{rows}\n")
    assert (answer.status_code, fault in answer.content.decode()) == (422, True), answer.content.decode()
    assert Payment.objects.filter(paid_at__isnull=False).count() == 0


def test_only_who_may_see_the_panels_ids_reads_and_writes_them(panel: StudyVersion) -> None:
    person, researcher = somebody(panel, "p1", "first"), world.staff(panel.study, "researcher")
    approved(panel.study, researcher)
    client = world.browser_of_staff(researcher)
    text = client.post(f"{PAGE}file/", {"state": "all"}).content.decode()
    assert person.pseudonym in text
    assert "p1" not in text
    assert upload(client, "panel_id,reference\np1,R1\n").status_code == 422
    owner = world.browser_of_staff(world.staff(panel.study))
    lines = owner.post(f"{PAGE}file/", {"state": "approved"}).content.decode().splitlines()
    assert lines[0].startswith("panel_id,participant,timepoint,amount,currency")
    assert lines[1].startswith(f"p1,{person.pseudonym},first,2.50,EUR,approved")
    assert AuditEntry.objects.filter(action="payments.file").count() == 2


def test_of_an_erased_person_pseudonym_and_amount_stay(panel: StudyVersion) -> None:
    person, owner = somebody(panel, "p1", "first", "again"), world.staff(panel.study)
    approved(panel.study, owner)
    first = Payment.objects.get(timepoint="first")
    payments.mark_paid(study=panel.study, payments=[first.pk], reference="R1", by=owner, now=clock.now())
    erasure.erase(enrolment=person, by="participant", reason="participant", now=clock.now())
    assert states(panel.study) == [("first", 250, "paid"), ("again", 100, "approved")]
    assert set(Payment.objects.values_list("reference", flat=True)) == {""}
    assert person.pseudonym in visit(world.browser_of_staff(owner), PAGE).text
    upload(world.browser_of_staff(owner), f"participant,reference\n{person.pseudonym},R9\n")
    assert [(p.reference, p.paid_at is not None) for p in ledger(panel.study)] == [("", True), ("", True)]
    assert caller(panel.study).rows("payments") == []


def test_the_dataset_has_a_row_an_entry(panel: StudyVersion) -> None:
    person = somebody(panel, "p1", "first")
    row = caller(panel.study).rows("payments")[0]
    expected = {"participant": person.pseudonym, "timepoint": "first", "amount": 2.5, "currency": "EUR", "state": "due"}
    assert {name: row[name] for name in expected} == expected
    assert list(caller(panel.study).rows("payments", timepoint="again")) == []


def test_the_pages_of_one_state_lead_to_pages_of_that_state(
    panel: StudyVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coaching.views.payments.PER_PAGE", 1)
    somebody(panel, "p1", "first", "again")
    page = world.browser_of_staff(world.staff(panel.study)).get(f"{PAGE}?state=due").content.decode()
    assert 'href="?page=2&amp;state=due"' in page


def test_a_slip_loses_neither_what_was_ticked_nor_where_one_was(panel: StudyVersion) -> None:
    somebody(panel, "p1", "first", "again")
    first = Payment.objects.get(timepoint="first")
    client = world.browser_of_staff(world.staff(panel.study))
    answer = client.post(f"{PAGE}change/?state=due", {"act": "paid", "payment": first.pk, "reference": " "})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert re.findall(r'value="(\d+)" checked', page) == [str(first.pk)]
    assert f'href="{PAGE}?state=approved"' in page  # the way on leads to the ledger, not to the address of the form
    done = client.post(f"{PAGE}change/?state=due", {"act": "approve", "payment": first.pk})
    assert done["Location"] == f"{PAGE}?state=due"
