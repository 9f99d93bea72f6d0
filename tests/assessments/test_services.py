"""Answers as they are taken and kept, and how a questionnaire is finished."""

from __future__ import annotations

import pytest

from assessments import services
from assessments.models import Administration, Answer, AnswerRevision, ScoreRow
from assessments.ordering import item_order, order_seed
from assessments.points import chosen_point, is_point, point_count
from assessments.selectors import Refusal, next_place, question
from assessments.services import CLEARED, DECLINED, NOT_APPLICABLE, SKIPPED, Given, Taken
from coaching.models import Enrolment, Measure, Occasion
from coaching.selectors.studies import declared
from coaching.services import people
from config.tick import turn
from protocol.instrument import Scale
from tests import world
from tests.assessments.papers import (
    DAY,
    FILES,
    MINUTE,
    SHORT,
    T0,
    at_hand,
    fill,
    give,
    leads,
    scored,
    someone,
    statuses,
    stored,
)

# --- the points of a scale -------------------------------------------------------------------------------------------


def test_only_points_of_the_scale_can_be_chosen() -> None:
    halves = Scale(0, 2, 0.5, "higher_is_more")
    assert [chosen_point(halves, text) for text in ("0", "0.5", "1.50", " 2 ")] == [0, 0.5, 1.5, 2]
    for text in ("", "0.25", "2.5", "-1", "nan", "inf", "1e0", "1_0", "٣", "0x1", "one", "1,5", "1 2", "9" * 400):
        assert chosen_point(halves, text) is None, text
    tenths = Scale(-1, 1, 0.1, "higher_is_more")
    assert all(is_point(tenths, point) for point in tenths.points)
    assert not is_point(tenths, 0.15)
    assert not is_point(tenths, float("nan"))
    assert (point_count(halves), point_count(tenths)) == (5, 21)


# --- taking answers --------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_first_answer_begins_every_questionnaire_of_the_step_and_nothing_before_does() -> None:
    person = someone()
    occasion = world.occasion(person, "first")
    assert question(person, occasion.public_id, "short", 1) is not None
    assert next_place(at_hand(person, "first")) == ("short", 1)
    assert not Administration.objects.exists()
    give(person, 1, 3, at=T0 + MINUTE)
    begun = Administration.objects.order_by("place")
    assert [(a.instrument, a.instrument_version, a.place) for a in begun] == [("short", 1, 0), ("wide", 1, 1)]
    assert [(a.started_at, a.language) for a in begun] == [(T0 + MINUTE, "en"), (None, "")]
    assert world.occasion(person, "first").started_at == T0 + MINUTE


@pytest.mark.django_db
def test_the_order_is_fixed_for_a_person_and_timepoint_and_positions_follow_it() -> None:
    shuffled = {**FILES, "instruments/short.yaml": SHORT + "shuffle: items\n"}
    person = world.consented(world.publish(shuffled, now=T0), T0)
    assert person.version is not None
    instrument = declared(person.version).instruments["short"]
    order = item_order(instrument, order_seed(person.pseudonym, "first", "short"))
    for position in (1, 2, 3):
        give(person, position, 2)
    assert Administration.objects.get(instrument="short").order == list(order)
    rows = Answer.objects.filter(administration__instrument="short").order_by("position")
    assert tuple(rows.values_list("item", flat=True)) == order
    assert tuple(rows.values_list("position", flat=True)) == (1, 2, 3)


@pytest.mark.django_db
def test_a_questionnaire_names_the_first_study_version_that_had_its_content() -> None:
    world.publish(FILES, now=T0)
    world.publish(world.edited({"title: Papers": "title: Other papers"}, FILES), now=T0)
    changed = world.edited({"The birds in the trees": "The birds above"}, FILES, "instruments/short.yaml")
    person = world.consented(world.publish(world.edited({"title: Papers": "title: Third"}, changed), now=T0), T0)
    give(person, 1, 3)
    versions = dict(Administration.objects.values_list("instrument", "instrument_version"))
    assert versions == {"short": 3, "wide": 1}


