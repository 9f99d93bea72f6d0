"""What staff type about a study: its plan, its team, its tokens. Read strictly."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coaching.models import Role

MOST_PEOPLE = 1_000_000
EXPIRY_DAYS = (30, 90, 365)

_WHOLE_NUMBER = re.compile(r"[0-9]{1,7}", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)


class _Day(forms.DateField):
    """A day as a date field of a browser sends it, and no other way of writing one."""

    def __init__(self, label: Any) -> None:
        super().__init__(
            label=label,
            required=False,
            input_formats=["%Y-%m-%d"],
            widget=forms.DateInput({"type": "date", "class": "middle"}, format="%Y-%m-%d"),
            error_messages={"invalid": gettext_lazy("Write a day such as 2027-03-14, or leave it empty.")},
        )

    def to_python(self, value: Any) -> Any:
        """The day; none for an empty field."""
        text = str(value or "").strip()
        if text and _DAY.fullmatch(text) is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(text)


class PlanForm(forms.Form):
    """How many people are planned, and from which day to which."""

    target = forms.CharField(
        label=gettext_lazy("How many people are planned"),
        required=False,
        max_length=7,
        widget=forms.NumberInput({"class": "short", "min": "1", "inputmode": "numeric"}),
        error_messages={"max_length": gettext_lazy("Write a whole number from 1 to 1,000,000, or leave it empty.")},
    )
    recruit_from = _Day(gettext_lazy("First day"))
    recruit_until = _Day(gettext_lazy("Last day"))

    def clean_target(self) -> int | None:
        """The number; none for an empty field."""
        text: str = self.cleaned_data["target"]
        if not text:
            return None
        if _WHOLE_NUMBER.fullmatch(text) is None or not 1 <= int(text) <= MOST_PEOPLE:
            raise ValidationError(self.fields["target"].error_messages["max_length"])
        return int(text)

    def clean(self) -> dict[str, Any]:
        """Both days together."""
        first, last = self.cleaned_data.get("recruit_from"), self.cleaned_data.get("recruit_until")
        if first and last and last < first:
            self.add_error("recruit_until", _("The last day is before the first. Choose the same day or a later one."))
        return self.cleaned_data


class MemberForm(forms.Form):
    """Somebody of the team and a role."""

    email = forms.EmailField(
        label=gettext_lazy("Email address"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "off", "class": "middle"}),
        error_messages={
            "required": gettext_lazy("Write an email address."),
            "invalid": gettext_lazy("Write an address such as name@example.org."),
            "max_length": gettext_lazy("This address is too long. Write one of at most 254 characters."),
        },
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        widget=forms.Select({"class": "middle"}),
        error_messages={
            "required": gettext_lazy("Choose a role."),
            "invalid_choice": gettext_lazy("Choose a role from the list."),
        },
    )

    def __init__(self, roles: Iterable[tuple[str, str]], data: Any = None) -> None:
        super().__init__(data)
        # No role is chosen beforehand: the first one would be given by whoever overlooks the field.
        self.fields["role"].choices = [("", _("Choose a role")), *roles]  # type: ignore[attr-defined]

    def clean_email(self) -> str:
        """The address in small letters, as accounts keep it."""
        email: str = self.cleaned_data["email"]
        if not email.isascii():
            raise ValidationError(_("Write an address such as name@example.org."))
        return email.lower()

    def clean_role(self) -> str:
        """One of the roles."""
        role: str = self.cleaned_data["role"]
        return Role(role).value


class TokenForm(forms.Form):
    """What a new token may read, and for how long."""

    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may read"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": gettext_lazy("Choose what it may read."),
            "invalid_choice": gettext_lazy("Choose from the list."),
        },
    )
    days = forms.ChoiceField(
        label=gettext_lazy("How long it is good for"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose how long it is good for."),
            "invalid_choice": gettext_lazy("Choose from the list."),
        },
    )
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, scopes: Iterable[tuple[str, str]], data: Any = None, key: str = "") -> None:
        super().__init__(data, initial={"key": key})
        self.fields["scopes"].choices = list(scopes)  # type: ignore[attr-defined]
        self.fields["days"].choices = [(str(n), _("%(n)s days") % {"n": n}) for n in EXPIRY_DAYS]  # type: ignore[attr-defined]

    def clean_key(self) -> str:
        """The key of this form, by which one that is sent twice is known; none where it is none of ours."""
        key: str = self.cleaned_data["key"]
        return key if _KEY.fullmatch(key) else ""


class DecisionForm(forms.Form):
    """What is decided about a flag, and why."""

    decision = forms.ChoiceField(
        label=gettext_lazy("What is decided"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose what is decided."),
            "invalid_choice": gettext_lazy("Choose from the list."),
        },
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        help_text=gettext_lazy("If it is left out: of which analyses. At most 300 characters. Write no names."),
        max_length=300,
        widget=forms.Textarea({"rows": "3"}),
        error_messages={
            "required": gettext_lazy("Write why."),
            "max_length": gettext_lazy("This is too long. Write at most 300 characters."),
        },
    )

    def __init__(self, decisions: Iterable[tuple[str, str]], data: Any = None) -> None:
        super().__init__(data)
        self.fields["decision"].choices = list(decisions)  # type: ignore[attr-defined]
