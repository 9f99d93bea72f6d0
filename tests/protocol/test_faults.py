"""Every rule of the bundle, one row a rule: what is wrong, where, and exactly what is said of it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.protocol.bundles import ALL_KINDS, FAULTS, Row, as_folder, as_zip, changed, example, faults_of, rows_of

ROWS = [(path.stem, row) for path in sorted(FAULTS.glob("*.txt")) for row in rows_of(path)]


@pytest.mark.parametrize("row", [row for _, row in ROWS], ids=[f"{stem}: {row.claim}" for stem, row in ROWS])
def test_a_fault_is_named_with_its_file_and_line(row: Row, tmp_path: Path) -> None:
    assert row.faults
    assert faults_of(as_folder(row.files(), tmp_path)) == row.faults


def test_every_row_claims_something_of_its_own() -> None:
    assert len(ROWS) > 500
    assert [claim for claim, n in Counter((stem, row.claim) for stem, row in ROWS).items() if n > 1] == []


def test_all_faults_come_at_once_sorted_by_file_and_line(tmp_path: Path) -> None:
    files = changed("study.yaml", "Europe/London", "EST")
    changed("study.yaml", "optional: true", "optional: yes", files)
    changed("study.yaml", "format: 1", "format: 2", files)
    changed("scripts/potoo.yaml", "hold: 20s", "hold: -20s", files)
    changed("instruments/scenes_4.yaml", "sd: 3.0", "sd: 0", files)
    places = [fault.rpartition(": ")[0].split(": ")[0] for fault in faults_of(as_folder(files, tmp_path))]
    assert places == [
        "instruments/scenes_4.yaml:34",
        "scripts/potoo.yaml:6",
        "study.yaml:1",
        "study.yaml:5",
        "study.yaml:38",
    ]


def test_a_zip_has_the_faults_of_its_folder(tmp_path: Path) -> None:
    files = changed("scripts/potoo.yaml", "hold: 20s", "hold: -20s")
    assert faults_of(as_zip(files, tmp_path / "s.zip")) == faults_of(as_folder(files, tmp_path / "s")) != []


# --- what does not parse takes what hangs on it along -----------------------------------------------------------------


def test_nothing_that_hangs_on_an_unreadable_study_is_reported(tmp_path: Path) -> None:
    files = changed("study.yaml", "slug: small-scenes", "slug: [small")
    del files["welcome.md"]
    assert faults_of(as_folder(files, tmp_path)) == [
        "study.yaml:3: is not YAML: expected ',' or ']', but got ':'",
    ]


def test_faults_of_other_files_stand_beside_an_unreadable_study(tmp_path: Path) -> None:
    files = changed("study.yaml", "slug: small-scenes", "slug: [small")
    changed("scripts/potoo.yaml", "hold: 20s", "hold: -20s", files)
    assert [fault.partition(": ")[0] for fault in faults_of(as_folder(files, tmp_path))] == [
        "scripts/potoo.yaml:6",
        "study.yaml:3",
    ]


def test_nothing_that_hangs_on_an_unreadable_instrument_is_reported(tmp_path: Path) -> None:
    files = changed("instruments/scenes_4.yaml", "id: scenes_4", "id: {scenes_4")
    faults = faults_of(as_folder(files, tmp_path))
    assert [fault.partition(": ")[0] for fault in faults] == ["instruments/scenes_4.yaml:2"]


def test_nothing_that_hangs_on_an_unreadable_script_is_reported(tmp_path: Path) -> None:
    files = changed("scripts/potoo.yaml", "slug: potoo", "\tslug: potoo")
    del files["media/potoo.png"]
    faults = faults_of(as_folder(files, tmp_path))
    assert [fault.partition(": ")[0] for fault in faults] == ["scripts/potoo.yaml:1"]


def test_an_anchor_on_a_step_with_a_faulty_id_is_not_reported_too(tmp_path: Path) -> None:
    files = changed("study.yaml", "{id: post,", "{id: Post,")
    faults = faults_of(as_folder(files, tmp_path))
    assert len(faults) == 1
    assert faults[0].startswith("study.yaml:37: id of step is 'Post'")


def test_texts_are_checked_for_no_language_while_the_languages_are_faulty(tmp_path: Path) -> None:
    files = changed("study.yaml", "languages: [en, de]", "languages: english")
    assert [fault.partition(": ")[0] for fault in faults_of(as_folder(files, tmp_path))] == ["study.yaml:4"]


def test_a_flood_of_faults_is_cut_off_and_says_so(tmp_path: Path) -> None:
    files = changed("study.yaml", "format: 1\n", "format: 1\n" + "".join(f"k{n}: 1\n" for n in range(2_000)))
    faults = faults_of(as_folder(files, tmp_path))
    assert len(faults) == 501
    assert faults[-1] == "study.yaml:502: has more than 500 faults; the others are not listed"


# --- what a careful reader might take for a fault ---------------------------------------------------------------------

SOUND = {
    "one wording for every language": (
        "study.yaml",
        'title: {en: "Small scenes: a pilot", de: "Kleine',
        'title: "Klein" # ',
    ),
    "reminders in any order": ("study.yaml", "remind: [0s, 3d]", "remind: [3d, 0s]"),
    "a negative duration in at": ("study.yaml", "post.due + 28d", "post.due + -1d"),
    "a minus in at": ("study.yaml", "post.due + 28d", "post.due - 1d"),
    "an anchor on completion": ("study.yaml", "post.due + 28d", "post + 28d"),
    "an anchor on a window's end": ("study.yaml", "post.due + 28d", "post.closed + 28d"),
    "after anchored on before": ("study.yaml", "allocation + 14d", "baseline.done + 14d"),
    "after anchored on consent": ("study.yaml", "allocation + 14d", "consent + 14d"),
    "a step without at": ("study.yaml", ', at: "s1 + 1d"', ""),
    "simple allocation": ("study.yaml", "method: blocks, blocks: [2, 4]", "method: simple"),
    "strata by an answer at the door": ("study.yaml", "by: [imagery]", "by: [heard, imagery]"),
    "bands in any order": ("study.yaml", "{none: [4, 4], dim: [5, 8]", "{dim: [5, 8], none: [4, 4]"),
    "bands with a gap": ("study.yaml", "dim: [5, 8]", "dim: [5, 7]"),
    "a fraction that may be missing": ("instruments/scenes_4.yaml", "allow: 1", "allow: 0.2"),
    "no word on missing answers": ("instruments/scenes_4.yaml", ", missing: {allow: 0, how: none}", ""),
    "a score of items and sections": ("instruments/scenes_4.yaml", "of: [harbour]", "of: [harbour, d1]"),
    "a scale by halves": ("instruments/scenes_4.yaml", "step: 1", "step: 0.5"),
    "a scale by tenths": ("instruments/scenes_4.yaml", "step: 1", "step: 0.1"),
    "a scale without step": ("instruments/scenes_4.yaml", "  step: 1\n", ""),
    "a stage that rests": ("scripts/potoo.yaml", "stages:\n", "stages:\n  - {rest: 0s}\n"),
    "a way to a stage by its place": (
        "scripts/potoo.yaml",
        "stages:\n",
        "stages:\n  - {choose: Which, options: [{label: On}, {label: Skip, goto: stage_3}]}\n",
    ),
}


@pytest.mark.parametrize("claim", SOUND)
def test_it_is_no_fault(claim: str, tmp_path: Path) -> None:
    assert faults_of(as_folder(changed(*SOUND[claim]), tmp_path)) == []


SOUND_OF_ALL_KINDS = {
    "a type that is the default": ("instruments/morning.yaml", "catch: 3", "type: scale, catch: 3"),
    "choices with signs and other scripts": (
        "instruments/morning.yaml",
        "[cup, plate], catch: cup",
        "['\"', \"'\", '#', 'a: b', '(', 'größer', '杯', 'or', '==', 'null', '1e3'], catch: 杯",
    ),
    "a choice that joins, in either quotes": ("instruments/morning.yaml", '== "and"', "== 'and'"),
    "a condition in all its forms": (
        "instruments/morning.yaml",
        "when: minutes > 30.5",
        "when: ((minutes>0 and minutes>=0)or(minutes<120)) and minutes<=120 and minutes!=30.5 and weight == -0.125",
    ),
    "the deepest parentheses": (
        "instruments/morning.yaml",
        "when: minutes > 30.5",
        f"when: {'(' * 20}minutes > 30.5{')' * 20}",
    ),
    "a scale asked to be past a point between two": (
        "instruments/morning.yaml",
        "when: minutes > 30.5",
        "when: clear > 2.5 or clear <= 0 or clear >= 4",
    ),
    "words compared with anything": (
        "instruments/morning.yaml",
        "when: day >= 2026-01-01",
        "when: words == '' or words != \"it's\" or words == 1e999",
    ),
    "a date compared with the ends": (
        "instruments/morning.yaml",
        "when: day >= 2026-01-01",
        "when: day == 2020-01-01 or day == 2030-12-31",
    ),
    "a choice called na where one can't say it": (
        "instruments/morning.yaml",
        "choices: [cup, plate]",
        "na: false, choices: [cup, na]",
    ),
    "a number that says that it is not reversed": ("instruments/morning.yaml", 'weigh?"', 'weigh?", reverse: false'),
    "an attention check that a score names itself": (
        "instruments/morning.yaml",
        "of: [clear, minutes, cups]",
        "of: [clear, minutes, cups, check]",
    ),
    "a scale as fine as a thousand points": (
        "instruments/morning.yaml",
        "catch: 3",
        "scale: {min: 0, max: 1, step: 0.001}, catch: 0.007",
    ),
    "thirds that a scale nearly makes": (
        "instruments/morning.yaml",
        "catch: 3",
        "scale: {min: 0, max: 1, step: 0.33333333}, catch: 0.66666666",
    ),
    "sections shuffled whose conditions stay within": (
        "instruments/scenes.yaml",
        "shuffle: items",
        "shuffle: sections",
    ),
    "a condition of a form's item on one that all get": (
        "instruments/scenes.yaml",
        "when: s1 < 5",
        "when: s1 < 5 and calm < 5",
    ),
    "a direction as of the instrument's scale, for what can't be turned round": (
        "instruments/morning.yaml",
        "of: [clear, minutes, cups], how: mean, direction: higher_is_more",
        "of: [kind, weight, minutes, cups], how: mean, direction: higher_is_less",
    ),
    "weights below zero": ("instruments/morning.yaml", "cups: -0.25", "cups: -1.25"),
    "a guess without confidence": ("study.yaml", ", confidence: belief.sure", ""),
    "feedback when one has completed": ("study.yaml", ", after: end}", "}"),
    "a baseline of no step": (
        "study.yaml",
        "baseline: [again, first]\noutcomes:\n",
        "baseline: []\noutcomes:\n",
    ),
}


@pytest.mark.parametrize("claim", SOUND_OF_ALL_KINDS)
def test_it_is_no_fault_of_an_instrument(claim: str, tmp_path: Path) -> None:
    assert faults_of(as_folder(changed(*SOUND_OF_ALL_KINDS[claim], example(ALL_KINDS)), tmp_path)) == []


def test_the_study_of_all_kinds_has_no_fault() -> None:
    assert faults_of(ALL_KINDS) == []


def test_nothing_that_hangs_on_a_faulty_item_is_reported(tmp_path: Path) -> None:
    """Whether `dream` is a choice, what conditions name, what scores count: nobody can tell any more."""
    files = changed(
        "instruments/morning.yaml", "type: choice, choices: [", "type: choise, choices: [", example(ALL_KINDS)
    )
    changed("instruments/morning.yaml", "senses == 1", "smells == 1", files)
    changed("instruments/morning.yaml", "missing: {allow: 0.2}", "weights: {dream: 2}", files)
    assert [fault.partition("; ")[0] for fault in faults_of(as_folder(files, tmp_path))] == [
        "instruments/morning.yaml:12: type of item 'dream' is 'choise'"
    ]


def test_nothing_that_hangs_on_a_faulty_id_is_reported(tmp_path: Path) -> None:
    files = changed("instruments/scenes.yaml", "id: calm", "id: Calm", example(ALL_KINDS))
    changed("instruments/scenes.yaml", "two: [street]", "two: [street, leed_in]", files)
    assert [fault.partition(" is ")[0] for fault in faults_of(as_folder(files, tmp_path))] == [
        "instruments/scenes.yaml:9: id of item"
    ]


def test_nothing_of_a_study_that_hangs_on_an_unreadable_instrument_is_reported(tmp_path: Path) -> None:
    files = changed("instruments/scenes.yaml", "id: scenes", "id: [scenes", example(ALL_KINDS))
    changed("instruments/belief.yaml", "id: belief", "id: [belief", files)
    assert [fault.partition(": ")[0] for fault in faults_of(as_folder(files, tmp_path))] == [
        "instruments/belief.yaml:2",
        "instruments/scenes.yaml:2",
    ]


def test_a_consent_form_that_requires_nothing_is_a_fault(tmp_path: Path) -> None:
    files = example()
    files["study.yaml"] = files["study.yaml"].replace(b"required: true", b"required: false")
    assert faults_of(as_folder(files, tmp_path)) == [
        "study.yaml:15: no statement is required; expected at least one without which nobody takes part"
    ]


def test_one_id_in_two_arms_is_one_timepoint_that_after_may_anchor_on(tmp_path: Path) -> None:
    steps = '    steps:\n      - {id: s2, do: session, script: potoo, at: "allocation + 1d"}'
    files = changed("study.yaml", "    steps: []", steps)
    changed("study.yaml", "allocation + 14d", "s2 + 14d", files)
    assert faults_of(as_folder(files, tmp_path)) == []


def test_closed_needs_a_window_in_every_arm(tmp_path: Path) -> None:
    steps = '    steps:\n      - {id: s2, do: session, script: potoo, at: "allocation + 1d"}'
    files = changed("study.yaml", "    steps: []", steps)
    changed("study.yaml", "allocation + 14d", "s2.closed + 14d", files)
    assert faults_of(as_folder(files, tmp_path)) == [
        "study.yaml:38: at is 's2.closed + 14d'; 's2' has no window, so it has no .closed"
    ]


def test_a_cohort_needs_neither_arms_nor_allocation(tmp_path: Path) -> None:
    files = example()
    study = files["study.yaml"].decode()
    start, end = study.index("allocation:"), study.index("after:")
    files["study.yaml"] = (study[:start] + study[end:].replace("allocation + 14d", "baseline + 14d")).encode()
    assert faults_of(as_folder(files, tmp_path)) == []


def test_only_what_is_required_need_be_there(tmp_path: Path) -> None:
    files = {
        "study.yaml": b"format: 1\nslug: s\ntitle: T\nlanguages: [no]\ntimezone: UTC\ncontact: c\nsummary: w.md\n"
        b"consent: {version: a, text: w.md, statements: [{id: s, text: T}]}\n",
        "w.md": b"Welcome",
    }
    assert faults_of(as_folder(files, tmp_path)) == []


def test_ids_with_underscores_may_not_make_two_columns_of_one_name(tmp_path: Path) -> None:
    files = changed("study.yaml", "    steps: []", "    steps:\n      - {id: x, do: assess, instruments: [y__z]}")
    changed(
        "study.yaml", "id: day28, do: assess, instruments: [scenes_4]", "id: x__y, do: assess, instruments: [z]", files
    )
    scenes = files["instruments/scenes_4.yaml"]
    files["instruments/y__z.yaml"] = scenes.replace(b"id: scenes_4", b"id: y__z")
    files["instruments/z.yaml"] = scenes.replace(b"id: scenes_4", b"id: z")
    assert faults_of(as_folder(files, tmp_path)) == [
        "study.yaml:39: x__y.z.total and x.y__z.total would share the column x__y__z__total; rename one",
        "study.yaml:39: x__y.z.harbour and x.y__z.harbour would share the column x__y__z__harbour; rename one",
    ]
