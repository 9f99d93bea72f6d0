"""Words in a study's languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Text:
    """Words that a person may read: the same in every language (`plain`), or one wording a language."""

    plain: str | None = None
    by_language: Mapping[str, str] = field(default_factory=dict)

    def to(self, language: str) -> str:
        """The wording in `language`; a text without it answers with its first wording."""
        if self.plain is not None:
            return self.plain
        return self.by_language.get(language) or next(iter(self.by_language.values()), "")

    def wordings(self) -> tuple[str, ...]:
        """Every wording, in the order of the file; one where it is the same in every language."""
        return tuple(self.by_language.values()) if self.plain is None else (self.plain,)


def text_from(value: str | Mapping[str, str]) -> Text:
    """The text that a checked bundle holds: a string, or a map of language to string."""
    return Text(plain=value) if isinstance(value, str) else Text(by_language=value)


def optional_text_from(value: str | Mapping[str, str] | None) -> Text | None:
    """The same where there may be none."""
    return None if value is None else text_from(value)
