"""`manage.py access_table`: the two tables of who may do what, as docs/roles.md prints them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand
from django.urls import URLPattern, URLResolver, get_resolver

from coaching.models import Role
from coaching.roles import MATRIX, MEANS
from config.access import ROUTES, Rule

HEAD = """\
# Who may reach what

Made by `manage.py access_table` from the tables that the product obeys: `coaching/roles.py` and `config/access.py`.
A test holds this page against them.

## Roles in a study
"""
WHO = {
    "anyone": "anyone",
    "participant": "the participant whose browser it is",
    "staff": "any member of staff",
    "study": "staff of that study who may see or do: {needs}",
    "token": "an API token{needs}",
}


class Command(BaseCommand):
    """Prints the page."""

    help = "Prints who may reach what, in Markdown."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it."""
        self.stdout.write("\n".join(page()), ending="\n")


def page() -> Iterator[str]:
    """The lines of docs/roles.md."""
    yield HEAD
    yield "| | " + " | ".join(role.replace("_", " ") for role in Role.values) + " |"
    yield "|---" * (len(Role.values) + 1) + "|"
    for capability, holders in MATRIX.items():
        yield f"| {MEANS[capability]} | " + " | ".join("y" if r in holders else "-" for r in Role.values) + " |"
    yield ""
    yield "Staff see only their own studies: anything of another study answers 404."
    yield ""
    yield "## Every route"
    yield ""
    yield "| address | route | who |"
    yield "|---|---|---|"
    for route, address in sorted(_addresses(get_resolver()), key=lambda pair: pair[1]):
        yield f"| `/{address}` | `{route}` | {_who(ROUTES[route])} |"


def _who(rule: Rule) -> str:
    needs = MEANS[rule.needs] if rule.who == "study" else f" with `{rule.needs}`" if rule.needs else ""  # type: ignore[index]
    return WHO[rule.who].format(needs=needs)


def _addresses(resolver: URLResolver, prefix: str = "", namespace: str = "") -> Iterator[tuple[str, str]]:
    for pattern in resolver.url_patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _addresses(pattern, address, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}", address
