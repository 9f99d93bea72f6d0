"""The outbox: messages planned with the programme, claimed, handed over once, and settled by what became of them.

    scheduled -> claimed -> handing_over -> sent
        ^           | lease over or put off: back, later       | 4xx: scheduled   5xx: failed
        '-----------'                                          | anything else, or lease over: uncertain
    scheduled, claimed -> cancelled | missed                    uncertain -> sent | scheduled (by a person, audited)

`handing_over` is committed after the mail server's 354, or a web server's handshake, and before the content: a stop
before it is retried without risk, a stop after it is `uncertain` and never sent again by itself. So no message goes
twice, and none is lost in silence.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import psycopg
from django.core.mail import EmailMessage
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now

from accounts.audit import Actor, record
from coaching.handover import Fence, Outcome, Transport
from coaching.handover.configured import Others
from coaching.handover.push import Device, Note
from coaching.handover.sms import ShortText
from coaching.mailer import STOPPABLE, compose, compose_alert
from coaching.models import Contact, Message, Way
from coaching.selectors.people import token_hash
from coaching.selectors.ways import live
from coaching.services import links, ways
from coaching.short_words import pushed, texted, worth_s

State = Message.State
Bound = int | str | datetime | list[int]

log = logging.getLogger(__name__)

BACKOFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=60))
MOST_REFUSALS = len(BACKOFF) + 1
TOGETHER = 5
"""How many messages are claimed by one statement, and handed to a worker at a time."""
FRESH_S = 8
"""For how long after a claim a talk may begin: with the longest (20 s) the fence is reached within the lease."""


# --- sending ---------------------------------------------------------------------------------------------------------

# The three steps of a handing-over are written as SQL, each one statement, for they are what the promise hangs on. They
# work alike on PostgreSQL and SQLite.
#
# Some are claimed at a time, for each commit is a journey and a turn of the disk. A row that somebody holds at this
# moment is left to the next turn: a worker waits for nobody, and two that want the same rows not for each other.
CLAIM = """
UPDATE coaching_message SET state = 'claimed', attempts = attempts + 1, claimed_at = CURRENT_TIMESTAMP
WHERE {these}
RETURNING id, attempts, refusals, enrolment_id, kind, (
  SELECT chosen.way FROM coaching_contact chosen WHERE chosen.enrolment_id = coaching_message.enrolment_id)
"""
# The state is no word for an index here: whoever plans this by old statistics would go through all that is due.
MAY_BE_CLAIMED = """
  state || '' = 'scheduled' AND due_at <= %s AND (not_before IS NULL OR not_before <= CURRENT_TIMESTAMP)
"""
THESE = {
    "postgresql": "id = ANY(ARRAY(SELECT id FROM coaching_message WHERE id = ANY(%s) AND {may_be} "
    "FOR UPDATE SKIP LOCKED))",
    "sqlite": "id IN (SELECT value FROM json_each(%s)) AND {may_be}",
}
# The last look: still ours, and the person still to be written to. EXISTS and no join: PostgreSQL looks again at the
# row's own columns when somebody changed it meanwhile, and whoever withdraws, pauses or completes changes it too.
FENCE = """
UPDATE coaching_message SET state = 'handing_over', handing_over_at = CURRENT_TIMESTAMP, way = %s
WHERE id = %s AND state = 'claimed' AND attempts = %s
  AND EXISTS (
    SELECT 1 FROM coaching_enrolment person
    WHERE person.id = coaching_message.enrolment_id AND person.erased_at IS NULL AND NOT person.synthetic
      AND (kind IN ('link', 'alert') OR (person.withdrawn_at IS NULL AND person.no_contact_at IS NULL))
      AND (kind <> 'invitation' OR person.consented_at IS NULL)
      AND (kind NOT IN ('reminder', 'message', 'waiting') OR (person.paused_at IS NULL AND person.no_mail_at IS NULL)))
  AND (kind = 'alert' OR NOT EXISTS (
    SELECT 1 FROM coaching_contact contact
    WHERE contact.enrolment_id = coaching_message.enrolment_id AND contact.held_at IS NOT NULL))
  AND (kind <> 'alert' OR EXISTS (
    SELECT 1 FROM coaching_safetyalert alert WHERE alert.id = coaching_message.alert_id AND alert.seen_at IS NULL))
  AND (kind <> 'reminder' OR EXISTS (
    SELECT 1 FROM coaching_occasion step
    WHERE step.enrolment_id = coaching_message.enrolment_id AND step.key = coaching_message.timepoint
      AND step.settled_at IS NULL AND (step.closes_at IS NULL OR step.closes_at > %s)))
