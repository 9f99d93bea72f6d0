"""Studies, people and their planned moments."""

from coaching.models.contact import Contact, PersonalLink
from coaching.models.messages import Message
from coaching.models.occasions import AllocationList, AllocationSlot, Measure, Occasion
from coaching.models.people import ConsentRecord, Enrolment, Screening
from coaching.models.sessions import BrowserSession
from coaching.models.study import BundleFile, Membership, Role, Study, StudyVersion

__all__ = [
    "AllocationList",
    "AllocationSlot",
    "BrowserSession",
    "BundleFile",
    "ConsentRecord",
    "Contact",
    "Enrolment",
    "Measure",
    "Message",
    "Membership",
    "Occasion",
    "PersonalLink",
    "Role",
    "Screening",
    "Study",
    "StudyVersion",
]
