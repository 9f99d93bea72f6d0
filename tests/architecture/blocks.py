"""The blocks of code in the docs, run as a reader would: page by page, in one checkout with one data folder."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVES = ".venv/bin/python manage.py serve"
ADDRESS = "http://127.0.0.1:8000"

_FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_NEXT = re.compile(r"\s*```text\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
# Between a block and what it prints stand at most two lines of words that end so.
_PRINTS = re.compile(r"\n\n?(?:[^\n`]|`[^\n`]+`)*prints\n\n```text\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_END = "==== end of the block on line"


@dataclass(frozen=True)
class Block:
    """A block that can run.

    `prints` is what the page says that it prints, each line of it among what was printed, `…` standing for anything;
    empty where the page doesn't say.
    """

    page: str
    line: int
    language: str
    text: str
    prints: str

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    """The blocks of a page that are marked as shell or Python."""
    words = page.read_text(encoding="utf-8")
    for found in _FENCE.finditer(words):
        if found["language"] in {"sh", "python"}:
            told = _NEXT.match(words, found.end()) or _PRINTS.match(words, found.end())
            line = words.count("\n", 0, found.start()) + 1
            name = page.relative_to(ROOT).as_posix()
            yield Block(name, line, found["language"], found["text"], told["text"] if told else "")


def checkout(folder: Path) -> Path:
    """A folder that looks like a fresh checkout after `make install`, without its `var/`."""
    made = folder / "potoo"
    made.mkdir()
    for path in ROOT.iterdir():
        if path.name not in {"var", "build", ".git"}:
            (made / path.name).symlink_to(path)
    return made


def run(page: Path, *, within: Path, environment: Mapping[str, str], served_at: str) -> None:
    """Run a page's blocks one after the other in one shell, and hold each against what the page says that it prints.

    A block that serves is passed over, for the product is served already: `served_at` stands in for the address.
    """
    found = [block for block in blocks(page) if block.text.strip() != SERVES]
    script = "\n".join(["set -euo pipefail", *(_as_shell(block) for block in found)]).replace(ADDRESS, served_at)
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=within,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
    )
    printed = re.split(rf"^{_END} \d+\n", done.stdout, flags=re.MULTILINE)
    ended = len(printed) - 1
    assert ended == len(found), f"{found[ended].place} ended with status {done.returncode}: {done.stderr[-2000:]}"
    for block, text in zip(found, printed, strict=False):
        for line in block.prints.splitlines():
            pattern = ".*".join(re.escape(part) for part in line.split("…"))
            assert re.search(rf"^{pattern}$", text, re.MULTILINE), f"{block.place} does not print {line!r}, but: {text}"


def _as_shell(block: Block) -> str:
    text = block.text
    if block.language == "python":
        text = f".venv/bin/python - <<'END OF PYTHON'\n{text}END OF PYTHON\n"
    return f"{text}\nprintf '\\n%s\\n' {shlex.quote(f'{_END} {block.line}')}"
