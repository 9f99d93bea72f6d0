"""Who did something, by the name under which the audit log has them."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.audit import name_of
from accounts.models import User


def addresses_of(actors: Iterable[str]) -> dict[str, str]:
    """The addresses of the accounts among `actors` (`staff:ID`), by that name."""
    ids = {int(number) for actor in actors if (number := actor.removeprefix("staff:")) != actor}
    return {name_of(user): user.email for user in User.objects.filter(pk__in=ids)} if ids else {}
