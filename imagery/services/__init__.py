"""The only writers of what was practised."""

from imagery.services.closing import close_session, end_early
from imagery.services.erasure import erase_person
from imagery.services.given import (
    DECLINED,
    NOT_APPLICABLE,
    PASSED,
    UNTIMED,
    Chosen,
    Declined,
    Drawn,
    Forms,
    Given,
    NotApplicable,
    Passed,
    Rated,
    Reported,
    Timing,
)
from imagery.services.runs import begin
from imagery.services.stages import Taken, submit

__all__ = [
    "DECLINED",
    "NOT_APPLICABLE",
    "PASSED",
    "UNTIMED",
    "Chosen",
    "Declined",
    "Drawn",
    "Forms",
    "Given",
    "NotApplicable",
    "Passed",
    "Rated",
    "Reported",
    "Taken",
    "Timing",
    "begin",
    "close_session",
    "end_early",
    "erase_person",
    "submit",
]
