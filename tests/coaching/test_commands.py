"""What labs type: loading and dumping studies, inviting people."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.models import AuditEntry
from coaching.models import Contact, Enrolment, PersonalLink, Study, StudyVersion
from protocol.bundle import read_bundle
from tests import world
from tests.mailbox import Mailbox

pytestmark = pytest.mark.django_db


class Said:
    """What a command printed, and how it ended."""

    def __init__(self, *args: Any, **options: Any) -> None:
        out, err = io.StringIO(), io.StringIO()
        self.code = 0
        try:
            call_command(*map(str, args), stdout=out, stderr=err, **options)
        except SystemExit as end:
            self.code = int(str(end.code))
        except CommandError as error:
            self.code = error.returncode
            err.write(f"{error}\n")
        self.lines = [json.loads(line) for line in out.getvalue().splitlines()]
        self.faults = err.getvalue().splitlines()


def nothing_is_stored() -> bool:
    return not any(model.objects.exists() for model in (Enrolment, Contact, PersonalLink))


# --- load_study, dump_study ------------------------------------------------------------------------------------------


def test_a_bundle_is_loaded_and_loading_it_again_is_no_change() -> None:
    said = [Said("load_study", world.SMALL_SCENES) for _ in range(2)]
    assert [s.lines for s in said] == [
        [{"study": "small-scenes", "version": 1, "changed": True}],
        [{"study": "small-scenes", "version": 1, "changed": False}],
    ]
    assert AuditEntry.objects.filter(action="study.publish").count() == 1


def test_changed_content_is_a_new_version_and_people_keep_theirs(tmp_path: Path) -> None:
    person = world.consented(world.example())
    changed = world.written(
        world.edited({"harbour at dusk": "harbour at dawn"}, file="instruments/scenes_4.yaml"), tmp_path
    )
    assert Said("load_study", changed).lines == [{"study": "small-scenes", "version": 2, "changed": True}]
    version = world.fresh(person).version
    assert version is not None
    assert version.n == 1


def test_comments_and_the_order_of_keys_are_no_change(tmp_path: Path) -> None:
    world.example()
    same = world.edited({"format: 1\nslug: small-scenes\n": "# A comment.\nslug: small-scenes\nformat: 1\n"})
    assert Said("load_study", world.written(same, tmp_path)).lines[0]["changed"] is False


def test_checking_stores_nothing_and_says_what_loading_would() -> None:
    assert Said("load_study", world.SMALL_SCENES, check=True).lines == [
        {"study": "small-scenes", "version": 1, "changed": True}
    ]
    assert not Study.objects.exists()
    world.example()
    assert Said("load_study", world.SMALL_SCENES, check=True).lines == [
        {"study": "small-scenes", "version": 1, "changed": False}
    ]


@pytest.mark.parametrize("check", [True, False])
def test_every_fault_is_told_with_file_and_line_and_nothing_changes(check: bool, tmp_path: Path) -> None:
    faulty = world.edited({"timezone: Europe/London": "timezone: Europe/Atlantis", "type: integer": "type: number"})
    said = Said("load_study", world.written(faulty, tmp_path), check=check)
    assert (said.code, said.lines) == (1, [])
    assert [":".join(fault.split(":")[:2]) for fault in said.faults] == ["study.yaml:5", "study.yaml:9"]
    assert not Study.objects.exists()


@pytest.mark.parametrize("path", ["nowhere", "nowhere.zip", "a\x1bb"])
def test_a_path_that_leads_nowhere_is_a_fault_and_no_traceback(path: str, tmp_path: Path) -> None:
    said = Said("load_study", tmp_path / path)
    assert (said.code, said.lines) == (1, [])
    assert said.faults
    assert "Traceback" not in "".join(said.faults)


def test_what_is_no_zip_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "study.zip").write_bytes(b"PK\x03\x04 not really")
    assert Said("load_study", tmp_path / "study.zip").code == 1


@pytest.mark.parametrize("name", ["folder", "study.zip"])
def test_a_dumped_study_loads_again_as_no_change(name: str, tmp_path: Path) -> None:
    version = world.example()
    assert Said("dump_study", "small-scenes", tmp_path / name).lines == [{"study": "small-scenes", "version": 1}]
    assert read_bundle(tmp_path / name).digest == version.digest
    assert Said("load_study", tmp_path / name).lines[0]["changed"] is False


def test_a_dump_is_of_the_latest_version(tmp_path: Path) -> None:
    world.example()
    latest = world.publish(world.without_sessions())
    Said("dump_study", "small-scenes", tmp_path / "out")
    assert read_bundle(tmp_path / "out").digest == latest.digest


def test_a_dump_writes_over_nothing(tmp_path: Path) -> None:
    world.example()
    (tmp_path / "mine.txt").write_text("mine")
    said = Said("dump_study", "small-scenes", tmp_path)
    assert (said.code, len(said.faults), [p.name for p in tmp_path.iterdir()]) == (1, 1, ["mine.txt"])


@pytest.mark.parametrize("command", [("dump_study", "nowhere", "out"), ("invite", "nowhere")])
def test_an_unknown_study_is_one_clear_line(command: tuple[str, ...]) -> None:
    said = Said(*command)
    assert (said.code, said.lines, said.faults) == (1, [], ["There is no study 'nowhere'."])


# --- invite ----------------------------------------------------------------------------------------------------------


def test_an_invitation_is_one_line_with_a_link_that_opens(client: Any) -> None:
    world.example()
    (line,) = Said("invite", "small-scenes", email="a@canary.example", timezone="Asia/Tokyo", label="P 12").lines
    assert set(line) == {"participant", "url"}
    person = Enrolment.objects.get(pseudonym=line["participant"])
    assert (person.timezone, person.contact.email, person.contact.label) == ("Asia/Tokyo", "a@canary.example", "P 12")
    assert person.consented_at is None
    assert client.get(line["url"].removeprefix("http://127.0.0.1:8000")).status_code == 200


def test_without_a_zone_it_is_the_studys() -> None:
    world.example()
    Said("invite", "small-scenes")
    assert Enrolment.objects.get().timezone == "Europe/London"


def csv_of(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "people.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_file_makes_a_person_a_row_in_its_order(tmp_path: Path) -> None:
    world.example()
    path = csv_of(
        tmp_path,
        '\ufefflabel,email\r\nfirst,a@canary.example\r\n\r\n"sec\u00f6nd, ""2""",\r\nthird,c@canary.example\r\n',
    )
    lines = Said("invite", "small-scenes", csv=path).lines
    labels = [Enrolment.objects.get(pseudonym=line["participant"]).contact.label for line in lines]
    assert labels == ["first", 'secönd, "2"', "third"]


