"""Runs the checks, the suite or the proofs, one after the other, and ends with the count of all of them.

The suite runs on SQLite; the proofs run on it too and, where a PostgreSQL answers on this machine, both on that. What
had to be left out is said in the last lines; with POTOO_LEAVE_NOTHING_OUT=1 it counts as failed instead. After
POTOO_UNTIL (seconds since 1970) no proof begins; how many that left out is said too, and is no failure.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / ".venv" / "bin"
POSTGRES = "postgres://postgres@127.0.0.1:5432/potoo"
HTTPS = {
    "PUBLIC_URL": "https://study.example",
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "DATA_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
}
PYTHON = str(BIN / "python")
# A worker that has nothing left to do takes over some of what waits for the other.
TWO_AT_A_TIME = ("-n", "2", "--dist", "worksteal")
# What hangs in the suite takes less of the time with it than a proof may take.
HANG = ("-o", "faulthandler_timeout=300")
# Programs that share two cores and each start as many threads as there are cores wait for one another.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
# Every process of the suite reads the same modules, and none but the first has to compile them.
KEEPS_BYTECODE = {"PYTHONDONTWRITEBYTECODE": ""}


class Tally:
    """What passed, what failed and what was left out, over all that was run."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed = 0
        self.words: list[str] = []

    def check(self, name: str, *command: str, **environment: str) -> None:
        """Run one check; its output shows only when it fails."""
        began = time.monotonic()
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **KEEPS_BYTECODE, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        took_s = time.monotonic() - began
        print(f"{'ok    ' if done.returncode == 0 else 'FAILED'} {name} ({took_s:.1f} s)", flush=True)
        if done.returncode:
            print(done.stdout, flush=True)
            self.failed += 1
            self.words.append(f"Failed: {name}")

    def pytest(self, name: str, *arguments: str, **environment: str) -> None:
        """Run a part of the suite, its output as it comes."""
        print(f"\n{name}", flush=True)
        began = time.monotonic()
        until = os.environ.get("POTOO_UNTIL")
        command = [PYTHON, "-m", "pytest", "-q", *arguments, *(["--until", until] if until else [])]
        line, too_late = "", 0
        with subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **ONE_THREAD, **KEEPS_BYTECODE, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as running:
            assert running.stdout is not None
            for text in running.stdout:
                print(text, end="", flush=True)
                line = text if re.search(r"\bin [0-9.]+s", text) else line
                skips = re.match(r"SKIPPED \[([0-9]+)\] .*the time for it was over", text)
                too_late += int(skips[1]) if skips else 0
        counts = {word: int(number) for number, word in re.findall(r"([0-9]+) (passed|failed|error)", line)}
        self.passed += counts.get("passed", 0)
        failed = counts.get("failed", 0) + counts.get("error", 0)
        # 5 means that nothing was there to run.
        if running.returncode not in {0, 1, 5} or (running.returncode == 1 and not failed):
            failed += 1
        self.failed += failed
        if failed:
            self.words.append(f"Failed: {name}")
        if too_late:
            self.words.append(f"Left out: {too_late} of {name[0].lower()}{name[1:]}, for the time was over")
        print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)

    def left_out(self, what: str) -> None:
        """Say in the last lines that something did not run."""
        if os.environ.get("POTOO_LEAVE_NOTHING_OUT"):
            self.failed += 1
        self.words.append(f"Left out: {what}")

    def close(self) -> int:
        """Print the last lines, and answer with the exit status."""
        print("\n" + "\n".join([*self.words, f"{self.passed} passed, {self.failed} failed"]), flush=True)
        return 1 if self.failed else 0


def lint(tally: Tally) -> None:
    """Everything that is checked without running the product."""
    tally.check("ruff check", str(BIN / "ruff"), "check", ".")
    tally.check("ruff format", str(BIN / "ruff"), "format", "--check", ".")
    tally.check("import contracts", str(BIN / "lint-imports"), "--no-cache")
    tally.check("mypy", str(BIN / "mypy"))
    with tempfile.TemporaryDirectory(prefix="potoo-checks-") as folder:
        manage = (PYTHON, "-W", "error", "manage.py")
        tally.check("migrations", *manage, "makemigrations", "--check", "--dry-run", DATA_DIR=folder)
        tally.check("deployment", *manage, "check", "--deploy", "--fail-level", "WARNING", DATA_DIR=folder, **HTTPS)


def suite(tally: Tally) -> None:
    """The checks, then the suite on SQLite."""
    lint(tally)
    install_chromium(tally)
    tally.pytest("The suite on SQLite", *TWO_AT_A_TIME, *HANG, DATABASE_URL="")


def proofs(tally: Tally) -> None:
    """The slow proofs on each database, and on PostgreSQL all of the suite that asks one."""
    install_chromium(tally)
    if not shutil.which("redis-server"):
        tally.left_out("the proofs with a broker, for there is no redis-server here")
    on_postgres = {"DATABASE_URL": POSTGRES}
    has_postgres = postgres_answers()
    if has_postgres:
        tally.pytest("The suite on PostgreSQL", *TWO_AT_A_TIME, *HANG, "--database-only", **on_postgres)
    else:
        tally.left_out("the suite and the proofs on PostgreSQL, for none answers on 127.0.0.1:5432")
    tally.pytest("The proofs on SQLite that have the machine to themselves", "-m", "slow and alone", DATABASE_URL="")
    tally.pytest("The proofs on SQLite", *TWO_AT_A_TIME, "-m", "slow and not alone", DATABASE_URL="")
    if has_postgres:
        alone = ("--database-only", "-m", "slow and alone")
        tally.pytest("The proofs on PostgreSQL that have the machine to themselves", *alone, **on_postgres)
        together = (*TWO_AT_A_TIME, "--database-only", "-m", "slow and not alone")
        tally.pytest("The proofs on PostgreSQL", *together, **on_postgres)


def postgres_answers() -> bool:
    """Whether a PostgreSQL of this machine lets the suite in."""
    try:
        with socket.create_connection(("127.0.0.1", 5432), timeout=1):
            pass
    except OSError:
        return False
    script = "import sys, psycopg; psycopg.connect(sys.argv[1], connect_timeout=5).close()"
    url = POSTGRES.replace("/potoo", "/postgres")
    return subprocess.run([PYTHON, "-c", script, url], capture_output=True).returncode == 0


def install_chromium(tally: Tally) -> None:
    """Install Debian's Chromium where there is none and this user may."""
    if any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        print("Installing Chromium", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            ["apt-get", "update", "-qq"],
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"],
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium-headless-shell"],
        ):
            subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True)
    if not shutil.which("chromium"):
        tally.left_out("the tests in a browser, for there is no Chromium here (Debian: apt-get install chromium)")


def main() -> int:
    """Run what the one argument names."""
    tally = Tally()
    {"lint": lint, "test": suite, "proof": proofs}[sys.argv[1]](tally)
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
