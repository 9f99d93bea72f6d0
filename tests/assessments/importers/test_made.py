"""What the other tests of this folder begin with is right itself."""

from __future__ import annotations

from hypothesis import given

from assessments.importers.drafts import problems
from tests.assessments.importers.made import Json, instruments, some


@some
@given(instruments(several=True, scores=True))
def test_every_instrument_that_is_made_is_one_that_the_checker_takes(instrument: Json) -> None:
    assert problems(instrument) == []
