"""Names that ReproSchema gives: its context, its kinds of documents, its ways to answer."""

from __future__ import annotations

from typing import Any

RELEASE = "1.0.0"
CONTEXT = f"https://raw.githubusercontent.com/ReproNim/reproschema/main/releases/{RELEASE}/reproschema"

ACTIVITY, ITEM, PROTOCOL, OPTIONS = "Activity", "Item", "Protocol", "ResponseOption"
# What releases before 1.0.0 call the same.
_OLDER = {"Field": ITEM, "ActivitySchema": ACTIVITY}

# Ways to answer that take anything, and so are words here.
AS_WORDS = ("email", "timeRange", "multitext", "time", "dateRange", "selectLanguage", "selectCountry", "selectState")
NOT_ASKED = (
    "audioCheck", "audioRecord", "audioImageRecord", "audioAutoRecord", "audioPassageRecord", "audioPassageImageRecord",
    "audioRecordNumberTask", "videoCheck", "documentUpload", "save", "sign", "pid", "participantId",
)  # fmt: skip


def kind_of(document: Any) -> str:
    """What kind of document it is; empty where it is none of these."""
    if not isinstance(document, dict):
        return ""
    named = document.get("category", document.get("@type", ""))
    named = named[0] if isinstance(named, list) and named else named
    name = str(named).rpartition(":")[2].rpartition("/")[2]
    return _OLDER.get(name, name)
