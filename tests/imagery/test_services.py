"""Sessions as they are begun and gone through, and what changes when somebody changes their mind."""

from __future__ import annotations

import pytest

from coaching.models import Occasion
from imagery.models import (
    Drawing,
    Rating,
    Report,
    SessionRun,
    StageVisit,
)
from imagery.selectors import Refusal, Session
from imagery.services import DECLINED, PASSED, Chosen, Given, Rated, Reported, Timing
from imagery.services.pictures import path_of
from tests import world
from tests.imagery.rounds import (
    DAY,
    FILES,
    MINUTE,
    SLOWLY,
    T0,
    begin,
    drawn,
    everything,
    give,
    go,
    leads,
    line,
    ratings,
    run,
    someone,
)

pytestmark = pytest.mark.django_db


# --- beginning -------------------------------------------------------------------------------------------------------


def test_beginning_makes_the_first_attempt_and_shows_its_first_stage() -> None:
    person = someone()
    begun = begin(person, at=T0 + MINUTE)
    assert isinstance(begun, Session)
    one = run(person)
    assert (one.attempt, one.script, one.script_version, one.language) == (1, "night-bird", 1, "en")
    assert (one.stage, one.status, one.started_at, one.closed_at) == ("stage_1", "started", T0 + MINUTE, None)
    visit = one.visits.get()
    assert (visit.stage, visit.kind, visit.place, visit.entered_at) == ("stage_1", "say", 1, T0 + MINUTE)
    assert (visit.quiet_planned_ms, visit.quiet_actual_ms, visit.left_at) == (20_000, None, None)
    assert world.occasion(person, "first").started_at == T0 + MINUTE


def test_beginning_twice_is_beginning_once() -> None:
    person = someone()
    begin(person)
    begin(person, at=T0 + MINUTE)
    assert (SessionRun.objects.count(), run(person).started_at) == (1, T0)


def test_beginning_again_makes_the_next_attempt_and_keeps_the_first() -> None:
    person = someone()
    go(person, until="words")
    begin(person, at=T0 + DAY, again=1)
    assert list(SessionRun.objects.order_by("attempt").values_list("attempt", "status", "stage", "closed_at")) == [
        (1, "started", "words", T0 + DAY),
        (2, "started", "stage_1", None),
    ]
    assert ratings(person) == {"clear": ("answered", 0), "road": ("answered", 1), "easy": ("answered", 3)}
    assert run(person, attempt=2).ratings.count() == 0
    give(person, "stage_1", at=T0 + DAY)
    give(person, "clear", Rated(90), at=T0 + DAY)
    assert run(person).ratings.get(stage="clear").value == 0
    assert run(person, attempt=2).ratings.get(stage="clear").value == 90


def test_a_second_press_of_begin_again_begins_nothing() -> None:
    person = someone()
    go(person, until="words")
    begin(person, at=T0 + DAY, again=1)
    begin(person, at=T0 + DAY, again=1)
    give(person, "stage_1", at=T0 + DAY)
    begin(person, at=T0 + DAY, again=1)  # the first press, once more, after a lost connection
    assert SessionRun.objects.count() == 2
    begin(person, at=T0 + DAY, again=2)
    assert SessionRun.objects.count() == 3


def test_an_attempt_that_has_not_moved_is_not_begun_again() -> None:
    person = someone()
    begin(person)
    begin(person, again=1)
    assert SessionRun.objects.count() == 1


def test_a_session_names_the_first_study_version_that_had_its_content() -> None:
    world.publish(FILES, now=T0)
    world.publish(world.edited({"title: Rounds": "title: Other rounds"}, FILES), now=T0)
    changed = world.edited({"Pink mouth.": "Pink inside."}, FILES, "scripts/night-bird.yaml")
    old = world.consented(world.publish(world.edited({"title: Rounds": "title: Third"}, FILES), now=T0), T0)
    new = world.consented(world.publish(changed, now=T0), T0)
    begin(old)
    begin(new)
    assert (run(old).script_version, run(new).script_version) == (1, 4)


# --- going on --------------------------------------------------------------------------------------------------------