def test_every_fault_of_a_file_is_told_by_row_and_column_and_nobody_is_made(tmp_path: Path) -> None:
    world.example()
    path = csv_of(
        tmp_path,
        "email,timezone,label\n"
        "good@canary.example,Europe/Berlin,fine\n"
        "no address,Europe/Atlantis,\n"
        "x@canary.example,EST,\n"
        f",,{'l' * 201}\n"
        ',,"two\nlines"\n'
        "a@b.example,,,more\n",
    )
    said = Said("invite", "small-scenes", csv=path)
    assert (said.code, said.lines) == (1, [])
    assert [fault.split(":")[0] for fault in said.faults] == [
        "row 3, email",
        "row 3, timezone",
        "row 4, timezone",
        "row 5, label",
        "row 6, label",
        "row 7, column 4",
    ]
    assert nothing_is_stored()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", "row 1: is missing"),
        ("email;timezone\na@b.example;UTC\n", "row 1, column 1: 'email;timezone' is no column"),
        ("email,email\n", "row 1, column 2: 'email' is there twice"),
        ("email,password\n", "row 1, column 2: 'password' is no column"),
        (b"email\na@b.example\n\xff\xfe\n", "row 3: is not UTF-8"),
        ('email\n"a@b.example\n', "the file is no CSV"),
        (b"email\x00\n", "row 1, column 1: 'email\\x00' is no column"),
        ("email\n" + "x" * 200_000 + "\n", "the file is no CSV"),
        ("email\na@b.example\x00\n", "row 2, email"),
        ("email\n=cmd|' /C calc'!A0\n", "row 2, email"),
        ("label\n\u202eabc\n", "row 2, label"),
    ],
)
def test_a_file_that_is_no_list_of_people_is_refused(content: str | bytes, fault: str, tmp_path: Path) -> None:
    world.example()
    said = Said("invite", "small-scenes", csv=csv_of(tmp_path, content))
    assert (said.code, said.lines) == (1, [])
    assert said.faults[0].startswith(fault)
    assert nothing_is_stored()


