"""The shapes of the API's answers, as its own description (OpenAPI) tells of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rest_framework import serializers

from assessments.said_tables import GUESSES, JUDGEMENTS, SCHEME_BANDS
from assessments.tables import SCORES, of_every_kind
from coaching.models import Study
from coaching.payment_tables import PAYMENTS
from coaching.safety_tables import ADVERSE_EVENTS, SAFETY_ALERTS
from coaching.tables import ARM, FOLLOWUPS, PARTICIPANT, SAFETY_REPORTS, STUDY, SYNTHETIC, columns
from imagery.tables import TABLES as OF_SESSIONS
from imagery.tables.dose import columns as columns_of_dose
from protocol.columns import Column, Kind
from research.flags import DECISIONS

_JSON_TYPES: Mapping[Kind, dict[str, Any]] = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "time": {"type": "string", "format": "date-time"},
    "scalar": {"type": ["number", "string"]},
}
_SAID = (SCHEME_BANDS, JUDGEMENTS, GUESSES)
_LINK = {"type": ["string", "null"], "format": "uri"}


def row_schema(described: Iterable[Column]) -> dict[str, Any]:
    """The JSON Schema of a row with these columns; further columns may follow."""
    return {
        "type": "object",
        "properties": {column.name: _property(column) for column in described},
        "required": [column.name for column in described],
        "additionalProperties": True,
    }


_OF_PEOPLE = (FOLLOWUPS, PAYMENTS, SAFETY_REPORTS, SAFETY_ALERTS, ADVERSE_EVENTS)


def page_schema() -> dict[str, Any]:
    """The JSON Schema of a page of rows of any dataset, by the columns that every study has."""
    datasets = {
        "participants": columns({}),
        "responses": of_every_kind().columns,
        "wide": (PARTICIPANT, STUDY, ARM, SYNTHETIC),
        "dose": columns_of_dose({}),
        **{table.name: table.columns for table in (SCORES, *_SAID, *OF_SESSIONS, *_OF_PEOPLE, DECISIONS)},
    }
    rows = [{"title": name, **row_schema(described)} for name, described in datasets.items()]
    return {
        "type": "object",
        "properties": {
            "next": {**_LINK, "description": "The address of the next page; null on the last."},
            "previous": {**_LINK, "description": "The address of the page before; null on the first."},
            "results": {"type": "array", "items": {"anyOf": rows}},
        },
        "required": ["next", "previous", "results"],
    }


def _property(column: Column) -> dict[str, Any]:
    described: dict[str, Any] = {**_JSON_TYPES[column.kind], "description": column.means}
    if column.nullable:
        types = described["type"] if isinstance(described["type"], list) else [described["type"]]
        described["type"] = [*types, "null"]
    if column.levels:
        described["enum"] = [*column.levels, *([None] if column.nullable else [])]
    return described


class FaultSerializer(serializers.Serializer[Any]):
    """One thing wrong in a request."""

    where = serializers.CharField()
    found = serializers.CharField()
    expected = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """An error (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = FaultSerializer(many=True)  # type: ignore[assignment]


class RootSerializer(serializers.Serializer[Any]):
    """Where to go on."""

    studies = serializers.URLField()
    schema = serializers.URLField()
    docs = serializers.URLField()


class StudySerializer(serializers.Serializer[Any]):
    """A study as a token sees it."""

    slug = serializers.CharField()
    title = serializers.CharField(help_text="In the study's first language.")
    languages = serializers.ListField(child=serializers.CharField())
    timezone = serializers.CharField()
    version = serializers.IntegerField(help_text="The newest version, which newcomers consent to.")
    state = serializers.ChoiceField(Study.State.values, help_text="Where it stands in its life; open lets people in.")
    scopes = serializers.ListField(child=serializers.CharField(), help_text="What the token may read now.")
    url = serializers.URLField()
    datasets = serializers.URLField()
    codebook = serializers.URLField()
    flow = serializers.URLField()
    reliability = serializers.URLField()
    demand = serializers.URLField()
    tombstones = serializers.URLField()
    contacts = serializers.URLField()


class ColumnSerializer(serializers.Serializer[Any]):
    """A column of a dataset."""

    name = serializers.CharField()
    type = serializers.CharField(help_text="text, integer, number, boolean, time, or scalar (numbers and texts)")
    unit = serializers.CharField()
    description = serializers.CharField()
    values = serializers.ListField(
        child=serializers.CharField(), help_text="All that it can take; empty where they can't be listed."
    )
    source = serializers.CharField()  # type: ignore[assignment]
    identifying = serializers.BooleanField(help_text="Whether a person might be recognised by it; free texts count.")
    nullable = serializers.BooleanField()
    sensitivity = serializers.CharField(help_text="pseudonymous, identifying or free_text")


class DatasetSerializer(serializers.Serializer[Any]):
    """A dataset of the catalogue."""

    name = serializers.CharField()
    title = serializers.CharField()
    grain = serializers.CharField(help_text="What one row stands for.")
    rows = serializers.IntegerField()
    time = serializers.CharField(allow_null=True, help_text="The column that since and until mean.")
    columns = ColumnSerializer(many=True)


class CodebookSerializer(serializers.Serializer[Any]):
    """The catalogue, and what the study asks and scores."""

    study = serializers.CharField()
    title = serializers.CharField()
    versions = serializers.IntegerField()
    language = serializers.CharField()
    conventions = serializers.ListField(child=serializers.CharField())
    datasets = DatasetSerializer(many=True)
    timepoints = serializers.ListField(child=serializers.DictField())
    baseline = serializers.ListField(
        child=serializers.CharField(), help_text="Timepoints: change is measured against the first with a value."
    )
    outcomes = serializers.ListField(child=serializers.DictField())
    groups = serializers.ListField(child=serializers.DictField())
    instruments = serializers.ListField(child=serializers.DictField())
    scripts = serializers.ListField(child=serializers.DictField())


class ArmFlowSerializer(serializers.Serializer[Any]):
    """How many people of an arm stand where."""

    allocated = serializers.IntegerField()
    started = serializers.IntegerField(help_text="Began at least one step after allocation.")
    completed = serializers.IntegerField(help_text="No step is open or can still open, and they had not left.")
    missed = serializers.IntegerField(help_text="Missed at least one required step.")
    withdrawn = serializers.IntegerField()


class FlowSerializer(serializers.Serializer[Any]):
    """How many people stand where: `assessed` = the sum of `excluded` + `unfinished` + `consented`."""

    invited = serializers.IntegerField()
    assessed = serializers.IntegerField(help_text="Came to the door.")
    excluded = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="By the first question that was not met, or missed:STEP for people excluded after consent.",
    )
    unfinished = serializers.IntegerField(help_text="Began at the door and neither consented nor were excluded.")
    consented = serializers.IntegerField(help_text="Those excluded afterwards are not among them.")
    allocated = serializers.IntegerField()
    arms = serializers.DictField(child=ArmFlowSerializer())


