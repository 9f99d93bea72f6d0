"""What staff see and may do: rights at once, no numbers to count on, nothing that runs, and a log that holds."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import zipfile
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

import clock
from accounts.audit import broken_rows, digest_of, record
from accounts.models import AuditEntry
from coaching.models import Contact, Enrolment, Membership, Occasion
from config.access import ROUTES
from tests import world
from tests.hostile.cast import PATTERNS, Cast, content_of, is_clear, nothing_changes

pytestmark = pytest.mark.django_db

STUDY_PAGES = sorted(
    name for name, rule in ROUTES.items() if rule.who == "study" and "dataset" not in PATTERNS[name].pattern.converters
)
HARMS = {
    "a script": "<script>alert('x')</script>",
    "an attribute": '" onmouseover="alert(1)" x="',
    "a picture": "<img src=x onerror=alert(1)>",
    "the end of a script": "</script><svg/onload=alert(1)>",
    "an entity": "&lt;b&gt;&amp;",
    "a template": "{{ 7|add:7 }}{% debug %}",
}
FORMULAS = ("=1+2", "+1+2", "-1+2", "@SUM(1)", "\t=1", "\r=1", "\uff1d1+2", "\uff0b1", "\uff0d1", "\uff20x")


class _Harms(HTMLParser):
    """What of a page would run, and what of it people read."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if (tag == "script" and not given.get("src", "").startswith("/static/")) or tag in {"iframe", "object", "base"}:
            self.found.append(tag)
        self.found += [f"{tag} {name}" for name in given if name.startswith("on") or name == "style"]
        self.found += [
            f"{tag} {name}" for name, value in given.items() if value.lower().strip().startswith("javascript:")
        ]
        if tag == "img" and not given.get("src", "").startswith("/static/"):
            self.found.append("a picture")

    def handle_data(self, data: str) -> None:
        self.text += data


def harms(html: str) -> list[str]:
    parser = _Harms()
    parser.feed(html)
    return parser.found


def shown(html: str) -> str:
    parser = _Harms()
    parser.feed(html)
    return parser.text


@pytest.mark.parametrize("harm", ["a script", "an attribute", "a picture", "the end of a script"])
def test_the_finder_of_harms_finds_them(harm: str) -> None:
    assert harms(f'<p title="{HARMS[harm]}">{HARMS[harm]}</p>')


# --- rights ----------------------------------------------------------------------------------------------------------


def test_a_role_taken_away_closes_every_page_at_the_next_request(cast: Cast) -> None:
    coach = world.staff(cast.study, "coach")
    browser = world.browser_of_staff(coach)
    assert browser.get(cast.address("coaching:people")).status_code == 200
    Membership.objects.filter(user=coach).delete()
    with nothing_changes():
        for name in STUDY_PAGES:
            for answer in (browser.get(cast.address(name)), browser.post(cast.address(name), {"reason": "x"})):
                assert answer.status_code == 404, name


def test_a_lesser_role_loses_what_only_the_greater_one_allows_at_the_next_request(cast: Cast) -> None:
    user = world.staff(cast.study, "owner")
    browser = world.browser_of_staff(user)
    assert browser.post(cast.address("coaching:reveal_contact")).status_code == 200
    Membership.objects.filter(user=user).update(role="observer")
    with nothing_changes():
        for name in (
            "coaching:reveal_contact",
            "coaching:revoke_links",
            "privacy:erase_person",
            "research:export_file",
        ):
            assert browser.post(cast.address(name), {"reason": "x"}).status_code == 403, name


def test_a_disabled_account_is_out_at_the_next_request(cast: Cast) -> None:
    browser = cast.browser("owner")
    assert browser.get(cast.address("coaching:people")).status_code == 200
    type(cast.owner).objects.filter(pk=cast.owner.pk).update(is_active=False)
    answer: Any = browser.get(cast.address("coaching:people"))
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("accounts:sign_in"))
    assert not browser.login(username="owner@staff.example", password="an honest password, long enough")


def test_an_account_without_any_study_finds_none(cast: Cast) -> None:
    browser = world.browser_of_staff(world.staff())
    for name in STUDY_PAGES:
        assert browser.get(cast.address(name)).status_code == 404, name
    text = content_of(browser.get(reverse("research:studies"))) + content_of(
        browser.get(reverse("coaching:people_of_all"))
    )
    assert "small" not in text.lower()


# --- what can be counted on ------------------------------------------------------------------------------------------


def _pages(cast: Cast) -> dict[str, str]:
    """Every page that there is to read, as the one who may."""
    found = {}
    for name, rule in ROUTES.items():
        who: Any = {"participant": "participant", "study": "owner", "staff": "owner"}.get(rule.who, "invited")
        headers = cast.caller.headers if rule.who == "token" else {}
        answer: Any = cast.browser(who).get(cast.address(name), headers=headers, follow=True)
        found[name] = content_of(answer)
    return found


