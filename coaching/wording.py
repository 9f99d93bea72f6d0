"""Words for people: a study's Markdown as safe HTML, and instants as somebody reads them on their own clock."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

import markdown
import nh3
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown.extensions.toc import TocExtension

from coaching.windows import zone
from protocol.study import Step

TAGS = {
    *("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "strong", "em", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "a", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
URL_SCHEMES = {"http", "https", "mailto"}


@lru_cache(maxsize=128)
def rendered(text: str) -> SafeString:
    """Markdown as HTML that can do no harm: its own tags count as text, and what is left goes through an allow-list.

    Headings move down a level, for the page has its own `h1`. Pictures are left out.
    """
    # Without a marker, a text can't ask for a table of contents; the extension is here to move the headings.
    reader = markdown.Markdown(extensions=["sane_lists", "tables", TocExtension(baselevel=2, marker="")])
    reader.preprocessors.deregister("html_block")
    reader.inlinePatterns.deregister("html")
    html = nh3.clean(
        reader.convert(text),
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=URL_SCHEMES,
        link_rel="noopener nofollow",
        url_relative="deny",
    )
    return mark_safe(html)  # noqa: S308 - nh3 has just cleaned it


def below(title: str, text: str) -> str:
    """A Markdown text as it stands below a page's title: without a first heading that says the same once more."""
    first, _break, rest = text.lstrip().partition("\n")
    return rest if first.startswith("# ") and first[2:].strip() == title.strip() else text


def moment(at: datetime, timezone: str, now: datetime) -> str:
    """Day, date and time on the clock of somebody in `timezone`; the year only where it is another than now's."""
    local = at.astimezone(zone(timezone))
    same_year = local.year == now.astimezone(zone(timezone)).year
    # Translators: how a day, date and time are written, in Django's date format characters.
    written = _("l j F, H:i") if same_year else _("l j F Y, H:i")
    return date_format(local, written, use_l10n=False)


def step_title(step: Step, language: str) -> str:
    """What a participant reads of a step. Never the title of a script, which may give its picture away."""
    if step.title is not None:
        return step.title.to(language)
    return _("Session") if step.do == "session" else _("Questionnaire")
