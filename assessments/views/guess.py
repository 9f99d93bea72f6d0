"""The form in which a coach or a rater says which arm they think that a person is in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

import clock
from assessments.models import ArmGuess
from assessments.services.guessing import DONT_KNOW, LONGEST_REASON, MOST_CONFIDENT, guess_arm, may_be_guessed
from coaching.http import StudyRequest
from coaching.person_pages import person_of, person_page
from coaching.selectors.people import study_of


class GuessForm(forms.Form):
    """Who guesses, which arm, how surely, and why."""

    role = forms.ChoiceField(
        label=gettext_lazy("You guess as"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose as whom you guess."),
            "invalid_choice": gettext_lazy("Choose from the list."),
        },
    )
    guess = forms.ChoiceField(
        label=gettext_lazy("Which group do you think this person is in?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose a group, or ‘I don’t know’."),
            "invalid_choice": gettext_lazy("Choose from the list."),
        },
    )
    confidence = forms.IntegerField(
        label=gettext_lazy("How sure are you?"),
        help_text=gettext_lazy("From 0 (a mere guess) to 10 (certain). Leave it empty if you don’t know the group."),
        required=False,
        min_value=0,
        max_value=MOST_CONFIDENT,
        error_messages={
            "invalid": gettext_lazy("Give a whole number from 0 to 10."),
            "min_value": gettext_lazy("Give a whole number from 0 to 10."),
            "max_value": gettext_lazy("Give a whole number from 0 to 10."),
        },
    )
    reason = forms.CharField(
        label=gettext_lazy("What makes you think so?"),
        help_text=gettext_lazy("At most 500 characters. Write no names."),
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea({"rows": "3"}),
        error_messages={"max_length": gettext_lazy("This is too long. Write at most 500 characters.")},
    )

    def __init__(self, arms: Iterable[tuple[str, str]], data: Any = None) -> None:
        super().__init__(data)
        roles = [(ArmGuess.Role.COACH, _("Coach")), (ArmGuess.Role.RATER, _("Rater"))]
        self.fields["role"].choices = roles  # type: ignore[attr-defined]
        self.fields["guess"].choices = [*arms, (DONT_KNOW, _("I don’t know"))]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """All of it; whoever names a group says how sure they are."""
        given = self.cleaned_data
        names_one = given.get("guess", DONT_KNOW) != DONT_KNOW
        if names_one and given.get("confidence") is None and "confidence" not in self.errors:
            self.add_error("confidence", _("Say how sure you are, from 0 to 10."))
        return given


@require_http_methods(["GET", "HEAD", "POST"])
def guess(request: StudyRequest, slug: str, pseudonym: str) -> HttpResponse:
    """The form, and the reader's own earlier guesses; where there are no groups, nothing."""
    enrolment = person_of(request, pseudonym)
    if not may_be_guessed(enrolment):
        raise Http404
    language = get_language() or "en"
    arms = {arm.name: arm.title.to(language) if arm.title else arm.name for arm in study_of(enrolment).arms}
    form = GuessForm(arms.items(), request.POST if request.method == "POST" else None)
    if form.is_valid():
        if guess_arm(enrolment=enrolment, by=request.user, now=clock.now(), **form.cleaned_data) is None:
            raise Http404
        messages.success(request, _("Your guess is kept."))
        return HttpResponseRedirect(reverse("coaching:person", args=[slug, pseudonym]), status=303)
    own = ArmGuess.objects.filter(enrolment=enrolment, by=request.user).order_by("-pk")
    names = arms | {DONT_KNOW: _("I don’t know")}
    context = person_page(request, enrolment, "timeline") | {
        # The group, which stands on the other pages about a person, is what is to be guessed here.
        "lead": "",
        "page_title": _("Guess the group"),
        "form": form,
        "earlier": [
            {
                "at": each.made_at,
                "role": {"coach": _("Coach"), "rater": _("Rater")}[each.role],
                "guess": names.get(each.guess, each.guess),
                "confidence": each.confidence,
                "reason": each.reason,
            }
            for each in own
        ],
    }
    return render(request, "assessments/guess.html", context, status=422 if form.errors else 200)
