"""The only writers of what was answered."""

from assessments.services.answers import CLEARED, DECLINED, NOT_APPLICABLE, SKIPPED, Given, Taken, answer, autosave
from assessments.services.closing import close_occasion
from assessments.services.erasure import erase_person
from assessments.services.importing import Imported, import_answers
from assessments.services.scores import Rescored, recompute, rescore

__all__ = [
    "CLEARED",
    "DECLINED",
    "NOT_APPLICABLE",
    "SKIPPED",
    "Given",
    "Imported",
    "Rescored",
    "Taken",
    "answer",
    "autosave",
    "close_occasion",
    "erase_person",
    "import_answers",
    "recompute",
    "rescore",
]
