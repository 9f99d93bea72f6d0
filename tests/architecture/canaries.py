"""A study in which there is one recognisable thing of every kind, and all that an account can read of it.

A study's things are marked by two letters that stand in no word: what of one study turns up anywhere is found at once.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from dataclasses import asdict, dataclass
from typing import Any

import clock
from accounts.audit import record
from accounts.models import User
from accounts.services import mint_sign_in_link
from assessments.services import Given, Taken, answer
from assessments.services.guessing import guess_arm
from coaching.models import AllocationSlot, Contact, Enrolment, Message, Occasion, PushSubscription, SafetyAlert
from coaching.services import people, safety, ways
from coaching.services.adjusting import move_step
from coaching.services.adverse_events import Told, record_event
from coaching.services.care import look
from coaching.services.letters import write_to_person, write_to_team
from coaching.services.notes import write_note
from imagery import services
from imagery.models import Drawing, DrawingRevision, ReportRevision, SessionEvent, SessionRun, StageVisit
from imagery.selectors import session_of
from imagery.services.files import on_disk
from imagery.services.pictures import keep
from privacy.erasure import erase
from research.models import QualityDecision
from research.scripts import drafts
from research.services import create_token
from tests import world
from tests.hostile.cast import BROWSER
from tests.imagery.easel import line, strokes

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@dataclass(frozen=True)
class Marks:
    """What tells one study's things from another's: letters for words, and numbers that nothing else counts to."""

    letters: str
    slug: str
    item: float
    earlier: float
    rating: float
    comparison: float
    event: int

    @property
    def phone(self) -> str:
        """A telephone number of one of its people."""
        return f"+4477009{self.event}"

    @property
    def score(self) -> float:
        """What the item's questionnaire comes to."""
        return self.item + sum(self.others)

    @property
    def others(self) -> tuple[float, float, float]:
        """The values of the other three items."""
        return 11.125, 12.25, 13.25

    def word(self, name: str) -> str:
        """A word that is this study's own."""
        return f"{self.letters}{name}"


OWN = Marks("zq", "zq-cells", 73.625, 58.375, 84_217, 64_853, 93_857)
OTHER = Marks("zy", "zy-next-door", 61.125, 53.875, 81_647, 69_247, 95_731)


def files(marks: Marks) -> dict[str, str | bytes]:
    """The study's files: wide scales, and a group and a question that can be told."""
    study = world.edited(
        {
            "slug: small-scenes": f"slug: {marks.slug}",
            "Small scenes: a pilot": marks.word("title"),
            "bands: {none: [4, 4], dim: [5, 8], typical: [9, 18], vivid: [19, 20]}": "bands: {none: [0, 4], "
            f"{marks.word('band')}: [5, 500]}}",
            "id: heard": f"id: {marks.word('heard')}",
        }
    )
    labels = re.compile(r"  labels:\n    en: .*\n    de: .*\n|bands:\n.*\n")
    text = study["instruments/scenes_4.yaml"]
    assert isinstance(text, str)
    text = labels.sub("", text.replace("min: 1\n  max: 5", "min: 0\n  max: 125").replace("step: 1\n", "step: 0.125\n"))
    study = {**study, "instruments/scenes_4.yaml": text}
    return world.edited({"{min: 0, max: 100}": "{min: 0, max: 99999}"}, study, "scripts/potoo.yaml")


