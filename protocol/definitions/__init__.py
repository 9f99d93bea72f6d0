"""What the files of a bundle hold, described once: the checker and the published JSON Schemas are made from this."""

from protocol.definitions.of_instrument import instrument
from protocol.definitions.of_script import script
from protocol.definitions.of_study import study
from protocol.definitions.shared import identifier, picture, slug

__all__ = ["identifier", "instrument", "picture", "script", "slug", "study"]
