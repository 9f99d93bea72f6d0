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
SWEEP = "coaching/services/falling_due.py"
MUTANTS = {
    "resends what may have arrived": (
        SWEEP,
        'lost.update(state=State.UNCERTAIN, reason="no answer known")',
        "lost.update(state=State.SCHEDULED)",
    ),
    "holds a row lock during the send": (
        OUTBOX,
        "def _send_whatever_happens(",
        "@transaction.atomic\ndef _send_whatever_happens(",
    ),
    "marks first": (
        OUTBOX,
        "        outcome = transport.hand_over(mail, fence)",
        "        outcome = transport.hand_over(mail, lambda: True)"
        ' if fence() and _execute(SENT, now, claim.message_id, claim.attempt) else Outcome("withheld")',
    ),
    "names everything uncertain": (
        OUTBOX,
        '        return str(State.SENT) if _execute(SENT, now, claim.message_id, claim.attempt) else ""',
        '        return _become(claim, State.UNCERTAIN, PASSED, reason="who knows")',
    ),
}


def main() -> int:
    survived = []
    for name, (changed, old, new) in MUTANTS.items():
        with tempfile.TemporaryDirectory() as folder:
            tree = Path(folder) / "tree"
            ignored = shutil.ignore_patterns(".git", ".venv", "var", "__pycache__", ".*_cache")
            shutil.copytree(ROOT, tree, ignore=ignored)
            file = tree / changed
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
