"""Every message that a study would send: its exact words with sample values, when it goes, to whom, and how many."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coaching.language import interface_language
from coaching.mailer import STOPPABLE, Said, alert_words, words_of
from coaching.models import Message
from coaching.wording import moment, step_title
from protocol.durations import Duration
from protocol.study import At, Step
from protocol.study import Study as Declared

Kind = Message.Kind
# Any day: what stands for the end of a window in the samples.
SAMPLE_END = dt.datetime(2027, 3, 16, 20, 0, tzinfo=dt.UTC)
SAMPLE_TOKEN = "sample"  # noqa: S105 - it stands for a person's own, and opens nothing
SAMPLE_PERSON = "CDF3469"
_SLACK_S = 7_200  # a day of a change of clocks is an hour shorter or longer


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of a study, or the same one at all times of a repeated step.

    Attributes:
        kind: What it is for.
        steps: The ids of the steps that a reminder is of; empty for every other kind.
        arms: The arms whose people get it; empty: everybody.
        most: How many of it one person gets at most; None where that hangs on what people do.
        opens: When the step of a reminder opens, the first of several; empty for every other kind.
        when: The moments at which it goes, each in words.
        hours: The wall time within which it goes; None: at any time.
        said: What it says, by language.
    """

    kind: str
    steps: tuple[str, ...]
    arms: tuple[str, ...]
    most: int | None
    opens: str
    when: tuple[str, ...]
    hours: tuple[dt.time, dt.time] | None
    said: Mapping[str, Said]


@dataclass(frozen=True, slots=True)
class MessagePlan:
    """All messages of a study, in the order in which somebody would meet them.

    Attributes:
        most: How many reminders and messages while waiting somebody of each arm gets at most, over the whole study and
            before any cap; the key is empty in a study without arms.
    """

    study: Declared
    entries: tuple[Entry, ...]
    most: Mapping[str, int]


def plan_of(study: Declared) -> MessagePlan:
    """The messages of a study, published or only read; its words about them in the language that is active."""
    entries = (
        _entry(study, Kind.INVITATION, most=1, when=(_("when staff invite somebody and ask for a mail"),)),
        *_reminders(study),
        *_waiting(study),
        _entry(study, Kind.MESSAGE, when=(_("when the team writes to somebody; what it wrote is not in it"),)),
        _entry(study, Kind.LINK, when=(_("when somebody asks for a fresh link"),)),
        _alert(study),
    )
    ways: tuple[str, ...] = tuple(arm.name for arm in study.arms) or ("",)
    return MessagePlan(study, entries, {way: _most_of(study, way) for way in ways})


# --- the entries -----------------------------------------------------------------------------------------------------


def _entry(
    study: Declared,
    kind: str,
    *,
    steps: Sequence[Step] = (),
    arms: tuple[str, ...] = (),
    most: int | None = None,
    opens: str = "",
    when: tuple[str, ...],
    hours: tuple[dt.time, dt.time] | None = None,
) -> Entry:
    step = steps[0] if steps else None
    said = {language: _said(study, kind, step, language) for language in study.languages}
    return Entry(kind, tuple(each.id for each in steps), arms, most, opens, when, hours, said)


def _reminders(study: Declared) -> Iterator[Entry]:
    """The reminders; all times of a repeated step are one entry where they read and go alike."""
    arms_of: dict[str, tuple[str, ...]] = {}
    for arm in study.arms:
        for step in (*arm.steps, *arm.later):
            arms_of[step.id] = (*arms_of.get(step.id, ()), arm.name)
    reminding = (step for step in study.steps() if step.remind)
    for _series, times in groupby(reminding, key=lambda step: step.series or step.id):
        found = [
            _entry(
                study,
                Kind.REMINDER,
                steps=[step],
                arms=arms_of.get(step.id, ()),
                most=_of_step(step),
                opens=_opening(step),
                when=tuple(_after_opening(each) for each in step.remind),
                hours=step.between,
            )
            for step in times
        ]
        for _same, group in groupby(found, key=lambda entry: (entry.said, entry.arms, entry.hours, entry.when)):
            alike = list(group)
            steps = tuple(step for entry in alike for step in entry.steps)
            yield replace(alike[0], steps=steps, most=sum(entry.most or 0 for entry in alike))


