"""REDCap data dictionaries: read as instruments, one a form, and written from them."""

from assessments.importers.redcap.exporting import to_dictionary
from assessments.importers.redcap.importing import from_dictionary

__all__ = ["from_dictionary", "to_dictionary"]
