"""The docs say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config.management.commands.access_table import page as page_of_roles
from config.settings import environment
from protocol.nodes import read_yaml
from protocol.reference import page as page_of_the_bundle

ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)#]+)(?:#[^)]*)?\)")
YAML = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# How config/settings asks for a variable: by its name, first in the call.
ASKED = re.compile(r"\b(?:environment|services|keys)?\.?\w+\(\s*[\"']([A-Z][A-Z_]+)[\"']")


def test_the_page_of_roles_prints_the_tables_that_the_product_obeys() -> None:
    assert (ROOT / "docs" / "roles.md").read_text() == "\n".join(page_of_roles()) + "\n", (
        "run: manage.py access_table > docs/roles.md"
    )


def test_the_page_of_the_bundle_prints_what_the_checker_and_the_schemas_are_made_from() -> None:
    assert (ROOT / "docs" / "bundle.md").read_text() == "\n".join(page_of_the_bundle()) + "\n", (
        "run: manage.py bundle_reference > docs/bundle.md"
    )


def test_every_variable_that_the_settings_ask_for_is_one_of_the_documented() -> None:
    """tests/architecture/test_repository.py holds docs/settings.md against the same list."""
    asked = {
        name
        for path in (ROOT / "config" / "settings").glob("*.py")
        if path.name != "test.py"
        for name in ASKED.findall(path.read_text())
    }
    # The product names its own settings to Django; nobody else has to.
    assert asked - {"DJANGO_SETTINGS_MODULE"} == set(environment.VARIABLES)


@pytest.mark.parametrize("path", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.name)
def test_every_yaml_of_the_docs_can_be_read(path: Path) -> None:
    for text in YAML.findall(path.read_text()):
        assert read_yaml(text.encode(), path.name, lambda fault: pytest.fail(str(fault))) is not None


def test_every_link_of_the_docs_leads_to_a_file() -> None:
    pages = [ROOT / "README.md", ROOT / "GLOSSARY.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
    assert len(pages) > 8
    for each in pages:
        for target in LINK.findall(CODE.sub("", each.read_text())):
            if not re.match(r"[a-z]+:", target):
                assert (each.parent / target).exists(), f"{each.relative_to(ROOT)} links to {target}"


def test_the_readmes_first_command_runs_the_demo_and_its_second_the_tests() -> None:
    blocks = re.findall(r"```\w*\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert [block.split()[:2] for block in blocks[:2]] == [["make", "demo"], ["make", "test"]]


def test_every_picture_of_the_readme_is_there_and_small() -> None:
    """tests/browser/readme_shots.py takes them."""
    for text, path in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", (ROOT / "README.md").read_text()):
        assert len(text) > 15, f"{path} is not described"
        assert 1_000 < (ROOT / path).stat().st_size <= 150_000, path
