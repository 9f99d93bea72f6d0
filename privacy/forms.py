"""What staff say when they erase somebody."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class EraseForm(forms.Form):
    """The reason for an erasure; it goes to the audit log, which keeps it for good."""

    reason = forms.CharField(
        label=_("Why is this person erased?"),
        help_text=_("It stays in the audit log for good. Do not write a name or an address."),
        max_length=500,
        error_messages={"required": _("Write why, in a few words.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
