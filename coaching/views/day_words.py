"""What the page of the day says, in the reader's language: tags, evidence, days and times."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coaching.adherence import STRIP_DAYS, Day, Strip
from coaching.selectors.attention import Need
from coaching.selectors.days import Event, Lived
from coaching.views.messages import kind_word
from coaching.windows import working_days, zone
from protocol.study import Study


class Titles:
    """The titles of steps as staff read them: a step's id where it has none."""

    def __init__(self, versions: Mapping[int, Study], language: str) -> None:
        self._titles = {
            pk: {step.id: step.title.to(language) for step in study.steps() if step.title is not None}
            for pk, study in versions.items()
        }

    def of(self, version_id: int | None, step: str) -> str:
        """The title of a step of a version."""
        return self._titles.get(version_id or 0, {}).get(step, step)


# --- days and times --------------------------------------------------------------------------------------------------


def when(at: datetime, where: ZoneInfo, now: datetime) -> str:
    """Day and time on the clock in the zone, as near days are called."""
    local, today = at.astimezone(where), now.astimezone(where).date()
    time = clock_time(at, where)
    near = {
        today: _("today %(time)s"),
        today - timedelta(days=1): _("yesterday %(time)s"),
        today + timedelta(days=1): _("tomorrow %(time)s"),
    }.get(local.date())
    return near % {"time": time} if near else f"{short_day(local, now.astimezone(where))} {time}"


def clock_time(at: datetime, where: ZoneInfo) -> str:
    """Hours and minutes on the clock in the zone."""
    return date_format(at.astimezone(where), "H:i", use_l10n=False)


def moment(at: datetime, where: ZoneInfo, now: datetime) -> str:
    """The same, where a sentence begins with it."""
    said = when(at, where, now)
    return said[:1].upper() + said[1:]


def short_day(local: datetime, now: datetime) -> str:
    """A day as `Thu 26 Nov`; with its year where that is another than now's."""
    # Translators: how a day is written in short, in Django's date format characters.
    written = _("D j M") if local.year == now.year else _("D j M Y")
    return date_format(local, written, use_l10n=False)


def date_of(at: datetime) -> str:
    """A day as `17 Nov`."""
    # Translators: how a day is written where there is little room, in Django's date format characters.
    return date_format(at, _("j M"), use_l10n=False)


def lead(now: datetime, where: ZoneInfo, people: int) -> str:
    """The line under the page's title."""
    looked_after = ngettext("%(n)d person is in the programme.", "%(n)d people are in the programme.", people)
    return f"{today_lead(now, where)} {looked_after % {'n': people}}"


def today_lead(now: datetime, where: ZoneInfo) -> str:
    """Today's day and date, as a sentence."""
    # Translators: how a weekday and date are written, in Django's date format characters.
    return f"{date_format(now.astimezone(where), _('l j F'), use_l10n=False)}."


# --- who needs somebody ----------------------------------------------------------------------------------------------


def tag(need: Need) -> tuple[str, str]:
    """The look and the word of a need's tag."""
    if need.kind == "alert":
        return "bad", about(need.about) or (_("Please look") if need.is_of_rule else _("Reported something"))
    if need.kind == "safety":
        return "bad", about(need.about) or _("Reported something")
    if need.kind == "help":
        return "info", _("Waits for a reply")
    if need.kind == "late":
        return "warn", days_late(need.days)
    if need.kind == "closing":
        return "", _("Closes soon")
    if need.kind == "held":
        return "warn", _("Address came back")
    return "bad", _("Mail not known")


def about(kind: str) -> str:
    """What a person's report is about, as staff read it; empty for none that is told."""
    return {
        "unwanted": _("Unwanted images or thoughts"),
        "unwell": _("Upset or unwell"),
        "not_working": _("Something did not work"),
        "other": _("Reported something else"),
    }.get(kind, "")


def may_contact(wants_contact: bool | None) -> str:
    """Whether somebody may get in touch with whoever reported something."""
    if wants_contact is None:
        return _("They did not say whether somebody may get in touch.")
    return _("Somebody may get in touch.") if wants_contact else _("Nobody should get in touch.")


