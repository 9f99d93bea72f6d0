"""The outbox: messages planned with the programme, claimed, handed over once, and settled by what became of them.

    scheduled -> claimed -> handing_over -> sent
        ^           | lease over or put off: back, later       | 4xx: scheduled   5xx: failed
        '-----------'                                          | anything else, or lease over: uncertain
    scheduled, claimed -> cancelled | missed                    uncertain -> sent | scheduled (by a person, audited)

`handing_over` is committed after the mail server's 354 and before the content: a stop before it is retried without
risk, a stop after it is `uncertain` and never sent again by itself. So no message goes twice, and none is lost in
silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from accounts.audit import Actor, record
from coaching.handover import Outcome, Transport
from coaching.mailer import compose
from coaching.models import Message, Occasion
from coaching.selectors.studies import declared
from coaching.services import links
from coaching.windows import is_between, zone

State = Message.State

CLAIM_LEASE = timedelta(seconds=30)
HANDOVER_LEASE = timedelta(seconds=75)
BACKOFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=60))
MOST_REFUSALS = len(BACKOFF) + 1


# --- falling due -----------------------------------------------------------------------------------------------------


def settle_due(*, now: datetime) -> dict[str, int]:
    """Settles due messages that must not go: of the paused, of closed steps, and all but the latest of a step."""
    counts = {"cancelled": 0, "missed": 0}
    due = Message.objects.filter(state=State.SCHEDULED, due_at__lte=now)
    stopped = Q(enrolment__paused_at__isnull=False) | Q(enrolment__no_mail_at__isnull=False)
    held_back = (Message.Kind.REMINDER, Message.Kind.MESSAGE)
    counts["cancelled"] += _settle(due.filter(stopped, kind__in=held_back), State.CANCELLED, "paused")
    closed = Occasion.objects.filter(enrolment=OuterRef("enrolment"), key=OuterRef("timepoint"), closes_at__lte=now)
    reminders = due.filter(kind=Message.Kind.REMINDER)
    counts["missed"] += _settle(reminders.filter(Exists(closed)), State.MISSED, "closed")
    later = reminders.filter(enrolment=OuterRef("enrolment"), timepoint=OuterRef("timepoint"), n__gt=OuterRef("n"))
    counts["missed"] += _settle(reminders.filter(Exists(later)), State.MISSED, "overtaken")
    return counts


def _settle(messages: QuerySet[Message], state: str, reason: str) -> int:
    found = list(messages.values_list("pk", flat=True))
    # The condition again in the UPDATE itself: what was claimed meanwhile is somebody else's.
    return int(Message.objects.filter(pk__in=found, state=State.SCHEDULED).update(state=state, reason=reason))


def due_ids(*, now: datetime, most: int) -> list[int]:
    """Messages that may be claimed now, the longest due first; those outside their step's hours wait for them."""
    rows = (
        Message.objects.filter(
            Q(not_before=None) | Q(not_before__lte=Now()),
            state=State.SCHEDULED,
            due_at__lte=now,
            enrolment__synthetic=False,
        )
        .select_related("enrolment__version")
        .defer("enrolment__version__content")
        .order_by("due_at", "pk")[:most]
    )
    return [row.pk for row in rows if _may_go_now(row, now)]


def _may_go_now(message: Message, now: datetime) -> bool:
    version = message.enrolment.version
    if message.kind != Message.Kind.REMINDER or version is None:
        return True
    between = next((s.between for s in declared(version).steps() if s.id == message.timepoint), None)
    return between is None or is_between(now, between, zone(message.enrolment.timezone))


def expire_leases() -> dict[str, int]:
    """Takes back claims that nobody finished, and names uncertain what was under way for too long."""
    back = Message.objects.filter(state=State.CLAIMED, claimed_at__lt=Now() - CLAIM_LEASE)
    lost = Message.objects.filter(state=State.HANDING_OVER, handing_over_at__lt=Now() - HANDOVER_LEASE)
    return {
        "reclaimed": back.update(state=State.SCHEDULED),
        "uncertain": lost.update(state=State.UNCERTAIN, reason="no answer known"),
    }


# --- sending ---------------------------------------------------------------------------------------------------------

