"""Keeping what was given at a stage: one keeper a kind of thing, each with its history."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime
from functools import partial
from typing import Protocol

from django.db import transaction

from imagery.models import Drawing, DrawingRevision, Rating, RatingRevision, Report, ReportRevision
from imagery.selectors import CHOICE, Session
from imagery.services.drafts import drop_draft
from imagery.services.given import (
    Chosen,
    Declined,
    Drawn,
    Forms,
    Given,
    NotApplicable,
    Passed,
    Rated,
    Reported,
    Timing,
)
from imagery.services.pictures import Kept, discard, path_of
from imagery.timeline import BETWEEN, follows_reveal, is_point
from protocol.script import Stage


class Keeper(Protocol):
    """What was given at one stage of one session, against what is stored there."""

    def says_the_same(self) -> bool:
        """Whether what was given leaves what is stored as it is."""

    def keep(self, now: datetime, language: str, timing: Timing) -> None:
        """Stores it, if it says something else; the session is begun then."""

    def drop(self) -> None:
        """Forgets it: it is not to be kept."""


def keeper_of(session: Session, stage: Stage, given: Given) -> Keeper:
    """The keeper of what was given.

    Raises:
        ValueError: Nothing like that can be given at a stage of that kind.
    """
    keeper = _KEEPERS.get((stage.kind, type(given)))
    if keeper is None:
        raise ValueError(f"{stage.id} ({stage.kind}) takes no {type(given).__name__}")
    return keeper(session, stage, given)


class _Told:
    """What is there only once it is stored."""

    def drop(self) -> None:
        """Nothing was made for it."""


class _Nothing(_Told):
    def __init__(self, session: Session, stage: Stage, given: Given) -> None:
        """There is nothing to keep of a stage that is only gone through."""

    def says_the_same(self) -> bool:
        return True

    def keep(self, now: datetime, language: str, timing: Timing) -> None:
        """The visit says it all."""


class _Rating(_Told):
    def __init__(self, session: Session, stage: Stage, given: Given) -> None:
        self._session, self._stage = session, stage
        self._value, self._forms = _value(stage, given), _forms(stage, given)
        self._status = _STATUSES.get(type(given), Rating.Status.ANSWERED)
        run = session.run
        self._stored = run.ratings.filter(stage=stage.id).first() if run else None

    def says_the_same(self) -> bool:
        stored = self._stored
        said = (self._status, self._value, self._forms)
        return stored is not None and (stored.status, stored.value, stored.forms) == said

    def keep(self, now: datetime, language: str, timing: Timing) -> None:
        if self._stored is None:
            self._first(now, timing)
        elif not self.says_the_same():
            self._replace(self._stored, now, timing)

    def _first(self, now: datetime, timing: Timing) -> None:
        stage = self._stage
        Rating.objects.create(
            run=self._session.begun,
            stage=stage.id,
            place=self._session.place(stage.id),
            kind=kind_of(stage),
            value=self._value,
            forms=self._forms,
            status=self._status,
            scale_min=ends_of(stage)[0],
            scale_max=ends_of(stage)[1],
            shown_at=self._session.visits[stage.id].entered_at,
            answered_at=now,
            response_time_ms=timing.response_time_ms,
        )

    def _replace(self, stored: Rating, now: datetime, timing: Timing) -> None:
        RatingRevision.objects.create(
            rating=stored,
            value=stored.value,
            forms=stored.forms,
            status=stored.status,
            answered_at=stored.answered_at,
            response_time_ms=stored.response_time_ms,
            replaced_at=now,
        )
        stored.value, stored.forms, stored.status = self._value, self._forms, self._status
        stored.answered_at, stored.response_time_ms = now, timing.response_time_ms
        stored.changes += 1
        stored.save()


class _Report(_Told):
    def __init__(self, session: Session, stage: Stage, given: Given) -> None:
        self._session, self._stage = session, stage
        self._text = tidy(given.text) if isinstance(given, Reported) else ""
        run = session.run
        self._stored = run.reports.filter(stage=stage.id).first() if run else None

    def says_the_same(self) -> bool:
        return self._stored is not None and self._stored.text == self._text

    def keep(self, now: datetime, language: str, timing: Timing) -> None:
        if self._stored is None:
            self._first(now, language)
        elif not self.says_the_same():
            self._replace(self._stored, now, language)

    def _first(self, now: datetime, language: str) -> None:
        stage, session = self._stage, self._session
        Report.objects.create(
            run=session.begun,
            stage=stage.id,
            place=session.place(stage.id),
            text=self._text,
            words=count_words(self._text),
            language=language,
            after_reveal=follows_reveal(session.script, stage.id, session.visits),
            written_at=now,
        )

    def _replace(self, stored: Report, now: datetime, language: str) -> None:
        ReportRevision.objects.create(report=stored, text=stored.text, written_at=stored.written_at, replaced_at=now)
        stored.text, stored.words = self._text, count_words(self._text)
        stored.language, stored.written_at = language, now
        stored.save()


class _Drawing:
    def __init__(self, session: Session, stage: Stage, given: Given) -> None:
        self._session, self._stage = session, stage
        self._given = given.kept if isinstance(given, Drawn) else Kept(Drawing.Status.SKIPPED)
        run = session.run
        self._stored = run.drawings.filter(stage=stage.id).first() if run else None
        self._kept = _beside(self._stored, self._given) if self._stored else self._given

    def says_the_same(self) -> bool:
        stored, kept = self._stored, self._kept
        if stored is None:
            return False
        said = (kept.status, kept.reason, kept.words, kept.strokes)
        return said == (stored.status, stored.reason, stored.words, stored.strokes) and self._is_same_picture(stored)

    def keep(self, now: datetime, language: str, timing: Timing) -> None:
        drop_draft(run=self._session.begun, stage=self._stage.id)
        if self._stored is not None and self.says_the_same():
            self._drop_file()
            return
        row = self._stored or Drawing(
            run=self._session.begun,
            stage=self._stage.id,
            place=self._session.place(self._stage.id),
            condition=self._stage.condition or "",
        )
        if self._stored is not None:
            _revise(self._stored, now)
        for name, value in asdict(self._kept).items():
            setattr(row, name, value)
        row.saved_at = now
        row.save()

    def drop(self) -> None:
        self._drop_file()

    def _is_same_picture(self, stored: Drawing) -> bool:
        if self._kept.status != Drawing.Status.UPLOADED or self._kept.file == stored.file:
            return True  # the same strokes are the same picture
        try:
            return path_of(stored.file).read_bytes() == path_of(self._kept.file).read_bytes()
        except FileNotFoundError:
            return False

    def _drop_file(self) -> None:
        """Deletes the file that was written for a drawing which is not kept."""
        transaction.on_commit(partial(discard, self._given.file))


_KEEPERS: dict[tuple[str, type[Given]], type[_Nothing] | type[_Rating] | type[_Report] | type[_Drawing]] = {
    ("say", Passed): _Nothing,
    ("rest", Passed): _Nothing,
    ("reveal", Passed): _Nothing,
    ("rate", Rated): _Rating,
    ("rate", Declined): _Rating,
    ("compare", Rated): _Rating,
    ("compare", Declined): _Rating,
    ("rate", NotApplicable): _Rating,
    ("compare", NotApplicable): _Rating,
    ("form", Forms): _Rating,
    ("form", Declined): _Rating,
    ("check", Chosen): _Rating,
    ("check", Declined): _Rating,
    ("choose", Chosen): _Rating,
    ("report", Reported): _Report,
    ("draw", Drawn): _Drawing,
}


def kind_of(stage: Stage) -> str:
    """What a rating is of, as the dataset names it."""
    return stage.rates or {"choose": CHOICE}.get(stage.kind, stage.kind)


def tidy(text: str) -> str:
    """A text with the line ends that every database and program reads alike, and nothing empty around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def count_words(text: str) -> int:
    """How many words a text has: whatever stands between spaces."""
    return len(text.split())