def _waiting(study: Declared) -> Iterator[Entry]:
    waiting = study.messages.waiting
    if waiting is None:
        return
    when = _("every %(length)s after the group was given, until they have finished")
    yield _entry(
        study,
        Kind.WAITING,
        arms=waiting.arms,
        most=waiting.times,
        when=(when % {"length": _length(waiting.every)},),
        hours=study.messages.between,
    )


def _alert(study: Declared) -> Entry:
    """What goes to the team, in the study's first language."""
    language = study.languages[0]
    path = reverse("coaching:alert", args=[study.slug, SAMPLE_PERSON, 1])
    with translation.override(interface_language(language)):
        rule = study.safety.rules[0].id if study.safety.rules else ""
        said = alert_words(
            {
                "study": study.title.to(language),
                "person": SAMPLE_PERSON,
                "rule": rule,
                "url": f"{settings.PUBLIC_URL.rstrip('/')}{path}",
                "raised": moment(SAMPLE_END, study.timezone, SAMPLE_END),
                "look_by": moment(SAMPLE_END + _time_of(study.safety.within), study.timezone, SAMPLE_END),
                "paused": False,
                "is_again": False,
                "zone": study.timezone,
            }
        )
    when = _("to the team, when somebody may not be well; again every %(length)s until somebody has looked") % {
        "length": _length(study.safety.within)
    }
    return Entry(Kind.ALERT, (), (), None, "", (when,), None, {language: said})


def _said(study: Declared, kind: str, step: Step | None, language: str) -> Said:
    base = settings.PUBLIC_URL.rstrip("/")
    with translation.override(interface_language(language)):
        has_end = step is not None and step.window is not None
        values = {
            "language": language,
            "url": base + reverse("coaching:link", args=[SAMPLE_TOKEN]),
            "stop_url": base + reverse("coaching:unsubscribe", args=[SAMPLE_TOKEN]) if kind in STOPPABLE else "",
            "step": step_title(step, language) if step else "",
            "until": moment(SAMPLE_END, study.timezone, SAMPLE_END) if has_end else "",
        }
        return words_of(study, kind, step.id if step else "", values)


# --- how many --------------------------------------------------------------------------------------------------------


def _most_of(study: Declared, arm: str) -> int:
    waiting = study.messages.waiting
    neutral = waiting.times if waiting and (not waiting.arms or arm in waiting.arms) else 0
    return neutral + sum(_of_step(step) for step in study.path(arm or None))


def _of_step(step: Step) -> int:
    """How many reminders a step may have: one at or after the close is never planned."""
    if step.window is None:
        return len(step.remind)
    open_for = step.window.close.nominal_s - step.window.open.nominal_s
    return sum(each.nominal_s < open_for + _SLACK_S for each in step.remind)


# --- in words --------------------------------------------------------------------------------------------------------


def _opening(step: Step) -> str:
    """When a step opens, in the bundle's own notation, so that whoever wrote it finds it there."""
    if step.at is None:
        return _("when the step before it is over")
    at = _at(step.at)
    if step.window is not None and step.window.open.count:
        opens = step.window.open
        at = f"{at} {'-' if opens.count < 0 else '+'} {abs(opens.count)}{opens.unit}"
    return at


def _at(at: At) -> str:
    anchor = at.anchor if at.anchor in {"consent", "allocation"} else f"{at.anchor}.{at.moment}"
    length = f"random({at.offset}, {at.upto})" if at.upto else str(at.offset)
    further = f" + {at.further}" if at.further.count else ""
    if at.hours is None:
        return f"{anchor} + {length}{further}"
    first, last = (f"{time:%H:%M}" for time in at.hours)
    return f"{anchor} + {length}{further} at {first}" + ("" if first == last else f" … {last}")


