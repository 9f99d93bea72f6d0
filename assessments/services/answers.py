"""Taking answers, one at a time.

Each call holds the person's row from the decision to the last write: two tabs, a double submit and a closing window
come one after the other. One that only confirms what is stored needs no more than the statement that finds it so. What
was chosen is stored as chosen; nothing is ever filled in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db import transaction

from assessments.entries import Entry, is_possible
from assessments.models import Administration, Answer
from assessments.selectors import Question, Refusal, Sheet, answers_of, question, sheet_of
from assessments.services.administrations import begin
from assessments.services.closing import finish
from assessments.services.history import keep_earlier
from assessments.services.watching import rules_on, watch
from coaching.models import Occasion
from coaching.services.occasions import lock_person_of
from protocol.instrument import Item


@dataclass(frozen=True, slots=True)
class Given:
    """What a person gave to one item: a value, or why there is none.

    `clears`: an optional item is passed with its field emptied, which takes back what stood in it.
    """

    status: Literal["answered", "declined", "skipped", "not_applicable"]
    value: float | None = None
    text: str = ""
    clears: bool = False


DECLINED = Given("declined")
SKIPPED = Given("skipped")
CLEARED = Given("skipped", clears=True)
NOT_APPLICABLE = Given("not_applicable")


@dataclass(frozen=True, slots=True)
class Taken:
    """An answer stands as it was given, now or before.

    `leads_to` is the position of the question to go on with; None when the questionnaire is finished.
    """

    answer: Answer
    leads_to: int | None


def answer(
    *,
    occasion: Occasion,
    instrument: str,
    position: int,
    given: Given,
    now: datetime,
    language: str = "",
    response_time_ms: int | None = None,
    revision: int = 0,
    asked: Question | None = None,
) -> Taken | Refusal:
    """The answer as it stands after a person posted one, or why it was not taken.

    The last item's finishes the questionnaire. The last answer given stands; an earlier, different one goes to its
    history. Passing an optional item that has an answer leaves that answer, unless its field was cleared. What says the
    same as before changes nothing, and leads where it led, whatever has been finished or closed since. Where the
    questionnaire branches, the last item is the last that is due after this answer; one that is not due takes none.

    Args:
        occasion: What is answered; read anew under the lock.
        instrument: One of its questionnaires.
        position: The item's place in this person's order, 1 the first.
        given: What the person gave.
        now: When.
        language: The language in which they read the item.
        response_time_ms: From the question's being seen to the choice; None where nobody measured.
        revision: The page's count of its saves, so that a save of the same page that comes later is known as older.
        asked: The question as it was read a moment ago, where it was.

    Raises:
        ValueError: The occasion has no such item, it can't be passed, or what was given can't be given to it.
    """
    # A post that confirms what its page saved by itself is the first that a safety rule hears of it.
    is_watched = asked is not None and bool(rules_on(asked.paper))
    confirmed = _confirm(asked, given, now, revision) if asked is not None and not is_watched else None
    if confirmed is not None:
        return confirmed
    with transaction.atomic():
        desk = _desk(occasion, instrument, position, given, now)
        if desk.refused is not None:
            return desk.repeat() or desk.refused
        taken = desk.store(now, language, response_time_ms, revision)
        if taken.leads_to is None:
            finish(paper=desk.paper, answers=desk.answers.values(), now=now)
        watch(paper=desk.paper, now=now, is_over=taken.leads_to is None)
        return taken


@transaction.atomic
def autosave(
    *,
    occasion: Occasion,
    instrument: str,
    position: int,
    given: Given,
    now: datetime,
    revision: int,
    language: str = "",
    response_time_ms: int | None = None,
) -> Taken | Refusal:
    """The answer after a page's script saved what was chosen so far; it never finishes a questionnaire.

    A save that is not newer than what is stored (another tab's, or one that was overtaken on its way) is refused as
    stale unless it says the same. Arguments and errors as in `answer`.
    """
    desk = _desk(occasion, instrument, position, given, now)
    if desk.refused is not None:
        return desk.repeat() or desk.refused
    if desk.stored is not None and revision <= desk.stored.revision:
        return desk.repeat() or Refusal.STALE
    return desk.store(now, language, response_time_ms, revision)


@dataclass(slots=True)
class _Desk:
    """One item of a locked person: what is asked, stored and given, and whether it is taken.

    `answers` holds this item's alone, and the whole questionnaire's at its last item, whose post may finish it.
    """

    paper: Sheet
    position: int
    item: Item
    given: Given
    answers: dict[str, Answer]
    refused: Refusal | None

    @property
    def stored(self) -> Answer | None:
        return self.answers.get(self.item.id)

    @property
    def positions(self) -> list[int]:
        return self.paper.positions(self.answers.values())

    def repeat(self) -> Taken | None:
        """Where the same answer led before; None for a different one."""
        if self.refused is Refusal.AWAY or self.stored is None or not _says(self.stored, self.given):
            return None
        return self._taken(self.stored)

    def store(self, now: datetime, language: str, response_time_ms: int | None, revision: int) -> Taken:
        stored = self.stored
        if stored is not None and _says(stored, self.given):
            if revision > stored.revision:
                stored.revision = revision
                stored.save(update_fields=["revision"])
            return self._taken(stored)
        administration = self._begun(now, language)
        if stored is None:
            stored = self._first(administration, now, language, response_time_ms, revision)
        else:
            _replace(stored, self.given, now, language, response_time_ms, revision)
        return self._taken(stored)

    def _begun(self, now: datetime, language: str) -> Administration:
        administration = self.paper.administration
        if administration is None:
            occasion = self.paper.occasion
            administration = begin(occasion=occasion, now=now)[self.paper.instrument.id]
            self.paper = sheet_of(occasion, self.paper.instrument.id, administration)
        if administration.started_at is None or administration.language != language:
            administration.started_at = administration.started_at or now
            administration.language = language
            administration.save(update_fields=["started_at", "language"])
        return administration

    def _first(
        self,
        administration: Administration,
        now: datetime,
        language: str,
        response_time_ms: int | None,
        revision: int,
    ) -> Answer:
        self.answers[self.item.id] = Answer.objects.create(
            administration=administration,
            item=self.item.id,
            position=self.position,
            value=self.given.value,
            text=self.given.text,
            status=self.given.status,
            answered_at=now,
            response_time_ms=response_time_ms,
            language=language,
            revision=revision,
        )
        return self.answers[self.item.id]

    def _taken(self, stored: Answer) -> Taken:
        following = next((n for n in self.positions if n > self.position), None)
        return Taken(stored, following or self.paper.missing(self.answers.values()))


def _confirm(asked: Question, given: Given, now: datetime, revision: int) -> Taken | None:
    """Where a post leads that says what is stored, as it does after its page's own save; None for any other.

    The statement finds the answer only where it still stands as it was read.
    """
    stored = asked.stored
    if stored is None or asked.is_last or not _says(stored, given) or asked.refusal(now) is not None:
        return None
    if revision > stored.revision:
        as_read = Answer.objects.filter(
            pk=stored.pk, status=stored.status, value=stored.value, text=stored.text, revision__lt=revision
        )
        if not as_read.update(revision=revision):
            return None
    return Taken(stored, asked.position + 1)


def _desk(occasion: Occasion, instrument: str, position: int, given: Given, now: datetime) -> _Desk:
    # Locked first and read afterwards: one statement for both would read what was there before it had to wait.
    asked = question(lock_person_of(occasion), occasion.public_id, instrument, position)
    if asked is None:
        raise ValueError(f"{occasion.key} does not ask for {instrument}, or not for an item {position} of it")
    _check(asked.item, given)
    if asked.is_last:  # its post finishes only what has an answer everywhere
        answers = dict(asked.answers) if asked.answers is not None else answers_of(asked.paper.administration)
    else:
        answers = {asked.item.id: asked.stored} if asked.stored else {}
    refused = asked.refusal(now)
    if refused is None and position not in asked.positions:
        refused = Refusal.NOT_DUE
    return _Desk(asked.paper, position, asked.item, given, answers, refused)


def _check(item: Item, given: Given) -> None:
    if given.status == "skipped" and not item.optional:
        raise ValueError(f"{item.id} is not optional: it can be answered or declined, not passed")
    if given.status == "not_applicable" and item.na is None:
        raise ValueError(f"{item.id} has no answer that it does not apply")
    has_value = given.value is not None or given.text != ""
    if (given.status == "answered") != has_value:
        raise ValueError(f"{item.id}: {given.value!r} {given.text!r} with the status {given.status}")
    if has_value and not is_possible(item, Entry(given.value, given.text)):
        raise ValueError(f"{item.id}: {given.value!r} {given.text!r} can't be given to it")


def _says(stored: Answer, given: Given) -> bool:
    """Whether `given` leaves what is stored as it is."""
    if given.status == "skipped":
        return stored.status not in (_CLEARABLE if given.clears else _NO_ANSWER)
    return stored.status == given.status and stored.value == given.value and stored.text == given.text


_NO_ANSWER = (Answer.Status.NOT_REACHED, Answer.Status.NOT_DUE)
# Whoever declined sees an empty field: that it comes empty again takes nothing back.
_CLEARABLE = (*_NO_ANSWER, Answer.Status.ANSWERED, Answer.Status.NOT_APPLICABLE)


def _replace(
    stored: Answer, given: Given, now: datetime, language: str, response_time_ms: int | None, revision: int
) -> None:
    keep_earlier(stored, now)
    stored.value, stored.text, stored.status = given.value, given.text, given.status
    stored.answered_at, stored.response_time_ms = now, response_time_ms
    stored.changes += 1
    stored.language = language
    stored.revision = max(stored.revision, revision)
    fields = ("value", "text", "status", "answered_at", "response_time_ms", "changes", "language", "revision")
    stored.save(update_fields=fields)