def _forms(stage: Stage, given: Given) -> str:
    """The forms that were chosen, in the order of the script."""
    return BETWEEN.join(form for form in stage.forms if form in given.forms) if isinstance(given, Forms) else ""


def _beside(stored: Drawing, given: Kept) -> Kept:
    """What is kept of a drawing that comes after another: passing leaves what is there, and words go beside it.

    A picture that was sent can't be shown again in its field, nor can strokes where there is no JavaScript: a page
    without them doesn't take them back. A paper that was cleared does.
    """
    is_picture = bool(given.file)
    is_cleared = bool(given.strokes) and stored.status != Drawing.Status.UPLOADED
    was_given = stored.status != Drawing.Status.SKIPPED
    if is_picture or is_cleared or not was_given:
        return given
    words = given.words or stored.words
    there = {each.name: getattr(stored, each.name) for each in fields(Kept)}
    return Kept(**(there | {"words": words}))


def _revise(stored: Drawing, now: datetime) -> None:
    DrawingRevision.objects.create(
        drawing=stored,
        status=stored.status,
        reason=stored.reason,
        words=stored.words,
        strokes=stored.strokes,
        file=stored.file,
        saved_at=stored.saved_at,
        replaced_at=now,
    )


_STATUSES: dict[type[Given], Rating.Status] = {
    Declined: Rating.Status.DECLINED,
    NotApplicable: Rating.Status.NOT_APPLICABLE,
}


def ends_of(stage: Stage) -> tuple[float | None, float | None]:
    """The two ends of what a rating's row can hold: of a form how many were chosen, of choices None."""
    if stage.kind == "form":
        return 0, len(stage.forms)
    return (stage.scale.min, stage.scale.max) if stage.scale else (None, None)


def _value(stage: Stage, given: Given) -> float | None:
    if isinstance(given, Chosen):
        many = len(stage.choices) if stage.kind == "check" else len(stage.options)
        if not 1 <= given.option <= many:
            raise ValueError(f"{stage.id} has no option {given.option}; expected 1 to {many}")
        return given.option
    if isinstance(given, Forms):
        if unknown := set(given.forms) - set(stage.forms):
            raise ValueError(f"{stage.id} offers no {', '.join(sorted(unknown))}")
        return len(set(given.forms))
    if isinstance(given, NotApplicable) and stage.na is None:
        raise ValueError(f"{stage.id} is always applicable")
    if not isinstance(given, Rated):
        return None
    if stage.scale is None or not is_point(stage.scale, given.value):
        raise ValueError(f"{stage.id}: {given.value!r} is no point of its scale")
    return given.value
