"""What the docs tell their reader to type works as it stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.blocks import ROOT, Block, blocks, checkout, run
from tests.processes import Product

# In this order, for later pages go on with what earlier ones made.
PAGES = (
    *("README.md", "docs/first-hour.md", "docs/researcher.md", "docs/scripts.md", "docs/templates.md"),
    *("docs/api.md", "docs/operating.md"),
)


def every_page() -> Iterator[Path]:
    yield ROOT / "README.md"
    yield from sorted((ROOT / "docs").rglob("*.md"))


def test_every_page_with_blocks_that_can_run_is_run() -> None:
    with_blocks = {page.relative_to(ROOT).as_posix() for page in every_page() if any(True for _ in blocks(page))}
    assert with_blocks <= set(PAGES)


@pytest.mark.slow
def test_what_the_pages_tell_to_type_works(tmp_path: Path) -> None:
    """On SQLite, which a reader has who has set no variable."""
    product, within = Product(tmp_path), checkout(tmp_path)
    with product.served() as served:
        for page in PAGES:
            run(ROOT / page, within=within, environment=product.environment, served_at=served.url)


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tests.architecture.blocks.ROOT", tmp_path)
    return tmp_path / "page.md"


def found(page: Path, words: str) -> list[Block]:
    page.write_text(words, encoding="utf-8")
    return list(blocks(page))


def run_alone(page: Path) -> None:
    run(page, within=page.parent, environment={"PATH": "/usr/bin:/bin"}, served_at="")


def test_a_block_that_fails_is_told_by_page_and_line(page: Path) -> None:
    found(page, "# A page\n\n```sh\ntrue\n```\n\n```sh\nfalse\n```\n")
    with pytest.raises(AssertionError, match=r"page\.md:7 ended with status 1"):
        run_alone(page)


def test_a_block_that_prints_something_else_than_the_page_says_is_told(page: Path) -> None:
    found(page, "# A page\n\n```sh\necho one two\n```\n\nprints\n\n```text\none …\n```\n")
    run_alone(page)
    found(page, "# A page\n\n```sh\necho one two\n```\n\n```text\ntwo …\n```\n")
    with pytest.raises(AssertionError, match=r"page\.md:3 does not print 'two …'"):
        run_alone(page)


def test_blocks_of_a_page_share_one_shell(page: Path) -> None:
    found(page, "# A page\n\n```sh\nA=b\n```\n\n```sh\necho $A\n```\n\n```text\nb\n```\n")
    run_alone(page)


def test_blocks_that_are_marked_otherwise_are_left_alone(page: Path) -> None:
    assert found(page, "# A page\n\n```text\nfalse\n```\n\n```yaml\na: b\n```\n") == []
