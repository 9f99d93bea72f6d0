"""Studies, people and their planned moments."""

from coaching.models.contact import Contact, PersonalLink
from coaching.models.messages import Message
from coaching.models.notes import Letter, Note, Seen
from coaching.models.occasions import Adjustment, AllocationList, AllocationSlot, Measure, Occasion
from coaching.models.people import ConsentRecord, Enrolment, Screening
from coaching.models.safety import SafetyReport
from coaching.models.sessions import BrowserSession
from coaching.models.study import BundleFile, Membership, Role, Study, StudyVersion

__all__ = [
    "Adjustment",
    "AllocationList",
    "AllocationSlot",
    "BrowserSession",
    "BundleFile",
    "ConsentRecord",
    "Contact",
    "Enrolment",
    "Letter",
    "Measure",
    "Message",
    "Membership",
    "Note",
    "Occasion",
    "PersonalLink",
    "Role",
    "SafetyReport",
    "Screening",
    "Seen",
    "Study",
    "StudyVersion",
]
