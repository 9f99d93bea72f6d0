"""What is typed at the door and at home, read strictly: an answer is whole and right, or it is not taken."""

from __future__ import annotations

import datetime as dt
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
LABEL_LENGTH = 200
NOTE_LENGTH = 10_000
LETTER_LENGTH = 4_000
REASON_LENGTH = 300
MOST_PAST, MOST_FUTURE = 2000, 2200
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


class NoteForm(forms.Form):
    """A note about somebody; `key` names the form, so that one that is sent twice is one note."""

    text = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=NOTE_LENGTH,
        widget=forms.Textarea({"rows": 6}),
        error_messages={
            "required": gettext_lazy("Write the note."),
            "max_length": gettext_lazy("This note is too long. Write at most 10,000 characters."),
        },
    )
    key = forms.UUIDField(widget=forms.HiddenInput)


class LetterForm(forms.Form):
    """A message of the talk between a person and the study's team."""

    text = forms.CharField(
        label=gettext_lazy("Your message"),
        max_length=LETTER_LENGTH,
        widget=forms.Textarea({"rows": 6}),
        error_messages={
            "required": gettext_lazy("Write your message."),
            "max_length": gettext_lazy("This message is too long. Write at most 4,000 characters."),
        },
    )
    key = forms.UUIDField(widget=forms.HiddenInput)


class SafetyForm(forms.Form):
    """What a person reports when something is not well. Nothing is chosen beforehand."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What is it about?"),
        choices=[
            ("unwanted", gettext_lazy("Pictures or thoughts came that I did not want")),
            ("unwell", gettext_lazy("I feel upset or unwell")),
            ("not_working", gettext_lazy("Something did not work")),
            ("other", gettext_lazy("Something else")),
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose what it is about."),
            "invalid_choice": gettext_lazy("Choose what it is about."),
        },
    )
    text = forms.CharField(
        label=gettext_lazy("In your own words"),
        required=False,
        max_length=LETTER_LENGTH,
        widget=forms.Textarea({"rows": 5}),
        error_messages={
            "max_length": gettext_lazy("This is too long. Write at most 4,000 characters."),
        },
    )
    contact = forms.ChoiceField(
        label=gettext_lazy("May somebody get in touch with you?"),
        choices=[("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))],
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": gettext_lazy("Choose yes or no.")},
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def clean_text(self) -> str:
        """The words, with the line ends that every database and program reads alike."""
        text: str = self.cleaned_data["text"]
        return text.replace("\r\n", "\n").replace("\r", "\n")

    @property
    def wants_contact(self) -> bool | None:
        """Whether somebody may get in touch; None where nothing was chosen, which no report has to wait for."""
        return {"yes": True, "no": False}.get(self.cleaned_data["contact"])


class ReasonForm(forms.Form):
    """Why a person's plan is changed."""

    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea({"rows": 2}),
        help_text=gettext_lazy(
            "It stands beside the change for those of the team who may read words, and the person can ask for it."
        ),
        error_messages={
            "required": gettext_lazy("Write why."),
            "max_length": gettext_lazy("This reason is too long. Write at most 300 characters."),
        },
    )


class MomentForm(ReasonForm):
    """A day and a time on the person's own clock, and why."""

    date = forms.DateField(
        label=gettext_lazy("Day"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": gettext_lazy("Choose the day."),
            "invalid": gettext_lazy("Write the day as year, month and day, such as 2027-03-28."),
        },
    )
    time = forms.TimeField(
        label=gettext_lazy("Time"),
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        error_messages={
            "required": gettext_lazy("Choose the time."),
            "invalid": gettext_lazy("Write the time as hours and minutes, such as 09:30."),
        },
    )
    field_order = ("date", "time", "reason")

    def clean_date(self) -> dt.date:
        """The day, if it is one that a study may reach."""
        day: dt.date = self.cleaned_data["date"]
        if not MOST_PAST <= day.year <= MOST_FUTURE:
            raise ValidationError(_("Choose a day between the years 2000 and 2200."))
        return day

    def clean_time(self) -> dt.time:
        """The time, in whole minutes."""
        typed: dt.time = self.cleaned_data["time"]
        return typed.replace(second=0, microsecond=0)


class EnrolForm(forms.Form):
    """One new person of a study."""

    email = forms.CharField(
        label=gettext_lazy("Email address"),
        required=False,
        max_length=EMAIL_LENGTH,
        widget=forms.EmailInput({"autocomplete": "off"}),
        help_text=gettext_lazy("Without one you pass the link on yourself."),
        error_messages={
            "max_length": gettext_lazy("This address is too long. Write one of at most 254 characters."),
        },
    )
    timezone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy("Where the person lives. They can change it."),
        error_messages={
            "required": gettext_lazy("Choose the time zone from the list."),
            "invalid_choice": gettext_lazy("Choose the time zone from the list."),
        },
    )
    label = forms.CharField(
        label=gettext_lazy("Label"),
        required=False,
        max_length=LABEL_LENGTH,
        help_text=gettext_lazy("What the person is called in your own lists. It is kept apart and encrypted."),
        error_messages={"max_length": gettext_lazy("This label is too long. Write at most 200 characters.")},
    )
    send = forms.BooleanField(label=gettext_lazy("Send the invitation by mail"), required=False)
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, zones: Sequence[str], data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.fields["timezone"].choices = [(name, name) for name in zones]  # type: ignore[attr-defined]

    def clean_email(self) -> str:
        """The address, if mail can go to it."""
        email: str = self.cleaned_data["email"]
        if email and address_problem(email):
            raise ValidationError(_("Write an address such as name@example.org, or leave it empty."))
        return email

    def clean_label(self) -> str:
        """The label, if it can be printed."""
        label: str = self.cleaned_data["label"]
        if not label.isprintable():
            raise ValidationError(_("Write the label in one line of letters and numbers."))
        return label

    def clean(self) -> dict[str, Any]:
        """Nothing can be sent without an address."""
        given = super().clean() or self.cleaned_data
        if given.get("send") and not given.get("email") and "email" not in self.errors:
            self.add_error("email", _("Write the address that the invitation goes to."))
        return given


class ListForm(forms.Form):
    """A file of people to enrol."""

    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        help_text=gettext_lazy("Columns email, timezone, label; a row a person. Each may be left empty."),
        widget=forms.ClearableFileInput({"accept": ".csv,text/csv"}),
        error_messages={
            "required": gettext_lazy("Choose the file."),
            "invalid": gettext_lazy("Choose the file."),
            "missing": gettext_lazy("Choose the file."),
            "empty": gettext_lazy("This file is empty. Choose one with a row for each person."),
        },
    )


class ConfirmForm(forms.Form):
    """What the page of checked rows sends back: the rows, signed, and what is to be done with them."""

    rows = forms.CharField(widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput)
    who = forms.ChoiceField(choices=[("new", "new"), ("all", "all")])
    send = forms.BooleanField(required=False)


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
