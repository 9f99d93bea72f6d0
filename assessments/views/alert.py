"""The answers that raised an alert, as a part of its page."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from assessments.entries import said, written
from assessments.models import Administration
from coaching.http import StudyRequest
from coaching.person_pages import person_of
from coaching.selectors.care import alert_called, rule_of
from coaching.selectors.people import study_of
from coaching.windows import zone
from protocol.conditions import comparisons


@require_safe
def behind_alert(request: StudyRequest, slug: str, pseudonym: str, alert: int) -> HttpResponse:
    """What was answered to the items of the rule, at each of the times that it looks at, the latest first.

    The answers are those that stand now; one that was changed since the alert says so.
    """
    enrolment = person_of(request, pseudonym)
    found = alert_called(enrolment, alert)
    if found is None:
        raise Http404
    found.enrolment = enrolment
    rule = rule_of(found)
    times = []
    if rule is not None:
        language = get_language() or "en"
        instrument = study_of(enrolment).instruments[rule.instrument]
        wanted = {comparison.item for comparison in comparisons(rule.when)}
        items = [item for item in instrument.items() if item.id in wanted]
        asked = Administration.objects.filter(
            occasion__enrolment=enrolment, instrument=rule.instrument, started_at__lte=found.raised_at
        )
        for each in asked.prefetch_related("answers").order_by("-started_at", "-pk")[: rule.times]:
            answers = {answer.item: answer for answer in each.answers.all()}
            times.append(
                {
                    "at": each.started_at,
                    "answers": [
                        {
                            "text": item.text.to(language),
                            "value": written(answer.value, answer.text),
                            "label": said(item, answer.value, answer.text, language),
                            "changed": answer.answered_at is not None and answer.answered_at > found.raised_at,
                        }
                        for item in items
                        if (answer := answers.get(item.id)) is not None
                    ],
                }
            )
    context = {"person": enrolment, "zone": zone(enrolment.timezone), "times": times}
    return render(request, "assessments/_behind_alert.html", context)
