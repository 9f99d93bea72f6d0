"""The product under https, as a lab runs it: behind a proxy that speaks https for it."""

import json
import re
import urllib.request
from pathlib import Path

import pytest

from tests.processes import ROOT, Product

pytestmark = pytest.mark.once

HTTPS = {
    "PUBLIC_URL": "https://study.example",
    "ALLOWED_HOSTS": "study.example,127.0.0.1",
    "SECRET_KEY": "a-passphrase-that-nobody-else-would-ever-think-of",
    "DATA_KEY": "another-passphrase-that-nobody-else-would-think-of",
}


def test_cookies_and_browsers_are_bound_to_https(product: Product) -> None:
    assert product.manage("migrate", "--verbosity", "0", **HTTPS).returncode == 0
    with product.served(**HTTPS) as served, urllib.request.urlopen(f"{served.url}/me/link/") as answer:
        cookies = answer.headers.get_all("Set-Cookie")
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert cookies
    for cookie in cookies:
        assert cookie.startswith("__Host-")
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))


def test_a_database_that_is_behind_is_refused(product: Product) -> None:
    done = product.manage("serve", "--port", "8999", **HTTPS)
    assert done.returncode == 1
    assert "manage.py migrate" in done.stderr


def test_every_static_file_that_a_page_names_is_there(tmp_path: Path) -> None:
    product = Product(tmp_path)
    done = product.manage("collectstatic", "--no-input", "--verbosity", "0", **HTTPS)
    assert done.returncode == 0, done.stderr
    manifest = json.loads((tmp_path / "var" / "static" / "staticfiles.json").read_text(encoding="utf-8"))["paths"]
    named = {
        name
        for page in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r"{% static ['\"]([^'\"]+)['\"]", page.read_text(encoding="utf-8"))
    }
    assert named
    assert named <= set(manifest)