def test_a_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    world.example()
    said = Said("invite", "small-scenes", csv=tmp_path / "nowhere.csv")
    assert (said.code, len(said.faults)) == (1, 1)


@pytest.mark.parametrize(
    "options", [{"email": "nobody"}, {"email": "a@b.example\nBcc: x"}, {"timezone": "EST"}, {"label": "a\nb"}]
)
def test_a_bad_invitation_is_refused(options: dict[str, str]) -> None:
    world.example()
    said = Said("invite", "small-scenes", **options)
    assert (said.code, said.lines, len(said.faults)) == (1, [], 1)
    assert said.faults[0].startswith(f"--{next(iter(options))}: ")
    assert nothing_is_stored()


def test_an_address_already_in_the_study_is_named_and_is_a_new_person_all_the_same(tmp_path: Path) -> None:
    world.consented(world.example(), email="Twice@canary.example")
    path = csv_of(tmp_path, "email\nnew@canary.example\ntwice@canary.example\nNEW@canary.example\n")
    said = Said("invite", "small-scenes", csv=path)
    assert (said.code, len(said.lines), Enrolment.objects.count()) == (0, 3, 4)
    assert [fault.split(" is already")[0] for fault in said.faults] == [
        "row 3: twice@canary.example",
        "row 4: NEW@canary.example",
    ]


def test_no_mail_goes_unless_it_is_asked_for(mailbox: Mailbox) -> None:
    world.example()
    Said("invite", "small-scenes", email="a@canary.example")
    assert mailbox.after_a_tick() == []


def test_sent_invitations_have_one_recipient_and_a_link_of_their_own(
    tmp_path: Path, mailbox: Mailbox, client: Any
) -> None:
    world.example()
    path = csv_of(tmp_path, "email,label\na@canary.example,\n,no address\nb@canary.example,\n")
    said = Said("invite", "small-scenes", csv=path, send=True)
    mails = mailbox.after_a_tick()
    assert [mail.to for mail in mails] == ["a@canary.example", "b@canary.example"]
    assert len(said.faults) == 1
    assert said.faults[0].startswith("row 3: no address")
    urls = [re.findall(r"http://\S+/p/\S+/", mail.body)[0] for mail in mails]
    printed = [line["url"] for line in said.lines]
    assert len({*urls, *printed}) == 5
    assert [client.get(url.removeprefix("http://127.0.0.1:8000")).status_code for url in urls] == [200, 200]
    whole = str(mails[0].message)
    assert said.lines[0]["participant"] not in whole
    assert "Small scenes: a pilot" in mails[0].subject


def test_line_breaks_in_a_studys_title_stay_out_of_headers(mailbox: Mailbox) -> None:
    world.tampered(world.tiny(), '"title":"Tiny"', '"title":"Tiny\\r\\nBcc: x@evil.example"')
    Said("invite", "tiny", email="a@canary.example", send=True)
    (mail,) = mailbox.after_a_tick()
    assert mail.message["Bcc"] is None
    assert mail.subject == "Your invitation to Tiny Bcc: x@evil.example"


def test_revoking_ends_every_link_of_a_person(client: Any) -> None:
    world.example()
    (line,) = Said("invite", "small-scenes").lines
    assert Said("invite", "small-scenes", revoke=line["participant"].lower()).lines == [
        {"participant": line["participant"], "revoked": 1}
    ]
    assert client.get(line["url"].removeprefix("http://127.0.0.1:8000")).status_code == 404


def test_nobody_of_another_study_is_revoked() -> None:
    world.example()
    world.tiny()
    (line,) = Said("invite", "tiny").lines
    assert Said("invite", "small-scenes", revoke=line["participant"]).code == 1
    assert PersonalLink.objects.get().revoked_at is None


def test_options_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    world.example()
    path = csv_of(tmp_path, "email\n")
    codes = [
        Said("invite", "small-scenes", csv=path, email="a@b.example").code,
        Said("invite", "small-scenes", revoke="CCCCCCC", send=True).code,
    ]
    assert (codes, nothing_is_stored(), StudyVersion.objects.count()) == ([1, 1], True, 1)
