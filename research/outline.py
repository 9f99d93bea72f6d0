"""What a version of a study says, short enough to be looked over before anybody comes in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coaching.language import named
from coaching.models import StudyVersion
from protocol.changes import Change, How, Part, changes
from protocol.durations import Duration
from protocol.study import At, Step
from protocol.study import Study as Declared


def outline(study: Declared, language: str, part_versions: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    """The check page's facts and tables, in `language` where the study has it.

    `part_versions` says since which version an instrument or script is as it is; empty for a study not stored yet.
    """
    since = {kind: part_versions.get(kind, {}) for kind in ("instruments", "scripts")}
    return {
        "facts": [
            (_("Title"), study.title.to(language)),
            (_("Slug"), study.slug),
            (_("Languages"), ", ".join(f"{name} ({code})" for code, name in named(study.languages))),
            (_("Time zone"), study.timezone),
            (_("Contact"), study.contact),
            (_("Consent form"), _consent(study)),
            (_("Groups"), _groups(study, language)),
        ],
        "steps": [*_steps(study, study.before, _("Everybody"), language), *_in_arms(study, language)],
        "instruments": [
            {
                "id": each.id,
                "title": each.title.to(language),
                "items": len(each.items()),
                "licence": each.licence,
                "since": since["instruments"].get(each.id),
            }
            for each in study.instruments.values()
        ],
        "scripts": [
            {
                "id": each.slug,
                "title": each.title.to(language),
                "stages": len(each.stages),
                "since": since["scripts"].get(each.slug),
            }
            for each in study.scripts.values()
        ],
    }


def changes_between(before: StudyVersion, after: StudyVersion) -> tuple[Change, ...]:
    """How a version differs from another (kept in memory: versions never change)."""
    return _changes(before.pk, before.digest, after.pk, after.digest)


@lru_cache(maxsize=256)
def _changes(before: int, before_digest: str, after: int, after_digest: str) -> tuple[Change, ...]:
    contents = dict(StudyVersion.objects.filter(pk__in=[before, after]).values_list("pk", "content"))
    return changes(contents[before], contents[after])


def changes_from(before: StudyVersion, content: str) -> tuple[Change, ...]:
    """How a content that is not stored differs from a version."""
    return changes(StudyVersion.objects.values_list("content", flat=True).get(pk=before.pk), content)


def change_words(found: Iterable[Change]) -> list[str]:
    """A line a change, as people read it."""
    parts, hows = _part_words(), _how_words()
    return [parts[change.part] % {"name": change.name, "how": hows[change.how]} for change in found]


def change_summary(found: Iterable[Change]) -> str:
    """One line for many changes, such as "2 steps, 1 script"."""
    counts: dict[str, int] = {}
    for change in found:
        counts[change.part] = counts.get(change.part, 0) + 1
    return ", ".join(_counted(part, n) for part, n in counts.items())


def _part_words() -> Mapping[Part, str]:
    return {
        "study": _("study.yaml, %(name)s: %(how)s"),
        "step": _("Step %(name)s: %(how)s"),
        "instrument": _("Questionnaire %(name)s: %(how)s"),
        "script": _("Script %(name)s: %(how)s"),
        "text": _("Text %(name)s: %(how)s"),
        "picture": _("Picture %(name)s: %(how)s"),
        "recording": _("Recording %(name)s: %(how)s"),
    }


def _how_words() -> Mapping[How, str]:
    return {"new": _("new"), "changed": _("changed"), "removed": _("taken out")}


def _counted(part: str, n: int) -> str:
    return {
        "study": ngettext("%(n)s setting", "%(n)s settings", n),
        "step": ngettext("%(n)s step", "%(n)s steps", n),
        "instrument": ngettext("%(n)s questionnaire", "%(n)s questionnaires", n),
        "script": ngettext("%(n)s script", "%(n)s scripts", n),
        "text": ngettext("%(n)s text", "%(n)s texts", n),
        "picture": ngettext("%(n)s picture", "%(n)s pictures", n),
        "recording": ngettext("%(n)s recording", "%(n)s recordings", n),
    }[part] % {"n": n}


def _consent(study: Declared) -> str:
    n = len(study.consent.statements)
    statements = ngettext("%(n)s statement", "%(n)s statements", n) % {"n": n}
    return _("Version %(version)s, %(statements)s") % {"version": study.consent.version, "statements": statements}


def _groups(study: Declared, language: str) -> str:
    if study.is_cohort:
        return _("None: everybody does the same")
    return ", ".join(
        _("%(title)s (ratio %(ratio)s)")
        % {"title": arm.title.to(language) if arm.title else arm.name, "ratio": arm.ratio}
        for arm in study.arms
    )


def _in_arms(study: Declared, language: str) -> list[dict[str, str]]:
    found, names = [], {arm.name: arm.title.to(language) if arm.title else arm.name for arm in study.arms}
    for arm in study.arms:
        found += _steps(study, arm.steps, names[arm.name], language)
    found += _steps(study, study.after, _("Everybody") if study.is_cohort else _("Every group"), language)
    for arm in study.arms:
        found += _steps(study, arm.later, _("%(group)s, later") % {"group": names[arm.name]}, language)
    return found


def _steps(study: Declared, steps: Iterable[Step], who: str, language: str) -> list[dict[str, str]]:
    """A line a step; a repeated step is one line, with how often it comes."""
    titles = {step.id: _title(step, language) for step in study.steps()}
    return [
        {
            "id": times[0].id if len(times) == 1 else f"{times[0].id} … {times[-1].id}",
            "title": times[0].title.to(language) if times[0].title else "",
            "who": who,
            "what": ", ".join(_parts(study, times, language)),
            "when": "; ".join((_when(times[0], titles), *_how_often(times))),
            "window": f"{_length(window.open)} … {_length(window.close)}" if (window := times[0].window) else "",
            "optional": _("optional") if times[0].optional else "",
        }
        for times in _in_series(steps)
    ]


def _in_series(steps: Iterable[Step]) -> list[list[Step]]:
    """The steps, all times of a repeated one together."""
    return [list(times) for _name, times in groupby(steps, key=lambda step: step.series or step.id)]


def _title(step: Step, language: str) -> str:
    """What another line calls a step: of a repeated one its place too."""
    if step.title is None:
        return step.id
    return f"{step.title.to(language)} {step.time}" if step.series else step.title.to(language)


def _parts(study: Declared, times: list[Step], language: str) -> list[str]:
    """The titles of what a step, or all times of a repeated one, is made of; then how its scripts are gone through."""
    scripts = dict.fromkeys(script for step in times for script in step.scripts)
    asked = dict.fromkeys(id for step in times for id in study.instruments_at(step))
    titles = [study.scripts[script].title.to(language) for script in scripts]
    dealt = next((each for each in study.counterbalances if each.name == times[0].dealt), None)
    order = dealt.order if dealt else times[0].order
    if len(titles) > 1:
        joined = ", ".join(titles)
        orders = {
            "sequence": _("%(scripts)s (as listed)"),
            "random": _("%(scripts)s (in an order drawn for each person)"),
            "latin": _("%(scripts)s (in the orders of a Latin square)"),
        }
        one_of = {
            "sequence": orders["sequence"],
            "random": _("one of %(scripts)s (drawn for each person)"),
            "latin": _("one of %(scripts)s (by a Latin square)"),
        }
        titles = [(orders if len(times) > 1 else one_of)[order] % {"scripts": joined}]
    return [*titles, *(study.instruments[id].title.to(language) for id in asked)]


def _how_often(times: list[Step]) -> Iterable[str]:
    """How often a repeated step comes, and how far apart; nothing of one that comes once."""
    if len(times) == 1:
        return
    n, second = len(times), times[1].at
    if second is None or second.moment == "settled":
        yield ngettext("%(n)s time, each after the one before", "%(n)s times, each after the one before", n) % {"n": n}
    else:
        named = {"n": n, "length": _length(second.further)}
        yield ngettext("%(n)s time, %(length)s apart", "%(n)s times, %(length)s apart", n) % named


def _when(step: Step, titles: Mapping[str, str]) -> str:
    """The moment at which a step is due, such as "Group given + 7 days"."""
    at = step.at
    if at is None:
        return _("after the step before it")
    moments = {"done": _("%(step)s done"), "due": _("%(step)s due"), "closed": _("%(step)s closed")}
    of_study = {"consent": _("Consent given"), "allocation": _("Group given")}
    anchor = of_study.get(at.anchor) or moments[at.moment] % {"step": titles.get(at.anchor, at.anchor)}
    return ", ".join((_moved_by(anchor, at), *_hours(at)))


def _moved_by(anchor: str, at: At) -> str:
    """An anchor and how far from it, such as "Group given + 7 days"."""
    if at.upto is not None:
        named = {"anchor": anchor, "least": _length(at.offset), "most": _length(at.upto)}
        return _("%(anchor)s + %(least)s to %(most)s, drawn for each person") % named
    if at.offset.count == 0:
        return anchor
    sign, length = ("−" if at.offset.count < 0 else "+"), _length(at.offset)
    return f"{anchor} {sign} {length.removeprefix('−')}"


def _hours(at: At) -> Iterable[str]:
    """The time of that day, if the step has one of its own."""
    if at.hours is None:
        return
    first, last = (f"{each:%H:%M}" for each in at.hours)
    if at.hours[0] == at.hours[1]:
        yield _("at %(time)s") % {"time": first}
    else:
        yield _("at a time between %(first)s and %(last)s, drawn for each person") % {"first": first, "last": last}


def _length(duration: Duration) -> str:
    """A duration with its unit in words, such as "−1 day"; a length of nothing is "0"."""
    n = abs(duration.count)
    if n == 0:
        return "0"
    words = {
        "d": ngettext("%(n)s day", "%(n)s days", n),
        "h": ngettext("%(n)s hour", "%(n)s hours", n),
        "m": ngettext("%(n)s minute", "%(n)s minutes", n),
        "s": ngettext("%(n)s second", "%(n)s seconds", n),
    }
    return ("−" if duration.count < 0 else "") + words[duration.unit] % {"n": n}
