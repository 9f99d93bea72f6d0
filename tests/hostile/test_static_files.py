"""Files that anybody may have, and paths that lead out of them."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest
from django.test import Client

from tests.hostile.cast import is_clear

# Closing a file's answer looks whether a connection to the database is to be closed too.
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/static/css/base.css", "/static/js/potoo/page.js", "/static/img/mark.svg"])
def test_static_files_come_with_the_policy_and_their_type(path: str) -> None:
    with closing(Client().get(path)) as answer:
        _ = answer.getvalue()
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"].partition(";")[0] in {"text/css", "text/javascript", "image/svg+xml"}


@pytest.mark.parametrize(
    "path",
    [
        "/static/../config/settings/base.py",
        "/static/%2e%2e/config/settings/base.py",
        "/static/..%2f..%2fetc/passwd",
        "/static//etc/passwd",
        "/static/css/../../manage.py",
        "/static/%00",
        "/var/secret.key",
        "/.git/config",
        "/manage.py",
        "/admin/",
        "/metrics",
        "/debug/",
        "/static/css/",
    ],
)
def test_no_path_leads_out_of_the_static_files(path: str) -> None:
    answer: Any = Client(raise_request_exception=False).generic("GET", path)
    assert answer.status_code in {400, 404}
    assert is_clear(answer) == ""
