"""Four wrong builds, a line changed in each, that the kill test must fail: `python -m tests.outbox.mutants`.

Not part of any suite: it takes a quarter of an hour, and is run when the outbox or the kill test changes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OUTBOX = "coaching/services/outbox.py"
MUTANTS = {
    "resends what may have arrived": (
        'lost.update(state=State.UNCERTAIN, reason="no answer known")',
        "lost.update(state=State.SCHEDULED)",
    ),
    "holds a row lock during the send": (
        "def send(*, message_id: int, transport: Transport, now: datetime) -> str:",
        "@transaction.atomic\ndef send(*, message_id: int, transport: Transport, now: datetime) -> str:",
    ),
    "marks first": (
        "        outcome = transport.hand_over(mail, fence)",
        "        outcome = transport.hand_over(mail, lambda: True)"
        ' if fence() and _execute(SENT, now, message_id, claim.attempt) else Outcome("withheld")',
    ),
    "names everything uncertain": (
        '        return str(State.SENT) if _execute(SENT, now, claim.message_id, claim.attempt) else ""',
        '        return _become(claim, State.UNCERTAIN, PASSED, reason="who knows")',
    ),
}


def main() -> int:
    survived = []
    for name, (old, new) in MUTANTS.items():
        with tempfile.TemporaryDirectory() as folder:
            tree = Path(folder) / "tree"
            ignored = shutil.ignore_patterns(".git", ".venv", "var", "__pycache__", ".*_cache")
            shutil.copytree(ROOT, tree, ignore=ignored)
            file = tree / OUTBOX
            text = file.read_text()
            assert text.count(old) == 1, f"{name}: the line to change is not there once"
            file.write_text(text.replace(old, new))
            command = [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-x",
                "-m",
                "slow",
                "tests/outbox/test_kill.py",
                "-k",
                "killed",
            ]
            done = subprocess.run(
                command, cwd=ROOT, env={**os.environ, "POTOO_TREE": str(tree)}, capture_output=True, text=True
            )
            why = [line for line in done.stdout.splitlines() if line.startswith(("under", "E   AssertionError"))]
            print(
                f"{'failed, as it must' if done.returncode == 1 else 'SURVIVED'}: {name}", *why, sep="\n  ", flush=True
            )
            if done.returncode != 1:
                survived.append(name)
    return len(survived)


if __name__ == "__main__":
    sys.exit(main())
