"""Parts of pages that read the same for everybody: made once, and again only for another language."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

MOST = 200
"""How many wordings of one part are kept: languages times what its values can be, and room to spare."""


@register.tag
def kept(parser: Parser, token: Token) -> Kept:
    """`{% kept VALUE... %}…{% endkept %}`: a part that hangs on nothing but the language and these few values.

    Nothing of a person may stand in it, and no token against forgery: whoever comes next reads what was made.
    """
    values = [parser.compile_filter(bit) for bit in token.split_contents()[1:]]
    nodes = parser.parse(("endkept",))
    parser.delete_first_token()
    return Kept(nodes, values)


class Kept(template.Node):
    """What was made of the nodes within, by language and values. It lives as long as its template does in memory."""

    def __init__(self, nodelist: NodeList, values: list[FilterExpression]) -> None:
        self.nodelist = nodelist
        self._values = values
        self._made: dict[tuple[Any, ...], SafeString] = {}

    def render(self, context: template.Context) -> SafeString:
        """The part as it was made before, if it was."""
        key = (get_language(), *(str(value.resolve(context, ignore_failures=True)) for value in self._values))
        made = self._made.get(key)
        if made is None:
            made = self.nodelist.render(context)
            if len(self._made) < MOST:
                self._made[key] = made
        return made
