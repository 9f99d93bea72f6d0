"""What somebody has told at a study's door: it lies in their browser's session and, but for a count, nowhere else."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from coaching import language
from coaching.encryption import panel_hashes
from coaching.forms import EXTERNAL_IDS, Answer, is_answer
from coaching.http import DoorRequest
from coaching.models import Enrolment, Screening, Study, StudyVersion
from coaching.selectors.studies import declared, latest_version
from coaching.services import people
from protocol.study import EligibilityQuestion
from protocol.study import Study as Declared

STORE = "door"
_KEY = re.compile(r"[A-Za-z0-9_-]{32}", re.ASCII)
_PANEL_KEY_LENGTH = 43


class Visit:
    """One browser at one study's door.

    Attributes:
        study: The study.
        version: The version that newcomers consent to.
        declared: What that version declares.
        person: The invited person whose browser this is, None for a newcomer; someone of another study is a newcomer.
    """

    def __init__(self, request: DoorRequest, study: Study) -> None:
        self.study = study
        self.version: StudyVersion = latest_version(study)
        self.declared: Declared = declared(self.version)
        known = request.enrolment
        self.person: Enrolment | None = known if known is not None and known.study_id == study.pk else None
        self._session = request.session
        self._name = f"{study.slug}/{self.person.pseudonym}" if self.person else study.slug
        self._asked = request.GET.get("lang", "")
        self._accepted = request.headers.get("Accept-Language", "")
        if self._asked in self.declared.languages and self._asked != self._kept.get("language"):
            self._keep(language=self._asked)

    @property
    def language(self) -> str:
        """The language in which the door is shown."""
        return self.language_of(self.declared)

    def language_of(self, study: Declared) -> str:
        """The language for one version of the study."""
        remembered = self._kept.get("language") or (self.person.language if self.person else "")
        return language.chosen(study.languages, asked=self._asked, remembered=remembered, accepted=self._accepted)

    def answers(self, questions: Sequence[EligibilityQuestion]) -> dict[str, Answer]:
        """What was answered so far to these questions."""
        kept: Mapping[str, Any] = self._kept.get("answers", {})
        return {q.id: kept[q.id] for q in questions if q.id in kept and is_answer(q, kept[q.id])}

    def first_open(self, questions: Sequence[EligibilityQuestion]) -> EligibilityQuestion | None:
        """The first question without an answer that lets the person on; None when all have one."""
        answers = self.answers(questions)
        return next((q for q in questions if q.id not in answers or not meets(q, answers[q.id])), None)

    @property
    def external_ids(self) -> dict[str, str]:
        """What other systems call this person, by the parameters of the addresses they came by."""
        return dict(self._kept.get("external_ids", {}))

    def keep_external_ids(self, found: Mapping[str, str]) -> None:
        """Keeps them until consent; of all, only the last ten."""
        merged = list({**self.external_ids, **found}.items())
        if found and dict(merged) != self.external_ids:
            self._keep(external_ids=dict(merged[-EXTERNAL_IDS:]))

    @property
    def panel_id(self) -> str:
        """What the study's panel calls this person; empty for everybody who did not come from it."""
        panel = self.declared.panel
        return str(self.external_ids.get(panel.id, "")) if panel is not None else ""

    def come_as(self, found: Mapping[str, str]) -> None:
        """Keeps the ids that somebody came with; with another id of the panel, it is somebody else who came."""
        panel = self.declared.panel
        if panel is not None and self.panel_id and found.get(panel.id, self.panel_id) != self.panel_id:
            self.forget()
        self.keep_external_ids(found)

    @property
    def key(self) -> str:
        """The random name under which this visit is counted, so that a double submit is one person."""
        return str(self._kept.get("key") or secrets.token_urlsafe(24))

    def take_key(self, posted: str) -> str:
        """The key of this visit: the one it has, else the one of the form that was shown."""
        key = self._kept.get("key") or (posted if is_key(posted) else secrets.token_urlsafe(24))
        if key != self._kept.get("key"):
            self._keep(key=key)
        return str(key)

    def renew_key(self) -> None:
        """Another key: the one that was shown belongs to somebody who has come and gone."""
        self._keep(key=secrets.token_urlsafe(24))

    def keep_answers(self, answers: Mapping[str, Answer], *, posted_key: str, now: datetime) -> None:
        """Keeps what was answered, and counts that somebody has begun."""
        if self.person is not None:
            people.note_screening(enrolment=self.person, now=now)
        else:
            self.screening(posted_key, now)
        self._keep(answers={**self._kept.get("answers", {}), **answers})

    def screening(self, posted_key: str, now: datetime) -> Screening:
        """The row that counts this newcomer; of one from a panel the same in every browser, until turned away."""
        if self.panel_id and self.person is None:
            # As long as a key can be: no form's key is, so that nobody can post it.
            key = panel_hashes(self.study.slug, self.panel_id)[0][:_PANEL_KEY_LENGTH]
            screening = people.begin_screening(study=self.study, now=now, key=key)
            self._keep(screening=screening.reference)
            return screening
        screening = people.begin_screening(study=self.study, now=now, key=self.take_key(posted_key))
        self._keep(screening=screening.reference, key=screening.key)
        return screening

    def turn_away(self, question: str, *, now: datetime) -> None:
        """Counts the visitor as not eligible, and forgets all else that they told."""
        screening = None if self.person else Screening.objects.get(study=self.study, reference=self._kept["screening"])
        people.screen_out(
            question=question,
            now=now,
            screening=screening,
            enrolment=self.person,
            forgets_key=bool(self.panel_id),
        )
        self._keep_only("language", "screening")

    def turned_away_as(self) -> str:
        """What someone who was not eligible can tell staff to be let in; empty for everybody else."""
        if self.person is not None:
            return self.person.pseudonym if self.person.ineligible_by else ""
        reference = self._kept.get("screening", "")
        if not reference:
            return ""
        screening = Screening.objects.filter(study=self.study, reference=reference).first()
        if screening is None:  # staff opened the door again
            self._keep_only("language")
            return ""
        return screening.reference if screening.outcome == Screening.Outcome.INELIGIBLE else ""

    def forget(self) -> None:
        """Drops what was told: it is stored elsewhere now."""
        self._replace({})

    @property
    def _kept(self) -> dict[str, Any]:
        kept: dict[str, Any] = self._session.get(STORE, {}).get(self._name, {})
        return kept

    def _keep(self, **changes: Any) -> None:
        self._replace({**self._kept, **changes})

    def _keep_only(self, *names: str) -> None:
        self._replace({name: value for name, value in self._kept.items() if name in names})

    def _replace(self, kept: Mapping[str, Any]) -> None:
        visits = {name: value for name, value in self._session.get(STORE, {}).items() if name != self._name}
        self._session[STORE] = {**visits, self._name: dict(kept)} if kept else visits


def is_key(text: str) -> bool:
    """Whether a text can be the key of a form that was shown."""
    return _KEY.fullmatch(text) is not None


def meets(question: EligibilityQuestion, answer: Answer) -> bool:
    """Whether an answer lets the person on."""
    return question.require is None or question.require.holds(answer)
