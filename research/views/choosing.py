"""Whose numbers a page shows: real people's, simulated people's or everybody's. It stands in the address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coaching.models import Study
from research.counts import people_of

SYNTHETIC = {"real": False, "simulated": True, "all": None}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The choice that holds, and how many of each there are to choose from."""

    people: str
    real: int
    simulated: int
    is_asked: bool

    @property
    def synthetic(self) -> bool | None:
        """As the counts take it."""
        return SYNTHETIC[self.people]

    @property
    def query(self) -> str:
        """What an address keeps of it; nothing where it is the default."""
        return f"&people={self.people}" if self.is_asked else ""

    def context(self) -> dict[str, Any]:
        """What the choice's template part asks for."""
        words = {"real": _("Real people"), "simulated": _("Simulated people"), "all": _("Everybody")}
        # With one kind of people alone there is nothing to choose.
        options = list(words.items()) if self.simulated and self.real else []
        return {"people": self.people, "people_options": options, "people_note": self._note()}

    def _note(self) -> str:
        if not self.simulated or self.people == "real":
            return ""
        shown = {"n": self.simulated}
        if self.people == "simulated":
            return _("Only simulated people are counted here.")
        return (
            ngettext("%(n)d simulated person is counted here.", "%(n)d simulated people are counted here.", shown["n"])
            % shown
        )


def chosen(request: HttpRequest, *, real: int, simulated: int) -> Chosen:
    """What the address says; without a word there, real people, or everybody while there are none."""
    asked = request.GET.get("people", "")
    if asked and asked not in SYNTHETIC:
        raise Http404
    return Chosen(asked or ("real" if real else "all"), real, simulated, bool(asked))


def chosen_in(request: HttpRequest, study: Study) -> Chosen:
    """The same, with people counted for it."""
    consented = people_of(study).filter(consented_at__isnull=False, excluded_at=None)
    simulated = consented.filter(synthetic=True).count()
    return chosen(request, real=consented.count() - simulated, simulated=simulated)