def test_each_stage_leads_to_the_next_and_the_last_completes_session_and_occasion() -> None:
    person = someone()
    begin(person)
    at = T0
    outcomes = []
    for stage in SLOWLY:
        at += MINUTE
        outcomes.append(leads(give(person, stage, at=at)))
    assert outcomes == [*list(SLOWLY)[1:], None]
    one = run(person)
    assert (one.status, one.stage, one.completed_at, one.closed_at) == ("completed", "", at, at)
    occasion = world.occasion(person, "first")
    assert (occasion.state, occasion.settled_at) == (Occasion.State.DONE, at)


def test_a_stage_is_entered_when_the_post_before_it_was_stored() -> None:
    person = someone()
    go(person)
    visits = list(run(person).visits.order_by("place"))
    assert [visit.stage for visit in visits] == list(SLOWLY)
    assert visits[0].entered_at == T0
    assert all(later.entered_at == earlier.left_at for earlier, later in zip(visits, visits[1:], strict=False))
    assert Rating.objects.get(stage="easy").shown_at == T0 + 4 * MINUTE


def test_what_was_given_is_stored_as_it_was_given() -> None:
    person = someone()
    go(person)
    assert ratings(person) == {
        "clear": ("answered", 0),
        "road": ("answered", 1),
        "easy": ("answered", 3),
        "match": ("answered", 4),
    }
    kinds = Rating.objects.order_by("place").values_list("kind", "scale_min", "scale_max", "place")
    assert list(kinds) == [
        ("vividness", 0, 100, 2),
        ("choice", None, None, 3),
        ("ease", 1, 5, 5),
        ("compare", 0, 10, 11),
    ]
    before, after = Report.objects.order_by("place")
    assert (before.text, before.words, before.language, before.after_reveal) == ("nothing at all came", 4, "en", False)
    assert (after.text, after.words, after.after_reveal) == ("", 0, True)
    drawing = Drawing.objects.get()
    assert (drawing.status, drawing.words, drawing.condition, drawing.file) == ("words", "a dark shape", "imagery", "")


def test_the_least_end_and_declining_are_two_things() -> None:
    person = someone()
    go(person, until="clear")
    give(person, "clear", DECLINED)
    assert ratings(person)["clear"] == ("declined", None)
    other = someone()
    go(other, until="road")
    assert ratings(other)["clear"] == ("answered", 0)


def test_what_a_choice_jumps_over_is_neither_shown_nor_a_row() -> None:
    person = someone()
    go(person, until="road")
    assert leads(give(person, "road", Chosen(2))) == "words"
    assert give(person, "easy") is Refusal.ELSEWHERE
    for stage in ("words", "sketch", "stage_9", "photo", "match", "after"):
        give(person, stage)
    assert run(person).status == "completed"
    assert set(ratings(person)) == {"clear", "road", "match"}
    assert not StageVisit.objects.filter(stage__in=["stage_4", "easy", "stage_6"]).exists()


def test_a_stage_that_was_not_reached_takes_nothing() -> None:
    person = someone()
    assert give(person, "clear") is Refusal.ELSEWHERE
    begin(person)
    assert give(person, "clear") is Refusal.ELSEWHERE
    assert (Rating.objects.count(), StageVisit.objects.count()) == (0, 1)


def test_the_page_of_an_attempt_that_was_left_says_nothing_about_the_next() -> None:
    person = someone()
    go(person, until="road")
    begin(person, at=T0 + DAY, again=1)
    give(person, "stage_1", at=T0 + DAY)
    assert give(person, "clear", Rated(7), at=T0 + DAY, attempt=1) is Refusal.ELSEWHERE
    assert not run(person, attempt=2).ratings.exists()
    assert run(person).ratings.get(stage="clear").value == 0


@pytest.mark.parametrize(
    ("stage", "given"),
    [
        ("clear", Rated(101)),
        ("clear", Rated(0.5)),
        ("clear", Rated(float("nan"))),
        ("clear", PASSED),
        ("clear", Chosen(1)),
        ("clear", Reported("words")),
        ("stage_1", Rated(1)),
        ("stage_1", DECLINED),
        ("road", Chosen(3)),
        ("road", Chosen(0)),
        ("road", DECLINED),
        ("nowhere", PASSED),
    ],
)
def test_what_can_not_be_given_there_is_refused_before_anything_is_stored(stage: str, given: Given) -> None:
    person = someone()
    go(person, until="road")
    before = everything()
    with pytest.raises(ValueError, match=stage):
        give(person, stage, given)
    assert everything() == before


