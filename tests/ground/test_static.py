"""Static files are named by their content, so that a browser never mixes an old module with new ones."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

pytestmark = pytest.mark.once

IMPORTS = re.compile(r"""(?:from|import)\s*\(?\s*["'](\.[^"']+\.js)["']""")
DIGEST = re.compile(r"\.[0-9a-f]{12}\.js$")


def test_a_module_that_another_imports_is_named_by_its_content(tmp_path: Path, settings: Any) -> None:
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "config.static.NamedByContent"}}
    call_command("collectstatic", interactive=False, verbosity=0)

    named = {
        path: IMPORTS.findall(path.read_text()) for path in tmp_path.rglob("imagery/*.js") if DIGEST.search(path.name)
    }
    asked = [(path, name) for path, names in named.items() for name in names]

    assert len(asked) > 30
    assert [(path.name, name) for path, name in asked if not DIGEST.search(name)] == []
    assert [(path.name, name) for path, name in asked if not (path.parent / name).is_file()] == []
