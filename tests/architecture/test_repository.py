"""What holds for every file that is handed on."""

import re
import subprocess
from pathlib import Path

import pytest

from config.settings import environment

ROOT = Path(__file__).resolve().parents[2]
# Put together here, so that this file does not name what it looks for.
REGISTRIES = re.compile(r"(py" + r"pi|python" + r"hosted|npm" + r"js|deb\.deb" + r"ian)\.org", re.IGNORECASE)
PATHS_OF_A_MACHINE = re.compile(
    r"(?:^|[\s\"'=(:`])/(?:wo" + r"rk|ho" + r"me/[a-z]|ro" + r"ot|Us" + r"ers)/[\w.]", re.MULTILINE
)
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))


def handed_on() -> list[Path]:
    """The files that git holds, or would hold."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    paths = [ROOT / name for name in listed.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def texts() -> list[tuple[str, str]]:
    found = []
    for path in handed_on():
        try:
            found.append((str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return found


def test_no_file_names_a_registry() -> None:
    assert [name for name, text in texts() if REGISTRIES.search(text)] == []


def test_no_file_names_a_path_of_one_machine() -> None:
    assert [name for name, text in texts() if PATHS_OF_A_MACHINE.search(text)] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_pins_each_package_by_digest_and_names_no_host(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    assert "index-url" not in text
    entries = [entry for entry in re.split(r"\n(?=\S)", text) if entry and not entry.startswith("#")]
    assert entries
    for entry in entries:
        assert re.match(r"[a-z0-9-]+(\[[a-z,]+\])?==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry


def test_the_suite_runs_on_what_the_product_runs_on() -> None:
    runtime, dev = (pins(ROOT / "requirements" / f"{name}.lock") for name in ("runtime", "dev"))
    assert runtime.items() <= dev.items()


def pins(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", lock.read_text(encoding="utf-8"), re.MULTILINE))


def test_every_setting_is_documented_and_nothing_else_is() -> None:
    documented = re.findall(
        r"^\| `([A-Z_]+)` \|", (ROOT / "docs" / "settings.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert sorted(documented) == sorted(environment.VARIABLES)
