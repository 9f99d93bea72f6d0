"""The only writers of what was practised."""

from imagery.services.closing import close_session
from imagery.services.erasure import erase_person
from imagery.services.given import (
    DECLINED,
    PASSED,
    UNTIMED,
    Chosen,
    Declined,
    Drawn,
    Given,
    Passed,
    Rated,
    Reported,
    Timing,
)
from imagery.services.runs import begin
from imagery.services.stages import Taken, submit

__all__ = [
    "DECLINED",
    "PASSED",
    "UNTIMED",
    "Chosen",
    "Declined",
    "Drawn",
    "Given",
    "Passed",
    "Rated",
    "Reported",
    "Taken",
    "Timing",
    "begin",
    "close_session",
    "erase_person",
    "submit",
]
