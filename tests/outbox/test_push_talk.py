"""What the standards of web push say, and the talk with a push service: real, over TLS, and it checks who sends."""

from __future__ import annotations

import datetime as dt
import json
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec

from coaching.handover import Outcome, push, web
from coaching.handover.configured import Others, others
from coaching.handover.push import Device, Note, PushTransport
from coaching.web_push import VapidKey, are_keys, encrypted, endpoint_in, packed, unpacked
from tests.outbox.web_gateway import HOST, SECRET, SUBJECT, Browser, Gateway, b64, claims_in, opened, trusting, un64

DAY = dt.timedelta(days=1)


# --- what the standards say, in their own numbers ---------------------------------------------------------------------


@pytest.mark.once
def test_the_example_of_rfc_8291_comes_out_to_the_letter() -> None:
    """RFC 8291, section 5 and appendix A."""
    number = int.from_bytes(un64("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big")
    public = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
    said = encrypted(
        b"When I grow up, I want to be a watermelon",
        p256dh=public,
        auth="BTBZMqHH6r4Tts7J_aSIgg",
        salt=un64("DGv6ra1nlYgDCS1FRnbzlw"),
        own=ec.derive_private_key(number, ec.SECP256R1()),
    )
    assert packed(said) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
        "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )
    browser = Browser(private="q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94", auth="BTBZMqHH6r4Tts7J_aSIgg")
    assert browser.p256dh == public
    assert browser.read(said) == b"When I grow up, I want to be a watermelon"


@pytest.mark.once
def test_what_is_sent_is_as_long_whatever_it_says_and_never_the_same_twice() -> None:
    browser = Browser()
    said = [
        encrypted(text, p256dh=browser.p256dh, auth=browser.auth, length=1024)
        for text in (b"", b"a", b"a", b"b" * 1024)
    ]
    assert {len(each) for each in said} == {16 + 4 + 1 + 65 + 1024 + 1 + 16}
    assert len(set(said)) == 4
    assert [browser.read(each) for each in said] == [b"", b"a", b"a", b"b" * 1024]
    with pytest.raises(ValueError, match="too long"):
        encrypted(b"a" * 3994, p256dh=browser.p256dh, auth=browser.auth)


@pytest.mark.once
def test_a_token_is_signed_for_one_service_and_says_who_can_be_asked() -> None:
    key = VapidKey(SECRET)
    header = key.authorization("https://push.example", subject=SUBJECT, expires=1_800_000_000)
    claims, public = claims_in(header)
    assert claims == {"aud": "https://push.example", "exp": 1_800_000_000, "sub": SUBJECT}
    assert public == key.public
    assert len(unpacked(public)) == 65
    forged = header.replace(header.split(".")[1], b64(json.dumps(claims | {"aud": "https://else.example"}).encode()))
    with pytest.raises(AssertionError, match="somebody else"):
        claims_in(forged)


# --- where it may go -------------------------------------------------------------------------------------------------


@pytest.mark.once
@pytest.mark.parametrize(
    "address",
    [
        "http://push.example/a",
        "https://push.example:8443/a",
        "https://127.0.0.1/a",
        "https://[::1]/a",
        "https://2130706433/a",
        "https://0x7f.1/a",
        "https://localhost/a",
        "https://me:pw@push.example/a",
        "https://push.example@127.0.0.1/a",
        "https://push.example/a#b",
        "https://push.example/a b",
        "https://push.example/a\r\nX: y",
        "https://push.example/a\n",
        "https://push.example/\u00e4",
        "https://push.example\\@evil.example/a",
        "https://push.example./a",
        "https://PUSH.example/a",
        "https://push.example",
        "ftp://push.example/a",
        "",
        "https://push.example/" + "a" * 1000,
        f"https://{'a' * 60}.{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.example/a",
    ],
)
def test_nothing_is_posted_to_what_is_no_address_of_a_push_service(address: str) -> None:
    assert endpoint_in(address) is None


@pytest.mark.once
def test_the_addresses_that_browsers_give_are_taken() -> None:
    for host, target in (
        ("fcm.googleapis.com", "/fcm/send/dpH5lCsTSSM:APA91bHqjZxM0VImWWqDRN7U0a3AycjUf4O-byuxb_wJsKRaKvV_iKw56s16"),
        ("updates.push.services.mozilla.com", "/wpush/v2/gAAAAABY-3oU5jEG0A=="),
        ("wns2-par02p.notify.windows.com", "/w/?token=BQYAAADOEd%2fCJ%2bW"),
        ("web.push.apple.com", "/QGuQyavXutnMH"),
    ):
        found = endpoint_in(f"https://{host}{target}")
        assert found is not None
        assert (found.host, found.target, found.origin) == (host, target, f"https://{host}")
    assert endpoint_in("https://push.example:443/a") == endpoint_in("https://push.example/a")


@pytest.mark.once
@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1"),
        "224.0.0.1",
        *("::1", "::", "fe80::1", "fd00::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1"),
        *("2002:a00:1::", "2001:0:a00:1::1", "fe80::1%eth0", "not an address"),
    ],
)
def test_an_address_inside_a_lab_is_never_public_in_any_of_its_forms(address: str) -> None:
    assert not web.is_public(address)