def test_no_page_and_no_answer_of_the_api_tells_a_number_of_a_row(cast: Cast) -> None:
    # Numbers that no page would show by chance.
    base = 7_300_001
    for n, person in enumerate((cast.walker, cast.other)):
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA defer_foreign_keys = ON")
            else:
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            relations = [(r.related_model._meta.db_table, r.field.column) for r in Enrolment._meta.related_objects]
            for table, column in (("coaching_enrolment", "id"), *relations):
                cursor.execute(f"UPDATE {table} SET {column} = %s WHERE {column} = %s", [base + n, person.pk])
            own = "SELECT id FROM coaching_occasion WHERE enrolment_id = %s"
            for relation in Occasion._meta.related_objects:
                table, column = relation.related_model._meta.db_table, relation.field.column
                moved = f"UPDATE {table} SET {column} = {column} + %s WHERE {column} IN ({own})"
                cursor.execute(moved, [base * 10, base + n])
            cursor.execute("UPDATE coaching_occasion SET id = id + %s WHERE enrolment_id = %s", [base * 10, base + n])
    walker, cast.walker = cast.walker, Enrolment.objects.get(pk=base)
    try:
        seen = _pages(cast)
    finally:
        cast.walker = walker
    for name, text in seen.items():
        assert not re.search(r"730000[12]|7300001\d", text), name


def test_what_names_a_thing_outside_is_long_and_random(cast: Cast) -> None:
    assert cast.occasion.public_id.version == 4
    names = [world.consented(cast.version).pseudonym for _ in range(40)]
    assert len(set(names)) == 40
    assert all(re.fullmatch(r"[CDFGHJKMNPRTVWXY][CDFGHJKMNPRTVWXY34679]{5,7}", name) for name in names)
    assert names != sorted(names)


# --- what people typed -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("harm", HARMS, ids=str)
def test_what_people_and_systems_gave_runs_nowhere(cast: Cast, harm: str) -> None:
    text = HARMS[harm]
    Contact.objects.filter(enrolment=cast.walker).update(
        email=f"{text}@people.example", label=text, external_ids=json.dumps({text[:60]: text})
    )
    Enrolment.objects.filter(pk=cast.walker.pk).update(
        groups={text: text}, timezone=text[:60], eligibility={"age": text}, ineligible_by=text[:24]
    )
    record(by="command", action=text[:60], now=clock.now(), study=cast.study.slug, subject=text, reason=text)
    owner = cast.browser("owner")
    revealed = content_of(owner.post(cast.address("coaching:reveal_contact")))
    pages = [revealed, content_of(owner.get(cast.address("research:audit")))]
    pages += [content_of(owner.get(cast.address("coaching:people")))]
    assert harms("".join(pages)) == []
    # As it was given, and shown as such.
    assert text in shown(revealed)


@pytest.mark.parametrize("harm", HARMS, ids=str)
def test_the_words_of_a_study_run_nowhere(harm: str) -> None:
    text = HARMS[harm]
    quoted = json.dumps(text)
    version = world.publish(
        world.edited(
            {
                "title: Tiny\n": f"title: {quoted}\n",
                "consent:\n": "eligibility:\n  - {id: one, ask: "
                + quoted
                + ", type: choice, choices: ["
                + quoted
                + "]}\nconsent:\n",
                "text: I take part.": f"text: {quoted}",
                "title: The first one": f"title: {quoted}",
            },
            world.TINY,
        )
    )
    person = world.consented(version, eligibility={"one": text})
    stranger, known = world.browser_of(person), world.browser_of_staff(world.staff(version.study, "owner"))
    newcomer = Client()
    newcomer.post("/join/tiny/eligibility/?question=one", {"one": text})
    pages = [
        content_of(newcomer.get(path))
        for path in ("/join/tiny/", "/join/tiny/eligibility/?question=one", "/join/tiny/consent/")
    ]
    pages += [content_of(stranger.get(path, follow=True)) for path in ("/me/", "/me/data/", "/me/next/")]
    for name in ("research:study", "coaching:people", "research:codebook_page", "research:export_page"):
        pages.append(content_of(known.get(reverse(name, args=["tiny"]))))
    pages.append(content_of(known.get(reverse("coaching:person", args=["tiny", person.pseudonym]))))
    assert harms("".join(pages)) == []
    assert all(text.strip() in shown(page) for page in pages[:3])


