"""How a study says that it looks after people: what is read of it, and after which sessions it is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from protocol.bundle import Bundle, read_bundle, write_bundle
from protocol.care import Ask, SafetyPlan
from protocol.study import Step, Study
from tests import builders
from tests.protocol.bundles import ALL_KINDS, as_folder, changed, example, faults_of


@pytest.fixture
def bundle() -> Bundle:
    return read_bundle(ALL_KINDS)


def test_what_a_study_says_of_safety_is_read(bundle: Bundle) -> None:
    safety = bundle.study.safety
    assert safety.ask == Ask("notes", 1, ("quiet",))
    assert safety.to == "care@example.org"
    assert safety.support is not None
    assert safety.support.to("de") == "Rufen Sie die Telefonseelsorge an."


def test_a_study_need_say_nothing_of_it(tmp_path: Path) -> None:
    assert read_bundle(as_folder(example(), tmp_path)).study.safety == SafetyPlan()


def test_what_is_left_out_means_everybody_after_every_session(tmp_path: Path) -> None:
    files = changed("study.yaml", ", every: 1, arms: [quiet]}", "}", example(ALL_KINDS))
    assert read_bundle(as_folder(files, tmp_path)).study.safety.ask == Ask("notes", 1, ())


def test_it_is_written_and_read_as_the_same(bundle: Bundle, tmp_path: Path) -> None:
    write_bundle(bundle.content, bundle.open_media, tmp_path / "again")
    assert read_bundle(tmp_path / "again").digest == bundle.digest


def test_an_outcome_may_be_how_people_are_after_a_session(tmp_path: Path) -> None:
    outcome = "  - {id: upset, score: notes.high, timepoint: s1, role: safety}\nchange:"
    files = changed("study.yaml", "change:", outcome, example(ALL_KINDS))
    changed("instruments/notes.yaml", "scores: {}", "scores: {high: {of: [note], how: sum}}", files)
    changed(
        "instruments/notes.yaml",
        'text: "Anything to tell?", type: text, optional: true',
        'text: "How upset are you?"',
        files,
    )
    assert faults_of(as_folder(files, tmp_path / "asked")) == []
    changed("study.yaml", "ask: {instrument: notes,", "ask: {instrument: belief,", files)
    (fault,) = faults_of(as_folder(files, tmp_path / "not"))
    assert "timepoint is 's1', at which 'notes' is not asked" in fault


# --- after which sessions --------------------------------------------------------------------------------------------


def _session(id: str) -> Step:
    return builders.step(id, do="session", script="potoo")


def _study(ask: Ask | None) -> Study:
    return builders.study(
        before=[_session("first"), builders.step("baseline")],
        arms=[
            builders.arm("many", *(_session(f"s{n}") for n in range(1, 5)), builders.step("week")),
            builders.arm("one", _session("s2")),
            builders.arm("none"),
        ],
        after=[builders.step("post"), _session("last")],
        safety=SafetyPlan(ask),
    )


def test_nobody_is_asked_where_the_study_does_not_say_so() -> None:
    study = _study(None)
    assert [study.asked_after(arm) for arm in (None, "many", "one", "none")] == [()] * 4
    assert all(study.instruments_at(step) == step.instruments for step in study.steps())


def test_every_arm_is_asked_alike() -> None:
    study = _study(Ask("after"))
    assert study.asked_after("many") == ("first", "s1", "s2", "s3", "s4", "last")
    assert study.asked_after("one") == ("first", "s2", "last")
    assert study.asked_after("none") == ("first", "last")


def test_it_is_asked_before_the_arm_is_known() -> None:
    assert _study(Ask("after")).asked_after(None)[0] == "first"


@pytest.mark.parametrize(
    ("every", "many", "one"),
    [(2, ("s1", "s3", "last"), ("s2",)), (3, ("s2", "last"), ("last",)), (6, ("last",), ()), (7, (), ())],
)
def test_each_nth_session_of_a_way_is_followed(every: int, many: tuple[str, ...], one: tuple[str, ...]) -> None:
    study = _study(Ask("after", every))
    assert (study.asked_after("many"), study.asked_after("one")) == (many, one)


def test_whoever_is_asked_by_arm_is_asked_after_allocation_alone() -> None:
    study = _study(Ask("after", arms=("many", "none")))
    assert study.asked_after(None) == study.asked_after("one") == ()
    assert study.asked_after("many") == ("s1", "s2", "s3", "s4", "last")
    assert study.asked_after("none") == ("last",)


def test_a_step_has_the_questionnaire_if_anybody_comes_to_it_there() -> None:
    study = _study(Ask("after", 2))
    has = {step.id: study.instruments_at(step) for step in study.steps()}
    assert [id for id, instruments in has.items() if "after" in instruments] == ["s1", "s2", "s3", "last"]
    assert has["baseline"] == has["post"] == ("scenes_4",)