"""
# The same in one statement with the link that the mail carries, and so in one journey instead of four. SQLite has no
# such statement, and no journeys.
FENCE_WITH_LINK = f"""
WITH passed AS ({FENCE} RETURNING enrolment_id)
INSERT INTO coaching_personallink (enrolment_id, token_hash, created_at) SELECT enrolment_id, %s, %s FROM passed
"""  # noqa: S608 - made of nothing but the text above
# The attempt that passed the fence has seen the reply, so it may still correct what a lease made of its message.
SENT = """
UPDATE coaching_message SET state = 'sent', sent_at = %s, reason = ''
WHERE id = %s AND attempts = %s AND state IN ('handing_over', 'uncertain')
"""
PASSED = (State.HANDING_OVER, State.UNCERTAIN)


class _NoAddress(Exception):
    """There is nobody to send to."""


@dataclass(frozen=True, slots=True)
class _Claim:
    """A message that is this attempt's until its lease is over."""

    message_id: int
    attempt: int
    refusals: int
    enrolment_id: int
    kind: str
    chosen: str | None


BY_MAIL = Others()


def send(
    *,
    message_ids: Iterable[int],
    transport: Transport[EmailMessage],
    now: datetime,
    others: Others = BY_MAIL,
    goes_on: Callable[[], bool] = lambda: True,
) -> Iterator[tuple[int, str]]:
    """Claims messages, hands them over one after the other and settles each; yields each with the state it ended in.

    Those that were not ours to send are passed over. Safe to call for any numbers, at any time, from any number of
    processes: a claim is one conditional UPDATE. What can be stopped goes by the way of `others` that the person chose,
    if there is one; all else is mail. `goes_on` is asked before each message: after a no, the rest stays as it was.
    """
    for some in batched(message_ids, TOGETHER):
        if not goes_on():
            return
        claimed, began = _claim(some, now), time.monotonic()
        for n, claim in enumerate(claimed):
            if n and not (goes_on() and time.monotonic() - began < FRESH_S):
                _give_back(claimed[n:])
                break
            yield claim.message_id, _send_whatever_happens(claim, transport, others, now)


def batched(numbers: Iterable[int], most: int) -> Iterator[list[int]]:
    """The numbers in their order, `most` at a time."""
    left = iter(numbers)
    while some := list(islice(left, most)):
        yield some


def _send_whatever_happens(claim: _Claim, transport: Transport[EmailMessage], others: Others, now: datetime) -> str:
    """A message that can't be made, for whatever reason, keeps no other from leaving; the database's own faults do."""
    try:
        return _send(claim, transport, others, now)
    except DatabaseError:
        raise
    except Exception as problem:
        log.error("Message %s could not be handed over (%s)", claim.message_id, type(problem).__name__)
        # Past the fence nobody knows what left: then its lease makes it uncertain.
        return _put_off(claim, (State.CLAIMED,))


def _send(claim: _Claim, transport: Transport[EmailMessage], others: Others, now: datetime) -> str:
    # The token is random and only its hash is stored: it is stored with the fence, for a mail never leads nowhere.
    token = links.new_token()

    def mail() -> EmailMessage:
        return _mail(claim.message_id, token, now)

    def fence() -> bool:
        return _pass(claim, Way.MAIL, token, now)

    otherwise = _by_another_way(claim, others, token, now)
    if otherwise is not None:
        state = _after(claim, otherwise, now)
        # Only then: what is known of the message must not hang on whether a device can be forgotten.
        if otherwise.lost:
            ways.lose(enrolment_id=claim.enrolment_id, devices=otherwise.lost, now=now)
        return state
    try:
        outcome = transport.hand_over(mail, fence)
    except _NoAddress:
        return _become(claim, State.FAILED, (State.CLAIMED,), reason="no address")
    return _after(claim, outcome, now)


def _claim(some: list[int], now: datetime) -> list[_Claim]:
    """What of that is ours until its lease is over, in the same order."""
    these = THESE[connection.vendor].format(may_be=MAY_BE_CLAIMED)
    with _prepared(CLAIM.format(these=these), _several(some), now) as cursor:
        claims = [_Claim(*row) for row in cursor.fetchall()]
    return sorted(claims, key=lambda claim: some.index(claim.message_id))


def _give_back(claims: Iterable[_Claim]) -> None:
    for claim in claims:
        _become(claim, State.SCHEDULED, (State.CLAIMED,))


def _by_another_way(claim: _Claim, others: Others, token: str, now: datetime) -> Outcome | None:
    """What became of a message by the way that the person chose; None where it goes by mail."""
    if claim.kind not in STOPPABLE or claim.chosen in {None, Way.MAIL}:
        return None

    def fence_of(way: Way) -> Fence:
        return lambda: _pass(claim, way, token, now)

    if claim.chosen == Way.PUSH and others.push is not None:
        devices = tuple(Device(at.pk, at.endpoint, at.p256dh, at.auth) for at in live(claim.enrolment_id))
        if devices:
            message = _with_person(claim.message_id)
            note = Note(devices, pushed(message), worth_s(message, now))
            return others.push.hand_over(lambda: note, fence_of(Way.PUSH))
    if claim.chosen == Way.SMS and others.sms is not None:
        contact = Contact.objects.filter(enrolment=claim.enrolment_id).first()
        if contact is not None and contact.phone:
            message = _with_person(claim.message_id)
            text = ShortText(contact.phone, texted(message, url=links.url_of(token)), message.key.hex)
            return others.sms.hand_over(lambda: text, fence_of(Way.SMS))
    return None