@pytest.mark.django_db
def test_the_last_answer_stands_and_earlier_different_ones_are_kept() -> None:
    person = someone()
    give(person, 1, 3, at=T0, response_time_ms=1500)
    give(person, 1, 4, at=T0 + MINUTE, response_time_ms=700)
    give(person, 1, DECLINED, at=T0 + 2 * MINUTE)
    answer = stored(person, "path")
    assert (answer.status, answer.value, answer.changes) == ("declined", None, 2)
    assert (answer.answered_at, answer.response_time_ms) == (T0 + 2 * MINUTE, None)
    history = answer.revisions.order_by("pk").values_list("status", "value", "answered_at", "response_time_ms")
    assert list(history) == [("answered", 3, T0, 1500), ("answered", 4, T0 + MINUTE, 700)]
    replaced = answer.revisions.order_by("pk").values_list("replaced_at", flat=True)
    assert list(replaced) == [T0 + MINUTE, T0 + 2 * MINUTE]


@pytest.mark.django_db
def test_a_repeat_neither_counts_nor_moves_the_time() -> None:
    person = someone()
    give(person, 1, 3, at=T0, response_time_ms=1500)
    give(person, 1, 3, at=T0 + MINUTE, response_time_ms=10)
    answer = stored(person, "path")
    assert (answer.changes, answer.answered_at, answer.response_time_ms) == (0, T0, 1500)
    assert not AnswerRevision.objects.exists()


@pytest.mark.django_db
def test_going_back_to_an_earlier_answer_is_two_changes() -> None:
    person = someone()
    for value in (3, 4, 3):
        give(person, 1, value)
    answer = stored(person, "path")
    assert (answer.value, answer.changes, answer.revisions.count()) == (3, 2, 2)


@pytest.mark.django_db
def test_passing_an_optional_item_is_skipped_but_leaves_an_answer_that_is_there() -> None:
    person = someone()
    fill(person, 3, 3)
    give(person, 3, SKIPPED)
    assert statuses(person)["birds"] == "skipped"
    other = someone()
    fill(other, 3)
    give(other, 3, 5)
    outcome = give(other, 3, SKIPPED)
    assert isinstance(outcome, Taken)
    assert (stored(other, "birds").value, stored(other, "birds").changes) == (5, 0)


@pytest.mark.django_db
def test_clearing_an_optional_item_takes_its_answer_back_into_its_history() -> None:
    person = someone()
    fill(person, 3)
    give(person, 3, 5)
    for at in (T0, T0 + MINUTE):
        assert isinstance(give(person, 3, CLEARED, at=at), Taken)
    row = stored(person, "birds")
    assert (row.status, row.value, row.changes, row.answered_at) == ("skipped", None, 1, T0)
    assert AnswerRevision.objects.get(answer=row).value == 5
    give(person, 3, DECLINED)
    give(person, 3, CLEARED)
    assert stored(person, "birds").status == "declined"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("position", "given"),
    [
        (1, Given("answered", 6)),
        (1, Given("answered", 2.5)),
        (1, Given("answered", float("nan"))),
        (1, Given("answered")),
        (1, Given("declined", 3)),
        (1, SKIPPED),
        (1, CLEARED),
        (1, NOT_APPLICABLE),
        (1, Given("answered", 3, "3")),
        (1, Given("answered", text="3")),
        (1, Given("not_applicable", 3)),
        (0, Given("answered", 3)),
        (4, Given("answered", 3)),
    ],
)
def test_what_is_no_answer_to_the_item_is_refused_before_anything_is_stored(position: int, given: Given) -> None:
    person = someone()
    with pytest.raises(ValueError, match="short|path"):
        give(person, position, given)
    assert not Administration.objects.exists()


@pytest.mark.django_db
def test_a_questionnaire_of_another_step_is_refused() -> None:
    with pytest.raises(ValueError, match="second does not ask for wide"):
        give(someone(), 1, 3, step="second", instrument="wide", at=T0 + 8 * DAY)


# --- a script's saves ------------------------------------------------------------------------------------------------