_WHY = "Why it can't be computed, as a sentence; empty where it is."


class _ItemRestSerializer(serializers.Serializer[Any]):
    item = serializers.CharField()
    item_rest = serializers.FloatField(allow_null=True, help_text="Its correlation with the sum of the others.")


class _ReliableGroupSerializer(serializers.Serializer[Any]):
    by = serializers.CharField(help_text="Empty for everybody; arm, language, form, or band:SCHEME.")
    group = serializers.CharField(help_text="Which of them; empty for everybody, and where it is not known.")
    n = serializers.IntegerField(help_text="People with a value.")
    without_value = serializers.IntegerField()
    mean = serializers.FloatField(allow_null=True)
    sd = serializers.FloatField(allow_null=True, help_text="By n - 1.")
    at_least = serializers.IntegerField(allow_null=True, help_text="People at the least value that there is.")
    at_most = serializers.IntegerField(allow_null=True, help_text="People at the greatest.")
    with_all_items = serializers.IntegerField(help_text="People who answered every item: alpha and omega are theirs.")
    without_all_items = serializers.IntegerField()
    alpha = serializers.FloatField(allow_null=True)
    alpha_low = serializers.FloatField(allow_null=True, help_text="Feldt's 95 % interval.")
    alpha_high = serializers.FloatField(allow_null=True)
    alpha_standardised = serializers.FloatField(allow_null=True)
    omega = serializers.FloatField(allow_null=True, help_text="McDonald's, of one factor by minimum residuals.")
    sem = serializers.FloatField(allow_null=True, help_text="sd times the root of 1 - alpha.")
    items = _ItemRestSerializer(many=True)
    not_computable = serializers.CharField(help_text=_WHY)
    omega_not_computable = serializers.CharField(help_text=_WHY)


class _BandCountSerializer(serializers.Serializer[Any]):
    scheme = serializers.CharField(help_text="Empty for the questionnaire's own bands.")
    version = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    band = serializers.CharField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    n = serializers.IntegerField()


