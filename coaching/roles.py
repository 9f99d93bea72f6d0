"""Who may do what in a study: the contract's table, and nothing else that decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Capability = Literal[
    "people", "act", "draft", "answers", "words", "contact", "export", "publish", "team", "erase", "audit"
]

MEANS: Mapping[Capability, str] = {
    "people": "people, progress, schedule",
    "act": "move, skip, pause, invite, notes, messages to people",
    "draft": "write scripts as drafts",
    "answers": "answers, scores, ratings",
    "words": "words and drawings",
    "contact": "addresses and external ids (a coach: one at a time, logged)",
    "export": "export, tokens with export:read",
    "publish": "upload a version, open, close",
    "team": "team, roles",
    "erase": "erase a person",
    "audit": "audit log",
}
MATRIX: Mapping[Capability, frozenset[str]] = {
    "people": frozenset({"owner", "researcher", "coach", "data_manager", "observer"}),
    "act": frozenset({"owner", "researcher", "coach"}),
    "draft": frozenset({"owner", "researcher", "coach"}),
    "answers": frozenset({"owner", "researcher", "coach", "data_manager"}),
    "words": frozenset({"owner", "researcher", "coach", "data_manager"}),
    "contact": frozenset({"owner", "coach"}),
    "export": frozenset({"owner", "researcher", "data_manager"}),
    "publish": frozenset({"owner", "researcher"}),
    "team": frozenset({"owner"}),
    "erase": frozenset({"owner"}),
    "audit": frozenset({"owner", "researcher", "data_manager"}),
}


@dataclass(frozen=True, slots=True)
class Access:
    """What the roles of one person allow in one study."""

    roles: frozenset[str]

    def may(self, capability: str) -> bool:
        """Whether one of the roles allows it."""
        return bool(self.roles & MATRIX[capability])  # type: ignore[index]

    @property
    def capabilities(self) -> frozenset[str]:
        """All that is allowed: for templates (`{% if "export" in access.capabilities %}`)."""
        return frozenset(capability for capability in MATRIX if self.may(capability))
