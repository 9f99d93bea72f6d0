"""A file has the same bytes whether the database writes its values, as PostgreSQL does, or Python, as for SQLite."""

from __future__ import annotations

import datetime as dt
import io
import random
import uuid
from collections.abc import Iterator
from itertools import count, cycle
from typing import Any, TypeVar

import pyarrow.parquet as pq
import pytest
from django.db import connection
from django.db.models import Model

from assessments.models import Administration, Answer, ArmGuess, ChangeJudgement, SchemeBand, ScoreRow
from coaching.models import AdverseEvent, Enrolment, Message, Occasion, Payment, SafetyAlert, SafetyReport, Study
from imagery.models import Drawing, Rating, Report, SessionEvent, SessionRun, StageVisit
from research import stream
from research.catalogue import tables
from research.filters import Filters
from research.models import QualityDecision
from research.stream import file_blocks
from research.writers import FORMATS
from research.writers.copying import IN_TEXT
from research.writers.values import CSV_VALUES, FORMULA_STARTS
from tests import world

pytestmark = pytest.mark.django_db(transaction=True)

Some = TypeVar("Some", bound=Model)

NOON = dt.datetime(2027, 3, 14, 12, tzinfo=dt.UTC)
# No two alike, and none longer than the shortest column: they also stand where a key is.
TEXTS = (
    *("plain", "", " ", " spaced ", "a,b", ",", 'say "so"', '"', '""', '"quoted"', "'", "''", "'=1"),
    *("\\.", "\\", "\\n", "\\N", "\\.\n", "null", "NULL", "true", "1e5", "{0}", "%s", "%%"),
    *("a\nb", "a\rb", "a\r\nb", "b\n", "b\r", "\ta", "a\t", "\x0b\x0c", "\x01\x7f", "\u2028", "\ufeffa", "\u200b="),
    *("ünï", "e\u0301", "漢字", "🦉" * 6, "\U0010fffd", "ﷺ"),
    *(f"{start}1+1" for start in FORMULA_STARTS),
    *FORMULA_STARTS,
)
WIDEST = 2**53
NUMBERS = (
    *(0.0, -0.0, 1.0, -1.0, 3.5, -2.5, 100.0, 0.1, 0.2 + 0.1, 1 / 3, -1 / 3, 123_456.789),
    *(1e-4, 1e-5, 1.5e-5, 1e-7, -1e-7, 5e-324, 2.2250738585072014e-308),
    *(1e14, 999_999_999_999_999.9, 1e15, -1e15, 1_234_567_890_123_456.5, -4_503_599_627_370_497.5),
    *(float(WIDEST - 1), float(WIDEST), float(-WIDEST), float(WIDEST + 2), 9_999_999_999_999_998.0, -9.2e15),
    *(1e16, -1e16, 1.2345678901234567e17, 1e21, 1e22, 1e100, -1e300, 1.7976931348623157e308),
    None,
)
TIMES = (
    *(NOON, NOON + dt.timedelta(microseconds=1), NOON + dt.timedelta(microseconds=999)),
    *(NOON + dt.timedelta(microseconds=n) for n in (1_000, 123_456, 999_499, 999_500, 999_999)),
    *(dt.datetime(2028, 2, 29, 23, 59, 59, 999_999, dt.UTC), dt.datetime(1970, 1, 1, tzinfo=dt.UTC)),
    *(dt.datetime(1969, 12, 31, 23, 59, 59, 999_999, dt.UTC), dt.datetime(1969, 7, 20, 20, 17, 40, 1_500, dt.UTC)),
    *(dt.datetime(1883, 11, 18, 12, 3, 58, 700, dt.UTC), dt.datetime(2199, 1, 1, 0, 0, 0, 7, dt.UTC)),
)
WHOLE = (0, 1, 7, 2_147_483_647, None)


def copies(base: Some, **columns: Any) -> list[Some]:
    """As many rows like `base` as there are nasty texts; `columns` are what each of them has of its own, in turn."""
    turns = {name: cycle(values) for name, values in columns.items()}
    rows = []
    for _ in TEXTS:
        fields = {field.attname: getattr(base, field.attname) for field in base._meta.concrete_fields}
        rows.append(type(base)(**{**fields, "id": None, **{name: next(turn) for name, turn in turns.items()}}))
    type(base)._default_manager.bulk_create(rows)
    return rows