class _BinSerializer(serializers.Serializer[Any]):
    low = serializers.FloatField()
    high = serializers.FloatField(help_text="Belongs to the next bin, but for the last, and where it is low.")
    n = serializers.IntegerField()


class _ReliableScoreSerializer(serializers.Serializer[Any]):
    score = serializers.CharField()
    least = serializers.FloatField(allow_null=True)
    most = serializers.FloatField(allow_null=True)
    groups = _ReliableGroupSerializer(many=True)
    bands = _BandCountSerializer(many=True)
    distribution = _BinSerializer(many=True)


class _CoefficientSerializer(serializers.Serializer[Any]):
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    not_computable = serializers.CharField(help_text=_WHY)


class _LevelSerializer(serializers.Serializer[Any]):
    by = serializers.CharField(help_text="third, or band:SCHEME.")
    band = serializers.CharField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    people = serializers.IntegerField()
    sem = serializers.FloatField(allow_null=True, help_text="The SD of the differences over the root of 2.")


class _KappaSerializer(_CoefficientSerializer):
    scheme = serializers.CharField()
    version = serializers.CharField()
    agreement = serializers.FloatField(allow_null=True, help_text="The share in the same band, 0 to 1.")
    people = serializers.IntegerField()


class _RepeatedScoreSerializer(serializers.Serializer[Any]):
    score = serializers.CharField()
    people = serializers.IntegerField(help_text="With both values.")
    left_out = serializers.IntegerField()
    days = serializers.FloatField(allow_null=True, help_text="Between the two, the median; null where not known.")
    icc_1_1 = _CoefficientSerializer()
    icc_2_1 = _CoefficientSerializer()
    icc_3_1 = _CoefficientSerializer()
    icc_1_k = _CoefficientSerializer()
    icc_2_k = _CoefficientSerializer()
    icc_3_k = _CoefficientSerializer()
    pearson = serializers.FloatField(allow_null=True)
    bias = serializers.FloatField(allow_null=True, help_text="Second minus first, on average.")
    sd_difference = serializers.FloatField(allow_null=True)
    limit_low = serializers.FloatField(allow_null=True, help_text="Limits of agreement, 95 %.")
    limit_high = serializers.FloatField(allow_null=True)
    sem_agreement = serializers.FloatField(allow_null=True)
    sdc95 = serializers.FloatField(allow_null=True, help_text="The smallest detectable change of one person.")
    levels = _LevelSerializer(many=True)
    kappas = _KappaSerializer(many=True)
    not_computable = serializers.CharField(help_text=_WHY)


class ReliabilitySerializer(serializers.Serializer[Any]):
    """How reliable a questionnaire's scores are at one timepoint, and beside a second one."""

    instrument = serializers.CharField()
    instrument_version = serializers.IntegerField(help_text="n of the first version of the study with that content.")
    timepoint = serializers.CharField()
    second = serializers.CharField(allow_null=True)
    scores = _ReliableScoreSerializer(many=True)
    repeated = _RepeatedScoreSerializer(many=True, help_text="In the study's order of time; empty without a second.")


class SpreadSerializer(serializers.Serializer[Any]):
    """Values of a group."""

    n = serializers.IntegerField()
    mean = serializers.FloatField(allow_null=True)
    sd = serializers.FloatField(allow_null=True, help_text="With n - 1; null for fewer than two.")
    low = serializers.FloatField(allow_null=True, help_text="Lower 95 % limit of the mean, by Student's t.")
    high = serializers.FloatField(allow_null=True)


class ExpectedGroupSerializer(SpreadSerializer):
    """A score of credibility or expectancy of one arm at one timepoint."""

    timepoint = serializers.CharField()
    arm = serializers.CharField(allow_null=True, help_text="Null for people without an arm.")


class ExpectedSerializer(serializers.Serializer[Any]):
    """One score of credibility or expectancy."""

    kind = serializers.ChoiceField(["credibility", "expectancy"])
    score = serializers.CharField(help_text="INSTRUMENT.SCORE")
    direction = serializers.ChoiceField(["higher_is_more", "higher_is_less"])
    least = serializers.FloatField(allow_null=True)
    greatest = serializers.FloatField(allow_null=True)
    groups = ExpectedGroupSerializer(many=True)


