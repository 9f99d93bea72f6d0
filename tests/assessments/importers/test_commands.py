"""What labs type: another program's questionnaire in, and ours out, with the answers to it."""

from __future__ import annotations

import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.questionnaire import Questionnaire

from assessments.importers.redcap import from_dictionary
from assessments.services import Given
from coaching.models import Enrolment
from protocol.bundle import read_bundle
from protocol.nodes import plain, read_yaml
from tests import world
from tests.assessments.importers.dictionaries import dictionary
from tests.assessments.papers import FILES, T0, fill, give, someone

FIELDS = (
    {"name": "calm", "type": "radio", "choices": "1, never | 2, often | 3, always", "annotation": "@HIDDEN"},
    {"name": "tea", "form": "night", "type": "yesno"},
)


class Said:
    """What a command printed, and how it ended."""

    def __init__(self, *args: Any) -> None:
        out, err = io.StringIO(), io.StringIO()
        self.code = 0
        try:
            call_command(*map(str, args), stdout=out, stderr=err)
        except SystemExit as end:
            self.code = int(str(end.code))
        except CommandError as error:
            self.code = error.returncode
            err.write(f"{error}\n")
        self.lines = [json.loads(line) for line in out.getvalue().splitlines()]
        self.faults = err.getvalue().splitlines()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "dictionary.csv"
    path.write_bytes(dictionary(*FIELDS))
    return path


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


# --- import ----------------------------------------------------------------------------------------------------------


def test_a_dictionary_becomes_files_and_each_loss_a_line(file: Path, tmp_path: Path) -> None:
    said = Said("import_instrument", file, "--from", "redcap", "--out", tmp_path / "made")

    losses = from_dictionary(dictionary(*FIELDS), "en").losses
    assert said.lines == [{"instruments": ["day", "night"], "losses": len(losses)}]
    assert said.faults == [str(loss) for loss in losses]
    assert files_in(tmp_path / "made") == ["day.yaml", "night.yaml"]
    node = read_yaml((tmp_path / "made" / "day.yaml").read_bytes(), "day.yaml", pytest.fail)
    assert node is not None
    assert plain(node)["sections"][0]["items"] == [{"id": "calm", "text": "Calm"}]


def test_what_was_imported_loads_as_a_study(file: Path, tmp_path: Path) -> None:
    bundle = world.written({name: text for name, text in FILES.items() if "wide" not in name}, tmp_path / "bundle")
    Said("import_instrument", file, "--from", "redcap", "--out", bundle / "instruments")
    study = bundle / "study.yaml"
    study.write_text(study.read_text().replace("[short, wide]", "[short, day, night]"))

    assert set(read_bundle(bundle).study.instruments) == {"short", "day", "night"}


def test_a_file_with_faults_is_told_with_all_of_them_and_nothing_is_written(tmp_path: Path) -> None:
    broken = tmp_path / "broken.csv"
    broken.write_bytes(
        dictionary({"name": "a", "type": "radio", "choices": "1 yes"}, {"name": "b", "logic": "[z] = 1"})
    )

    said = Said("import_instrument", broken, "--from", "redcap", "--out", tmp_path / "made")

    assert (said.code, said.lines) == (1, [])
    assert [fault.partition(":")[0] for fault in said.faults] == [
        "row 3, column Choices, Calculations, OR Slider Labels",
        "row 4, column Branching Logic (Show field only if...)",
    ]
    assert not (tmp_path / "made").exists()


def test_nothing_is_written_over_and_then_nothing_is_written_at_all(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "made"
    out.mkdir()
    (out / "night.yaml").write_text("mine")

    said = Said("import_instrument", file, "--from", "redcap", "--out", out)

    assert said.code == 1
    assert said.faults[0].startswith("Nothing was written: ")
    assert files_in(out) == ["night.yaml"]
    assert (out / "night.yaml").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere.csv", "--from", "redcap"], "nowhere.csv can't be read: No such file or directory."),
        (
            ["nowhere.csv", "--from", "redcap", "--language", "English"],
            "--language: 'English'; expected a language tag",
        ),
    ],
)
def test_what_can_not_be_is_said(arguments: list[str], says: str, tmp_path: Path) -> None:
    said = Said("import_instrument", *arguments, "--out", tmp_path)

    assert said.code == 1
    assert said.faults[0].startswith(says)