def answered(number: float | None) -> str:
    return "declined" if number is None else "answered"


@pytest.fixture
def study() -> Study:
    """A study with rows in every dataset that hold the nastiest of everything that their columns can."""
    version = world.example()
    person = world.consented(version, NOON)
    statuses = [answered(number) for number in NUMBERS]
    people = copies(
        person,
        pseudonym=(f"P{n:06}" for n in count()),
        screening_id=[None],
        timezone=TEXTS,
        language=TEXTS,
        arm=TEXTS,
        allocated_at=TIMES,
        consented_at=TIMES[::-1],
        completed_at=[None, *TIMES],
        withdrawn_at=[None, None, *TIMES],
        synthetic=[True, False],
        groups=[{"imagery": text} for text in TEXTS],
    )
    new_ids = (uuid.uuid4() for _ in count())
    occasions = copies(world.occasion(person, "baseline"), enrolment_id=[each.pk for each in people], public_id=new_ids)
    base = Administration.objects.create(
        occasion=world.occasion(person, "baseline"), instrument="scenes_4", instrument_version=1, place=0
    )
    administrations = copies(
        base, occasion_id=[each.pk for each in occasions], closed_at=TIMES, started_at=TIMES, finished_at=[None]
    )
    copies(
        Answer(administration=base, item="", position=1),
        item=TEXTS,
        value=NUMBERS,
        status=statuses,
        answered_at=[*TIMES, None],
        response_time_ms=WHOLE,
        language=TEXTS[::-1],
    )
    score = ScoreRow(administration=base, enrolment=person, items_answered=1, items_missing=0, prorated=True)
    for name in ("total", "harbour"):
        copies(
            score,
            administration_id=[each.pk for each in administrations],
            enrolment_id=[each.pk for each in people],
            score=[name],
            value=NUMBERS,
            change=NUMBERS[::-1],
            reliable_change=NUMBERS[5:],
            band=TEXTS,
            reliable_change_verdict=TEXTS[::-1],
            prorated=[True, False, False],
        )
    row = ScoreRow.objects.filter(score="total").order_by("pk")[0]
    ordinals = [f"s{n}" for n in range(len(TEXTS))]
    copies(SchemeBand(score=row), scheme=ordinals, scheme_version=TEXTS, band=TEXTS[::-1])
    copies(
        ChangeJudgement(score=row),
        method=ordinals,
        reference=TEXTS,
        expected=[number or 0.0 for number in NUMBERS],
        standard_error=NUMBERS,
        index=NUMBERS[::-1],
        threshold=NUMBERS[3:],
        verdict=TEXTS[::-1],
        one_sided=[True, False],
    )
    copies(
        ArmGuess(enrolment=person, role="coach", made_at=NOON),
        guess=TEXTS,
        confidence=[0, 7, None],
        reason=TEXTS[::-1],
        made_at=TIMES,
    )
    numbered = (n for n in count(100))
    copies(
        Message(enrolment=person, kind="reminder", state="sent", n=0, due_at=NOON),
        n=numbered,
        key=new_ids,
        timepoint=TEXTS,
        due_at=TIMES,
        sent_at=TIMES[::-1],
        attempts=WHOLE[:4],
    )
    copies(
        Payment(enrolment=person, cents=1, due_at=NOON),
        timepoint=TEXTS,
        currency=["EUR", "", "=1", '"'],
        cents=[0, 1, 250, 33, 2_147_483_647],
        due_at=TIMES,
        approved_at=TIMES,
        paid_at=[None, *TIMES],
        reference=TEXTS[::-1],
    )
    copies(
        SafetyReport(enrolment=person, made_at=NOON),
        key=(uuid.uuid4() for _ in count()),
        screen=TEXTS,
        kind=TEXTS[::-1],
        text=[text * 50 for text in TEXTS],
        wants_contact=[True, False, None],
        made_at=TIMES,
        seen_at=[None, *TIMES],
    )
    copies(
        SafetyAlert(enrolment=person, raised_at=NOON, look_by=NOON),
        occasion_id=[each.pk for each in occasions],
        rule=[text[:24] for text in TEXTS],
        raised_at=TIMES,
        look_by=TIMES[::-1],
        paused=[True, False],
        level=[0, 1, 7],
        seen_at=[None, *TIMES],
        done=TEXTS[::-1],
    )
    copies(
        AdverseEvent(enrolment=person, number=1, severity="mild", serious=False, expected=False, made_at=NOON),
        number=count(1),
        key=(uuid.uuid4() for _ in count()),
        term=TEXTS,
        onset_on=[each.date() for each in TIMES],
        severity=["mild", "severe"],
        serious=[True, False, False],
        relatedness=["possible", "unrelated"],
        expected=[False, True],
        action=["none", "paused"],
        outcome=["unknown", "recovered"],
        resolved_on=[None, *(each.date() for each in TIMES)],
        reason=TEXTS[::-1],
        made_at=TIMES,
    )
    copies(
        QualityDecision(enrolment=person, rule_version=1, decision="ask", by=world.staff(version.study)),
        rule=TEXTS,
        timepoint=TEXTS[::-1],
        part=TEXTS,
        reason=TEXTS[::-1],
        decided_at=TIMES,
    )
    _sessions(person)
    return version.study


