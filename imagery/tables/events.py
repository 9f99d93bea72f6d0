"""The dataset of what happened in sessions: by their pages, and by the product itself."""

from __future__ import annotations

from django.db.models import F, QuerySet

from coaching.models import Study
from coaching.tables import of_person, or_null
from imagery.events import OF_THE_PRODUCT, STATES, TYPES
from imagery.models import SessionEvent
from imagery.tables.columns import FILTERS, attempt, of_study, script, script_version, timepoint
from protocol.columns import Column, Table

_BROWSER = "the person's browser"


def events(study: Study | int) -> QuerySet[SessionEvent]:
    """Every event of a study's people, in the order in which they arrived."""
    return SessionEvent.objects.filter(**of_study(study)).order_by("pk")


def _events() -> tuple[Column, ...]:
    participant, study, arm, synthetic = of_person("run__occasion__enrolment")
    return (
        participant,
        study,
        arm,
        timepoint("run__occasion__"),
        script("run__"),
        attempt("run__"),
        Column(
            "seq",
            "integer",
            "The order of a page's events, from 1, going on over all pages of an attempt on one device; two devices "
            "count each for itself. 0 for what the product wrote.",
            source=_BROWSER,
            expression=F("seq"),
        ),
        Column(
            "type",
            "text",
            "What happened. unlock (which layers were open as the attempt began, with how often each had been met) and "
            "leave without a state (the person stopped) are by the product, all others by the page.",
            levels=tuple(dict.fromkeys((*TYPES, *OF_THE_PRODUCT))),
            source=_BROWSER,
            expression=F("type"),
        ),
        Column(
            "stage",
            "text",
            "The stage at which it happened, by its id. Empty for what belongs to none.",
            nullable=True,
            source=_BROWSER,
            expression=or_null("stage"),
        ),
        Column(
            "state",
            "text",
            "What the page was doing. Empty for what belongs to no state.",
            levels=STATES,
            nullable=True,
            source=_BROWSER,
            expression=or_null("state"),
        ),
        Column(
            "happened_at",
            "time",
            "When, by the clock of the person's device, which may be wrong: add clock_offset_ms for the server's. By "
            "the server's clock for what the product wrote.",
            source=_BROWSER,
            expression=F("happened_at"),
        ),
        Column(
            "t_mono_ms",
            "number",
            "Since the page's own clock began, which nobody can set and which begins anew with every page that is "
            "loaded: for lengths of time within a page. Empty for what the product wrote.",
            unit="ms",
            nullable=True,
            source=_BROWSER,
            expression=F("t_mono_ms"),
        ),
        Column(
            "tz_offset_min",
            "integer",
            "The device's local time less UTC. Empty where it was not told.",
            unit="min",
            nullable=True,
            source=_BROWSER,
            expression=F("tz_offset_min"),
        ),
        Column(
            "clock_offset_ms",
            "integer",
            "The server's clock less the device's, as the page measured it. Empty where it did not, and for a device "
            "that is more than 24 days out: then received_at alone can be relied on.",
            unit="ms",
            nullable=True,
            source=_BROWSER,
            expression=F("clock_offset_ms"),
        ),
        Column(
            "payload",
            "text",
            "What more is said of it, as JSON: lengths of time, counts, the setting that was changed, in words of a "
            "closed list. Never anything that was written, nor the path of a pointer. Empty without.",
            nullable=True,
            source=_BROWSER,
            expression=or_null("payload"),
        ),
        Column(
            "received_at",
            "time",
            "When it was stored, by the server's clock: later than it happened where there was no line.",
            source="the product",
            expression=F("received_at"),
        ),
        script_version("run__"),
        synthetic,
    )


EVENTS = Table(
    name="events",
    title="Events in sessions",
    grain="one thing that happened in a run of a session",
    time="received_at",
    columns=_events(),
    queryset=events,
    filters=FILTERS,
)
