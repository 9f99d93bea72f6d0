"""What a window that closed undone leaves, the scores and changes that follow from answers, and erasing."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import F

from assessments import services
from assessments.models import Administration, Answer, AnswerRevision, ScoreRow
from assessments.services import SKIPPED
from coaching.models import Enrolment, Measure, Occasion
from coaching.services import people
from config.tick import turn
from tests import world
from tests.assessments import kinds
from tests.assessments.papers import (
    DAY,
    FILES,
    MINUTE,
    T0,
    at_hand,
    fill,
    give,
    scored,
    someone,
    statuses,
)

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
def test_a_close_tells_what_nobody_would_have_been_asked_from_what_was_not_reached(settings: Any) -> None:
    person = kinds.someone(settings)
    browser = world.browser_of(person)
    kinds.post(browser, person, "always", "no_later")
    kinds.post(browser, person, "since", "2010-05-06")
    kinds.post(browser, person, "how", "A fall.")
    kinds.post(browser, person, "always", "unsure")
    people.withdraw(enrolment=person, choice="keep", by="participant", now=kinds.NOW)

    turn(now=kinds.NOW)

    found = statuses(person)
    assert {item: found[item] for item in kinds.ABOUT} == {
        "age": "not_reached",
        "always": "answered",
        "since": "not_due",
        "how": "not_due",
        "ways": "not_reached",
        "pets": "not_reached",
        "share": "not_reached",
        "name": "not_reached",
        "prior": "not_reached",
        "hours": "not_reached",  # whether it would have come, nobody knows
    }
    since = Answer.objects.get(item="since")
    assert (since.text, since.answered_at, since.changes) == ("", None, 1)
    assert sorted(AnswerRevision.objects.filter(answer__item__in=("since", "how")).values_list("text", flat=True)) == [
        "2010-05-06",
        "A fall.",
    ]
    sheet = Administration.objects.get(occasion__key="first", instrument="pictures")
    assert sheet.started_at is None
    others = {"a": {"r1", "r2", "r3"}, "b": {"s1", "s2", "s3"}}[sheet.form]
    assert {item for item in kinds.PICTURES if found[item] == "not_due"} == others


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
    services.close_occasion(at_hand(person, "second"), T0 + 12 * DAY)
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