def _autosave(person: Enrolment, value: float, revision: int, *, position: int = 1) -> Taken | Refusal:
    return services.autosave(
        occasion=world.occasion(person, "first"),
        instrument="short",
        position=position,
        given=Given("answered", value),
        now=T0,
        revision=revision,
        language="en",
    )


@pytest.mark.django_db
def test_a_save_that_was_overtaken_on_its_way_changes_nothing() -> None:
    person = someone()
    assert isinstance(_autosave(person, 2, 6), Taken)
    assert isinstance(_autosave(person, 4, 7), Taken)
    assert _autosave(person, 2, 6) is Refusal.STALE
    assert _autosave(person, 5, 7) is Refusal.STALE
    answer = stored(person, "path")
    assert (answer.value, answer.changes, answer.revision) == (4, 1, 7)


@pytest.mark.django_db
def test_a_repeated_save_is_no_change_however_late() -> None:
    person = someone()
    _autosave(person, 4, 7)
    assert isinstance(_autosave(person, 4, 7), Taken)
    assert isinstance(_autosave(person, 4, 3), Taken)
    assert stored(person, "path").changes == 0


@pytest.mark.django_db
def test_a_late_save_does_not_undo_the_post_that_followed_it() -> None:
    person = someone()
    _autosave(person, 2, 6)
    give(person, 1, 5, revision=8)
    assert _autosave(person, 2, 7) is Refusal.STALE
    assert stored(person, "path").value == 5


@pytest.mark.django_db
def test_a_post_stands_whatever_a_script_saved_before() -> None:
    person = someone()
    _autosave(person, 2, 600)
    give(person, 1, 5)
    assert (stored(person, "path").value, stored(person, "path").revision) == (5, 600)


@pytest.mark.django_db
def test_a_save_of_the_last_item_does_not_finish_a_questionnaire() -> None:
    person = someone()
    fill(person, 3, 3)
    assert isinstance(_autosave(person, 3, 1, position=3), Taken)
    assert Administration.objects.get(instrument="short").finished_at is None
    assert next_place(at_hand(person, "first")) == ("short", 3)
    assert not ScoreRow.objects.exists()


# --- finishing -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_last_post_finishes_and_the_last_questionnaire_completes_the_step() -> None:
    person = someone()
    fill(person, 2, 4, 5, at=T0 + MINUTE)
    short = Administration.objects.get(instrument="short")
    assert (short.finished_at, short.closed_at) == (T0 + MINUTE, T0 + MINUTE)
    assert world.occasion(person, "first").state == Occasion.State.OPEN
    assert next_place(at_hand(person, "first")) == ("wide", 1)
    fill(person, 40, 1.5, at=T0 + 2 * MINUTE, instrument="wide")
    occasion = world.occasion(person, "first")
    assert (occasion.state, occasion.settled_at) == (Occasion.State.DONE, T0 + 2 * MINUTE)
    assert next_place(at_hand(person, "first")) is None


@pytest.mark.django_db
def test_questionnaires_may_be_finished_in_either_order() -> None:
    person = someone()
    fill(person, 40, 1.5, instrument="wide")
    assert world.occasion(person, "first").state == Occasion.State.OPEN
    fill(person, 2, 4, 5)
    assert world.occasion(person, "first").state == Occasion.State.DONE


@pytest.mark.django_db
def test_whoever_jumped_over_an_item_is_led_to_it_and_has_not_finished() -> None:
    person = someone()
    give(person, 1, 3)
    outcome = give(person, 3, 3)
    assert isinstance(outcome, Taken)
    assert outcome.leads_to == 2
    assert Administration.objects.get(instrument="short").finished_at is None
    assert [leads(give(person, n, 3)) for n in (2, 3)] == [3, None]
    assert Administration.objects.get(instrument="short").finished_at == T0


@pytest.mark.django_db
def test_declined_and_skipped_items_finish_a_questionnaire_too() -> None:
    person = someone()
    fill(person, DECLINED, DECLINED, SKIPPED)
    assert Administration.objects.get(instrument="short").finished_at == T0
    row = scored(person)
    assert (row.value, row.items_answered, row.items_missing, row.band) == (None, 0, 3, "")


