"""What an arm is called on a page that may have to keep quiet about it: in one place, for every page and file."""

from __future__ import annotations

from collections.abc import Iterable
from string import ascii_uppercase

from django.utils.crypto import salted_hmac

from coaching.models import Study
from coaching.roles import Access

SALT = "coaching.arms"


def may_see_arms(access: Access) -> bool:
    """Whether these roles may read which arm somebody is in: all who may read of people, for no study is masked yet."""
    return access.may("people")


def arm_codes(study: Study, arms: Iterable[str]) -> dict[str, str]:
    """A letter for each arm of a study, the same on every page.

    Which letter is whose can't be told from the study's file: the order is drawn with the product's own secret.
    """

    def drawn(arm: str) -> str:
        return salted_hmac(SALT, f"{study.pk}:{arm}", algorithm="sha256").hexdigest()

    return {arm: _letters(place) for place, arm in enumerate(sorted(set(arms), key=drawn))}


def _letters(place: int) -> str:
    """A, B … Z, AA, AB …: as columns of a sheet are counted."""
    rest, last = divmod(place, len(ascii_uppercase))
    return (_letters(rest - 1) if rest else "") + ascii_uppercase[last]
