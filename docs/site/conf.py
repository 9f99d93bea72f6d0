"""How `make docs` builds the pages of docs/: Sphinx with MyST, in the Furo theme, whose pages ask no other host.

Sphinx is kept up; MkDocs has had no release since 2024, and its best-known theme is in maintenance only.

The sources are the Markdown files as they are read in the repository; what stands where in the site is said here, so
that no page carries marks for a program.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[2]
INDEX = "docs/index"

# The navigation. A page that is not in it is a fault, and so is a name without a page; `glob` takes a folder's pages.
NAVIGATION = {
    "Begin": ["docs/first-hour"],
    "Readers": [
        "docs/participant",
        "docs/coach",
        "docs/safety",
        "docs/schedules",
        "docs/scripts",
        "docs/researcher",
        "docs/operating",
    ],
    "Reference": [
        "docs/bundle",
        "docs/bundle-rules",
        "docs/exchange",
        "docs/importing",
        "docs/panels",
        "docs/leaving",
        "docs/api",
        "docs/drawings",
        "docs/events",
        "docs/messages",
        "docs/templates",
        "docs/settings",
        "docs/roles",
        "GLOSSARY",
    ],
    # The glob leaves out what stands before it.
    "Representations": ["docs/representations/index", "docs/representations/*"],
    "Development": ["docs/ui", "docs/adr/*", "CHANGELOG"],
}

project = "Potoo"
author = "the Potoo contributors"
release = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
language = "en"

extensions = ["myst_parser"]
root_doc = INDEX
include_patterns = ["docs/**.md", "GLOSSARY.md", "CHANGELOG.md"]
# Links of the Markdown files lead to headings by the names that the repository's own pages give them.
myst_heading_anchors = 4
myst_links_external_new_tab = False
nitpicky = True
highlight_language = "text"

html_theme = "furo"
html_title = "Potoo"
html_extra_path = ["extra"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
# Summaries would be fetched page by page, which a browser refuses for pages opened from a folder.
html_show_search_summary = False
html_theme_options = {"source_repository": "", "footer_icons": []}


def add_navigation(app: Sphinx, document: str, source: list[str]) -> None:
    """Put the navigation at the end of the index, where Sphinx looks for it."""
    if document == INDEX:
        for caption, pages in NAVIGATION.items():
            listed = "\n".join(f"/{page}" for page in pages)
            source[0] += f"\n```{{toctree}}\n:caption: {caption}\n:hidden:\n:glob:\n\n{listed}\n```\n"


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the above with Sphinx."""
    app.connect("source-read", add_navigation)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
