"""Parts of pages that are made once read as if they were made each time."""

from __future__ import annotations

from typing import Any

from django.template import engines
from django.utils import translation

PART = "{% load i18n kept %}{% kept theme %}<p>{% translate 'Colours' %} {{ theme }}</p>{% endkept %}{{ who }}"


def _rendered(template: Any, language: str, **context: str) -> str:
    with translation.override(language):
        return str(template.render(context))


def test_a_part_is_made_for_each_language_and_each_value_and_what_stands_beside_it_every_time() -> None:
    template = engines["django"].from_string(PART)
    for who in ("one", "another"):
        assert _rendered(template, "en", theme="dusk", who=who) == f"<p>Colours dusk</p>{who}"
        assert _rendered(template, "de", theme="dusk", who=who) == f"<p>Farben dusk</p>{who}"
        assert _rendered(template, "en", theme="<", who=who) == f"<p>Colours &lt;</p>{who}"
        assert _rendered(template, "en", who=who) == f"<p>Colours </p>{who}"


def test_what_a_part_does_not_name_is_as_it_was_when_the_part_was_made() -> None:
    template = engines["django"].from_string("{% load kept %}{% kept %}{{ who }}{% endkept %}")
    assert [_rendered(template, "en", who=who) for who in ("one", "another")] == ["one", "one"]