def _after_opening(duration: Duration) -> str:
    if duration.count == 0:
        return _("as soon as it opens")
    return _("%(length)s after it opened, if it is not done") % {"length": _length(duration)}


def _length(duration: Duration) -> str:
    n = abs(duration.count)
    words = {
        "d": ngettext("%(n)s day", "%(n)s days", n),
        "h": ngettext("%(n)s hour", "%(n)s hours", n),
        "m": ngettext("%(n)s minute", "%(n)s minutes", n),
        "s": ngettext("%(n)s second", "%(n)s seconds", n),
    }
    return words[duration.unit] % {"n": n}


def _time_of(duration: Duration) -> dt.timedelta:
    return dt.timedelta(seconds=duration.nominal_s)


# --- as pages and files ----------------------------------------------------------------------------------------------


def shown(plan: MessagePlan) -> dict[str, object]:
    """The plan as the templates `coaching/messages/_plan.html` and `plan.md` take it, in the active language."""
    study, messages = plan.study, plan.study.messages
    language = study.languages[0]
    names = {arm.name: arm.title.to(language) if arm.title else arm.name for arm in study.arms}
    caps = [
        text % {"n": most}
        for most, text in (
            (messages.a_day, _("At most %(n)s reminders and messages while waiting in 24 hours.")),
            (messages.a_week, _("At most %(n)s reminders and messages while waiting in seven days.")),
        )
        if most is not None
    ]
    return {
        "title": study.title.to(language),
        "slug": study.slug,
        "contact": study.contact,
        "hours": messages.hours.to(language) if messages.hours else "",
        "caps": caps,
        "most": [
            _("%(group)s: at most %(n)s") % {"group": names.get(arm) or _("Everybody"), "n": n}
            for arm, n in plan.most.items()
        ],
        "entries": [_shown(entry, names) for entry in plan.entries],
    }


def _shown(entry: Entry, names: Mapping[str, str]) -> dict[str, object]:
    steps = entry.steps[0] if len(entry.steps) == 1 else f"{entry.steps[0]} … {entry.steps[-1]}" if entry.steps else ""
    to = ", ".join(names[arm] for arm in entry.arms) or _("Everybody")
    to = _("The team") if entry.kind == Kind.ALERT else to
    when = "; ".join(entry.when)
    facts = [(_("To"), to)]
    if entry.opens:
        facts.append((_("Opens"), entry.opens))
    facts.append((_("When"), when))
    if entry.hours is not None:
        first, last = (f"{time:%H:%M}" for time in entry.hours)
        hours = _("from %(first)s to %(last)s on the person's own clock") % {"first": first, "last": last}
        facts.append((_("Hours"), hours))
    many = _("as often as that happens") if entry.most is None else _("at most %(n)s") % {"n": entry.most}
    facts.append((_("How many"), many))
    said = list(entry.said.items())
    glance = {"to": to, "when": when, "many": many}
    return {"kind": _kind_word(entry.kind), "steps": steps, "facts": facts, "said": said, **glance}


def _kind_word(kind: str) -> str:
    return {
        "invitation": _("Invitation"),
        "reminder": _("Reminder"),
        "link": _("Fresh link"),
        "message": _("News of a message"),
        "waiting": _("News while waiting"),
        "alert": _("Alert to the team"),
    }[kind]


def as_markdown(plan: MessagePlan) -> str:
    """The plan as a Markdown file for an ethics board."""
    return render_to_string("coaching/messages/plan.md", shown(plan))


def as_html(plan: MessagePlan) -> str:
    """The plan as one HTML page that needs nothing else."""
    return render_to_string("coaching/messages/plan.html", {**shown(plan), "language": translation.get_language()})