class ShiftSerializer(serializers.Serializer[Any]):
    """A then-test in one arm, of the people who have all three values."""

    arm = serializers.CharField(allow_null=True)
    before = SpreadSerializer()
    then = SpreadSerializer()
    after = SpreadSerializer()
    shift = SpreadSerializer(help_text="Then minus before: the response shift.")
    observed = SpreadSerializer(help_text="After minus before.")
    own = SpreadSerializer(help_text="After minus then.")
    left_out = serializers.IntegerField(help_text="Who looked back and lack one of the other values.")


class ThenTestSerializer(serializers.Serializer[Any]):
    """One score, beside the same score as people look back on it."""

    score = serializers.CharField(help_text="INSTRUMENT.SCORE")
    then = serializers.CharField(help_text="The questionnaire that looks back.")
    direction = serializers.ChoiceField(["higher_is_more", "higher_is_less"])
    before = serializers.ListField(child=serializers.CharField(), help_text="The first of them with a value speaks.")
    asked_at = serializers.CharField()
    after = serializers.CharField()
    groups = ShiftSerializer(many=True)


class BlindingSerializer(serializers.Serializer[Any]):
    """An index of blinding; further fields tell its counts and one-sided limits."""

    value = serializers.FloatField(allow_null=True)
    se = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    why_not = serializers.CharField(allow_null=True, help_text="Why there is none.")


class BangSerializer(BlindingSerializer):
    """Bang's index of one arm."""

    low_one_sided = serializers.FloatField(required=False)
    high_one_sided = serializers.FloatField(required=False)
    correct = serializers.IntegerField(required=False)
    incorrect = serializers.IntegerField(required=False)
    dont_know = serializers.IntegerField(required=False)


class JamesSerializer(BlindingSerializer):
    """James's index of all arms."""

    people = serializers.IntegerField(required=False)


class ArmGuessedSerializer(serializers.Serializer[Any]):
    """What is guessed of those who are in one arm."""

    arm = serializers.CharField()
    named = serializers.DictField(child=serializers.IntegerField(), help_text="By arm, how many name it.")
    dont_know = serializers.IntegerField()
    confidence = SpreadSerializer(help_text="Of those who name an arm.")
    bang = BangSerializer()


class GuessedSerializer(serializers.Serializer[Any]):
    """The latest guess about each person, by one kind of people."""

    who = serializers.ChoiceField(["participant", "coach", "rater"])
    james = JamesSerializer()
    arms = ArmGuessedSerializer(many=True)


class CorrelationSerializer(serializers.Serializer[Any]):
    """How two values go together in one arm."""

    arm = serializers.CharField(allow_null=True)
    n = serializers.IntegerField()
    r = serializers.FloatField(allow_null=True, help_text="Pearson's; null below three people or without spread.")
    low = serializers.FloatField(allow_null=True, help_text="The lower 95 % limit by Fisher; null below four people.")
    high = serializers.FloatField(allow_null=True, help_text="The upper one.")


class WithChangeSerializer(serializers.Serializer[Any]):
    """Expectancy, where it is first asked, with the change of a primary outcome."""

    expectancy = serializers.CharField(help_text="INSTRUMENT.SCORE")
    asked_at = serializers.CharField(allow_null=True)
    outcome = serializers.CharField()
    score = serializers.CharField(help_text="INSTRUMENT.SCORE")
    timepoint = serializers.CharField()
    groups = CorrelationSerializer(many=True)


class DemandSerializer(serializers.Serializer[Any]):
    """How much expectation could explain, by arm, as the newest version of the study declares it."""

    arms = serializers.ListField(child=serializers.CharField())
    expected = ExpectedSerializer(many=True)
    then_tests = ThenTestSerializer(many=True)
    guesses = GuessedSerializer(many=True)
    expectancy_and_change = WithChangeSerializer(many=True)


class TombstoneSerializer(serializers.Serializer[Any]):
    """A person who was erased."""

    participant = serializers.CharField()
    erased_at = serializers.DateTimeField()


class CodeSerializer(serializers.Serializer[Any]):
    """A panel's code that a person has earned."""

    timepoint = serializers.CharField()
    code = serializers.CharField()
    done_at = serializers.DateTimeField()


class ContactSerializer(serializers.Serializer[Any]):
    """Where a person can be reached, and what other systems call them."""

    participant = serializers.CharField()
    email = serializers.CharField(allow_null=True)
    external_ids = serializers.DictField(child=serializers.CharField())
    panel_id = serializers.CharField(allow_null=True)
    codes = CodeSerializer(many=True)
