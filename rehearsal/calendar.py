"""One simulated person's way through a study, by the rules that hold for real people. Pure.

The programme says what is open when (`coaching.schedule`), the lists who comes into which arm (`coaching.allocation`),
the questionnaires what an answer is worth (`assessments.scoring`). Invented here is only what people do with it: how
soon they come, what they leave undone, and when they stop.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from random import Random
from typing import Any

from assessments.branching import form_at
from assessments.entries import Entry
from assessments.ordering import item_order, order_seed
from coaching.allocation import groups_of, stratum, stratum_label
from coaching.draws import Lot, script_of
from coaching.schedule import Facts, Planned, allocation_due, finished, next_boundary, plan
from coaching.windows import zone
from protocol.instrument import Instrument
from protocol.study import ScoreRef, Step, Study
from rehearsal.afterwards import Asked, asked_after
from rehearsal.filling import Filled, filled, first_answers, left_after
from rehearsal.layers import EVERYTHING, Opened, opened
from rehearsal.life import Happening, Life, Place, Sheet, Sitting
from rehearsal.people import Ladder, Person, draws, ladders, replies
from rehearsal.sessions import Visit, cut, ended_in, sit, stopped_in

RECRUITMENT = dt.timedelta(days=56)
AWAKE = (8, 22)  # the hours of a person's day in which they do anything
ABANDONS = 0.02  # share of questionnaires and sessions that are begun and left
ENDS_EARLY = 0.03  # share of sessions that are ended before their end


@dataclass(frozen=True, slots=True)
class Forms:
    """What is read off a study once: ladders, which scores decide groups, what comes before allocation."""

    study: Study
    ladders: Mapping[str, Mapping[str, Ladder]]
    deciding: frozenset[tuple[str, str]]
    before: frozenset[str]

    @classmethod
    def of(cls, study: Study) -> Forms:
        """Those of a study."""
        return cls(
            study,
            {name: ladders(instrument) for name, instrument in study.instruments.items()},
            frozenset((group.score.step, group.score.instrument) for group in study.groups),
            frozenset(step.id for step in study.before),
        )


def live(
    person: Person,
    pseudonym: str,
    forms: Forms,
    *,
    start: dt.datetime,
    horizon: dt.datetime,
    place_of: Callable[[str], Place],
    before: int = 0,
) -> Life:
    """The person's way from consent until `horizon`, which lies after `start` (both UTC).

    People come within `RECRUITMENT` of the start, or within what there is of it. `place_of` gives the next place in a
    stratum, so people who are lived one after the other are allocated in that order. `before` is how many synthetic
    people came into the study before this one: parallel forms are given out by it.
    """
    return _Course(person, pseudonym, forms, start, horizon, place_of, before).run()


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What a person means to do about one step: first and last act (None: they leave it before), with which replies.

    Of a session also whether it is ended early, how its layers stand, and the draws that it is made by.
    """

    started_at: dt.datetime
    ended_at: dt.datetime | None
    sheets: tuple[Filled, ...] = ()
    visits: tuple[Visit, ...] = ()
    is_early: bool = False
    opened: Opened = EVERYTHING
    drawn_by: Any = None