# The three steps of a handing-over are written as SQL, each one statement, for they are what the promise hangs on. They
# work alike on PostgreSQL and SQLite.
CLAIM = """
UPDATE coaching_message SET state = 'claimed', attempts = attempts + 1, claimed_at = CURRENT_TIMESTAMP
WHERE id = %s AND state = 'scheduled' AND due_at <= %s AND (not_before IS NULL OR not_before <= CURRENT_TIMESTAMP)
RETURNING attempts, refusals, enrolment_id
"""
# The last look: still ours, and the person still to be written to. EXISTS and no join: PostgreSQL looks again at the
# row's own columns when somebody changed it meanwhile, and whoever withdraws, pauses or completes changes it too.
FENCE = """
UPDATE coaching_message SET state = 'handing_over', handing_over_at = CURRENT_TIMESTAMP
WHERE id = %s AND state = 'claimed' AND attempts = %s
  AND EXISTS (
    SELECT 1 FROM coaching_enrolment person
    WHERE person.id = coaching_message.enrolment_id AND person.erased_at IS NULL AND NOT person.synthetic
      AND (kind = 'link' OR person.withdrawn_at IS NULL)
      AND (kind <> 'invitation' OR person.consented_at IS NULL)
      AND (kind NOT IN ('reminder', 'message') OR (person.paused_at IS NULL AND person.no_mail_at IS NULL)))
  AND (kind <> 'reminder' OR EXISTS (
    SELECT 1 FROM coaching_occasion step
    WHERE step.enrolment_id = coaching_message.enrolment_id AND step.key = coaching_message.timepoint
      AND step.settled_at IS NULL AND (step.closes_at IS NULL OR step.closes_at > %s)))
"""
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


def send(*, message_id: int, transport: Transport, now: datetime) -> str:
    """Claims one message, hands it over and settles it; the state it ended in, empty when it was not ours to send.

    Safe to call for any number, at any time, from any number of processes: a claim is one conditional UPDATE.
    """
    claim = _claim(message_id, now)
    if claim is None:
        return ""
    # The token is random and only its hash is stored: it is stored with the fence, for a mail never leads nowhere.
    token = links.new_token()

    def mail() -> EmailMessage:
        return _mail(message_id, token, now)

    def fence() -> bool:
        with transaction.atomic():
            passed = _execute(FENCE, message_id, claim.attempt, now) == 1
            if passed:
                links.keep(enrolment_id=claim.enrolment_id, token=token, now=now)
        return passed

    try:
        outcome = transport.hand_over(mail, fence)
    except _NoAddress:
        return _become(claim, State.FAILED, (State.CLAIMED,), reason="no address")
    return _after(claim, outcome, now)


def _claim(message_id: int, now: datetime) -> _Claim | None:
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [message_id, _bound(now)])
        row = cursor.fetchone()
    return _Claim(message_id, *row) if row else None


def _mail(message_id: int, token: str, now: datetime) -> EmailMessage:
    message = (
        Message.objects.select_related("enrolment__study", "enrolment__version", "enrolment__contact")
        .defer("enrolment__version__content")
        .get(pk=message_id)
    )
    address = message.enrolment.contact.email if hasattr(message.enrolment, "contact") else ""
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
    if outcome.what == "refused":
        return _become(claim, State.FAILED, still, reason=f"refused with {outcome.code}")
    refusals = claim.refusals + 1
    if refusals >= MOST_REFUSALS:
        return _become(claim, State.FAILED, still, refusals=refusals, reason="put off too often")
    return _become(claim, State.SCHEDULED, still, refusals=refusals, not_before=Now() + BACKOFF[refusals - 1])


def _become(claim: _Claim, state: str, allowed: Sequence[str], **fields: object) -> str:
    """The new state, if the message is still this attempt's; only conditional updates ever follow a claim."""
    ours = Message.objects.filter(pk=claim.message_id, attempts=claim.attempt, state__in=allowed)
    return str(state) if ours.update(state=state, **fields) else ""


def _execute(statement: str, *values: int | datetime) -> int:
    """How many rows the statement changed."""
    with connection.cursor() as cursor:
        cursor.execute(statement, [_bound(value) for value in values])
        return int(cursor.rowcount)


def _bound(value: int | datetime) -> int | str | datetime | None:
    """An instant as the database's own driver takes it."""
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


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