# --- export ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_each_kind_is_written_and_comes_back(tmp_path: Path) -> None:
    world.publish(FILES)
    outs = {"redcap": tmp_path / "d.csv", "fhir": tmp_path / "q.json", "reproschema": tmp_path / "files"}

    for kind, out in outs.items():
        said = Said("export_instrument", "papers", "short", "--to", kind, "--out", out)
        back = Said("import_instrument", out, "--from", kind, "--out", tmp_path / f"from_{kind}")
        assert said.lines[0] | {"losses": 0, "files": 1} == {
            "study": "papers",
            "version": 1,
            "instruments": ["short"],
            "files": 1,
            "losses": 0,
        }
        assert said.lines[0]["losses"] == len(said.faults) > 0
        assert back.lines[0]["instruments"] == ["short"], kind


@pytest.mark.django_db
def test_a_dictionary_may_hold_several_instruments(tmp_path: Path) -> None:
    world.publish(FILES)

    Said(
        "export_instrument",
        "papers",
        "short",
        "wide",
        "--to",
        "redcap",
        "--out",
        tmp_path / "d.csv",
        "--language",
        "de",
    )

    found = from_dictionary((tmp_path / "d.csv").read_bytes(), "de").instruments
    assert list(found) == ["short", "wide"]
    assert found["wide"]["sections"][0]["items"][0]["text"] == "Eine lange Linie"


@pytest.mark.django_db
def test_answers_and_scores_are_a_line_a_person(tmp_path: Path, settings: Any) -> None:
    person = someone()
    fill(person, 4, 2, Given("declined"))
    other = world.consented(world.publish(FILES), T0 + dt.timedelta(hours=1))
    Enrolment.objects.filter(pk=other.pk).update(synthetic=True)
    give(other, 1, 3.0, at=T0 + dt.timedelta(hours=1))

    said = Said("export_instrument", "papers", "short", "--to", "fhir", "--out", tmp_path / "q.json", "--answers")

    questionnaire = Questionnaire.model_validate_json((tmp_path / "q.json").read_bytes())
    lines = (tmp_path / "q.answers.ndjson").read_text(encoding="utf-8").splitlines()
    assert all(Bundle.model_validate_json(line) for line in lines)
    assert said.lines[0]["people"] == len(lines) == 2
    finished, begun = ([entry["resource"] for entry in json.loads(line)["entry"]] for line in lines)
    response, *observations = finished
    assert response["questionnaire"] == f"{questionnaire.url}|{questionnaire.version}"
    assert response["subject"]["identifier"]["value"] == person.pseudonym
    assert response["status"] == "completed"
    answers = {item["linkId"]: item for group in response["item"] for item in group["item"]}
    assert answers["path"]["answer"] == [{"valueCoding": {"code": "4", "display": "4"}}]
    assert answers["birds"]["extension"][0]["valueCode"] == "asked-declined"
    # path 4, fog reversed 4, one of three missing: 8 / 2 * 3
    assert {each["code"]["coding"][0]["code"]: each["valueQuantity"]["value"] for each in observations} == {
        "short.total": 12,
        "short.walk": 4,
    }
    assert [each["status"] for each in begun] == ["in-progress"]
    assert begun[0]["meta"]["tag"][0]["code"] == "HTEST"


@pytest.mark.django_db
def test_who_was_erased_is_in_no_file(tmp_path: Path) -> None:
    person = someone()
    fill(person, 4, 2, 3)
    Enrolment.objects.filter(pk=person.pk).update(erased_at=T0)

    said = Said("export_instrument", "papers", "short", "--to", "fhir", "--out", tmp_path / "q.json", "--answers")

    assert said.lines[0]["people"] == 0
    assert (tmp_path / "q.answers.ndjson").read_bytes() == b""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere", "short", "--to", "fhir"], "There is no study 'nowhere'."),
        (["papers", "long", "--to", "fhir"], "papers has no instrument 'long'; expected short or wide."),
        (["papers", "short", "wide", "--to", "fhir"], "A Questionnaire is one instrument; expected one INSTRUMENT"),
        (["papers", "short", "--to", "redcap", "--answers"], "--answers goes with --to fhir"),
        (
            ["papers", "short", "--to", "redcap", "--language", "fr"],
            "--language: 'fr' is none of the study's; expected en",
        ),
    ],
)
def test_what_can_not_be_exported_is_said(arguments: list[str], says: str, tmp_path: Path) -> None:
    world.publish(FILES)

    said = Said("export_instrument", *arguments, "--out", tmp_path / "x.json")

    assert said.code == 1
    assert said.faults[0].startswith(says)
    assert files_in(tmp_path) == []


@pytest.mark.django_db
def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    world.publish(FILES)
    (tmp_path / "q.answers.ndjson").write_text("mine")

    said = Said("export_instrument", "papers", "short", "--to", "fhir", "--out", tmp_path / "q.json", "--answers")

    assert said.code == 1
    assert files_in(tmp_path) == ["q.answers.ndjson"]
