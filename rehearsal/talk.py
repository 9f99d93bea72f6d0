"""What simulated people ask and what a simulated coach writes. Pure; nobody is quoted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a person asked `days` ago and what the coach answered (empty: nothing yet), by language."""

    asked: Mapping[str, str]
    answered: Mapping[str, str]
    days: float


@dataclass(frozen=True, slots=True)
class Remark:
    """A coach's note, written `days` ago, and what was added to it later."""

    text: str
    days: float
    addendum: str = ""
    addendum_days: float = 0


EXCHANGES = (
    Exchange(
        {
            "en": "The sound stopped in the middle of the second session. May I do that part again?",
            "de": "Mitten in der zweiten Sitzung war der Ton weg. Darf ich diesen Teil noch einmal machen?",
        },
        {},
        0.4,
    ),
    Exchange(
        {
            "en": "I am away next week and have no internet there. Can my next part wait until I am back?",
            "de": "Nächste Woche bin ich verreist und ohne Internet. Kann mein nächster Teil so lange warten?",
        },
        {},
        1.6,
    ),
    Exchange(
        {
            "en": "When I close my eyes, nothing comes. Should I write that down each time?",
            "de": "Wenn ich die Augen schließe, kommt nichts. Soll ich das jedes Mal hinschreiben?",
        },
        {
            "en": "Yes, please. Nothing is a full answer here. A word is enough, or “Nothing to add”.",
            "de": "Ja, bitte. Nichts ist hier eine vollständige Antwort. Ein Wort genügt.",
        },
        9.2,
    ),
    Exchange(
        {
            "en": "Which clock do the times on my page follow?",
            "de": "Nach welcher Uhr gehen die Zeiten auf meiner Seite?",
        },
        {
            "en": "Yours: the time zone that you gave us. You can change it on your page, beside your email address.",
            "de": "Nach Ihrer: der Zeitzone, die Sie angegeben haben. Sie können sie auf Ihrer Seite ändern.",
        },
        13.5,
    ),
    Exchange(
        {
            "en": "I pressed the wrong answer last week. Can that still be changed?",
            "de": "Letzte Woche habe ich die falsche Antwort gedrückt. Lässt sich das noch ändern?",
        },
        {
            "en": "While the questions are open you can go back to them. After that, answers stay as they were given. "
            "I have made a note of it.",
            "de": "Solange die Fragen offen sind, können Sie zurückgehen. Danach bleiben Antworten, wie sie sind. "
            "Ich habe es mir notiert.",
        },
        17.1,
    ),
)
REMARKS = (
    Remark(
        "Spoke by phone, as agreed. The voice was too quiet for them; they now read the words instead.",
        11.3,
        "Called once more: reading works well, the quiet times feel long. They know where to go on early.",
        6.8,
    ),
    Remark("Says that they pressed a wrong answer in the last questionnaire. The answer stays as it was given.", 15.9),
    Remark("Works shifts and sleeps until noon. The next step was moved for that.", 2.2),
    Remark("Wrote that the questions are quick to answer, and asked what they are for. Sent the study's summary.", 0.1),
)
MOVED = "Works shifts this week; the time was agreed with them."
LONGER = "Away without internet; asked for a few days more."
SKIPPED = "In hospital that week; agreed by phone that this part falls away."