class Scene:
    """One study with its people and its team."""

    def __init__(self, marks: Marks) -> None:
        self.marks, self.now = marks, clock.now()
        self.version = world.publish(files(marks), now=self.now - 30 * DAY)
        self.study = self.version.study
        self.colleague = self._member("coach", "colleague")
        self.silent = self._member("owner", "silent")
        self.secrets: dict[str, str] = {}
        self.person = self._person()
        self._session()
        self._written()
        self._places()
        self.erased = self._erased()
        self.refused, _ = world.invited(self.study, email=f"{marks.word('refused')}@people.example")
        people.screen_out(question=marks.word("heard"), now=self.now - DAY, enrolment=self.refused)
        self.tester = world.consented(
            self.version, enrolment=people.invite(study=self.study, by="command", now=self.now, is_test=True)[0]
        )
        link = mint_sign_in_link(user=self.silent, by="command", now=self.now)
        self.secrets["one-time link"] = link.rstrip("/").rpartition("/")[2]
        token, text = create_token(
            user=self.silent, study=self.study, scopes=["export:read"], by=self.silent, now=self.now
        )
        self.prefix, self.secrets["token"] = token.prefix, text.split("_", 2)[2]
        self.secrets["hash of a token"] = token.token_hash
        record(by="command", action=marks.word(".entry"), now=self.now, study=marks.slug, subject=self.person.pseudonym)

    def _member(self, role: str, name: str) -> User:
        return world.staff(self.study, role, email=f"{self.marks.word(name)}@staff.example")

    def _person(self) -> Enrolment:
        """Somebody who was given the group with sessions."""
        word, then = self.marks.word, self.now - 5 * DAY
        while True:
            invited, token = world.invited(
                self.study, email=f"{word('address')}@people.example", label=word("label"), now=then - DAY
            )
            person = world.consented(
                self.version,
                then,
                enrolment=invited,
                email=f"{word('address')}@people.example",
                external_ids={"PROLIFIC_PID": word("external")},
                eligibility={"age": 30, word("heard"): "web"},
            )
            self._answers(person, then)
            person = world.fresh(person)
            if person.arm == "sessions":
                break
        Enrolment.objects.filter(pk=person.pk).update(eligibility={"age": 30, word("heard"): word("dooranswer")})
        told = {name: BROWSER[name] for name in ("p256dh", "auth")}
        endpoint = f"https://push.example/{word('endpoint')}"
        ways.choose_device(enrolment=person, endpoint=endpoint, **told, by="participant", now=then)
        # Nobody has both; here both are looked for.
        contact = Contact.objects.get(enrolment=person)
        contact.phone = self.marks.phone
        contact.save()
        self.secrets["hash of a device"] = PushSubscription.objects.get(enrolment=person).endpoint_hash
        self.secrets["personal link"] = token
        self.secrets["hash of an address"] = Contact.objects.get(enrolment=person).email_hash
        return world.fresh(person)

    def _answers(self, person: Enrolment, now: dt.datetime) -> None:
        marks = self.marks
        given = [(1, marks.earlier), (1, marks.item), *enumerate(marks.others, start=2)]
        for position, value in given:
            taken = answer(
                occasion=world.occasion(person, "baseline"),
                instrument="scenes_4",
                position=position,
                given=Given("answered", value),
                now=now,
                language="en",
            )
            assert isinstance(taken, Taken), taken

    def _session(self) -> None:
        """A session that was gone through two days ago, and another of which there are but words for a drawing."""
        marks, at = self.marks, self.now - 2 * DAY
        occasion: Occasion = world.occasion(self.person, "s1")
        services.begin(occasion=occasion, now=at, language="en")
        shift = 40 if marks is OWN else 300
        sketch = keep(
            strokes_text=strokes(line((shift, 100, 0), (500 - shift, 700, 100))), upload=None, words="", reason=""
        )
        given: dict[str, services.Given] = {
            "say": services.PASSED,
            "reveal": services.PASSED,
            "rate": services.Rated(marks.rating),
            "compare": services.Rated(marks.comparison),
            "report": services.Reported(marks.word("report")),
            "draw": services.Drawn(sketch),
        }
        occasion.enrolment = self.person
        session = session_of(occasion)
        assert session is not None
        for stage in session.script.stages:
            taken = services.submit(
                occasion=occasion,
                stage=stage.id,
                given=given[stage.kind],
                now=at,
                language="en",
                timing=services.UNTIMED,
                attempt=None,
            )
            assert isinstance(taken, services.Taken), (stage.id, taken)
        run = SessionRun.objects.get(occasion=occasion)
        # So long out of sight that there is something to decide about.
        StageVisit.objects.filter(run=run).update(hidden_ms=9_000_000)
        SessionEvent.objects.create(
            **{"run": run, "event_id": uuid.uuid4(), "seq": marks.event, "type": "pause", "stage": "layer_1"},
            **{"happened_at": at, "received_at": at},
        )
        ReportRevision.objects.create(
            report=run.reports.get(), text=marks.word("wording"), written_at=at, replaced_at=at
        )
        self.drawing = run.drawings.get()
        before = keep(strokes_text=strokes(line((shift + 9, 9, 0), (9, 400, 9))), upload=None, words="", reason="")
        kept = {name: getattr(before, name) for name in ("status", "strokes", "file")}
        self.drawn_before = DrawingRevision.objects.create(
            drawing=self.drawing, saved_at=at, replaced_at=at, words=marks.word("drawnbefore"), **kept
        )
        second = SessionRun.objects.create(
            occasion=world.occasion(self.person, "s2"),
            attempt=1,
            script="potoo",
            script_version=1,
            language="en",
            stage="match",
            started_at=self.now - HOUR,
        )
        words = keep(strokes_text="", upload=None, words=marks.word("drawnwords"), reason="")
        Drawing.objects.create(
            run=second, stage="sketch", place=8, condition="imagery", saved_at=self.now - HOUR, **asdict(words)
        )

    def _written(self) -> None:
        """What staff and the person wrote."""
        word, person = self.marks.word, self.person
        given: dict[str, Any] = {"enrolment": person, "by": self.colleague, "now": self.now - 3 * HOUR}
        note = write_note(text=word("note"), key=uuid.uuid4(), **given)
        assert note is not None
        self.note = note
        write_note(text=word("addendum"), key=uuid.uuid4(), addendum_to=note, **given)
        script = {"slug": "potoo", "title": "A bird", "stages": [{"say": word("drafted")}]}
        drafts.save(study=self.study, script=script, rev=0, by=self.colleague, now=self.now)
        write_to_person(text=word("letterout"), key=uuid.uuid4(), **given)
        write_to_team(enrolment=person, text=word("letterin"), key=uuid.uuid4(), now=self.now - 2 * HOUR)
        reported = safety.report(
            enrolment=person,
            kind="unwanted",
            text=word("unwell"),
            wants_contact=True,
            screen="session",
            occasion=world.occasion(person, "s1"),
            key=uuid.uuid4(),
            now=self.now - 2 * HOUR,
        )
        self.alert = SafetyAlert.objects.get(report=reported)
        look(alert=self.alert, done=word("lookedat"), by=self.colleague, now=self.now - HOUR)
        told = Told(
            **{"term": word("adverse"), "onset_on": (self.now - 2 * DAY).date(), "severity": "mild", "serious": False},
            **{"relatedness": "possible", "expected": True, "action": "none", "outcome": "recovered"},
            description=word("happened"),
        )
        event = record_event(told=told, key=uuid.uuid4(), alert=self.alert, **given)
        assert event is not None
        self.event = event
        guess_arm(
            enrolment=person,
            role="coach",
            guess="dont_know",
            confidence=None,
            reason=word("whyguessed"),
            by=self.colleague,
            now=self.now - HOUR,
        )
        people.pause(enrolment=person, by=self.colleague, now=self.now - 3 * HOUR)
        people.resume(enrolment=person, by=self.colleague, now=self.now - 2 * HOUR)
        move_step(
            occasion=world.occasion(person, "post"),
            due_at=self.now + 20 * DAY,
            reason=word("reason"),
            by=self.colleague,
            now=self.now - HOUR,
        )
        QualityDecision.objects.create(
            enrolment=person,
            rule="hidden",
            rule_version=1,
            timepoint="s1",
            part="potoo",
            decision="ask",
            reason=word("decision"),
            by=self.colleague,
            decided_at=self.now - HOUR,
        )
        self.message = Message.objects.create(
            enrolment=person, kind=Message.Kind.LINK, n=1, due_at=self.now - DAY, state=Message.State.UNCERTAIN
        )

    def _places(self) -> None:
        """A next place that is not yet given, named as no group is."""
        held = AllocationSlot.objects.get(enrolment=self.person)
        last = held.list.slots.order_by("-position")[0].position
        held.list.slots.filter(taken_at=None).delete()
        AllocationSlot.objects.create(
            list=held.list, position=last + 9, block=held.block, arm=self.marks.word("nextplace")
        )

    def _erased(self) -> Enrolment:
        """Somebody who left everything behind, and is erased."""
        gone = self.marks.word("gone")
        person = world.consented(
            self.version, self.now - DAY, email=f"{gone}@people.example", external_ids={gone: gone}
        )
        write_note(enrolment=person, text=f"{gone} note", key=uuid.uuid4(), by=self.colleague, now=self.now - HOUR)
        write_to_team(enrolment=person, text=f"{gone} letter", key=uuid.uuid4(), now=self.now - HOUR)
        erase(enrolment=person, by=self.silent, reason="asked for it", now=self.now)
        return world.fresh(person)

    # --- what is looked for ------------------------------------------------------------------------------------------

    def patterns(self) -> dict[str, list[bytes]]:
        """What each kind of thing is known by: regular expressions, of bytes."""
        marks, word = self.marks, self.marks.word
        picture = on_disk(self.drawing, small=False)
        assert picture is not None
        return {
            "study's name": [word("title").encode(), marks.slug.encode()],
            "person's code": [self.person.pseudonym.encode()],
            "address": [word("address").encode()],
            "external id": [word("external").encode()],
            "telephone number": [re.escape(marks.phone.encode())],
            "device": [word("endpoint").encode()],
            "label": [word("label").encode()],
            "answer at the door": [word("dooranswer").encode()],
            "letter of the person": [word("letterin").encode()],
            "letter of the team": [word("letterout").encode()],
            "report of not being well": [word("unwell").encode()],
            "done after an alert": [word("lookedat").encode()],
            "adverse event": [word("adverse").encode()],
            "what happened in an event": [word("happened").encode()],
            "reason of a guess": [word("whyguessed").encode()],
            "draft of a script": [word("drafted").encode()],
            "note": [word("note").encode()],
            "addendum": [word("addendum").encode()],
            "report": [word("report").encode()],
            "report's earlier words": [word("wording").encode()],
            "words for a drawing": [word("drawnwords").encode()],
            "drawing": [re.escape(self.drawing.file.encode()), re.escape(picture.read_bytes())],
            "answer": [_number(marks.item)],
            "earlier answer": [_number(marks.earlier)],
            "score": [_number(marks.score)],
            "rating": [_number(marks.rating)],
            "comparison": [_number(marks.comparison)],
            "event of a session": [_number(marks.event)],
            "reason of a change": [word("reason").encode()],
            "reason of a decision": [word("decision").encode()],
            "colleague who acted": [word("colleague").encode()],
            "rest of the team": [word("silent").encode()],
            "token's prefix": [self.prefix.encode()],
            "entry of the log": [re.escape(word(".entry").encode())],
            "next place": [word("nextplace").encode()],
            "erased person's code": [self.erased.pseudonym.encode()],
            "erased person's things": [word("gone").encode()],
            **{name: [re.escape(text.encode())] for name, text in self.secrets.items()},
        }


def _number(value: float) -> bytes:
    """A number as it stands by itself, in either language: not within another, a time or an identifier."""
    text = f"{value:g}".replace(".", "[.,]").encode()
    return rb"(?<![\w.:-])" + text + rb"(?![\w:-])"
