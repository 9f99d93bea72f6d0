"""One simulated person's way through a study, by the rules that hold for real people. Pure.

The programme says what is open when (`coaching.schedule`), the lists who comes into which arm (`coaching.allocation`),
the questionnaires what an answer is worth (`assessments.scoring`). Invented here is only what people do with it: how
soon they come, what they leave undone, and when they stop.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count, takewhile
from random import Random

from assessments.branching import branches, due, form_at
from assessments.derived import Kept, scored, with_not_due
from assessments.entries import as_given
from assessments.ordering import item_order, order_seed
from coaching.allocation import block, design_digest, draw, groups_of, stratum, stratum_label
from coaching.schedule import Facts, Planned, allocation_due, finished, next_boundary, plan
from coaching.windows import zone
from protocol.conditions import Given
from protocol.study import Instrument, ScoreRef, Step, Study
from rehearsal.life import Happening, Life, Place, Sheet, Sitting
from rehearsal.people import Ladder, Person, Reply, draws, ladders, replies
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


_Replies = list[tuple[Reply, dt.datetime]]
_Sheets = list[tuple[str, tuple[str, ...], _Replies]]  # by instrument: the items that were due, and the replies


@dataclass(slots=True)
class _Attempt:
    """What a person means to do about one step: first and last act (None: they leave it before), with which replies."""

    started_at: dt.datetime
    ended_at: dt.datetime | None
    sheets: _Sheets = field(default_factory=list)
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
            self._groups = groups_of(self._study, self._measures)
        elif verdict.verdict == "never" and verdict.at is not None:
            self._excluded = (verdict.at, f"missed:{verdict.step}")

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
        attempt = _Attempt(started_at, None)
        at = started_at
        for name in step.instruments:
            instrument = self._study.instruments[name]
            order = item_order(instrument, order_seed(self._pseudonym, step.id, name))
            known = self._forms.ladders[name]
            said = replies(self._person, (known[item] for item in order), self._met.get(name, 0), rng)
            if branches(instrument):
                said = _due_alone(instrument, self._form(step, instrument), said)
                order = tuple(reply.item for reply in said)
            rows = []
            for reply in said:
                at += dt.timedelta(milliseconds=round(reply.took_s * 1000) + 400)
                rows.append((reply, at))
            attempt.sheets.append((name, order, rows))
        attempt.started_at = attempt.sheets[0][2][0][1]
        items = sum(len(order) for _, order, _ in attempt.sheets)
        if items > 1 and rng.random() < ABANDONS:
            attempt.sheets = _cut(attempt.sheets, rng.randrange(1, items))
        else:
            attempt.ended_at = at
        return attempt

    def _form(self, step: Step, instrument: Instrument) -> str:
        """The parallel form that is given at a step: `assessments.selectors.form_of` says the same of it."""
        path = self._study.path(self._place.arm if self._place else None)
        earlier = takewhile(lambda each: each.id != step.id, path)
        return form_at(instrument, self._before, sum(instrument.id in each.instruments for each in earlier))

    def _count(self, step: Step) -> None:
        """Notes what a completed step decides: how often its parts were met, and the scores of groups."""
        attempt = self._attempts[step.id]
        if step.script is not None:
            self._met[step.script] = self._met.get(step.script, 0) + 1
        for name, _, rows in attempt.sheets if attempt else ():
            self._met[name] = self._met.get(name, 0) + 1
            if (step.id, name) in self._forms.deciding:
                instrument = self._study.instruments[name]
                self._measures |= _scores(step.id, instrument, self._form(step, instrument), rows)

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
        filled = {name: rows for name, _, rows in attempt.sheets} if attempt else {}
        asked = {name: len(due) for name, due, _ in attempt.sheets} if attempt else {}
        cut_at = self._cut_at(happening.planned)
        for place, name in enumerate(step.instruments):
            instrument = self._study.instruments[name]
            order = item_order(instrument, order_seed(self._pseudonym, step.id, name))
            rows = tuple(row for row in filled.get(name, ()) if row[1] < cut_at or happening.state == "done")
            is_whole = len(rows) == asked.get(name, len(order))
            yield Sheet(
                timepoint=step.id,
                instrument=name,
                place=place,
                order=order,
                replies=rows,
                started_at=rows[0][1] if rows else None,
                finished_at=rows[-1][1] if is_whole else None,
                closed_at=rows[-1][1] if is_whole else happening.settled_at,
                form=self._form(step, instrument),
            )

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


def _cut(sheets: _Sheets, left: int) -> _Sheets:
    """The same questionnaires with only their first `left` replies."""
    kept = []
    for name, order, rows in sheets:
        kept.append((name, order, rows[:left]))
        left = max(left - len(rows), 0)
    return kept


def _due_alone(instrument: Instrument, form: str, said: tuple[Reply, ...]) -> tuple[Reply, ...]:
    """The replies to items that are due after those before them: nobody is asked the others."""
    items = {item.id: item for item in instrument.items()}
    given: dict[str, Given] = {}
    kept = []
    for reply in said:
        if due(instrument, form, given)[reply.item]:
            given[reply.item] = as_given(items[reply.item], reply.value, reply.text)
            kept.append(reply)
    return tuple(kept)


def _scores(
    step: str, instrument: Instrument, form: str, rows: list[tuple[Reply, dt.datetime]]
) -> dict[ScoreRef, float | None]:
    kept = [Kept(reply.item, reply.status, reply.value, reply.text) for reply, _ in rows]
    return {
        ScoreRef(step, instrument.id, each.name): each.value
        for each in scored(instrument, form, with_not_due(instrument, form, kept))
    }


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
