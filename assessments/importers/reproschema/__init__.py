"""ReproSchema 1.0.0: a protocol of activities written from instruments, and an activity read as one."""

from assessments.importers.reproschema.exporting import to_reproschema
from assessments.importers.reproschema.importing import from_reproschema

__all__ = ["from_reproschema", "to_reproschema"]