# --- changing one's mind ---------------------------------------------------------------------------------------------


def test_the_last_rating_stands_and_earlier_different_ones_are_kept() -> None:
    person = someone()
    go(person, until="easy")
    give(person, "clear", Rated(40), at=T0 + 9 * MINUTE, timing=Timing(response_time_ms=900))
    give(person, "clear", DECLINED, at=T0 + 10 * MINUTE)
    rating = Rating.objects.get(stage="clear")
    assert (rating.status, rating.value, rating.changes) == ("declined", None, 2)
    assert (rating.answered_at, rating.response_time_ms) == (T0 + 10 * MINUTE, None)
    history = rating.revisions.order_by("pk").values_list("status", "value", "response_time_ms", "replaced_at")
    assert list(history) == [
        ("answered", 0, None, T0 + 9 * MINUTE),
        ("answered", 40, 900, T0 + 10 * MINUTE),
    ]
    assert run(person).stage == "easy"


def test_a_repeat_neither_counts_nor_moves_the_time_and_leads_where_it_led() -> None:
    person = someone()
    go(person, until="sketch")
    before = everything()
    for stage in ("stage_1", "clear", "road", "stage_4", "easy", "stage_6", "words"):
        following = list(SLOWLY)[list(SLOWLY).index(stage) + 1]
        assert leads(give(person, stage, at=T0 + DAY)) == following, stage
    assert everything() == before
    assert Rating.objects.get(stage="clear").answered_at == T0 + 2 * MINUTE
    assert run(person).stage == "sketch"


def test_the_last_wording_stands_and_earlier_ones_are_kept() -> None:
    person = someone()
    go(person, until="sketch")
    give(person, "words", Reported(" a round\r\nshape \n"), at=T0 + 30 * MINUTE)
    report = Report.objects.get(stage="words")
    assert (report.text, report.words, report.written_at) == ("a round\nshape", 3, T0 + 30 * MINUTE)
    earlier = report.revisions.get()
    assert (earlier.text, earlier.written_at) == ("nothing at all came", T0 + 7 * MINUTE)
    assert earlier.replaced_at == T0 + 30 * MINUTE


def test_a_choice_that_is_changed_leads_by_its_new_way_and_keeps_what_was_given_on_the_old() -> None:
    person = someone()
    go(person, until="sketch")
    assert leads(give(person, "road", Chosen(2))) == "words"
    assert run(person).stage == "sketch"
    assert give(person, "easy", Rated(5)) is Refusal.ELSEWHERE
    assert ratings(person)["easy"] == ("answered", 3)


def test_whoever_changes_to_a_longer_way_goes_it_before_the_session_is_completed() -> None:
    person = someone()
    go(person, until="road")
    give(person, "road", Chosen(2))
    give(person, "words")
    assert leads(give(person, "road", Chosen(1))) == "stage_4"
    assert (run(person).stage, Rating.objects.get(stage="road").changes) == ("stage_4", 1)
    for stage, following in (("stage_4", "easy"), ("easy", "stage_6"), ("stage_6", "words"), ("words", "sketch")):
        assert leads(give(person, stage)) == following
    assert run(person).stage == "sketch"


def test_the_last_stage_leads_back_to_what_was_left_out() -> None:
    files = world.edited({"goto: words": "goto: after"}, FILES, "scripts/night-bird.yaml")
    person = world.consented(world.publish(files, now=T0), T0)
    go(person, until="road")
    assert leads(give(person, "road", Chosen(2))) == "after"
    give(person, "road", Chosen(1))  # in another tab
    assert leads(give(person, "after")) == "stage_4"
    assert run(person).status == "started"