def _pass(claim: _Claim, way: Way, token: str, now: datetime) -> bool:
    """Whether the point of no return was passed: together with the link that the message carries, or not at all.

    An alert carries none, and no notification does: the browser that it comes to knows whose it is, or asks.
    """
    fence = (str(way), claim.message_id, claim.attempt, now)
    if claim.kind == Message.Kind.ALERT or way == Way.PUSH:
        return _execute(FENCE, *fence) == 1
    if connection.vendor == "postgresql":
        return _execute(FENCE_WITH_LINK, *fence, token_hash(token), now) == 1
    with transaction.atomic():
        passed = _execute(FENCE, *fence) == 1
        if passed:
            links.keep(enrolment_id=claim.enrolment_id, token=token, now=now)
    return passed


def _with_person(message_id: int) -> Message:
    return (
        Message.objects.select_related("enrolment__study", "enrolment__version", "enrolment__contact")
        .defer("enrolment__version__content")
        .get(pk=message_id)
    )


def _mail(message_id: int, token: str, now: datetime) -> EmailMessage:
    message = _with_person(message_id)
    address = message.enrolment.contact.email if hasattr(message.enrolment, "contact") else ""
    if message.kind == Message.Kind.ALERT:
        return compose_alert(message, now=now)
    if not address:
        raise _NoAddress
    return compose(message, to=address, url=links.url_of(token), now=now)


def _after(claim: _Claim, outcome: Outcome, now: datetime) -> str:
    """Settles a message by what became of its handing-over."""
    if outcome.what == "sent":
        return str(State.SENT) if _execute(SENT, now, claim.message_id, claim.attempt) else ""
    if outcome.what == "unknown":
        return _become(claim, State.UNCERTAIN, PASSED, reason="connection lost")
    if outcome.what == "withheld":
        # Withdrawn, paused, done or closed meanwhile: the row goes back, and whoever changed it says what it becomes.
        return _become(claim, State.SCHEDULED, (State.CLAIMED,))
    still = (State.CLAIMED, *PASSED)
    if outcome.what == "gone":
        # It has arrived nowhere: the next turn sends it by mail.
        return _become(claim, State.SCHEDULED, still)
    if outcome.what == "refused":
        return _become(claim, State.FAILED, still, reason=f"refused with {outcome.code}")
    return _put_off(claim, still)


def _put_off(claim: _Claim, allowed: Sequence[str]) -> str:
    refusals = claim.refusals + 1
    if refusals >= MOST_REFUSALS:
        return _become(claim, State.FAILED, allowed, refusals=refusals, reason="put off too often")
    return _become(claim, State.SCHEDULED, allowed, refusals=refusals, not_before=Now() + BACKOFF[refusals - 1])


def _become(claim: _Claim, state: str, allowed: Sequence[str], **fields: object) -> str:
    """The new state, if the message is still this attempt's; only conditional updates ever follow a claim."""
    ours = Message.objects.filter(pk=claim.message_id, attempts=claim.attempt, state__in=allowed)
    return str(state) if ours.update(state=state, **fields) else ""


def _execute(statement: str, *values: Bound) -> int:
    """How many rows the statement changed."""
    with _prepared(statement, *values) as cursor:
        return int(cursor.rowcount)


@contextmanager
def _prepared(statement: str, *values: Bound) -> Iterator[Any]:
    """A cursor that has run the statement."""
    bound = [_bound(value) for value in values]
    if connection.vendor == "postgresql":
        connection.ensure_connection()
        # Planned once a connection: making the fence's plan takes longer than the rest of it.
        with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as prepared:
            prepared.execute(statement, bound, prepare=True)
            yield prepared
    else:
        with connection.cursor() as cursor:
            cursor.execute(statement, bound)
            yield cursor


def _bound(value: Bound) -> Bound | None:
    """An instant as the database's own driver takes it."""
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


def _several(numbers: list[int]) -> Bound:
    """Several numbers as one value."""
    return numbers if connection.vendor == "postgresql" else json.dumps(numbers)


# --- by a person -----------------------------------------------------------------------------------------------------


@transaction.atomic
def resolve(*, message: Message, was_delivered: bool, by: Actor, now: datetime) -> bool:
    """A person's word on an uncertain message: it arrived, or is to go again. Whether it was still uncertain."""
    changes: dict[str, object] = {"state": State.SENT, "sent_at": now, "reason": "said to have arrived"}
    if not was_delivered:
        changes = {"state": State.SCHEDULED, "not_before": None, "reason": "sent again by hand"}
    changed = Message.objects.filter(pk=message.pk, state=State.UNCERTAIN).update(**changes)
    if changed:
        record(
            by=by,
            action="message.delivered" if was_delivered else "message.again",
            now=now,
            study=message.enrolment.study.slug,
            subject=message.enrolment.pseudonym,
            timepoint=message.timepoint,
            kind=message.kind,
            n=message.n,
        )
    return bool(changed)