def days_late(days: int) -> str:
    """Whole days past a due time, in words."""
    return ngettext("%(n)d day late", "%(n)d days late", days) % {"n": days}


def evidence(need: Need, step: str, now: datetime) -> str:
    """One line of what is known, with its time on the person's own clock."""
    where = zone(need.who.timezone)
    says = {
        "alert": _raised,
        "safety": _reported,
        "help": _asked,
        "late": _late,
        "closing": _closing,
        "mail": _mail,
        "held": _held,
    }
    said = says[need.kind](need, step, where, now)
    return " ".join(each for each in (*said, _others(need)) if each)


def _raised(need: Need, step: str, where: ZoneInfo, now: datetime) -> list[str]:
    what = _("An answer met a rule of the study.") if need.is_of_rule else ""
    at = moment(need.at or now, where, now)
    told = _("%(when)s, at %(step)s.") % {"when": at, "step": step} if step else f"{at}."
    return [
        what,
        told,
        may_contact(need.wants_contact) if need.about else "",
        look_within(need.look_by, need.level, now),
    ]


def look_within(look_by: datetime | None, level: int, now: datetime) -> str:
    """How long there is to look at an alert, in words that hang on no clock's zone; empty where nobody was told."""
    if look_by is None or not level:
        return ""
    if level > 1:
        return ngettext(
            "Nobody has looked. %(n)d mail went out.", "Nobody has looked. %(n)d mails went out.", level
        ) % {"n": level}
    left = max(0, round((look_by - now).total_seconds() / 60))
    if not left:
        return _("Somebody should have looked by now.")
    return ngettext("Look within %(n)d minute.", "Look within %(n)d minutes.", left) % {"n": left}


def _reported(need: Need, step: str, where: ZoneInfo, now: datetime) -> list[str]:
    at = moment(need.at or now, where, now)
    told = _("%(when)s, at %(step)s.") % {"when": at, "step": step} if step else f"{at}."
    return [told, may_contact(need.wants_contact) if need.about else ""]


def _asked(need: Need, step: str, where: ZoneInfo, now: datetime) -> list[str]:
    at = when(need.at or now, where, now)
    wrote = f"{at[:1].upper()}{at[1:]}." if need.text else _("Wrote %(when)s.") % {"when": at}
    return [wrote, waits(need.at or now, where, now)]


def waits(since: datetime, where: ZoneInfo, now: datetime) -> str:
    """For how many working days somebody has waited for an answer; empty within the first."""
    n = working_days(since, now, where)
    if n == 0:
        return ""
    return ngettext("Waits for %(n)d working day.", "Waits for %(n)d working days.", n) % {"n": n}


def _late(need: Need, step: str, where: ZoneInfo, now: datetime) -> list[str]:
    due = _("%(step)s was due %(day)s.") % {"step": step, "day": date_of((need.at or now).astimezone(where))}
    return [due, _begun(need), _last(need, where), _reminded(need)]


def _closing(need: Need, step: str, where: ZoneInfo, now: datetime) -> list[str]:
    closes = _("%(step)s closes %(when)s.") % {"step": step, "when": when(need.closes_at or now, where, now)}
    return [closes, _begun(need) or _("Not begun."), _reminded(need)]


def _mail(need: Need, step: str, where: ZoneInfo, now: datetime) -> list[str]:
    at = when(need.at or now, where, now)
    what = kind_word(need.mail)
    about = _("%(mail)s, %(step)s, due %(when)s.") if step else _("%(mail)s, due %(when)s.")
    return [about % {"mail": what, "step": step, "when": at}, _("It may or may not have arrived.")]


def _held(need: Need, step: str, where: ZoneInfo, now: datetime) -> list[str]:
    at = when(need.at or now, where, now)
    return [_("Since %(when)s nothing goes to it. The person sees that at their next visit.") % {"when": at}]


def _begun(need: Need) -> str:
    return _("Begun, not finished.") if need.begun else ""


