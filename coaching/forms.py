"""What is typed at the door and at home, read strictly: an answer is whole and right, or it is not taken."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from protocol.study import EligibilityQuestion, Statement
from protocol.zones import zone_names

EMAIL_LENGTH = 254
EXTERNAL_IDS = 10
EXTERNAL_ID_LENGTH = 200
OWN_PARAMETERS = frozenset({"lang", "theme"})

Answer = int | bool | str

_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,9}", re.ASCII)
_EXTERNAL_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


class ContactForm(forms.Form):
    """Where somebody can be reached, and the zone that their days are reckoned in."""

    email = forms.EmailField(
        label=gettext_lazy("Email address"),
        required=False,
        max_length=EMAIL_LENGTH,
        error_messages={
            "invalid": gettext_lazy("Write an address such as name@example.org, or leave it empty."),
            "max_length": gettext_lazy("This address is too long. Write one of at most 254 characters."),
        },
    )
    timezone = forms.CharField(
        max_length=64,
        error_messages={"required": gettext_lazy("Choose your time zone from the list.")},
    )

    def clean_timezone(self) -> str:
        """The zone, if it is one that people live in."""
        name: str = self.cleaned_data["timezone"]
        if name not in zone_names():
            raise ValidationError(_("Choose your time zone from the list."))
        return name


class MailLinkForm(forms.Form):
    """The address that a fresh link is wanted for."""

    email = forms.EmailField(
        label=gettext_lazy("Your email address"),
        max_length=EMAIL_LENGTH,
        widget=forms.EmailInput({"autocomplete": "email"}),
        error_messages={
            "required": gettext_lazy("Write your email address."),
            "invalid": gettext_lazy("Write an address such as name@example.org."),
            "max_length": gettext_lazy("This address is too long. Write one of at most 254 characters."),
        },
    )


def read_answer(question: EligibilityQuestion, posted: str) -> Answer:
    """What was answered to a question at the door.

    Raises:
        ValidationError: nothing was chosen, or something that the question does not offer.
    """
    return _READERS[question.type](question, posted)


def is_answer(question: EligibilityQuestion, value: object) -> bool:
    """Whether a kept value is (still) an answer to the question."""
    if question.type == "boolean":
        return isinstance(value, bool)
    if question.type == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return value in question.choices


def posted_text(answer: object) -> str:
    """An answer as its form would post it; empty for none."""
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    return "" if answer is None else str(answer)


def missed_statements(statements: Sequence[Statement], agreed: set[str]) -> list[Statement]:
    """The required statements that were not ticked."""
    return [statement for statement in statements if statement.required and statement.id not in agreed]


def external_ids(parameters: Mapping[str, str]) -> dict[str, str]:
    """What other systems call the person who comes with these query parameters: the first ten that are fit to keep."""
    found = {
        name: value
        for name, value in parameters.items()
        if name not in OWN_PARAMETERS and _EXTERNAL_NAME.fullmatch(name) and _is_external_id(value)
    }
    return dict(list(found.items())[:EXTERNAL_IDS])


def address_problem(email: str) -> str:
    """Why mail can't go to an address; empty when it can."""
    try:
        if len(email) > EMAIL_LENGTH:
            raise ValidationError("")
        validate_email(email)
    except ValidationError:
        return _("expected an address such as name@example.org")
    return ""


def _is_external_id(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= EXTERNAL_ID_LENGTH and value.isprintable()


def _read_integer(question: EligibilityQuestion, posted: str) -> Answer:
    if not posted.strip():
        raise ValidationError(_("Write a number."))
    if not _WHOLE_NUMBER.fullmatch(posted.strip()):
        raise ValidationError(_("Write a whole number in digits, such as 30."))
    return int(posted)


def _read_boolean(question: EligibilityQuestion, posted: str) -> Answer:
    if posted not in {"yes", "no"}:
        raise ValidationError(_("Choose yes or no."))
    return posted == "yes"


def _read_choice(question: EligibilityQuestion, posted: str) -> Answer:
    if posted not in question.choices:
        raise ValidationError(_("Choose one of the answers."))
    return posted


_READERS = {"integer": _read_integer, "boolean": _read_boolean, "choice": _read_choice}