@pytest.mark.once
def test_an_address_of_the_open_internet_is() -> None:
    assert all(
        web.is_public(each) for each in ("8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808")
    )


@pytest.mark.once
def test_a_name_that_leads_into_the_lab_is_not_connected_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = socket.getaddrinfo

    def inside(host: Any, *arguments: Any, **named: Any) -> Any:
        return ask("127.0.0.1" if host == HOST else host, *arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", inside)
    with opened(tmp_path) as gateway:
        transport = PushTransport(VapidKey(SECRET), SUBJECT, port=gateway.port, context=trusting(tmp_path))
        assert transport.hand_over(_note(Browser()), lambda: pytest.fail("the fence was asked")) == Outcome("put_off")
        assert gateway.lines == 0


@pytest.mark.once
def test_the_product_itself_asks_public_addresses_at_port_443_alone(settings: Any) -> None:
    transport = others().push
    assert isinstance(transport, PushTransport)
    assert (transport.port, transport.context, transport.addresses_of) == (443, None, web.public_addresses_of)
    settings.VAPID_KEY = ""
    assert others() == Others()


@pytest.mark.once
def test_keys_that_are_none_are_refused() -> None:
    browser = Browser()
    assert are_keys(browser.p256dh, browser.auth)
    off_curve = b64(b"\4" + b"\1" * 64)
    for p256dh, auth in (
        (browser.p256dh, ""),
        (browser.p256dh, b64(b"x" * 15)),
        ("", browser.auth),
        (off_curve, browser.auth),
        (b64(b"\2" + un64(browser.p256dh)[1:33]), browser.auth),
        ("*" * 87, browser.auth),
        (browser.p256dh, "\u00e4" * 22),
    ):
        assert not are_keys(p256dh, auth)


# --- the talk --------------------------------------------------------------------------------------------------------


def _transport(gateway: Gateway, folder: Path) -> PushTransport:
    return PushTransport(
        VapidKey(SECRET), SUBJECT, port=gateway.port, context=trusting(folder), addresses_of=lambda host: ["127.0.0.1"]
    )


def _note(*browsers: Browser, text: bytes = b"{}") -> Any:
    devices = tuple(Device(pk, each.endpoint, each.p256dh, each.auth) for pk, each in enumerate(browsers, start=1))
    return lambda: Note(devices, text, 3600)


def test_a_push_arrives_and_only_its_browser_can_read_it(tmp_path: Path) -> None:
    browser, other = Browser(), Browser("two")
    with opened(tmp_path) as gateway:
        assert _transport(gateway, tmp_path).hand_over(_note(browser, text=b"A text"), lambda: True) == Outcome(
            "sent", 201
        )
    (posted,) = gateway.posted
    assert posted.path == browser.path
    assert browser.read(posted.body) == b"A text"
    with pytest.raises(InvalidTag):
        other.read(posted.body)
    claims, public = claims_in(posted.headers["authorization"])
    assert (claims["aud"], claims["sub"], public) == (f"https://{HOST}", SUBJECT, VapidKey(SECRET).public)
    assert 0 < claims["exp"] - time.time() <= 24 * 3600
    told = {name: posted.headers[name] for name in ("host", "ttl", "content-encoding", "topic", "urgency")}
    assert told == {"host": HOST, "ttl": "3600", "content-encoding": "aes128gcm", "topic": "potoo", "urgency": "normal"}


def test_the_fence_is_asked_when_every_line_is_open_and_before_a_byte_is_said(tmp_path: Path) -> None:
    with opened(tmp_path) as gateway:

        def fence() -> bool:
            gateway.until(lines=2)
            time.sleep(0.2)
            assert gateway.heard == 0
            return False

        outcome = _transport(gateway, tmp_path).hand_over(_note(Browser(), Browser("two")), fence)
        assert outcome == Outcome("withheld")
        time.sleep(0.2)
        assert (gateway.heard, gateway.posted) == (0, [])


@pytest.mark.parametrize(
    ("says", "expected"),
    [
        (200, Outcome("sent", 200)),
        (202, Outcome("sent", 202)),
        (b"HTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.1 201 Created\r\n\r\n", Outcome("sent", 201)),
        (404, Outcome("gone", 410, (1,))),
        (410, Outcome("gone", 410, (1,))),
        (429, Outcome("put_off", 429)),
        (500, Outcome("put_off", 500)),
        (503, Outcome("put_off", 503)),
        (403, Outcome("put_off", 403)),
        (400, Outcome("refused", 400)),
        (413, Outcome("refused", 413)),
        (b"HTTP/1.1 307 Elsewhere\r\nLocation: https://push.example/else\r\n\r\n", Outcome("refused", 307)),
        (b"", Outcome("unknown")),
        (b"It was a dark and stormy night\r\n\r\n", Outcome("unknown")),
        (b"HTTP/1.1 2", Outcome("unknown")),
    ],
)
def test_what_a_service_answers_is_what_becomes_of_it(tmp_path: Path, says: int | bytes, expected: Outcome) -> None:
    with opened(tmp_path) as gateway:
        gateway.says[""] = says
        assert _transport(gateway, tmp_path).hand_over(_note(Browser()), lambda: True) == expected
        assert len(gateway.posted) == 1


@pytest.mark.parametrize(
    ("says", "expected"),
    [
        ((201, 410), Outcome("sent", 201, (2,))),
        ((b"", 201), Outcome("sent", 201)),
        ((b"", 410), Outcome("unknown", 0, (2,))),
        ((410, 503), Outcome("put_off", 503, (1,))),
        ((410, 404), Outcome("gone", 410, (1, 2))),
        ((400, 410), Outcome("refused", 400, (2,))),
    ],
)
def test_one_device_that_shows_it_is_enough_and_what_nobody_knows_is_not_done_again(
    tmp_path: Path, says: tuple[int | bytes, int | bytes], expected: Outcome
) -> None:
    one, two = Browser(), Browser("two")
    with opened(tmp_path) as gateway:
        gateway.says |= dict(zip((one.path, two.path), says, strict=True))
        assert _transport(gateway, tmp_path).hand_over(_note(one, two), lambda: True) == expected
        assert len(gateway.posted) == 2


def test_who_can_not_show_a_certificate_for_the_name_hears_nothing(tmp_path: Path) -> None:
    for folder in ("right", "wrong"):
        (tmp_path / folder).mkdir()
    with opened(tmp_path / "wrong", host="else.example") as gateway:
        transport = _transport(gateway, tmp_path / "wrong")
        assert transport.hand_over(_note(Browser()), lambda: pytest.fail("the fence was asked")) == Outcome("put_off")
        assert gateway.heard == 0


def test_a_service_that_stays_silent_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(push, "TALK_S", 0.5)
    monkeypatch.setattr(push, "CONTENT_S", 0.5)
    with opened(tmp_path), socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        transport = _transport(Gateway(port=silent.getsockname()[1]), tmp_path)
        assert transport.hand_over(_note(Browser()), lambda: True) == Outcome("put_off")
    with opened(tmp_path) as gateway:
        gateway.drips = True
        assert _transport(gateway, tmp_path).hand_over(_note(Browser()), lambda: True) == Outcome("unknown")
    assert time.monotonic() - began < 5


@pytest.mark.once
@pytest.mark.parametrize(
    ("target", "headers"), [("/a\r\nX: y", {}), ("/", {"X": "a\nb"}), ("/", {"X": "\u00e4"}), ("/a\x7f", {})]
)
def test_no_line_of_a_request_can_be_ended_by_what_it_holds(target: str, headers: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="a line of a request"):
        web.request(target, host=HOST, headers=headers, body=b"")


@pytest.mark.once
def test_a_name_that_leads_to_several_places_is_asked_once_and_the_first_that_answers_is_taken(tmp_path: Path) -> None:
    asked: list[str] = []

    def addresses(host: str) -> list[str]:
        asked.append(host)
        return ["127.0.0.2", "127.0.0.1"]

    with opened(tmp_path) as gateway:
        transport = PushTransport(
            VapidKey(SECRET), SUBJECT, port=gateway.port, context=trusting(tmp_path), addresses_of=addresses
        )
        assert transport.hand_over(_note(Browser()), lambda: True) == Outcome("sent", 201)
    assert asked == [HOST]