def _last(need: Need, where: ZoneInfo) -> str:
    if need.last_at is None:
        return _("No step done yet.")
    return _("Last step %(day)s.") % {"day": date_of(need.last_at.astimezone(where))}


def _reminded(need: Need) -> str:
    if not need.reminders:
        return ""
    return ngettext("%(n)d reminder sent.", "%(n)d reminders sent.", need.reminders) % {"n": need.reminders}


def _others(need: Need) -> str:
    if not need.others:
        return ""
    return ngettext("And %(n)d more.", "And %(n)d more.", need.others) % {"n": need.others}


# --- the table -------------------------------------------------------------------------------------------------------


def sorts() -> list[tuple[str, str]]:
    """The ways to sort the table, with their words."""
    return [("needs", _("Needs")), ("name", _("Name")), ("next", _("Next"))]


def whos() -> list[tuple[str, str]]:
    """Whom the page shows, with its words."""
    return [("", _("Everybody")), ("real", _("Real")), ("simulated", _("Simulated"))]


def day_of_study(since: datetime, where: ZoneInfo, now: datetime) -> str:
    """Which day of the study it is for somebody, the day of their consent being day 1."""
    return _("Day %(n)d") % {"n": (now.astimezone(where).date() - since.astimezone(where).date()).days + 1}


def span(now: datetime) -> str:
    """The days of the strips, which end today."""
    return _("%(first)s to %(last)s") % {"first": date_of(now - timedelta(days=STRIP_DAYS - 1)), "last": date_of(now)}


def summary(strip: Strip) -> str:
    """A strip in words: `11 done, 1 part done of 13 due`."""
    if not strip.due:
        return _("None due")
    counts = (
        (strip.done, _("%(n)d done")),
        (strip.part, _("%(n)d part done")),
        (strip.missed, _("%(n)d missed")),
        (strip.open, _("%(n)d still open")),
    )
    said = ", ".join(text % {"n": n} for n, text in counts if n)
    return _("%(counts)s of %(due)d due") % {"counts": said, "due": strip.due}


class DayWords:
    """Says days, fourteen hundred a page: what is the same for all of them is looked up once."""

    def __init__(self) -> None:
        self._marks = {
            "done": _("%(step)s done"),
            "part": _("%(step)s part done"),
            "missed": _("%(step)s missed"),
            "open": _("%(step)s due, still open"),
        }
        self._states = {"rest": _("rest day"), "paused": _("paused"), "away": _("not in the study yet")}
        # Translators: how a day is written in short, in Django's date format characters.
        self._written = _("D j M")
        self._names: dict[date, str] = {}

    def of(self, day: Day, title: Callable[[str], str]) -> str:
        """One day in words: `Tue 3 Nov: Session 3 done`."""
        name = self._names.get(day.date)
        if name is None:
            name = self._names[day.date] = date_format(day.date, self._written, use_l10n=False)
        said = ", ".join(self._marks[mark] % {"step": title(key)} for mark, key in day.marks)
        return f"{name}: {said or self._states[day.state]}"


def next_when(lived: Lived, where: ZoneInfo, now: datetime) -> str:
    """When the next step opens, or until when it is open; empty where nothing is known of it."""
    step = lived.next
    if step is None:
        return ""
    if lived.is_open:
        if step.closes_at is None:
            return _("open")
        return _("open until %(when)s") % {"when": when(step.closes_at, where, now)}
    if step.opens_at is None:
        return ""
    return _("opens %(when)s") % {"when": when(step.opens_at, where, now)}


# --- the day ---------------------------------------------------------------------------------------------------------


def event(event: Event, step: str) -> str:
    """What happens: a step opens or closes."""
    return (_("%(step)s opens") if event.opens else _("%(step)s closes")) % {"step": step}


def people_of(event: Event) -> str:
    """For whom: one by name, several as a count from the first of their times on."""
    if len(event.people) == 1:
        return event.people[0]
    return ngettext("%(n)d person", "%(n)d people", len(event.people)) % {"n": len(event.people)}