def _sessions(person: Enrolment) -> None:
    occasion = Occasion.objects.create(
        enrolment=person, key="s1", kind="session", place=9, state="open", opens_at=NOON, due_at=NOON
    )
    run = SessionRun.objects.create(occasion=occasion, attempt=1, script="potoo", script_version=1, started_at=NOON)
    runs = copies(
        run,
        attempt=(n for n in count(2)),
        script=TEXTS,
        language=TEXTS[::-1],
        started_at=TIMES,
        completed_at=TIMES[::-1],
        status=["completed"],
    )
    for stage in ("one", "two"):
        copies(
            StageVisit(run=run, stage=stage, kind="say", place=1, entered_at=NOON),
            run_id=[each.pk for each in runs],
            quiet_planned_ms=[0, 1, 60_000, 123_457],
            quiet_actual_ms=[None, 1, 33_333],
            longer_ms=WHOLE,
            pauses=WHOLE,
            hidden_ms=[None],
        )
    # Of the session's own script: what the dose counts.
    copies(
        StageVisit(run=run, stage="", kind="say", place=1, entered_at=NOON),
        stage=(f"s{n}" for n in count()),
        left_at=[NOON + dt.timedelta(microseconds=n) for n in (0, 1, 333_333, 59_999_999, 10**12)],
        quiet_planned_ms=[0, 1, 60_000, 2_147_483_647],
        quiet_actual_ms=WHOLE,
        audio_ms=WHOLE,
        audio_heard_ms=[None, 3],
        hidden_ms=WHOLE,
        pauses=WHOLE,
    )
    copies(
        SessionEvent(run=run, seq=1, happened_at=NOON, received_at=NOON),
        event_id=(uuid.uuid4() for _ in count()),
        seq=(0, 1, 2**53 - 1),
        type=TEXTS,
        stage=TEXTS[::-1],
        state=TEXTS,
        t_mono_ms=NUMBERS,
        happened_at=TIMES,
        tz_offset_min=[-720, 0, None],
        clock_offset_ms=[-2_147_483_647, 0, None],
        payload=TEXTS[::-1],
        received_at=TIMES[::-1],
    )
    copies(
        Rating(run=run, place=1),
        stage=TEXTS,
        kind=TEXTS[::-1],
        value=NUMBERS,
        status=[answered(number) for number in NUMBERS],
        scale_min=NUMBERS[3:],
        scale_max=NUMBERS[::-1],
        shown_at=TIMES,
        answered_at=[None, *TIMES],
    )
    copies(
        Report(run=run, place=1, words=1),
        stage=TEXTS,
        text=[text * 50 for text in TEXTS],
        language=TEXTS[::-1],
        after_reveal=[True, False, False],
        written_at=TIMES,
    )
    copies(
        Drawing(run=run, place=1, status="words"),
        stage=TEXTS,
        condition=["imagery", "", "=1"],
        words=TEXTS,
        file=TEXTS,
        reason=["rather_not", ""],
        width=WHOLE,
        ink_fraction=NUMBERS,
        duration_s=NUMBERS[::-1],
        saved_at=TIMES,
    )


def by_python(study: Study, dataset: str, file_format: str) -> bytes:
    """The file as it is made where the database can't write its values."""
    table = tables(study)[dataset]
    batches = stream._batches(stream._tuples(table, stream.rows_of(table, study)).query)
    return b"".join(FORMATS[file_format].writer.blocks(table.columns, batches))


