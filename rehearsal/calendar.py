"""One simulated person's way through a study, by the rules that hold for real people. Pure.

The programme says what is open when (`coaching.schedule`), the lists who comes into which arm (`coaching.allocation`),
the questionnaires what an answer is worth (`assessments.scoring`). Invented here is only what people do with it: how
soon they come, what they leave undone, and when they stop.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count, takewhile
from random import Random

from assessments.branching import form_at
from assessments.entries import Entry
from assessments.ordering import item_order, order_seed
from coaching.allocation import block, design_digest, draw, groups_of, stratum, stratum_label
from coaching.schedule import Facts, Planned, allocation_due, finished, next_boundary, plan
from coaching.windows import zone
from protocol.instrument import Instrument
from protocol.study import ScoreRef, Step, Study
from rehearsal.filling import Filled, filled, first_answers, left_after
from rehearsal.life import Happening, Life, Place, Sheet, Sitting
from rehearsal.people import Ladder, Person, draws, ladders, replies
from rehearsal.sessions import Visit, cut, sit, stopped_in

RECRUITMENT = dt.timedelta(days=56)
AWAKE = (8, 22)  # the hours of a person's day in which they do anything
ABANDONS = 0.02  # share of questionnaires and sessions that are begun and left


class Lists:
    """The allocation lists of one seed: every stratum's is the same, however far it was read before."""

    def __init__(self, study: Study, seed: str, taken: Mapping[str, int]) -> None:
        """Args: `taken` says how many places of each stratum's list have been given already."""
        self._study = study
        self._seed = seed
        self._taken = taken
        self._open: dict[str, Iterator[Place]] = {}

    def next(self, label: str) -> Place:
        """The next place in that stratum."""
        if label not in self._open:
            places = self._places(label)
            for _ in range(self._taken.get(label, 0)):
                next(places)
            self._open[label] = places
        return next(self._open[label])

    def _places(self, label: str) -> Iterator[Place]:
        rng = draws(f"{self._study.slug}:{self._seed}:{design_digest(self._study)}:{label}")
        position = 0
        for number in count(1):
            for arm in self._block(rng):
                position += 1
                yield Place(label, position, number, arm)

    def _block(self, rng: Random) -> tuple[str, ...]:
        allocation = self._study.allocation
        if allocation is None or allocation.method == "simple":
            return (draw(self._study.arms, rng),)
        return block(allocation, self._study.arms, rng)


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


