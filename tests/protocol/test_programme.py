"""A programme that runs itself, as its bundle says it: repeats, draws, later steps, and what people are promised."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from protocol.building import study_from_content
from protocol.bundle import Bundle, read_bundle, write_bundle
from protocol.care import Panel, Payments, Retention, SafetyRule
from protocol.changes import Change, changes
from protocol.conditions import parse_condition
from protocol.durations import ZERO, Duration
from protocol.grammar import parse_at, parse_repeat
from protocol.study import At, Step, Study
from tests.protocol.bundles import EXAMPLE, PROGRAMME, as_folder, changed, example, faults_of

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return read_bundle(PROGRAMME)


@pytest.fixture(scope="module")
def study(bundle: Bundle) -> Study:
    return bundle.study


@pytest.fixture(scope="module")
def steps(study: Study) -> dict[str, Step]:
    return {step.id: step for step in study.steps()}


# --- steps ------------------------------------------------------------------------------------------------------------


def test_a_repeated_step_is_as_many_steps_and_each_is_a_timepoint(study: Study) -> None:
    assert study.series("train") == tuple(f"train_{n}" for n in range(1, 9))
    assert study.series("train_3") == ("train_3",)
    assert study.series("first") == ("first",)
    assert study.series("nothing") == ()


def test_each_time_knows_its_place_and_how_much_further_it_lies(steps: dict[str, Step]) -> None:
    assert [(step.time, step.series) for step in (steps["train_1"], steps["train_8"])] == [(1, "train"), (8, "train")]
    first, third = steps["train_1"].at, steps["train_3"].at
    six = (dt.time(18), dt.time(18))
    assert first == At("allocation", "done", Duration(1, "d"), hours=six, drawn_for="train")
    assert third == At("allocation", "done", Duration(1, "d"), further=Duration(4, "d"), hours=six, drawn_for="train")


def test_a_moment_that_is_drawn_keeps_its_two_ends(steps: dict[str, Step]) -> None:
    assert steps["again"].at == At("first", "done", Duration(7, "d"), upto=Duration(21, "d"), drawn_for="again")
    prompt = steps["prompt_5"].at
    assert prompt is not None
    assert prompt.hours == (dt.time(9), dt.time(21))


def test_where_another_step_names_a_repeated_one_its_last_time_is_meant(study: Study) -> None:
    late = study.arm("wait").later[-1]
    assert late.at == At("train_8", "done", Duration(1, "d"))


def test_what_some_have_sooner_others_have_later_at_the_same_timepoints(study: Study) -> None:
    now, wait = ([step.id for step in study.path(arm)] for arm in ("now", "wait"))
    assert now[2:10] == wait[5:13] == list(study.series("train"))
    assert wait[-1] == "late"
    assert study.path(None) == (*study.before, *study.after)


def test_times_without_every_follow_one_another(tmp_path: Path) -> None:
    files = changed("study.yaml", "repeat: 5 times every 1d", "repeat: 3 times", example(PROGRAMME))
    prompts = [s for s in read_bundle(as_folder(files, tmp_path)).study.steps() if s.series == "prompt"]
    assert prompts[1].at == At("prompt_1", "settled", ZERO)
    assert prompts[2].at == At("prompt_2", "settled", ZERO)


def test_times_every_so_often_without_at_are_counted_from_when_the_first_was_due(tmp_path: Path) -> None:
    files = changed("study.yaml", 'at: "allocation + 1d at random(09:00, 21:00)", ', "", example(PROGRAMME))
    prompts = [s for s in read_bundle(as_folder(files, tmp_path)).study.steps() if s.series == "prompt"]
    assert prompts[0].at is None
    assert prompts[3].at == At("prompt_1", "due", Duration(3, "d"))


def test_a_list_gone_through_as_it_stands_gives_each_time_its_script(tmp_path: Path) -> None:
    files = example(PROGRAMME)
    for _ in range(2):
        changed("study.yaml", "street], order: latin, at", "street], at", files)
    scripts = {s.id: s.scripts for s in read_bundle(as_folder(files, tmp_path)).study.steps() if s.series == "train"}
    assert list(scripts.values())[:4] == [("harbour",), ("meadow",), ("street",), ("harbour",)]


def test_sessions_that_are_dealt_out_share_their_scripts(study: Study, steps: dict[str, Step]) -> None:
    [deal] = study.counterbalances
    assert (deal.name, deal.at, deal.scripts, deal.order) == (
        "probes",
        ("probe_1", "probe_2"),
        ("harbour", "meadow"),
        "latin",
    )
    assert [(steps[id].dealt, steps[id].scripts) for id in deal.at] == [("probes", deal.scripts)] * 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("s1 + 1d", At("s1", "done", Duration(1, "d"))),
        ("s1.due - 2h", At("s1", "due", Duration(-2, "h"))),
        ("consent + 0d at 07:05", At("consent", "done", Duration(0, "d"), hours=(dt.time(7, 5), dt.time(7, 5)))),
        ("s1.closed+random(1d,3d)", At("s1", "closed", Duration(1, "d"), upto=Duration(3, "d"))),
        (
            "s1 +  random( 36h , 3d )  at  random( 09:00 ,21:30 )",
            At("s1", "done", Duration(36, "h"), upto=Duration(3, "d"), hours=(dt.time(9), dt.time(21, 30))),
        ),
    ],
)
def test_an_anchor_is_read(text: str, expected: At) -> None:
    assert parse_at(text) == expected


@pytest.mark.parametrize(
    "text",
    ["s1", "s1 + random(1d)", "s1 - random(1d, 2d)", "s1 + 1d at", "s1 + 1d at 24:00", "s1 + 1d 09:00", "S1 + 1d"],
)
def test_another_form_is_no_anchor(text: str) -> None:
    with pytest.raises(ValueError, match="is not an anchor"):
        parse_at(text)


def test_how_often_is_read() -> None:
    assert parse_repeat("24 times every 2d") == (24, Duration(2, "d"))
    assert parse_repeat("1 time") == (1, None)
    assert parse_repeat("3 times  every  90m") == (3, Duration(90, "m"))
    with pytest.raises(ValueError, match="is not of the form"):
        parse_repeat("every 2d")


# --- promises ---------------------------------------------------------------------------------------------------------


def test_what_follows_from_answers_is_read(study: Study) -> None:
    assert study.safety.rules == (
        SafetyRule("upset", "mood", parse_condition("distress >= 8"), 1, alerts=True, pauses=True),
        SafetyRule("pictures", "mood", parse_condition("unwanted == yes"), 2, alerts=True, pauses=False),
    )
    assert (study.safety.within, study.safety.escalate) == (
        Duration(60, "m"),
        ("lead@example.org", "head@example.org"),
    )


def test_the_words_of_messages_are_read(study: Study) -> None:
    said = study.messages
    assert set(said.wordings) == {"invitation", "reminder", "link", "message"}
    assert said.of_steps["train"].subject.to("en") == "A session is open"
    assert said.waiting is not None
    assert (said.waiting.every, said.waiting.times, said.waiting.arms) == (Duration(7, "d"), 2, ("wait",))
    assert (said.a_day, said.a_week) == (2, 6)


def test_the_studys_hours_are_those_of_every_step_that_says_none(steps: dict[str, Step]) -> None:
    assert {step.between for step in steps.values()} == {(dt.time(9), dt.time(20))}


def test_panel_payment_leaving_and_keeping_are_read(study: Study) -> None:
    codes = {"first": "C1FIRST", "post": "C2POST"}
    back = "https://panel.example/complete?cc={code}"
    assert study.panel == Panel("prolific", "PROLIFIC_PID", asks_contact=True, codes=codes, screenout="CNO", back=back)
    assert study.payments == Payments("EUR", {"first": 250, "train": 100, "post": 500})
    assert study.leaving == ("training", "data")
    assert study.retention == Retention(Duration(60, "d"), Duration(14, "d"), dt.date(2036, 12, 31))
    assert study.debrief is not None
    assert study.debrief.to("en").startswith("# What it was about")


def test_a_study_need_say_nothing_of_all_this() -> None:
    plain = read_bundle(EXAMPLE).study
    assert (plain.panel, plain.payments, plain.debrief, plain.counterbalances) == (None, None, None, ())
    assert plain.leaving == ("training", "contact", "data")
    assert plain.retention == Retention()


# --- content, and what changed ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["s", "s.zip"])
def test_what_is_written_reads_as_the_same(name: str, bundle: Bundle, tmp_path: Path) -> None:
    write_bundle(bundle.content, bundle.open_media, tmp_path / name)
    again = read_bundle(tmp_path / name)
    assert (again.digest, again.content, again.study) == (bundle.digest, bundle.content, bundle.study)
    assert study_from_content(bundle.content) == bundle.study


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('at: "train + 1d"', 'at: "train + 2d"', [Change("step", "late", "changed")]),
        ("{id: late,", "{id: later,", [Change("step", "later", "new"), Change("step", "late", "removed")]),
        ("5 times", "6 times", [Change("step", "prompt", "changed")]),
        ("order: latin}", "order: random}", [Change("study", "counterbalance", "changed")]),
        ("train: 1,", "train: 2,", [Change("study", "payments", "changed")]),
        ("{day: 2,", "{day: 1,", [Change("study", "messages", "changed")]),
    ],
)
def test_what_changed_is_told_by_its_part(
    old: str, new: str, expected: list[Change], bundle: Bundle, tmp_path: Path
) -> None:
    files = changed("study.yaml", old, new, example(PROGRAMME))
    assert list(changes(bundle.content, read_bundle(as_folder(files, tmp_path)).content)) == expected


def test_later_steps_in_another_order_are_a_change_of_the_arms(bundle: Bundle) -> None:
    content = json.loads(bundle.content)
    content["study"]["arms"]["wait"]["later"].reverse()
    assert changes(bundle.content, json.dumps(content)) == (Change("study", "arms", "changed"),)


def test_a_text_that_changed_is_told_by_its_file(bundle: Bundle, tmp_path: Path) -> None:
    files = changed("debrief.md", "Thank you.", "Thanks.", example(PROGRAMME))
    found = changes(bundle.content, read_bundle(as_folder(files, tmp_path)).content)
    assert found == (Change("text", "debrief.md", "changed"),)


# --- what a careful reader might take for a fault ---------------------------------------------------------------------

SOUND = {
    "a repeated step that comes once": [("repeat: 5 times every 1d", "repeat: 1 time")],
    "the most times": [("repeat: 5 times every 1d", "repeat: 366 times every 1d")],
    "times that are hours apart": [("repeat: 5 times every 1d", "repeat: 5 times every 90m")],
    "a list of scripts for one time, drawn": [
        ('script: harbour, at: "post.closed + 1h"', 'script: [harbour, street], order: random, at: "post.closed + 1h"'),
        ("counterbalance:\n  probes: {at: [probe_1, probe_2], order: latin}\n", ""),
    ],
    "an anchor on one time of a repeated step": [('"train + 1d"', '"train_3.due + 1d"')],
    "a later step without at": [(', at: "train + 1d"}', "}")],
    "after anchored on a repeated step of before": [
        ("window: [0d, 3d]}", "window: [0d, 3d], repeat: 2 times every 7d}"),
        ('"allocation + 20d"', '"again + 20d"'),
    ],
    "a length of two units": [("random(7d, 21d)", "random(36h, 3d)")],
    "a payment of nothing": [("first: 2.5", "first: 0")],
    "a payment of one time": [("train: 1,", "train_8: 10,")],
    "two steps with one code": [("post: C2POST", "post: C1FIRST")],
    "a panel without codes": [("codes: {first: C1FIRST, post: C2POST}, ", "")],
    "answers kept for a length": [("2036-12-31", "3650d")],
    "addresses that go at once": [("contact: 60d", "contact: 0d")],
    "no rules of safety": [
        (
            "    - {id: upset, instrument: mood, when: distress >= 8, do: [pause, alert]}\n"
            "    - {id: pictures, instrument: mood, when: unwanted == yes, times: 2}\n",
            "",
        ),
        ("  rules:\n", "  rules: []\n"),
    ],
    "messages with no words of their own": [('  link: {subject: "Your link", text: "{link}"}\n', "")],
}


@pytest.mark.parametrize("claim", SOUND)
def test_it_is_no_fault(claim: str, tmp_path: Path) -> None:
    files = example(PROGRAMME)
    for old, new in SOUND[claim]:
        changed("study.yaml", old, new, files)
    assert faults_of(as_folder(files, tmp_path)) == []


def test_nothing_that_hangs_on_a_faulty_repeat_is_reported(tmp_path: Path) -> None:
    files = changed("study.yaml", "repeat: 5 times every 1d", "repeat: often", example(PROGRAMME))
    changed("study.yaml", "train: 1,", "prompt_4: 1,", files)
    assert [fault.partition("; ")[0] for fault in faults_of(as_folder(files, tmp_path))] == [
        "study.yaml:17: repeat of step 'prompt' is 'often'"
    ]


def test_nothing_of_a_counterbalance_that_hangs_on_a_faulty_id_is_reported(tmp_path: Path) -> None:
    files = changed("study.yaml", "{id: probe_1,", "{id: Probe_1,", example(PROGRAMME))
    assert [fault.partition(";")[0] for fault in faults_of(as_folder(files, tmp_path))] == [
        "study.yaml:25: id of step is 'Probe_1'"
    ]


def test_nothing_of_a_counterbalance_that_hangs_on_a_faulty_script_is_reported(tmp_path: Path) -> None:
    files = changed(
        "study.yaml", 'script: harbour, at: "post.closed', 'script: 5, at: "post.closed', example(PROGRAMME)
    )
    assert [fault.partition(";")[0] for fault in faults_of(as_folder(files, tmp_path))] == [
        "study.yaml:25: script of step 'probe_1' is the number 5"
    ]
