"""How much somebody practised: the seven temporal parameters of Schuster et al. (2011), and how faithfully.

Schuster C. et al. (2011). Best practice for motor imagery: a systematic literature review on motor imagery training
elements in five different disciplines. BMC Medicine 9, 75. The parameters: duration of the study, duration of the
intervention, length of a session, number of sessions, sessions a week, trials a session, total time.

All times are reckoned in whole microseconds and turned into the column's unit once, so that every database says the
same number to the last digit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

MINUTE_US = 60_000_000
DAY_US = 86_400_000_000
WEEK_US = 7 * DAY_US

AWAY = timedelta(minutes=30)
"""Who stays at a stage for so much longer than its quiet time is taken for gone: it counts nothing to the time."""

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visited:
    """One stage that was shown; `left_at` is None where nobody went on from it, a measure None where nobody took it."""

    kind: str
    quiet_planned_ms: int
    entered_at: datetime
    left_at: datetime | None
    quiet_actual_ms: int | None = None
    hidden_ms: int | None = None
    pauses: int | None = None
    audio_ms: int | None = None
    audio_heard_ms: int | None = None

    @property
    def is_trial(self) -> bool:
        """Whether something was said and quiet time given for it, up to its end: one trial of imagining."""
        return self.kind == "say" and self.quiet_planned_ms > 0 and self.left_at is not None

    @property
    def took_us(self) -> int | None:
        """How long it took from being shown to being gone on from; None where it was not, or somebody was away."""
        took_us = (self.left_at - self.entered_at) // _MICROSECOND if self.left_at else None
        most_us = 1000 * self.quiet_planned_ms + AWAY // _MICROSECOND
        return took_us if took_us is not None and took_us <= most_us else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One attempt at a session that was begun; `completed_at` is None where it did not come to its end."""

    attempt: int
    started_at: datetime
    completed_at: datetime | None
    ended_early: bool = False
    visits: Sequence[Visited] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """The dose of one person in sessions of one purpose.

    Attributes:
        duration_d: Of the intervention: from the beginning of the first completed session to the completion of the
            last, in days of 24 hours. None without one.
        session_length_min: The mean time of a completed session: the time at its stages. None without one.
        sessions: How many were completed; those that somebody ended early are among them.
        sessions_per_week: One less than the sessions, by the weeks from the beginning of the first to that of the
            last. None with fewer than two.
        trials_per_session: The mean number of trials in a completed session. None without one.
        total_time_min: The time at the stages of every attempt, completed or not.
        stages_away: Stages that count nothing to the time, since somebody was away.
        audio_share: Of the recordings that were begun, how much was heard. None without.
        quiet_share: Of the quiet time that was planned, how much was kept, where it was measured; above 1 for whoever
            asked for more. None where nothing was.
        hidden_s: For how long the page could not be seen. None where it was not measured.
        pauses: How often it was paused. None where it was not measured.
        ended_early: How many completed sessions were ended early.
        restarts: How many attempts were begun in place of an earlier one.
    """

    duration_d: float | None
    session_length_min: float | None
    sessions: int
    sessions_per_week: float | None
    trials_per_session: float | None
    total_time_min: float
    stages_away: int
    audio_share: float | None
    quiet_share: float | None
    hidden_s: float | None
    pauses: int | None
    ended_early: int
    restarts: int


def dose(attempts: Iterable[Held]) -> Dose:
    """The dose of one person, by all their attempts at sessions of one purpose."""
    begun = list(attempts)
    done = [each for each in begun if each.completed_at is not None]
    visits = [visit for each in begun for visit in each.visits]
    left = [visit for visit in visits if visit.left_at is not None]
    took_us = sum(visit.took_us or 0 for each in done for visit in each.visits)
    trials = sum(visit.is_trial for each in done for visit in each.visits)
    heard = [v for v in visits if v.audio_ms is not None and v.audio_heard_ms is not None]
    kept = [v for v in visits if v.quiet_actual_ms is not None]
    hidden = _sum(visit.hidden_ms for visit in visits)
    return Dose(
        duration_d=_duration_d(done),
        session_length_min=took_us / (float(MINUTE_US) * len(done)) if done else None,
        sessions=len(done),
        sessions_per_week=_per_week([each.started_at for each in done]),
        trials_per_session=trials / len(done) if done else None,
        total_time_min=sum(visit.took_us or 0 for visit in visits) / float(MINUTE_US),
        stages_away=sum(visit.took_us is None for visit in left),
        audio_share=_share(sum(v.audio_heard_ms or 0 for v in heard), sum(v.audio_ms or 0 for v in heard)),
        quiet_share=_share(sum(v.quiet_actual_ms or 0 for v in kept), sum(v.quiet_planned_ms for v in kept)),
        hidden_s=hidden / 1000.0 if hidden is not None else None,
        pauses=_sum(visit.pauses for visit in visits),
        ended_early=sum(each.ended_early for each in done),
        restarts=sum(each.attempt > 1 for each in begun),
    )


def study_duration_d(consented_at: datetime, ended_at: datetime | None) -> float | None:
    """Days of 24 hours from consent to the end of a person's part in the study; None until then."""
    return (ended_at - consented_at) // _MICROSECOND / float(DAY_US) if ended_at else None


def _duration_d(done: Sequence[Held]) -> float | None:
    if not done:
        return None
    last = max(each.completed_at for each in done if each.completed_at is not None)
    return (last - min(each.started_at for each in done)) // _MICROSECOND / float(DAY_US)


def _per_week(started: Sequence[datetime]) -> float | None:
    span_us = (max(started) - min(started)) // _MICROSECOND if started else 0
    return (len(started) - 1) * float(WEEK_US) / span_us if span_us else None


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _sum(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
