"""What each kind of stage shows: the words of its page, and what was given there before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from imagery.forms import LONGEST_TEXT, NOTHING
from imagery.models import Drawing, Rating
from imagery.selectors import Session
from imagery.timeline import BETWEEN, points, quiet_ms, sentences, shown, step_of
from imagery.views.addresses import picture_address
from imagery.views.recordings import recording_urls
from protocol.script import Range, Stage

Page = dict[str, Any]


def page_of(session: Session, stage: Stage, language: str, now: datetime) -> Page:
    """The context of a stage's own template, `imagery/KIND.html`."""
    page = _PAGES[stage.kind](session, stage, language)
    if stage.kind == "reveal":
        page["picture_url"] = picture_address(session.visits[stage.id], now)
    if stage.kind == "say":
        page |= recording_urls(session.visits.get(stage.id), stage, language, now)
    return page


def _said(session: Session, stage: Stage, language: str) -> Page:
    text = stage.text.to(language) if stage.text else ""
    return {"sentences": sentences(text, language)} | _quiet(stage)


def _rest(session: Session, stage: Stage, language: str) -> Page:
    return _quiet(stage)


def _quiet(stage: Stage) -> Page:
    hold_s = quiet_ms(stage) // 1000
    return {"hold_s": hold_s, "hold_words": _long(hold_s) if hold_s else ""}


def _rating(session: Session, stage: Stage, language: str) -> Page:
    scale = stage.scale or Range(0, 0)
    stored = session.begun.ratings.filter(stage=stage.id).first()
    question, low, high = _asked(stage, language)
    every = points(scale)
    labels = {every[0]: (low, ""), every[-1]: (high, "")} if every else {}
    if stage.rates == "vividness" and len(every) == len(_vividness()):
        labels = dict(zip(every, _vividness(), strict=True))
    return {
        "question": question,
        "about": _("Every answer helps us equally."),
        "points": [
            {"value": shown(point), "label": labels.get(point, ("",))[0], "hint": labels.get(point, ("", ""))[1]}
            for point in every
        ],
        "min": shown(scale.min),
        "max": shown(scale.max),
        "step": step_of(scale) or "any",
        "low": low,
        "high": high,
        "chosen": shown(stored.value) if stored and stored.value is not None else None,
        "declined": stored is not None and stored.status == Rating.Status.DECLINED,
        "na": stage.na.to(language) if stage.na else "",
        "is_na": stored is not None and stored.status == Rating.Status.NOT_APPLICABLE,
    }


def _in_form(session: Session, stage: Stage, language: str) -> Page:
    stored = session.begun.ratings.filter(stage=stage.id).first()
    is_answered = stored is not None and stored.status == Rating.Status.ANSWERED
    came = stored.forms.split(BETWEEN) if stored and stored.forms else [NOTHING]
    return {
        "question": stage.text.to(language) if stage.text else "",
        "options": [(NOTHING, _("Nothing came")), *((form, form_words()[form]) for form in stage.forms)],
        "picked": came if is_answered else (),
        "declined": stored is not None and stored.status == Rating.Status.DECLINED,
    }


def form_words() -> dict[str, str]:
    """The forms in which something can come, in words."""
    return {
        "knowing": _("I just knew it"),
        "words": _("In words"),
        "place": _("As a place, or where things are"),
        "movement": _("As movement"),
        "feeling": _("As a feeling"),
        "picture": _("As a picture"),
        "sound": _("As sound"),
        "touch": _("As touch"),
        "smell": _("As a smell"),
        "taste": _("As a taste"),
    }


def _check(session: Session, stage: Stage, language: str) -> Page:
    stored = session.begun.ratings.filter(stage=stage.id).first()
    return {
        "question": stage.text.to(language) if stage.text else "",
        "options": [(str(n), choice.to(language)) for n, choice in enumerate(stage.choices, start=1)],
        "chosen": shown(stored.value) if stored and stored.value is not None else None,
        "declined": stored is not None and stored.status == Rating.Status.DECLINED,
    }


