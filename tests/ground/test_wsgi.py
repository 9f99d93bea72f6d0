from typing import Any

import pytest

from config.wsgi import behind_proxy


def seen(**environ: str) -> dict[str, Any]:
    got: dict[str, Any] = {}

    def inner(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        got.update(environ)
        return []

    behind_proxy(inner)({"wsgi.url_scheme": "http", "REMOTE_ADDR": "127.0.0.1", **environ}, lambda *_: None)
    return got


@pytest.mark.parametrize(
    ("forwarded", "scheme"), [(None, "https"), ("https", "https"), ("http", "http"), (" HTTP ", "http")]
)
def test_a_request_is_encrypted_unless_the_proxy_says_otherwise(forwarded: str | None, scheme: str) -> None:
    environ = {} if forwarded is None else {"HTTP_X_FORWARDED_PROTO": forwarded}
    assert seen(**environ)["wsgi.url_scheme"] == scheme


@pytest.mark.parametrize(
    ("peer", "forwarded", "caller"),
    [
        ("127.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.2", "2001:db8::1", "2001:db8::1"),
        ("127.0.0.1", "<script>", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("8.8.8.8", "198.51.100.7", "8.8.8.8"),
    ],
)
def test_the_callers_address_is_the_one_that_the_proxy_wrote(peer: str, forwarded: str, caller: str) -> None:
    assert seen(REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded)["REMOTE_ADDR"] == caller
