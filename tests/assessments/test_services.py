"""Answers as they are taken, kept and closed, and the scores that follow from them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connections
from django.db.models import F

from assessments import services
from assessments.models import Administration, Answer, AnswerRevision, ScoreRow
from assessments.ordering import item_order, order_seed
from assessments.points import chosen_point, is_point, point_count
from assessments.selectors import Refusal, next_place, sheet
from assessments.services import DECLINED, SKIPPED, Given, Taken
from coaching.models import Enrolment, Measure, Occasion
from coaching.selectors.studies import declared
from coaching.services import people
from config.tick import turn
from protocol.study import Scale
from tests import world
from tests.assessments.papers import (
    DAY,
    FILES,
    MINUTE,
    SHORT,
    T0,
    fill,
    give,
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
    assert sheet(person, occasion.public_id, "short") is not None
    assert next_place(_at_hand(person, "first")) == ("short", 1)
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
@pytest.mark.parametrize(
    ("position", "given"),
    [
        (1, Given("answered", 6)),
        (1, Given("answered", 2.5)),
        (1, Given("answered", float("nan"))),
        (1, Given("answered")),
        (1, Given("declined", 3)),
        (1, SKIPPED),
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
    assert next_place(_at_hand(person, "first")) == ("short", 3)
    assert not ScoreRow.objects.exists()


# --- finishing -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_last_post_finishes_and_the_last_questionnaire_completes_the_step() -> None:
    person = someone()
    fill(person, 2, 4, 5, at=T0 + MINUTE)
    short = Administration.objects.get(instrument="short")
    assert (short.finished_at, short.closed_at) == (T0 + MINUTE, T0 + MINUTE)
    assert world.occasion(person, "first").state == Occasion.State.OPEN
    assert next_place(_at_hand(person, "first")) == ("wide", 1)
    fill(person, 40, 1.5, at=T0 + 2 * MINUTE, instrument="wide")
    occasion = world.occasion(person, "first")
    assert (occasion.state, occasion.settled_at) == (Occasion.State.DONE, T0 + 2 * MINUTE)
    assert next_place(_at_hand(person, "first")) is None


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
    assert [_leads(give(person, n, 3)) for n in (2, 3)] == [3, None]
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
    assert [_leads(give(person, n, value)) for n, value in ((1, 2), (2, 4), (3, 5))] == [2, 3, None]
    assert give(person, 1, 3) is Refusal.FINISHED
    assert give(person, 3, DECLINED) is Refusal.FINISHED
    fill(person, 40, 1.5, instrument="wide")
    assert _leads(give(person, 3, 5)) is None
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
    assert _leads(give(person, 2, 3, step="second", at=closes)) == 3
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


# --- closing ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_window_that_closes_leaves_a_row_for_every_item_never_begun_questionnaires_included() -> None:
    person = someone()
    fill(person, 2, 4, at=T0 + 14 * DAY, step="third")
    late = T0 + 18 * DAY
    turn(now=late)
    assert statuses(person, "third") == {
        "path": "answered",
        "fog": "answered",
        "birds": "not_reached",
        "line": "not_reached",
        "half": "not_reached",
    }
    missed = Answer.objects.get(administration__occasion__key="third", item="line")
    assert (missed.value, missed.answered_at, missed.response_time_ms, missed.position) == (None, None, None, 1)
    rows = Administration.objects.filter(occasion__key="third").order_by("place")
    assert [(a.finished_at, a.closed_at, a.language) for a in rows] == [(None, late, "en"), (None, late, "")]
    assert (scored(person, step="third").value, scored(person, step="third").prorated) == (6, True)
    assert scored(person, "line", "third").value is None
    assert statuses(person, "second") == dict.fromkeys(("path", "fog", "birds"), "not_reached")


@pytest.mark.django_db
def test_nothing_answered_is_null_whatever_may_be_missing() -> None:
    lenient = world.edited({"allow: 1": "allow: 3"}, FILES, "instruments/short.yaml")
    person = world.consented(world.publish(lenient, now=T0), T0)
    turn(now=T0 + 11 * DAY)
    row = scored(person, step="second")
    assert (row.value, row.items_answered, row.items_missing, row.prorated) == (None, 0, 3, False)
    assert Measure.objects.get(enrolment=person, timepoint="second", score="total").value is None


@pytest.mark.django_db
def test_closing_twice_is_closing_once() -> None:
    person = someone()
    turn(now=T0 + 11 * DAY)
    before = _everything(person)
    services.close_occasion(_at_hand(person, "second"), T0 + 12 * DAY)
    turn(now=T0 + 12 * DAY)
    assert _everything(person) == before


@pytest.mark.django_db
def test_a_finished_questionnaire_of_a_step_that_closes_undone_stays_as_it_was() -> None:
    person = someone()
    fill(person, 2, 4, 5, at=T0 + 14 * DAY, step="third")
    before = scored(person, step="third").pk
    turn(now=T0 + 18 * DAY)
    short = Administration.objects.get(occasion__key="third", instrument="short")
    assert (short.finished_at, short.closed_at) == (T0 + 14 * DAY, T0 + 14 * DAY)
    assert scored(person, step="third").pk == before
    assert world.occasion(person, "third").state == Occasion.State.MISSED


@pytest.mark.django_db
def test_what_someone_had_begun_before_leaving_is_closed_by_the_next_tick() -> None:
    person = someone()
    give(person, 1, 2)
    people.withdraw(enrolment=person, choice="keep", by="participant", now=T0)
    turn(now=T0 + MINUTE)
    assert set(statuses(person).values()) == {"answered", "not_reached"}
    assert len(statuses(person)) == 5
    assert scored(person).value is None
    assert not Administration.objects.filter(occasion__key="second").exists()


# --- change ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_change_is_measured_from_the_first_timepoint_in_the_studys_order_that_has_a_value() -> None:
    person = someone()
    fill(person, 1, 5, 1, at=T0 + 7 * DAY, step="second")  # 1 + 1 + 1
    assert (scored(person, step="second").change, scored(person, step="second").reliable_change_verdict) == (None, "")
    fill(person, 5, 1, 5, at=T0 + 14 * DAY, step="third")  # 5 + 5 + 5
    kept = scored(person, step="third").pk
    assert scored(person, step="third").change == 12
    assert scored(person, step="third").reliable_change == 6  # 12 / (2 * sqrt(2 * 0.5))
    fill(person, 4, 2, 4, at=T0 + 15 * DAY)  # 4 + 4 + 4, of the timepoint that comes first
    assert scored(person).change is None
    assert [scored(person, step=step).change for step in ("second", "third")] == [-9, 3]
    verdicts = [scored(person, step=step).reliable_change_verdict for step in ("first", "second", "third")]
    assert verdicts == ["", "decreased", "no_reliable_change"]
    assert scored(person, step="third").pk == kept
    assert scored(person, "walk", "third").change == 1
    assert scored(person, "walk", "third").reliable_change is None  # no retest norm of that score


@pytest.mark.django_db
def test_one_persons_change_is_not_anothers() -> None:
    one, other = someone(), someone()
    fill(one, 1, 5, 1)
    fill(other, 5, 1, 5)
    assert (scored(one).change, scored(other).change) == (None, None)


@pytest.mark.django_db
def test_every_score_can_be_made_again_from_the_answers() -> None:
    person = someone()
    fill(person, 4, 2, 4)
    fill(person, 40, 1.5, instrument="wide")
    turn(now=T0 + 11 * DAY)
    fill(person, 5, 1, SKIPPED, at=T0 + 14 * DAY, step="third")
    before = _everything(person)
    assert len(before["scores"]) == 7
    rows = ScoreRow.objects.filter(enrolment=person)
    rows.update(value=99, items_answered=F("items_answered") + 1, prorated=True, band="x", change=9, reliable_change=9)
    Measure.objects.filter(enrolment=person, score="total").update(value=99)
    rows.filter(score="walk").delete()
    assert services.recompute(enrolment=person, now=T0 + 20 * DAY) == 4
    after = _everything(person)
    assert [row[1:] for row in after["scores"]] == [row[1:] for row in before["scores"]]
    assert after["measures"] == before["measures"]
    kept = {row[0] for row in before["scores"]} & {row[0] for row in after["scores"]}
    assert len(kept) == 4  # what was there was updated in place


# --- erasing ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_erasing_one_person_leaves_nothing_of_them_and_everything_of_others() -> None:
    gone, stays = someone(), someone()
    for person in (gone, stays):
        fill(person, 3, 4, 5)
        give(person, 1, 30, instrument="wide")
        give(person, 1, 31, instrument="wide")
    before = _everything(stays)
    services.erase_person(gone)
    assert _everything(gone) == {"answers": [], "history": [], "scores": [], "measures": before["measures"]}
    assert not Administration.objects.filter(occasion__enrolment=gone).exists()
    assert _everything(stays) == before


# --- at the same time ------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_many_equal_submits_at_once_are_one_answer_and_lead_to_one_place() -> None:
    person = someone()
    outcomes = _at_once([lambda: give(person, 1, 3)] * 12)
    assert {_leads(outcome) for outcome in outcomes} == {2}
    assert Answer.objects.count() == 1
    assert Administration.objects.count() == 2
    assert (stored(person, "path").changes, AnswerRevision.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_many_last_submits_at_once_are_one_completion() -> None:
    person = world.consented(world.example(), T0)
    for position in (1, 2, 3):
        give(person, position, 5, step="baseline", instrument="scenes_4")
    outcomes = _at_once([lambda: give(person, 4, 5, step="baseline", instrument="scenes_4")] * 12)
    assert {_leads(outcome) for outcome in outcomes} == {None}
    assert ScoreRow.objects.filter(enrolment=person).count() == 2
    assert world.fresh(person).allocation_slot.list.slots.filter(taken_at__isnull=False).count() == 1


@pytest.mark.django_db(transaction=True)
def test_different_answers_at_once_all_leave_their_trace() -> None:
    person = someone()
    _at_once([lambda value=value: give(person, 1, value) for value in (1, 2, 3, 4, 5)])
    answer = stored(person, "path")
    assert answer.changes == answer.revisions.count() == 4
    seen = {answer.value, *answer.revisions.values_list("value", flat=True)}
    assert seen == {1, 2, 3, 4, 5}


@pytest.mark.django_db(transaction=True)
def test_different_items_in_two_tabs_merge() -> None:
    person = someone()
    _at_once([lambda: give(person, 1, 2), lambda: give(person, 2, 4), lambda: give(person, 1, 40, instrument="wide")])
    assert statuses(person) == {"path": "answered", "fog": "answered", "line": "answered"}


@pytest.mark.django_db(transaction=True)
def test_a_tick_and_an_answer_at_the_close_never_leave_an_item_without_its_one_row() -> None:
    person = someone()
    closes = world.occasion(person, "second").closes_at
    assert closes is not None
    fill(person, 2, 4, at=closes - MINUTE, step="second")
    in_time = closes - MINUTE
    _at_once([lambda: give(person, 3, 5, step="second", at=in_time), lambda: turn(now=closes)])
    occasion = world.occasion(person, "second")
    closed = Administration.objects.get(occasion=occasion)
    rows = statuses(person, "second")
    if occasion.state == Occasion.State.DONE:
        assert (rows["birds"], closed.finished_at) == ("answered", in_time)
    else:
        assert (rows["birds"], closed.finished_at, closed.closed_at) == ("not_reached", None, closes)
    assert len(rows) == 3
    assert ScoreRow.objects.filter(administration=closed).count() == 2


# --- how the claims are read -----------------------------------------------------------------------------------------


def _at_once(acts: list[Callable[[], object]]) -> list[object]:
    """The outcomes of acts that all begin at the same moment, each on a connection of its own."""
    barrier = threading.Barrier(len(acts))
    outcomes: list[object] = [None] * len(acts)

    def run(place: int, act: Callable[[], object]) -> None:
        try:
            barrier.wait(timeout=20)
            outcomes[place] = act()
        except Exception as problem:  # shown by the assertion that reads the outcome
            outcomes[place] = problem
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair, name=str(uuid4())) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    problems = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert problems == []
    return outcomes


def _leads(outcome: object) -> int | None:
    assert isinstance(outcome, Taken), outcome
    return outcome.leads_to


def _at_hand(person: Enrolment, step: str) -> Occasion:
    occasion = world.occasion(person, step)
    occasion.enrolment = world.fresh(person)
    return occasion


def _everything(person: Enrolment) -> dict[str, list[tuple[object, ...]]]:
    """All rows of a person, in a fixed order; the first column of a score is its key."""
    of_person = Answer.objects.filter(administration__occasion__enrolment=person).order_by("pk")
    history = AnswerRevision.objects.filter(answer__in=of_person).order_by("pk")
    scores = ScoreRow.objects.filter(enrolment=person)
    return {
        "answers": list(of_person.values_list("pk", "item", "status", "value", "changes", "answered_at")),
        "history": list(history.values_list("answer", "value", "status")),
        "scores": list(
            scores.order_by("administration__occasion__place", "administration__place", "score").values_list(
                "pk",
                "administration",
                "score",
                "value",
                "items_answered",
                "items_missing",
                "prorated",
                "band",
                "change",
                "reliable_change",
                "reliable_change_verdict",
            )
        ),
        "measures": list(
            Measure.objects.filter(enrolment=person)
            .order_by("timepoint", "instrument", "score")
            .values_list("timepoint", "instrument", "score", "value")
        ),
    }
