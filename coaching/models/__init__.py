"""Studies, people and their planned moments."""

from coaching.models.care import AdverseEvent, SafetyAlert
from coaching.models.contact import ClosedPanelId, Contact, PersonalLink, PushSubscription, Way
from coaching.models.messages import Message
from coaching.models.notes import Letter, Note, Seen
from coaching.models.occasions import Adjustment, AllocationList, AllocationSlot, Measure, Occasion
from coaching.models.payment import Payment
from coaching.models.people import ConsentRecord, Enrolment, Pause, Screening, ZoneMove
from coaching.models.running import Heartbeat
from coaching.models.safety import SafetyReport
from coaching.models.sessions import BrowserSession
from coaching.models.study import BundleFile, Membership, Role, Study, StudyVersion

__all__ = [
    "Adjustment",
    "AdverseEvent",
    "AllocationList",
    "AllocationSlot",
    "BrowserSession",
    "BundleFile",
    "ClosedPanelId",
    "ConsentRecord",
    "Contact",
    "Enrolment",
    "Heartbeat",
    "Letter",
    "Measure",
    "Message",
    "Membership",
    "Note",
    "Occasion",
    "Pause",
    "Payment",
    "PersonalLink",
    "PushSubscription",
    "Role",
    "SafetyAlert",
    "SafetyReport",
    "Screening",
    "Seen",
    "Study",
    "StudyVersion",
    "Way",
    "ZoneMove",
]
