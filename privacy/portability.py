"""Everything that is held of one person, as files that the person can read and take elsewhere."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.selectors import own_rows as answers_of
from coaching.models import Enrolment
from coaching.selectors.own import own_rows as programme_of
from imagery.selectors.held import own_rows as sessions_of
from imagery.services.files import files_of
from research.flags import own_rows as decisions_of
from research.writers.values import formula_safe, instant, number

Tables = Mapping[str, Sequence[Mapping[str, Any]]]

# What each table says, for the person: in the list on their page and beside the files.
TITLES = {
    "person": gettext_lazy("Your code, your group and your dates in the study"),
    "door_answers": gettext_lazy("What you answered before you joined"),
    "consents": gettext_lazy("The text you agreed to, word for word"),
    "consent_statements": gettext_lazy("Each sentence you said yes or no to"),
    "contact": gettext_lazy("How we can reach you"),
    "devices": gettext_lazy("The devices that show you reminders"),
    "links": gettext_lazy("When we made a personal link for you"),
    "timetable": gettext_lazy("The parts of the study, and when each is open"),
    "timetable_changes": gettext_lazy("What the study team changed in when your parts are open, and why"),
    "payments": gettext_lazy("What you are paid for, and what was paid"),
    "messages": gettext_lazy("What you and the study team wrote to each other"),
    "safety_reports": gettext_lazy("What you reported when something was not well"),
    "alerts": gettext_lazy("When the study team was asked to look whether you are well, and what they did"),
    "adverse_events": gettext_lazy("What the study team recorded when you felt worse"),
    "notes": gettext_lazy("What the study team noted about you"),
    "questionnaires": gettext_lazy("The questionnaires you were given"),
    "answers": gettext_lazy("Your answers"),
    "earlier_answers": gettext_lazy("Answers that you changed later"),
    "scores": gettext_lazy("Numbers worked out from your answers"),
    "sessions": gettext_lazy("The sessions you began, finished or missed"),
    "session_parts": gettext_lazy("The parts of your sessions, and how their time was kept"),
    "session_events": gettext_lazy("What the pages of your sessions noted, moment by moment"),
    "ratings": gettext_lazy("Your ratings and choices in sessions"),
    "earlier_ratings": gettext_lazy("Ratings that you changed later"),
    "reports": gettext_lazy("What you wrote in sessions"),
    "earlier_reports": gettext_lazy("What you wrote before you changed it"),
    "drawings": gettext_lazy("Your drawings, line by line; the pictures are in the folder drawings"),
    "earlier_drawings": gettext_lazy("Drawings that you changed later"),
    "quality_decisions": gettext_lazy("What the team noted when they looked at your data again"),
}


def tables_of(enrolment: Enrolment) -> Tables:
    """All that every room holds of the person, by table."""
    return {
        **programme_of(enrolment),
        **answers_of(enrolment),
        **sessions_of(enrolment),
        **decisions_of(enrolment),
    }


def archive(enrolment: Enrolment, *, now: datetime) -> bytes:
    """A zip: `my-data.json` with everything, each table as CSV too, and `README.txt` in the language that is active.

    Pictures of drawings are in its folder `drawings`, under the names that the tables give.
    """
    tables = tables_of(enrolment)
    files = {
        "README.txt": _readme(enrolment, tables, now),
        "my-data.json": _json(enrolment, tables, now),
        **{f"{name}.csv": _csv(rows) for name, rows in tables.items()},
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name, now.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text.encode())
        for name, picture in files_of(enrolment):
            archive.writestr(zipfile.ZipInfo(f"drawings/{name}", now.timetuple()[:6]), picture)
    return packed.getvalue()


def title_of(table: str) -> str:
    """What a table says, in plain words; its name where nobody has described it."""
    return str(TITLES.get(table, table))


def _readme(enrolment: Enrolment, tables: Tables, now: datetime) -> str:
    opening = _(
        "This is all that the study %(study)s holds about you. Your code in it is %(code)s.\nIt was made on %(moment)s."
    ) % {"study": enrolment.study.slug, "code": enrolment.pseudonym, "moment": instant(now)}
    closing = _(
        "my-data.json holds the same in one file, for programs.\n"
        "The other files open as tables. All times are in UTC, also called world time.\n"
        "An empty place means that there is nothing there. In the tables, a ' at the start of a text only keeps\n"
        "programs from reading the text as a sum."
    )
    listed = [f"{name}.csv: {title_of(name)}" for name in tables]
    return "\n".join([opening, "", *listed, "", closing, ""])


def _json(enrolment: Enrolment, tables: Tables, now: datetime) -> str:
    content = {
        "study": enrolment.study.slug,
        "participant": enrolment.pseudonym,
        "made_at": now,
        **{name: list(rows) for name, rows in tables.items()},
    }
    return json.dumps(_plain(content), ensure_ascii=False, indent=1) + "\n"


def _plain(value: Any) -> Any:
    """The value in what JSON knows: instants as text, whole numbers without `.0`."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return instant(value)
    return number(value) if isinstance(value, float) else value


def _csv(rows: Sequence[Mapping[str, Any]]) -> str:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    written = io.StringIO(newline="")
    lines = csv.writer(written, lineterminator="\r\n")
    lines.writerow([formula_safe(name) for name in columns])
    lines.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    return written.getvalue()


def _cell(value: Any) -> str:
    plain = _plain(value)
    if plain is None:
        return ""
    if isinstance(plain, str):
        return formula_safe(plain)
    return json.dumps(plain, ensure_ascii=False)