def file(study: Study, dataset: str, file_format: str, filters: Filters | None = None) -> bytes:
    return b"".join(file_blocks(tables(study)[dataset], study, FORMATS[file_format], filters or Filters()))


def test_every_dataset_has_the_same_bytes_however_it_is_written(study: Study) -> None:
    for dataset in tables(study):
        found, expected = file(study, dataset, "csv"), by_python(study, dataset, "csv")
        assert found.count(b"\n") > len(TEXTS), dataset
        assert found.splitlines() == expected.splitlines(), dataset
        assert found == expected, dataset


def test_every_dataset_has_the_same_values_in_parquet_however_it_is_written(study: Study) -> None:
    for dataset in tables(study):
        found, expected = (
            pq.read_table(io.BytesIO(content))
            for content in (file(study, dataset, "parquet"), by_python(study, dataset, "parquet"))
        )
        assert found.num_rows >= len(TEXTS), dataset
        assert found.schema.equals(expected.schema, check_metadata=True), dataset
        assert found.equals(expected), dataset


def test_the_bytes_are_these_on_every_database(study: Study) -> None:
    first = Answer.objects.order_by("pk").values_list("pk", flat=True)[0]
    given: list[dict[str, Any]] = [
        {"item": "=1", "value": 1e-7, "answered_at": TIMES[7], "language": "", "response_time_ms": None},
        {"item": '"', "value": 1e16, "answered_at": None, "language": "-", "response_time_ms": 0},
        {"item": "\\.", "value": -3.0, "answered_at": TIMES[10], "language": "a,\r\nb", "response_time_ms": 12},
        {"item": "", "value": 0.1, "answered_at": TIMES[11], "language": "＠", "response_time_ms": 12},
    ]
    Answer.objects.filter(pk__gte=first + len(given)).delete()
    for n, values in enumerate(given):
        Answer.objects.filter(pk=first + n).update(status="answered", **{"changes": 2, "position": n, **values})
    [pseudonym] = Enrolment.objects.filter(screening__isnull=False).values_list("pseudonym", flat=True)
    ahead = f"{pseudonym},small-scenes,,baseline,scenes_4,1"
    assert file(study, "responses", "csv").decode() == (
        "participant,study,arm,timepoint,instrument,instrument_version,item,value,status,answered_at,"
        "response_time_ms,changes,position,language,synthetic,form,eyes,imported\n"
        f"{ahead},'=1,1e-07,answered,2027-03-14T12:00:00.999Z,,2,0,,false,,,false\n"
        f'{ahead},"""",1e+16,answered,,0,2,1,\'-,false,,,false\n'
        f'{ahead},\\.,-3,answered,1969-12-31T23:59:59.999Z,12,2,2,"a,\r\nb",false,,,false\n'
        f'{ahead},"",0.1,answered,1969-07-20T20:17:40.001Z,12,2,3,\'＠,false,,,false\n'
    )


def numbers() -> Iterator[float]:
    """Numbers of every size up to 2^54, among them many that have a short name."""
    generator = random.Random(7)
    for _ in range(20_000):
        sign, size = generator.choice((1, -1)), generator.uniform(-320, 16.25)
        yield sign * 10**size
        yield sign * round(generator.uniform(0, 10_000), generator.randint(0, 6))
        yield sign * generator.randint(0, 2**54) / generator.choice((1, 2, 4, 8))


def test_the_database_writes_numbers_as_python_does() -> None:
    if connection.vendor != "postgresql":
        assert file(world.tiny().study, "responses", "csv")
        return
    given = [number for number in numbers() if abs(number) < 2**54]
    written = IN_TEXT["number"].format("given.number")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {written} FROM unnest(%s::float8[]) WITH ORDINALITY AS given (number, place) ORDER BY place",
            [given],
        )
        found = [text for (text,) in cursor.fetchall()]
    assert found == [CSV_VALUES["number"](number) for number in given]


def test_a_filter_that_nothing_can_meet_leaves_a_header(study: Study) -> None:
    table = tables(study)["scores"]
    nobody = Filters({"participant": "nobody"})
    never = Filters({}, since=NOON, until=NOON - dt.timedelta(days=1))
    for filters in (nobody, never):
        assert file(study, "scores", "csv", filters).decode().split(",")[-1] == f"{table.columns[-1].name}\n"
        assert pq.read_table(io.BytesIO(file(study, "scores", "parquet", filters))).num_rows == 0