class _Course:
    def __init__(
        self,
        person: Person,
        pseudonym: str,
        forms: Forms,
        start: dt.datetime,
        horizon: dt.datetime,
        place_of: Callable[[str], Place],
        before: int,
    ) -> None:
        self._before = before
        self._person = person
        self._pseudonym = pseudonym
        self._forms = forms
        self._study = forms.study
        self._zone = zone(person.timezone)
        self._place_of = place_of
        span = min(RECRUITMENT, horizon - start)
        came_at = start + person.arrives * span
        self._consented_at = _awake(came_at, draws(f"{person.key}:came"), person.timezone, start, horizon)
        self._withdrawn_at = self._after(person.withdraws_after_d, horizon)
        self._paused_at = self._after(person.pauses_after_d, horizon) if self._withdrawn_at is None else None
        self._end_at = self._withdrawn_at or horizon
        quits_at = self._consented_at + dt.timedelta(days=min(person.quits_after_d, 36_500))
        self._acts_until = min(self._end_at, self._paused_at or horizon, quits_at)
        self._completed: dict[str, dt.datetime] = {}
        self._attempts: dict[str, _Attempt | None] = {}
        self._met: dict[str, int] = {}
        self._measures: dict[ScoreRef, float | None] = {}
        self._place: Place | None = None
        self._allocated_at: dt.datetime | None = None
        self._groups: Mapping[str, str] = {}
        self._excluded: tuple[dt.datetime, str] | None = None

    def run(self) -> Life:
        at = self._consented_at
        while True:
            self._allocate(at)
            planned = plan(self._study, self._facts(), at)
            coming = self._next(planned, at)
            if coming is None:
                break
            at, done = coming
            if done is not None:
                self._completed[done.id] = at
                self._count(done)
        return self._life(plan(self._study, self._facts(), self._end_at))

    def _facts(self) -> Facts:
        return Facts(
            consented_at=self._consented_at,
            zone=self._zone,
            allocated_at=self._allocated_at,
            arm=self._place.arm if self._place else None,
            completed=self._completed,
            never_allocated_at=self._excluded[0] if self._excluded else None,
            lot=self._lot(),
        )

    def _lot(self) -> Lot:
        return Lot(self._pseudonym, self._before, self._place.number_in_arm if self._place else None)

    def _script(self, step: Step) -> str | None:
        """The script that they have at a step; None of a step that is no session."""
        return script_of(self._study, step, self._lot())

    def _after(self, days: float | None, horizon: dt.datetime) -> dt.datetime | None:
        if days is None:
            return None
        at = self._consented_at + dt.timedelta(days=days, minutes=5)
        return at if at < horizon else None

    def _allocate(self, at: dt.datetime) -> None:
        if self._study.is_cohort or self._place or self._excluded:
            return
        verdict = allocation_due(self._study, self._facts(), at)
        if verdict.verdict == "now":
            label = stratum_label(stratum(self._study, self._measures, self._person.eligibility))
            self._place, self._allocated_at = self._place_of(label), at
            self._think_again(at)
            self._groups = groups_of(self._study, self._measures)
        elif verdict.verdict == "never" and verdict.at is not None:
            self._excluded = (verdict.at, f"missed:{verdict.step}")

    def _think_again(self, at: dt.datetime) -> None:
        """Forgets what they meant to do later where an arm, known from now on, decides on the form or script."""
        for step in self._study.after:
            attempt = self._attempts.get(step.id)
            has_forms = any(self._study.instruments[name].forms for name in step.instruments)
            if (has_forms or len(step.scripts) > 1) and attempt is not None and attempt.started_at > at:
                del self._attempts[step.id]

    def _next(self, planned: Mapping[str, Planned], at: dt.datetime) -> tuple[dt.datetime, Step | None] | None:
        """The next thing that happens, and the step that is done by it (None: a window closes)."""
        self._decide(planned, at)
        coming: list[tuple[dt.datetime, int, Step | None]] = []
        for place, each in enumerate(planned.values()):
            if each.is_settled or each.opens_at is None:
                continue
            attempt = self._attempts[each.step.id]
            if attempt and attempt.ended_at and self._in_time(attempt.ended_at, each):
                coming.append((max(attempt.ended_at, at), place, each.step))
            if each.closes_at is not None and at < each.closes_at <= self._end_at:
                coming.append((each.closes_at, place, None))
        if not coming:
            return None
        instant, _, done = min(coming, key=lambda each: each[:2])
        return instant, done

    def _decide(self, planned: Mapping[str, Planned], at: dt.datetime) -> None:
        """Settles what they mean to do about each step of which it is known by now when it opens."""
        in_layers: set[str | None] = set()
        for each in planned.values():
            if each.is_settled or each.opens_at is None or each.step.id in self._attempts:
                continue
            self._attempts[each.step.id] = attempt = self._attempt(each, each.opens_at, at)
            if attempt is not None and attempt.drawn_by is not None:
                in_layers.add(self._script(each.step))
        for script in sorted(in_layers, key=str):
            self._open_layers([each for each in planned.values() if self._script(each.step) == script])

    def _open_layers(self, steps: Iterable[Planned]) -> None:
        """Makes those sessions of one script again to which other layers are open, now that one more is known."""
        begun = ((attempt, each) for each in steps if (attempt := self._attempts.get(each.step.id)))
        earlier: list[tuple[Visit, ...]] = []
        for attempt, each in sorted(begun, key=lambda pair: pair[0].started_at):
            script = self._script(each.step) or ""
            found = opened(self._study.scripts[script], earlier, attempt.started_at)
            if found != attempt.opened:
                self._attempts[each.step.id] = attempt = self._sit(script, attempt.started_at, attempt.drawn_by, found)
            earlier.append(cut(attempt.visits, self._cut_at(each)))

    def _in_time(self, ended_at: dt.datetime, planned: Planned) -> bool:
        return ended_at < self._acts_until and (planned.closes_at is None or ended_at < planned.closes_at)

    def _attempt(self, planned: Planned, opens_at: dt.datetime, at: dt.datetime) -> _Attempt | None:
        """What the person does about a step, decided when they first can know when it opens."""
        step, closes_at = planned.step, planned.closes_at
        rng = draws(f"{self._person.key}:{step.id}")
        is_first = step.id in self._forms.before
        willing = max(self._person.diligence, 0.97) if is_first else self._person.diligence
        if rng.random() >= willing * (0.75 if step.optional else 1):
            return None
        if opens_at <= at and rng.random() < (0.85 if is_first else 0.3):
            started_at = at + dt.timedelta(seconds=rng.lognormvariate(4, 0.7))
        else:
            span = (closes_at - max(opens_at, at)) if closes_at else dt.timedelta(days=7)
            share = 0.9 + 0.1 * rng.random() if rng.random() < 0.08 else rng.betavariate(1.1, 3.5)
            wished_at = max(opens_at, at) + share * span
            latest = closes_at or wished_at + dt.timedelta(days=2)
            started_at = _awake(wished_at, rng, self._person.timezone, max(opens_at, at), latest)
        script = self._script(step)
        if script is not None:
            has_layers = self._study.scripts[script].unlock is not None
            drawn_by = (rng.getstate(), self._met.get(script, 0)) if has_layers else None
            return self._sit(script, started_at, drawn_by, EVERYTHING, rng)
        return self._fill(step, started_at, rng)

    def _sit(
        self, script: str, started_at: dt.datetime, drawn_by: Any, opened: Opened, rng: Random | None = None
    ) -> _Attempt:
        """A session with these layers open, by `rng`, or once more by the draws that were kept of it."""
        times_before = self._met.get(script, 0)
        if rng is None:
            state, times_before = drawn_by
            rng = draws("")
            rng.setstate(state)
        visits = sit(self._person, self._study.scripts[script], times_before, started_at, rng, opened.locked)
        kept: dict[str, Any] = {"opened": opened, "drawn_by": drawn_by}
        if len(visits) > 1 and rng.random() < ABANDONS:
            return _Attempt(started_at, None, visits=stopped_in(visits, rng.randrange(1, len(visits))), **kept)
        if len(visits) > 1 and rng.random() < ENDS_EARLY:
            short, ended_at = ended_in(visits, rng.randrange(1, len(visits)), rng.random())
            return _Attempt(started_at, ended_at, visits=short, is_early=True, **kept)
        return _Attempt(started_at, visits[-1].left_at, visits=visits, **kept)

    def _fill(self, step: Step, started_at: dt.datetime, rng: Random) -> _Attempt:
        at, sheets = started_at, []
        for name in step.instruments:
            instrument = self._study.instruments[name]
            known = self._forms.ladders[name]
            said = replies(
                self._person,
                (known[item] for item in self._order(step, instrument)),
                self._met.get(name, 0),
                rng,
                day=started_at.astimezone(self._zone).date(),
                before=self._first_answers(instrument.then_of) if instrument.then_of else None,
            )
            sheets.append(filled(instrument, self._form(step, instrument, self._place), said, at))
            at = sheets[-1].rows[-1][1] if sheets[-1].rows else at
        rows = [row for sheet in sheets for row in sheet.rows]
        began_at = next((sheet.started_at for sheet in sheets if sheet.started_at), started_at)
        if len(rows) > 1 and rng.random() < ABANDONS:
            return _Attempt(began_at, None, left_after(sheets, rng.randrange(1, len(rows))))
        return _Attempt(began_at, at if all(sheet.is_whole for sheet in sheets) else None, tuple(sheets))

    def _order(self, step: Step, instrument: Instrument) -> tuple[str, ...]:
        return item_order(instrument, order_seed(self._pseudonym, step.id, instrument.id))

    def _form(self, step: Step, instrument: Instrument, place: Place | None) -> str:
        """The parallel form that is given at a step to somebody with this place, or with none yet.

        `assessments.selectors.form_of` says the same of it.
        """
        earlier = takewhile(lambda each: each.id != step.id, self._study.path(place.arm if place else None))
        return form_at(instrument, self._before, sum(instrument.id in each.instruments for each in earlier))

    def _first_answers(self, instrument: str) -> Mapping[str, Entry]:
        attempts = (attempt for attempt in self._attempts.values() if attempt)
        return first_answers((sheet for attempt in attempts for sheet in attempt.sheets), instrument)

    def _count(self, step: Step) -> None:
        """Notes what a completed step decides: how often its parts were met, and the scores of groups."""
        attempt = self._attempts[step.id]
        script = self._script(step)
        if script is not None:
            self._met[script] = self._met.get(script, 0) + 1
        for sheet in attempt.sheets if attempt else ():
            name = sheet.instrument.id
            self._met[name] = self._met.get(name, 0) + 1
            if (step.id, name) in self._forms.deciding:
                self._measures |= sheet.scores(step.id)

    # --- what it comes to --------------------------------------------------------------------------------------------

    def _life(self, planned: Mapping[str, Planned]) -> Life:
        facts = self._facts()
        happenings = tuple(self._happening(each) for each in planned.values())
        ended = self._withdrawn_at is None and finished(self._study, facts, planned)
        left = self._withdrawn_at is not None
        return Life(
            person=self._person,
            consented_at=self._consented_at,
            place=self._place,
            allocated_at=self._allocated_at,
            groups=self._groups,
            excluded_at=self._excluded[0] if self._excluded else None,
            excluded_by=self._excluded[1] if self._excluded else "",
            paused_at=self._paused_at,
            withdrawn_at=self._withdrawn_at,
            completed_at=max((h.settled_at for h in happenings if h.settled_at), default=None) if ended else None,
            next_boundary_at=None if left else _earliest(next_boundary(planned, self._end_at), happenings),
            happenings=happenings,
            sheets=tuple(sheet for happening in happenings for sheet in self._sheets(happening)),
            sittings=tuple(sitting for happening in happenings for sitting in self._sittings(happening)),
        )

    def _happening(self, planned: Planned) -> Happening:
        attempt = self._attempts.get(planned.step.id)
        started_at = attempt.started_at if attempt and attempt.started_at < self._cut_at(planned) else None
        if not planned.is_settled and self._withdrawn_at is not None:
            return Happening(planned, "cancelled", self._withdrawn_at, started_at)
        return Happening(planned, planned.state, planned.settled_at, started_at, self._asked(planned))

    def _asked(self, planned: Planned) -> Asked | None:
        """What became of asking how they are after a session."""
        ask, done_at, step = self._study.safety.ask, planned.settled_at, planned.step
        if ask is None or planned.state != "done" or done_at is None or not step.scripts:
            return None
        # An arm that came with this very step was not known yet.
        has_arm = self._allocated_at is not None and self._allocated_at < done_at
        if step.id not in self._study.asked_after(self._place.arm if self._place and has_arm else None):
            return None
        instrument = self._study.instruments[ask.instrument]
        return asked_after(
            self._person,
            instrument,
            self._form(step, instrument, self._place),
            self._order(step, instrument),
            draws(f"{self._person.key}:{step.id}:after"),
            done_at=done_at,
            window_closes_at=planned.closes_at,
            acts_until=self._acts_until,
            end_at=self._end_at,
            left_at=self._withdrawn_at,
            day=done_at.astimezone(self._zone).date(),
        )

    def _cut_at(self, planned: Planned) -> dt.datetime:
        """From when on the person did nothing about a step that they did not complete."""
        ends = [self._acts_until, planned.closes_at, planned.settled_at if planned.state == "missed" else None]
        return min(at for at in ends if at is not None)

    def _sheets(self, happening: Happening) -> Iterator[Sheet]:
        """The step's questionnaires: those of a missed one are closed though nobody ever saw them."""
        step = happening.planned.step
        yield from self._sheets_after(happening)
        if happening.started_at is None and happening.state != "missed":
            return
        attempt = self._attempts.get(step.id) if happening.started_at else None
        begun = {sheet.instrument.id: sheet for sheet in attempt.sheets} if attempt else {}
        for place, name in enumerate(step.instruments):
            instrument = self._study.instruments[name]
            sheet = begun.get(name) or self._unseen(step, instrument, happening.settled_at)
            if happening.state != "done":
                sheet = sheet.until(self._cut_at(happening.planned))
            finished_at = sheet.rows[-1][1] if sheet.is_whole else None
            yield Sheet(
                timepoint=step.id,
                instrument=name,
                place=place,
                order=self._order(step, instrument),
                replies=sheet.rows,
                started_at=sheet.started_at,
                finished_at=finished_at,
                closed_at=finished_at or happening.settled_at,
                form=sheet.form,
            )

    def _sheets_after(self, happening: Happening) -> Iterator[Sheet]:
        """The questionnaire that follows a session, once anybody saw or closed it."""
        step, asked = happening.planned.step, happening.asked
        if asked is None or asked.sheet is None:
            return
        yield Sheet(
            timepoint=step.id,
            instrument=asked.sheet.instrument.id,
            place=0,
            order=self._order(step, asked.sheet.instrument),
            replies=asked.sheet.rows,
            started_at=asked.sheet.started_at,
            finished_at=asked.finished_at,
            closed_at=asked.settled_at,
            form=asked.sheet.form,
        )

    def _unseen(self, step: Step, instrument: Instrument, settled_at: dt.datetime | None) -> Filled:
        """A questionnaire that was laid out when its step was missed."""
        has_arm = self._allocated_at is not None and settled_at is not None and self._allocated_at <= settled_at
        return Filled(instrument, self._form(step, instrument, self._place if has_arm else None), 0, ())

    def _sittings(self, happening: Happening) -> Iterator[Sitting]:
        """The step's session: one that was missed is closed though nobody ever began it."""
        step, is_done = happening.planned.step, happening.state == "done"
        script = self._script(step)
        if script is None or (happening.started_at is None and happening.state != "missed"):
            return
        attempt = self._attempts.get(step.id) if happening.started_at else None
        visits = attempt.visits if attempt else ()
        if not is_done:
            visits = cut(visits, self._cut_at(happening.planned))
        yield Sitting(
            timepoint=step.id,
            script=script,
            visits=visits,
            status="completed" if is_done else "missed" if happening.state == "missed" else "started",
            started_at=happening.started_at,
            completed_at=happening.settled_at if is_done else None,
            closed_at=happening.settled_at,
            is_early=attempt is not None and attempt.is_early and is_done,
            opened=attempt.opened if attempt else EVERYTHING,
        )


def _earliest(boundary: dt.datetime | None, happenings: Iterable[Happening]) -> dt.datetime | None:
    """When next something changes by itself: a step, or the time in which it is asked after a session."""
    asked = (each.asked for each in happenings if each.asked is not None and each.asked.settled_at is None)
    return min((at for at in (boundary, *(each.closes_at for each in asked)) if at is not None), default=None)


def _awake(
    wished_at: dt.datetime, rng: Random, timezone: str, earliest: dt.datetime, latest: dt.datetime
) -> dt.datetime:
    """`wished_at`, or an hour of the same day at which people are up; never outside [earliest, latest)."""
    local = wished_at.astimezone(zone(timezone))
    first, last = AWAKE
    if first <= local.hour < last:
        return wished_at
    minutes = rng.randrange(first * 60, last * 60)
    moved = local.replace(hour=minutes // 60, minute=minutes % 60, fold=0).astimezone(dt.UTC)
    return moved if earliest <= moved < latest else wished_at