def _asked(stage: Stage, language: str) -> tuple[str, str, str]:
    """The question of a rating, and what its two ends say. The low end is always that nothing came."""
    if stage.kind == "compare":
        prompt = stage.text.to(language) if stage.text else ""
        return prompt, _("Not close at all, or nothing came"), _("As close as can be")
    known = {
        "vividness": (_("How clear was any picture in your mind?"), _("Nothing seen"), _("As clear as seeing it")),
        "clarity": (_("How clear was it?"), _("Nothing came"), _("As clear as can be")),
        "ease": (_("How easily did it come?"), _("It did not come"), _("By itself")),
        "effort": (_("How much effort did it take?"), _("None at all"), _("As much as I can give")),
        "presence": (_("How much did it feel as if you were there?"), _("Not at all"), _("As if I were there")),
        "confidence": (_("How sure are you?"), _("Not sure at all"), _("As sure as can be")),
    }
    if stage.rates in known:
        return known[stage.rates]
    what = (stage.rates or "").replace("_", " ")
    return _("How much was there of this: %(what)s?") % {"what": what}, _("Nothing at all"), _("As much as can be")


def _vividness() -> tuple[tuple[str, str], ...]:
    """The five answers of a rating of vividness with five points, each with its hint."""
    return (
        (_("Nothing seen"), _("I only knew I was thinking of it")),
        (_("Very faint"), ""),
        (_("Fairly clear"), ""),
        (_("Clear"), ""),
        (_("As clear as seeing it"), ""),
    )


def _choice(session: Session, stage: Stage, language: str) -> Page:
    chosen = session.choices.get(stage.id)
    return {
        "question": stage.text.to(language) if stage.text else "",
        "options": [(str(n), option.label.to(language)) for n, option in enumerate(stage.options, start=1)],
        "chosen": str(chosen) if chosen else None,
    }


def _report(session: Session, stage: Stage, language: str) -> Page:
    stored = session.begun.reports.filter(stage=stage.id).first()
    return {
        "question": stage.text.to(language) if stage.text else "",
        "given": stored.text if stored else "",
        "min_words": stage.min_words,
        "longest": LONGEST_TEXT,
    }


def _drawing(session: Session, stage: Stage, language: str) -> Page:
    stored = session.begun.drawings.filter(stage=stage.id).first()
    draft = session.begun.drafts.filter(stage=stage.id).first()
    page = {
        "question": stage.text.to(language) if stage.text else "",
        "seconds": stage.seconds,
        "about_time": _about(stage.seconds) if stage.seconds else "",
        "strokes_url": reverse("imagery:strokes", args=[session.occasion.public_id, stage.id]),
        "strokes": draft.strokes if draft else stored.strokes if stored else "",
        "strokes_rev": draft.rev if draft else 0,
    }
    if stored is None:
        return page
    sent = stored.status == Drawing.Status.UPLOADED
    return page | {
        "words": stored.words,
        "reason": stored.reason,
        "picture_url": reverse("imagery:drawing", args=[stored.file]) if sent else "",
    }


def _about(seconds: int) -> str:
    return _("Take about %(time)s, or as long as you like.") % {"time": _long(seconds)}


def _reveal(session: Session, stage: Stage, language: str) -> Page:
    return {
        "alt": stage.alt.to(language) if stage.alt else "",
        "credit": stage.credit or "",
    }


_PAGES: dict[str, Callable[[Session, Stage, str], Page]] = {
    "say": _said,
    "rest": _rest,
    "rate": _rating,
    "compare": _rating,
    "form": _in_form,
    "check": _check,
    "choose": _choice,
    "report": _report,
    "draw": _drawing,
    "reveal": _reveal,
}


def _long(seconds: int) -> str:
    """A length of time in words, to the second below two minutes."""
    if seconds < 120:
        return ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}
    minutes = round(seconds / 60)
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
