"""The script that a run was begun with: the person may have gone over to a later version of their study since."""

from __future__ import annotations

from coaching.models import StudyVersion
from coaching.selectors.moving import ahead_of
from coaching.selectors.studies import declared
from imagery.models import SessionRun
from protocol.script import Script


def version_of_run(version: StudyVersion, run: SessionRun) -> StudyVersion | None:
    """A version whose script has the content that a run was begun with: the person's own, if it has it still."""
    if version.part_versions["scripts"].get(run.script) == run.script_version:
        return version
    return StudyVersion.objects.defer("content").filter(study=version.study_id, n=run.script_version).first()


def script_of_run(version: StudyVersion, run: SessionRun) -> Script | None:
    """The script as a run was begun with; `version` is the one that the person goes by now."""
    found = version_of_run(version, run)
    return declared(found).scripts.get(run.script) if found else None


def script_to_begin(script: Script, version: StudyVersion) -> Script:
    """The script as a session that is begun now would have it: the person may go over to another version with it."""
    ahead = ahead_of(version)
    return declared(ahead).scripts.get(script.slug, script) if ahead else script


class ScriptsOfRuns:
    """The scripts of many runs of one person, each content looked up once."""

    def __init__(self, version: StudyVersion | None) -> None:
        self._version = version
        self._found: dict[tuple[str, int], Script | None] = {}

    def of(self, run: SessionRun) -> Script | None:
        """The script as a run was begun with; None where the person has no version, or it no such script."""
        if self._version is None:
            return None
        key = run.script, run.script_version
        if key not in self._found:
            self._found[key] = script_of_run(self._version, run)
        return self._found[key]