def test_nothing_given_before_a_picture_changes_once_it_was_shown() -> None:
    person = someone()
    go(person, until="photo")
    before = everything()
    changed: dict[str, Given] = {
        "clear": Rated(80),
        "road": Chosen(2),
        "easy": DECLINED,
        "words": Reported("It was a bird."),
        "sketch": drawn(words="a bird"),
    }
    for stage, given in changed.items():
        assert give(person, stage, given, at=T0 + DAY) is Refusal.SEALED, stage
    assert everything() == before
    assert ratings(person)["clear"] == ("answered", 0)
    # What says the same as before still leads where it led, and what comes after the picture can be given.
    assert leads(give(person, "clear", at=T0 + DAY)) == "road"
    assert leads(give(person, "stage_1", at=T0 + DAY)) == "clear"
    for stage in ("photo", "match"):
        give(person, stage, at=T0 + DAY)
    give(person, "match", Rated(9), at=T0 + DAY)
    assert ratings(person)["match"] == ("answered", 9)


# --- drawings --------------------------------------------------------------------------------------------------------


def test_a_drawing_that_is_replaced_is_kept_beside_the_one_that_stands() -> None:
    person = someone()
    go(person, until="sketch")
    give(person, "sketch", drawn(line(100)), at=T0 + MINUTE)
    first = Drawing.objects.get()
    assert (first.status, first.stroke_count, first.saved_at) == ("drawn", 1, T0 + MINUTE)
    give(person, "sketch", drawn(line(200)), at=T0 + 2 * MINUTE)
    now = Drawing.objects.get()
    earlier = now.revisions.get()
    assert (earlier.strokes, earlier.file) == (first.strokes, first.file)
    assert now.file != first.file
    assert path_of(first.file).exists()
    assert path_of(now.file).exists()


def test_the_same_drawing_again_leaves_no_second_file(django_capture_on_commit_callbacks: object) -> None:
    person = someone()
    go(person, until="sketch")
    give(person, "sketch", drawn(line(100)), at=T0)
    kept = Drawing.objects.get().file
    again = drawn(line(100))
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        assert leads(give(person, "sketch", again, at=T0 + MINUTE)) == "stage_9"
    assert (Drawing.objects.get().file, Drawing.objects.get().saved_at) == (kept, T0)
    assert not path_of(again.kept.file).exists()


def test_a_drawing_that_is_refused_leaves_no_file(django_capture_on_commit_callbacks: object) -> None:
    person = someone()
    go(person, until="photo")
    late = drawn(line(100))
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        assert give(person, "sketch", late) is Refusal.SEALED
    assert not path_of(late.kept.file).exists()


def test_passing_leaves_a_drawing_that_is_there_and_words_go_beside_it() -> None:
    person = someone()
    go(person, until="sketch")
    give(person, "sketch", drawn(line(100)))
    give(person, "sketch", drawn(reason="nothing_came"))
    assert Drawing.objects.get().status == "drawn"
    give(person, "sketch", drawn(words="dark"))
    drawing = Drawing.objects.get()
    assert (drawing.status, drawing.words, drawing.stroke_count) == ("drawn", "dark", 1)


def test_nothing_given_is_a_skip_for_the_reason_that_was_chosen() -> None:
    for reason, stored in (("nothing_came", "nothing_came"), ("", "rather_not"), ("because", "rather_not")):
        person = someone()
        go(person, until="sketch")
        give(person, "sketch", drawn(reason=reason))
        drawing = Drawing.objects.get(run=run(person))
        assert (drawing.status, drawing.reason, drawing.file) == ("skipped", stored, "")


# --- time ------------------------------------------------------------------------------------------------------------


def test_how_the_time_was_kept_is_stored_with_the_stage_the_first_time_through() -> None:
    person = someone()
    begin(person)
    kept = Timing(quiet_ms=24_500, longer_ms=15_000, pauses=2, paused_ms=8_000, hidden_ms=1_200)
    give(person, "stage_1", timing=kept)
    give(person, "stage_1", timing=Timing(quiet_ms=1))
    visit = StageVisit.objects.get(stage="stage_1")
    assert (visit.quiet_actual_ms, visit.longer_ms) == (24_500, 15_000)
    assert (visit.pauses, visit.paused_ms, visit.hidden_ms) == (2, 8_000, 1_200)


def test_time_that_nobody_measured_is_null_and_not_nought() -> None:
    person = someone()
    go(person, until="clear")
    visit = StageVisit.objects.get(stage="stage_1")
    assert [visit.quiet_actual_ms, visit.longer_ms, visit.pauses, visit.paused_ms, visit.hidden_ms] == [None] * 5
