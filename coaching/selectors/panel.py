"""People who come from a panel: who they are by its id, and which of its codes they have earned."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from coaching.encryption import panel_hashes
from coaching.models import ClosedPanelId, Contact, Enrolment, Occasion, Study
from coaching.selectors.people import enrolments, study_of
from coaching.selectors.studies import declarations
from protocol.study import Study as Declared


@dataclass(frozen=True, slots=True)
class Earned:
    """A code that the panel asks for.

    Attributes:
        step: The step that was done; empty for who may not take part.
        code: The code.
        done_at: When the step was done; None for who may not take part.
        back: The address at which the code is handed in; empty where the study names none.
    """

    step: str
    code: str
    done_at: datetime | None
    back: str


def by_panel_id(study: Study, panel_id: str) -> Enrolment | None:
    """Who consented with that id of the panel; None for an id that is new, or whose person is not known any more."""
    hashes = panel_hashes(study.slug, panel_id)
    found = enrolments().filter(study=study, erased_at=None, contact__panel_hash__in=hashes)
    return found.order_by("pk").first()


def is_closed(study: Study, panel_id: str) -> bool:
    """Whether the person of that id was here, and all that told who they are is gone."""
    return ClosedPanelId.objects.filter(panel_hash__in=panel_hashes(study.slug, panel_id)).exists()


def codes_of(enrolment: Enrolment) -> list[Earned]:
    """The codes that a person has earned, in the order of the study."""
    study = study_of(enrolment)
    if study.panel is None or not study.panel.codes:
        return []
    return earned(study, enrolment.occasions.all())


def earned(study: Declared, occasions: Iterable[Occasion]) -> list[Earned]:
    """The codes of the steps that are done among a person's occasions, in the order of the study."""
    if study.panel is None:
        return []
    codes = {step: code for name, code in study.panel.codes.items() for step in study.series(name)}
    done = sorted((o for o in occasions if o.state == Occasion.State.DONE and o.key in codes), key=lambda o: o.place)
    return [Earned(o.key, codes[o.key], o.settled_at, back_to(study, codes[o.key])) for o in done]


def screened_out(study: Declared) -> Earned | None:
    """The code of who may not take part; None where the panel has none."""
    if study.panel is None or not study.panel.screenout:
        return None
    return Earned("", study.panel.screenout, None, back_to(study, study.panel.screenout))


def back_to(study: Declared, code: str) -> str:
    """Where a code is handed in; empty where the study does not say."""
    return study.panel.back.replace("{code}", quote(code, safe="")) if study.panel else ""


def asks_contact(study: Declared) -> bool:
    """Whether people of a study are asked for an address."""
    return study.panel is None or study.panel.asks_contact


def panel_names(study: Study) -> dict[int, str]:
    """What the panel calls each person of a study whose contact details are still kept, by the enrolment's key."""
    rows = Contact.objects.filter(enrolment__study=study).exclude(external_ids="").select_related("enrolment")
    panels = {pk: each.panel for pk, each in declarations(study).items()}
    found = {}
    for row in rows:
        panel = panels.get(row.enrolment.version_id or 0)
        name = json.loads(row.external_ids).get(panel.id, "") if panel is not None else ""
        if name:
            found[row.enrolment_id] = str(name)
    return found