@pytest.mark.django_db
def test_scores_and_measures_are_there_when_the_questionnaire_is_finished() -> None:
    person = someone()
    fill(person, 2, 4, SKIPPED)  # fog is reversed: 6 - 4
    total, walk = scored(person), scored(person, "walk")
    assert (total.value, total.items_answered, total.items_missing, total.prorated) == (6, 2, 1, True)
    assert (total.band, walk.value, walk.prorated) == ("low", 2, False)
    measures = Measure.objects.filter(enrolment=person).values_list("timepoint", "instrument", "score", "value")
    assert sorted(measures) == [("first", "short", "total", 6), ("first", "short", "walk", 2)]


@pytest.mark.django_db
def test_allocation_reads_the_score_that_was_recorded_in_the_same_transaction() -> None:
    person = world.consented(world.example(), T0)
    for position in (1, 2, 3, 4):
        give(person, position, 5, step="baseline", instrument="scenes_4")
    person = world.fresh(person)
    assert person.groups == {"imagery": "vivid"}
    assert person.arm in {"sessions", "questions"}


@pytest.mark.django_db
def test_after_the_finish_nothing_is_stored_and_a_repeat_leads_where_it_led() -> None:
    person = someone()
    fill(person, 2, 4, 5)
    assert [leads(give(person, n, value)) for n, value in ((1, 2), (2, 4), (3, 5))] == [2, 3, None]
    assert give(person, 1, 3) is Refusal.FINISHED
    assert give(person, 3, DECLINED) is Refusal.FINISHED
    fill(person, 40, 1.5, instrument="wide")
    assert leads(give(person, 3, 5)) is None
    assert give(person, 3, 1) is Refusal.FINISHED
    assert give(person, 2, 1.5, instrument="wide", at=T0 + DAY) == Taken(stored(person, "half"), None)
    assert stored(person, "birds").value == 5
    assert not AnswerRevision.objects.exists()


# --- not open --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_before_the_window_and_after_it_nothing_is_stored() -> None:
    person = someone()
    opens = world.occasion(person, "second").opens_at
    closes = world.occasion(person, "second").closes_at
    assert opens is not None
    assert closes is not None
    tick = MINUTE / 60
    assert give(person, 1, 3, step="second", at=opens - tick) is Refusal.NOT_OPEN
    assert isinstance(give(person, 1, 3, step="second", at=opens), Taken)
    assert isinstance(give(person, 2, 3, step="second", at=closes - tick), Taken)
    assert give(person, 3, 3, step="second", at=closes) is Refusal.CLOSED  # the tick has not been here yet
    turn(now=closes)
    assert give(person, 3, 3, step="second", at=closes) is Refusal.CLOSED
    assert leads(give(person, 2, 3, step="second", at=closes)) == 3
    assert statuses(person, "second") == {"path": "answered", "fog": "answered", "birds": "not_reached"}


@pytest.mark.django_db
def test_a_request_that_began_in_time_but_waited_past_the_close_is_refused() -> None:
    person = someone()
    closes = world.occasion(person, "second").closes_at
    assert closes is not None
    turn(now=closes)
    assert give(person, 1, 3, step="second", at=closes - MINUTE) is Refusal.CLOSED


@pytest.mark.django_db
def test_someone_paused_or_gone_is_asked_nothing() -> None:
    person = someone()
    give(person, 1, 3)
    people.pause(enrolment=person, by="participant", now=T0)
    assert give(person, 2, 3) is Refusal.AWAY
    assert give(person, 1, 3) is Refusal.AWAY
    people.resume(enrolment=person, by="participant", now=T0)
    assert isinstance(give(person, 2, 3), Taken)
    people.withdraw(enrolment=person, choice="keep", by="participant", now=T0)
    assert give(person, 3, 3) is Refusal.AWAY
    assert statuses(person) == {"path": "answered", "fog": "answered"}