# --- files for spreadsheets ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("formula", FORMULAS, ids=repr)
def test_no_cell_of_a_table_is_run_by_a_spreadsheet(cast: Cast, formula: str) -> None:
    Enrolment.objects.filter(pk=cast.walker.pk).update(groups={"imagery": formula})
    Contact.objects.filter(enrolment=cast.walker).update(
        email=formula, label=formula, external_ids=json.dumps({formula: formula})
    )
    answer: Any = cast.browser("owner").post(reverse("research:export_file", args=[cast.study.slug, "participants"]))
    tables = {"participants": content_of(answer)}
    archive: Any = cast.browser("participant").post(reverse("privacy:download"))
    with zipfile.ZipFile(io.BytesIO(archive.content)) as packed:
        tables |= {n: packed.read(n).decode() for n in packed.namelist() if n.endswith(".csv")}
    assert any(formula.strip() in table for table in tables.values())
    for name, table in tables.items():
        for row in csv.reader(io.StringIO(table, newline="")):
            for cell in row:
                runs = cell[:1] in set("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
                assert not runs or re.fullmatch(r"-[0-9.]+", cell), f"{name}: {cell!r}"


# --- the audit log ---------------------------------------------------------------------------------------------------


@pytest.fixture
def log(cast: Cast) -> list[AuditEntry]:
    """Some rows, which stand in an unbroken chain."""
    for n in range(6):
        record(by=cast.owner, action="test.act", now=clock.now(), study=cast.study.slug, subject=f"row {n}", n=n)
    assert list(broken_rows()) == []
    return list(AuditEntry.objects.order_by("-id")[:6])[::-1]


def _without_triggers(statement: str, *values: Any) -> None:
    """What somebody with the rights of the database's owner could do."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
        else:
            cursor.execute("DROP TRIGGER audit_only_grows ON accounts_auditentry")
        cursor.execute(statement, values)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actor", "staff:999"),
        ("action", "another.act"),
        ("subject", "CANARY1"),
        ("detail", "{}"),
        ("study", "another-study"),
        ("at", dt.datetime(2001, 1, 1, tzinfo=dt.UTC)),
    ],
)
def test_a_changed_row_is_named(log: list[AuditEntry], column: str, value: Any) -> None:
    adapted = connection.ops.adapt_datetimefield_value(value) if isinstance(value, dt.datetime) else value
    _without_triggers(f"UPDATE accounts_auditentry SET {column} = %s WHERE id = %s", adapted, log[2].pk)
    assert [row.pk for row in broken_rows()] == [log[2].pk]


def test_a_row_taken_out_is_named_by_the_one_after_it(log: list[AuditEntry]) -> None:
    _without_triggers("DELETE FROM accounts_auditentry WHERE id = %s", log[2].pk)
    assert [row.pk for row in broken_rows()] == [log[3].pk]


def test_a_changed_row_whose_own_digest_was_made_anew_is_named_by_the_one_after_it(log: list[AuditEntry]) -> None:
    log[2].subject = "CANARY1"
    _without_triggers(
        "UPDATE accounts_auditentry SET subject = %s, digest = %s WHERE id = %s",
        "CANARY1",
        digest_of(log[2]),
        log[2].pk,
    )
    assert [row.pk for row in broken_rows()] == [log[3].pk]


@pytest.mark.parametrize("statement", ["UPDATE accounts_auditentry SET actor = 'x'", "DELETE FROM accounts_auditentry"])
def test_the_database_itself_refuses_to_change_the_log(log: list[AuditEntry], statement: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(broken_rows()) == []


def test_every_look_at_an_address_is_in_the_log_with_who_looked(cast: Cast) -> None:
    before = AuditEntry.objects.count()
    cast.browser("owner").post(cast.address("coaching:reveal_contact"))
    cast.caller.get("contacts/")
    rows = list(AuditEntry.objects.order_by("id")[before:])
    assert [(row.action, row.actor) for row in rows][0] == ("contact.reveal", f"staff:{cast.owner.pk}")
    assert rows[1].action == "contacts.read"
    assert not [row for row in AuditEntry.objects.all() if "@" in row.detail + row.subject]


def test_a_pause_pressed_twice_is_one_pause(cast: Cast) -> None:
    owner, address = cast.browser("owner"), cast.address("coaching:pause_person")
    for _ in range(2):
        owner.post(address, {"act": "pause"})
    assert cast.fresh(cast.walker).paused_at is not None
    for _ in range(2):
        owner.post(address, {"act": "resume"})
    assert cast.fresh(cast.walker).paused_at is None
    acts = AuditEntry.objects.filter(subject=cast.walker.pseudonym, action__startswith="person.")
    assert list(acts.order_by("id").values_list("action", flat=True)) == ["person.pause", "person.resume"]


@pytest.mark.parametrize("reference", ["", "x" * 5_000, "'; --", "%", "_" * 10, "\u2028", "NEVERKNOWN"])
def test_an_unknown_reference_opens_no_door(cast: Cast, reference: str) -> None:
    owner = cast.browser("owner")
    with nothing_changes():
        answer: Any = owner.post(cast.address("coaching:reopen_door"), {"reference": reference}, follow=True)
    assert is_clear(answer) == ""
    cast.ineligible.refresh_from_db()
    assert cast.ineligible.outcome == "ineligible"
