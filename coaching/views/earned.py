"""What somebody has earned and may read, as their pages say it: a panel's codes, payment, the last words of a study."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from coaching.models import Enrolment
from coaching.schedule import Planned
from coaching.selectors.panel import codes_of
from coaching.selectors.payments import own_payments
from coaching.selectors.people import study_of
from coaching.wording import rendered, step_title


def codes(enrolment: Enrolment) -> list[dict[str, str]]:
    """The codes of the steps that a person has done, the latest first: that is the one they came for."""
    titles = {step.id: step_title(step, enrolment.language) for step in study_of(enrolment).steps()}
    return [
        {"step": each.step, "title": titles[each.step], "code": each.code, "back": each.back}
        for each in reversed(codes_of(enrolment))
    ]


def payments(enrolment: Enrolment, planned: Iterable[Planned]) -> dict[str, Any]:
    """What a person will get and got: a line a step, the times of a repeated one in one; empty where nobody is paid."""
    found: dict[tuple[str, int, str, str], int] = {}
    earned: Counter[str] = Counter()
    for each in own_payments(enrolment, study_of(enrolment), planned):
        key = (step_title(each.step, enrolment.language), each.cents, each.currency, each.state)
        found[key] = found.get(key, 0) + 1
        if each.state in {"due", "approved", "paid"}:
            earned[each.currency] += each.cents
    words = _words()
    lines = [
        {
            "title": title,
            "times": f"{n} × {money(cents, currency)}" if n > 1 else "",
            "amount": money(cents * n, currency),
            "word": words[state][0],
            "look": words[state][1],
        }
        for (title, cents, currency, state), n in found.items()
    ]
    so_far = " + ".join(money(cents, currency) for currency, cents in earned.items())
    return {"lines": lines, "so_far": so_far} if lines else {}


def _words() -> dict[str, tuple[str, str]]:
    return {
        "to_come": (_("When it is done"), ""),
        "due": (_("Done, not paid yet"), "info"),
        "approved": (_("Approved"), "info"),
        "paid": (_("Paid"), "good"),
        "lost": (_("Not done"), ""),
    }


def money(cents: int, currency: str) -> str:
    """An amount with its currency, the same in every language: `2.50 EUR`."""
    return f"{cents // 100}.{cents % 100:02d} {currency}"


def debrief(enrolment: Enrolment) -> SafeString:
    """What the study tells people once they are through, or have left; empty where it says nothing."""
    study = study_of(enrolment)
    return rendered(study.debrief.to(enrolment.language)) if study.debrief is not None else SafeString()
