"""The docs say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from config.management.commands.access_table import page

ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)#]+)(?:#[^)]*)?\)")


def test_the_page_of_roles_prints_the_tables_that_the_product_obeys() -> None:
    assert (ROOT / "docs" / "roles.md").read_text() == "\n".join(page()) + "\n", (
        "run: manage.py access_table > docs/roles.md"
    )


def test_every_link_of_the_docs_leads_to_a_file() -> None:
    pages = [ROOT / "README.md", ROOT / "GLOSSARY.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
    assert len(pages) > 8
    for each in pages:
        for target in LINK.findall(CODE.sub("", each.read_text())):
            if not re.match(r"[a-z]+:", target):
                assert (each.parent / target).exists(), f"{each.relative_to(ROOT)} links to {target}"


def test_the_readmes_first_command_runs_the_demo_and_its_second_the_tests() -> None:
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert [block.split()[:2] for block in blocks[:2]] == [["make", "demo"], ["make", "test"]]