def length_d(study: Study) -> float:
    """How many days the study takes somebody who does everything when it is due, in its longest arm."""
    begin = dt.datetime(2025, 1, 6, 9, tzinfo=dt.UTC)
    arms: list[str | None] = [arm.name for arm in study.arms]
    return max(_longest(study, arm, begin) for arm in arms or [None])


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
    """What a person means to do about one step: first and last act (None: they leave it before), with which replies."""

    started_at: dt.datetime
    ended_at: dt.datetime | None
    sheets: tuple[Filled, ...] = ()
    visits: tuple[Visit, ...] = ()


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
        )

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
        """Forgets what they meant to do later where an arm, known from now on, decides on the form that they get."""
        for step in self._study.after:
            attempt = self._attempts.get(step.id)
            has_forms = any(self._study.instruments[name].forms for name in step.instruments)
            if has_forms and attempt is not None and attempt.started_at > at:
                del self._attempts[step.id]

    def _next(self, planned: Mapping[str, Planned], at: dt.datetime) -> tuple[dt.datetime, Step | None] | None:
        """The next thing that happens, and the step that is done by it (None: a window closes)."""
        coming: list[tuple[dt.datetime, int, Step | None]] = []
        for place, each in enumerate(planned.values()):
            if each.is_settled or each.opens_at is None:
                continue
            if each.step.id not in self._attempts:
                self._attempts[each.step.id] = self._attempt(each, each.opens_at, at)
            attempt = self._attempts[each.step.id]
            if attempt and attempt.ended_at and self._in_time(attempt.ended_at, each):
                coming.append((max(attempt.ended_at, at), place, each.step))
            if each.closes_at is not None and at < each.closes_at <= self._end_at:
                coming.append((each.closes_at, place, None))
        if not coming:
            return None
        instant, _, done = min(coming, key=lambda each: each[:2])
        return instant, done

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
        if step.script is not None:
            return self._sit(step.script, started_at, rng)
        return self._fill(step, started_at, rng)

    def _sit(self, script: str, started_at: dt.datetime, rng: Random) -> _Attempt:
        visits = sit(self._person, self._study.scripts[script], self._met.get(script, 0), started_at, rng)
        if len(visits) > 1 and rng.random() < ABANDONS:
            return _Attempt(started_at, None, visits=stopped_in(visits, rng.randrange(1, len(visits))))
        return _Attempt(started_at, visits[-1].left_at, visits=visits)

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
        if step.script is not None:
            self._met[step.script] = self._met.get(step.script, 0) + 1
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
            next_boundary_at=None if left else next_boundary(planned, self._end_at),
            happenings=happenings,
            sheets=tuple(sheet for happening in happenings for sheet in self._sheets(happening)),
            sittings=tuple(sitting for happening in happenings for sitting in self._sittings(happening)),
        )

    def _happening(self, planned: Planned) -> Happening:
        attempt = self._attempts.get(planned.step.id)
        started_at = attempt.started_at if attempt and attempt.started_at < self._cut_at(planned) else None
        if not planned.is_settled and self._withdrawn_at is not None:
            return Happening(planned, "cancelled", self._withdrawn_at, started_at)
        return Happening(planned, planned.state, planned.settled_at, started_at)

    def _cut_at(self, planned: Planned) -> dt.datetime:
        """From when on the person did nothing about a step that they did not complete."""
        ends = [self._acts_until, planned.closes_at, planned.settled_at if planned.state == "missed" else None]
        return min(at for at in ends if at is not None)

    def _sheets(self, happening: Happening) -> Iterator[Sheet]:
        """The step's questionnaires: those of a missed one are closed though nobody ever saw them."""
        step = happening.planned.step
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

    def _unseen(self, step: Step, instrument: Instrument, settled_at: dt.datetime | None) -> Filled:
        """A questionnaire that was laid out when its step was missed."""
        has_arm = self._allocated_at is not None and settled_at is not None and self._allocated_at <= settled_at
        return Filled(instrument, self._form(step, instrument, self._place if has_arm else None), 0, ())

    def _sittings(self, happening: Happening) -> Iterator[Sitting]:
        """The step's session: one that was missed is closed though nobody ever began it."""
        step, is_done = happening.planned.step, happening.state == "done"
        if step.script is None or (happening.started_at is None and happening.state != "missed"):
            return
        attempt = self._attempts.get(step.id) if happening.started_at else None
        visits = attempt.visits if attempt else ()
        if not is_done:
            visits = cut(visits, self._cut_at(happening.planned))
        yield Sitting(
            timepoint=step.id,
            script=step.script,
            visits=visits,
            status="completed" if is_done else "missed" if happening.state == "missed" else "started",
            started_at=happening.started_at,
            completed_at=happening.settled_at if is_done else None,
            closed_at=happening.settled_at,
        )


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


def _longest(study: Study, arm: str | None, begin: dt.datetime) -> float:
    """Days until the last step is due or done, for somebody who does each as soon as it is due."""
    completed: dict[str, dt.datetime] = {}
    allocated_at = None if study.is_cohort else begin
    at = begin
    while True:
        facts = Facts(
            consented_at=begin, zone=zone(study.timezone), allocated_at=allocated_at, arm=arm, completed=completed
        )
        left = [p for p in plan(study, facts, at).values() if not p.is_settled and p.due_at is not None]
        if not left:
            return max((at - begin) / dt.timedelta(days=1), 1.0)
        nearest = min(left, key=lambda each: each.due_at or at)
        at = max(at, nearest.due_at or at)
        completed = completed | {nearest.step.id: at}
