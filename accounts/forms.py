"""Forms of the staff's door."""

from __future__ import annotations

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class SignInForm(forms.Form):
    """Address and password."""

    email = forms.EmailField(label=_("Email"), max_length=254, widget=forms.EmailInput({"autocomplete": "username"}))
    password = forms.CharField(
        label=_("Password"),
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )


class PasswordForm(forms.Form):
    """A new password, once: it can be shown or pasted, so it is not asked for twice."""

    password = forms.CharField(
        label=_("New password"),
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def __init__(self, user: User, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.user = user
        self.rules = password_validators_help_texts()

    def clean_password(self) -> str:
        """The password, if the validators accept it."""
        password: str = self.cleaned_data["password"]
        if not password.strip():
            raise ValidationError(self.fields["password"].error_messages["required"], code="required")
        validate_password(password, self.user)
        return password
