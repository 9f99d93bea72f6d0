"""What the middleware puts on a request."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest

from accounts.models import User
from coaching.models import Enrolment, Study
from coaching.roles import Access


class ParticipantRequest(HttpRequest):
    """A request on a participant's page: `enrolment` is who came by personal link or consented in this browser."""

    enrolment: Enrolment


class DoorRequest(HttpRequest):
    """A request at a study's door, where nobody need be known yet."""

    enrolment: Enrolment | None


class StudyRequest(HttpRequest):
    """A request by staff inside a study that they may see."""

    user: User
    study: Study
    access: Access
    may_open: Callable[[str], bool]  # whether this account may open another route of the same study


class StaffRequest(HttpRequest):
    """A request by somebody signed in as staff."""

    user: User
