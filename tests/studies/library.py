"""The library of instruments that ships, and which those are."""

from pathlib import Path

LIBRARY = Path(__file__).parents[2] / "studies" / "instrument-library"
LANGUAGES = ("en", "de")

IDS = (
    *("adverse_events", "after_session", "arm_guess", "auditory_28", "background", "credibility_6", "modalities_21"),
    *("modalities_35", "scenes_16", "scenes_16_then", "scenes_forms", "state_3", "styles_45", "use_12"),
)
