"""The docs build as a site in which every link leads somewhere, and whose pages ask no other host for anything."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[2]
FENCED = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
ADDRESS = re.compile(r"<(?P<bare>\w+:[^>\s]*)>|\]\((?P<linked>[a-z]+:[^)\s]*)\)")
# Elements whose address a browser fetches by itself; that of an `a` it follows only when somebody asks.
FETCHED = {
    "script": ("src",),
    "img": ("src", "srcset"),
    "link": ("href",),
    "iframe": ("src",),
    "source": ("src", "srcset"),
    "video": ("src", "poster"),
    "audio": ("src",),
    "object": ("data",),
    "embed": ("src",),
    "use": ("href", "xlink:href"),
    "form": ("action",),
}
OF_STYLE = re.compile(r"(?:url\(\s*|@import\s+)[\"']?\s*(?:https?:)?//", re.IGNORECASE)


def build(sources: Path, out: Path) -> subprocess.CompletedProcess[str]:
    """The site of a folder's docs, as `make docs` builds it."""
    command = [sys.executable, "-m", "sphinx", "--fail-on-warning", "--keep-going", "--quiet", "--builder", "html"]
    doctrees = ["--doctree-dir", str(out.parent / "doctrees"), "--conf-dir", str(sources / "docs" / "site")]
    return subprocess.run([*command, *doctrees, str(sources), str(out)], capture_output=True, text=True)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site") / "html"
    done = build(ROOT, out)
    assert done.returncode == 0, done.stderr
    return out


def pages_of(site: Path) -> list[Path]:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 20
    return pages


class Page(HTMLParser):
    """What a built page fetches, where it leads, and which places it has."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.places = {""}
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        self.fetched += [held[name] for name in FETCHED.get(tag, ()) if name in held]
        self.places |= {held[name] for name in ("id", "name") if name in held}
        if tag == "a" and "href" in held:
            self.links.append(held["href"])


def test_the_site_is_built_without_a_warning_and_has_every_page(site: Path) -> None:
    built = {path.relative_to(site).with_suffix("").as_posix() for path in pages_of(site)}
    written = {path.relative_to(ROOT).with_suffix("").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert written | {"GLOSSARY", "CHANGELOG", "index"} <= built


def test_every_link_of_a_built_page_leads_to_a_page_and_a_place(site: Path) -> None:
    pages = {path: Page(path) for path in pages_of(site)}
    for path, page in pages.items():
        for link in page.links:
            address = urlsplit(link)
            if address.scheme or not link:
                continue
            target = (path.parent / address.path).resolve() if address.path else path
            assert target.is_file(), f"{path.relative_to(site)} leads to {link}"
            if target in pages:
                assert address.fragment in pages[target].places, f"{path.relative_to(site)} leads to {link}"


def test_no_built_page_fetches_anything_from_elsewhere(site: Path) -> None:
    for path in pages_of(site):
        found = [address for address in Page(path).fetched if re.match(r"\s*([a-z+]+:)?//", address)]
        assert found == [], path.relative_to(site)
        assert not OF_STYLE.search(path.read_text(encoding="utf-8")), path.relative_to(site)
    for path in site.rglob("*.css"):
        assert not OF_STYLE.search(path.read_text(encoding="utf-8")), path.relative_to(site)


@pytest.mark.browser
@pytest.mark.parametrize("name", ["index.html", "docs/index.html", "docs/bundle.html", "search.html?q=window"])
def test_a_browser_asks_for_nothing_but_files_of_the_site(site: Path, chromium: Browser, name: str) -> None:
    context = chromium.new_context()
    page = context.new_page()
    asked: list[str] = []
    errors: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    context.on("weberror", lambda error: errors.append(str(error.error)))
    page.goto(f"{site.as_uri()}/{name}")
    page.wait_for_load_state("networkidle")
    context.close()
    assert asked
    assert [url for url in asked if not url.startswith((site.as_uri(), "data:"))] == []
    assert errors == []


def test_addresses_elsewhere_are_well_formed() -> None:
    """Nobody asks whether they answer: the suite stays on this machine."""
    for path in [ROOT / "README.md", ROOT / "GLOSSARY.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]:
        for found in ADDRESS.finditer(FENCED.sub("", path.read_text(encoding="utf-8"))):
            address = urlsplit(found["bare"] or found["linked"])
            name = path.relative_to(ROOT)
            assert address.scheme in {"http", "https", "mailto"}, f"{name}: {found[0]}"
            if address.scheme == "mailto":
                assert re.fullmatch(r"[^@\s]+@[^@\s]+", address.path), f"{name}: {found[0]}"
            else:
                assert re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", address.hostname or ""), f"{name}: {found[0]}"
                is_here = address.hostname in {"127.0.0.1", "localhost"}
                assert address.scheme == "https" or is_here, f"{name}: {found[0]}"


# --- what a strict build refuses -------------------------------------------------------------------------------------


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Docs of two pages that build."""
    sources = tmp_path / "sources"
    shutil.copytree(ROOT / "docs" / "site", sources / "docs" / "site")
    shutil.copy(ROOT / "pyproject.toml", sources)
    conf = sources / "docs" / "site" / "conf.py"
    said = conf.read_text(encoding="utf-8")
    start, end = said.index("NAVIGATION = {"), said.index("\n}\n") + 3
    conf.write_text(f'{said[:start]}NAVIGATION = {{"All": ["docs/other"]}}\n{said[end:]}', encoding="utf-8")
    (sources / "docs" / "index.md").write_text("# Index\n\n[a place](other.md#a-place)\n", encoding="utf-8")
    (sources / "docs" / "other.md").write_text("# Other\n\n## A place\n", encoding="utf-8")
    return sources


def test_two_pages_build(small: Path, tmp_path: Path) -> None:
    done = build(small, tmp_path / "html")
    assert done.returncode == 0, done.stderr


def test_what_leads_nowhere_ends_the_build_and_each_of_it_is_said(small: Path, tmp_path: Path) -> None:
    faults = {
        "a page": "[gone](gone.md)",
        "a place of a page": "[no such place](other.md#lost)",
        "a place of its own": "[no such place here](#missing)",
        "a picture": "![no picture](blank.png)",
    }
    (small / "docs" / "index.md").write_text("# Index\n\n" + "\n\n".join(faults.values()) + "\n", encoding="utf-8")
    (small / "docs" / "alone.md").write_text("# In no navigation\n", encoding="utf-8")
    done = build(small, tmp_path / "html")
    assert done.returncode != 0
    # A build in which anything is warned of has failed, so each of these would have ended it alone.
    warnings = [line for line in done.stderr.splitlines() if "WARNING: " in line]
    for word in ("gone", "lost", "missing", "blank.png", "alone.md"):
        assert any(word in line for line in warnings), (word, done.stderr)


def test_the_navigation_names_each_page_once() -> None:
    spec = importlib.util.spec_from_file_location("conf_of_docs", ROOT / "docs" / "site" / "conf.py")
    assert spec is not None
    assert spec.loader is not None
    conf = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(conf)
    named = [page for pages in conf.NAVIGATION.values() for page in pages]
    assert len(named) == len(set(named))
    assert all(any(ROOT.glob(f"{page}.md")) for page in named)
