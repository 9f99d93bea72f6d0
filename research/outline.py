"""What a version of a study says, short enough to be looked over before anybody comes in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coaching.language import named
from coaching.models import StudyVersion
from protocol.changes import Change, How, Part, changes
from protocol.durations import Duration
from protocol.study import Step
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
    found = []
    for arm in study.arms:
        found += _steps(study, arm.steps, arm.title.to(language) if arm.title else arm.name, language)
    return [*found, *_steps(study, study.after, _("Everybody") if study.is_cohort else _("Every group"), language)]


def _steps(study: Declared, steps: Iterable[Step], who: str, language: str) -> list[dict[str, str]]:
    titles = {step.id: step.title.to(language) if step.title else step.id for step in study.steps()}
    return [
        {
            "id": step.id,
            "title": step.title.to(language) if step.title else "",
            "who": who,
            "what": ", ".join(_parts(study, step, language)),
            "when": _when(step, titles),
            "window": f"{_length(step.window.open)} … {_length(step.window.close)}" if step.window else "",
            "optional": _("optional") if step.optional else "",
        }
        for step in steps
    ]


def _parts(study: Declared, step: Step, language: str) -> list[str]:
    """The titles of what a step is made of."""
    asked = [study.instruments[id].title.to(language) for id in study.instruments_at(step)]
    return [study.scripts[step.script].title.to(language), *asked] if step.script else asked


def _when(step: Step, titles: Mapping[str, str]) -> str:
    """The moment at which a step is due, such as "Group given + 7 days"."""
    if step.at is None:
        return _("after the step before it")
    moments = {"done": _("%(step)s done"), "due": _("%(step)s due"), "closed": _("%(step)s closed")}
    of_study = {"consent": _("Consent given"), "allocation": _("Group given")}
    named = {"step": titles.get(step.at.anchor, step.at.anchor)}
    anchor = of_study.get(step.at.anchor) or moments[step.at.moment] % named
    if step.at.offset.count == 0:
        return anchor
    sign, length = ("−" if step.at.offset.count < 0 else "+"), _length(step.at.offset)
    return f"{anchor} {sign} {length.removeprefix('−')}"


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
