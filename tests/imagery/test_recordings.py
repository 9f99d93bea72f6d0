"""Recordings of what is said: sent to whoever has come to their stage, in part or whole, and to nobody before."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

import clock
from coaching import blobs
from coaching.models import BundleFile, Enrolment, StudyVersion
from config.middleware import POLICY
from imagery.models import SessionRun, StageVisit
from imagery.views.addresses import HEARD_FOR, recording_address
from imagery.views.sending import OPEN_END_BYTES
from protocol.bundle import study_from_content
from protocol.grammar import AUDIO_SUFFIXES
from protocol.script import Stage
from tests import world
from tests.listening import as_wave, wave

pytestmark = pytest.mark.django_db

ADDRESS = re.compile(r"/a/[0-9a-f]{76}/")
STUDY = world.edited(
    {
        "languages: [en]": "languages: [en, de]",
        "{id: first, title: The first one, do: assess, instruments: [one]}": "{id: first, title: An evening, "
        "do: session, script: dusk}",
    },
    world.TINY,
)
SCRIPT = """\
slug: dusk
title: The nightjar
stages:
  - id: ground
    say: {en: "Begin with a shape. It is round.", de: "Beginnen Sie mit einer Form. Sie ist rund."}
    audio: {en: media/nightjar.wav, de: media/ziegenmelker.wav}
    captions: {en: media/nightjar.vtt, de: media/ziegenmelker.vtt}
    hold: 20s
  - {id: clear, rate: vividness, scale: {min: 1, max: 5}}
  - {id: wings, say: "Mmm.", audio: media/wings.wav}
  - {id: tail, say: "No recording of this."}
"""
SOUND = {name: wave(0.2 + n / 10) for n, name in enumerate(("nightjar", "ziegenmelker", "wings"))}
CAPTIONS = {
    "nightjar": "WEBVTT\n\n00:00.000 --> 00:00.100\nBegin with a shape.\n\n00:00.100 --> 00:00.200\nIt is round.\n",
    "ziegenmelker": "WEBVTT\n\n00:00.000 --> 00:00.300\nBeginnen Sie mit einer Form. Sie ist rund.\n",
}
FILES: world.Files = (
    STUDY
    | {"scripts/dusk.yaml": SCRIPT}
    | {f"media/{name}.wav": sound for name, sound in SOUND.items()}
    | {f"media/{name}.vtt": text for name, text in CAPTIONS.items()}
)


@pytest.fixture
def version(settings: Any, tmp_path: Path) -> StudyVersion:
    settings.DATA_DIR = tmp_path
    return world.publish(FILES)


def begun(version: StudyVersion, language: str = "en") -> tuple[Enrolment, Client]:
    """Somebody at the first stage of their session."""
    person = world.consented(version, language=language)
    browser = world.browser_of(person)
    assert browser.post(start_of(person)).status_code == 303
    return person, browser


@pytest.fixture
def person(version: StudyVersion) -> Enrolment:
    return begun(version)[0]


@pytest.fixture
def browser(person: Enrolment) -> Client:
    return world.browser_of(person)


def start_of(person: Enrolment) -> str:
    return reverse("imagery:start", args=[world.occasion(person, "first").public_id])


def shown(browser: Client, person: Enrolment, stage: str = "ground") -> Any:
    """The page of a stage."""
    response = browser.get(f"{start_of(person)}{stage}/")
    assert response.status_code == 200
    return response


def go_to(browser: Client, person: Enrolment, stage: str) -> Any:
    """The page of a stage, after all that comes before it."""
    for each in ("ground", "clear", "wings"):
        if each == stage:
            break
        assert browser.post(f"{start_of(person)}{each}/", {each: "2"} if each == "clear" else {}).status_code == 303
    return shown(browser, person, stage)


def stage_of(version: StudyVersion, stage: str) -> Stage:
    return next(each for each in study_from_content(version.content).scripts["dusk"].stages if each.id == stage)


def body(response: Any) -> bytes:
    return bytes(b"".join(response.streaming_content) if response.streaming else response.content)


# --- what a page knows, and what its addresses give -------------------------------------------------------------------


def test_the_page_of_what_is_said_knows_where_its_recording_and_captions_are(
    person: Enrolment, browser: Client
) -> None:
    context = shown(browser, person).context
    assert ADDRESS.fullmatch(context["audio_url"])
    assert ADDRESS.fullmatch(context["captions_url"])
    sound, words = browser.get(context["audio_url"]), browser.get(context["captions_url"])
    assert (sound.status_code, sound["Content-Type"], body(sound)) == (200, "audio/wav", SOUND["nightjar"])
    assert (words.status_code, words["Content-Type"]) == (200, "text/vtt; charset=utf-8")
    assert body(words).decode() == CAPTIONS["nightjar"]


def test_a_recording_without_captions_and_words_without_a_recording_say_so(person: Enrolment, browser: Client) -> None:
    context = go_to(browser, person, "wings").context
    assert (body(browser.get(context["audio_url"])), context["captions_url"]) == (SOUND["wings"], "")
    browser.post(f"{start_of(person)}wings/")
    context = shown(browser, person, "tail").context
    assert (context["audio_url"], context["captions_url"]) == ("", "")


def test_a_file_goes_as_data_that_nobody_keeps(person: Enrolment, browser: Client) -> None:
    context = shown(browser, person).context
    for url in (context["audio_url"], context["captions_url"]):
        for response in (browser.get(url), browser.get(url, headers={"Range": "bytes=0-1"}), browser.head(url)):
            assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
            assert response["X-Content-Type-Options"] == "nosniff"
            assert response["Cache-Control"] == "private, no-store"
            assert response["Content-Disposition"] == "inline"
            assert response["Cross-Origin-Resource-Policy"] == "same-origin"
            assert body(response) or response.request["REQUEST_METHOD"] == "HEAD"


def test_a_sessions_page_may_play_what_comes_from_here_and_nothing_else(person: Enrolment, browser: Client) -> None:
    policy = dict(part.strip().split(" ", 1) for part in shown(browser, person)["Content-Security-Policy"].split(";"))
    assert policy == POLICY
    assert policy["media-src"] == "'self'"


@pytest.mark.parametrize(
    ("suffix", "head", "kind"),
    [
        ("mp3", b"ID3\x04", "audio/mpeg"),
        ("mp3", b"\xff\xfb\x90\x64", "audio/mpeg"),
        ("m4a", b"\0\0\0\x20ftypM4A ", "audio/mp4"),
        ("ogg", b"OggS\0\x02", "audio/ogg"),
        ("opus", b"OggS\0\x02", "audio/ogg"),
        ("wav", b"RIFF\x10\0\0\0WAVEfmt ", "audio/wav"),
        ("webm", b"\x1a\x45\xdf\xa3", "audio/webm"),
    ],
)
def test_each_kind_of_recording_goes_as_what_it_is(
    suffix: str, head: bytes, kind: str, settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    assert suffix in AUDIO_SUFFIXES
    script = f'slug: dusk\ntitle: Dusk\nstages:\n  - {{id: ground, say: "Mmm.", audio: media/a.{suffix}}}\n'
    version = world.publish(STUDY | {"scripts/dusk.yaml": script, f"media/a.{suffix}": head})
    person, browser = begun(version)
    response = browser.get(shown(browser, person).context["audio_url"])
    assert (response.status_code, response["Content-Type"], body(response)) == (200, kind, head)


# --- languages and versions -------------------------------------------------------------------------------------------


def test_a_person_hears_their_own_language(version: StudyVersion) -> None:
    person, browser = begun(version, "de")
    context = shown(browser, person).context
    assert body(browser.get(context["audio_url"])) == SOUND["ziegenmelker"]
    assert body(browser.get(context["captions_url"])).decode() == CAPTIONS["ziegenmelker"]


def test_a_page_that_is_open_goes_on_in_its_language_when_the_person_changes_theirs(
    person: Enrolment, browser: Client
) -> None:
    before = shown(browser, person).context["audio_url"]
    Enrolment.objects.filter(pk=person.pk).update(language="de")
    assert body(browser.get(before)) == SOUND["nightjar"]
    assert body(browser.get(shown(browser, person).context["audio_url"])) == SOUND["ziegenmelker"]


def test_a_session_goes_on_with_the_recordings_that_it_was_begun_with(person: Enrolment, browser: Client) -> None:
    address = shown(browser, person).context["audio_url"]
    later = world.publish(FILES | {"media/nightjar.wav": wave(0.9)})
    Enrolment.objects.filter(pk=person.pk).update(version=later)
    assert body(browser.get(address)) == SOUND["nightjar"]


# --- in part ----------------------------------------------------------------------------------------------------------


def test_a_part_that_is_asked_for_comes_alone(person: Enrolment, browser: Client) -> None:
    url, sound = shown(browser, person).context["audio_url"], SOUND["nightjar"]
    whole = browser.get(url)
    assert (whole["Accept-Ranges"], whole["Content-Length"]) == ("bytes", str(len(sound)))
    assert body(whole) == sound
    part = browser.get(url, headers={"Range": "bytes=44-143", "If-Range": whole["ETag"]})
    assert (part.status_code, part["Content-Range"]) == (206, f"bytes 44-143/{len(sound)}")
    assert body(part) == sound[44:144]
    other = browser.get(url, headers={"Range": "bytes=44-143", "If-Range": '"another"'})
    assert (other.status_code, body(other)) == (200, sound)
    beyond = browser.get(url, headers={"Range": f"bytes={len(sound)}-"})
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{len(sound)}")
    head = browser.head(url, headers={"Range": "bytes=0-1"})
    assert (head.status_code, head["Content-Length"]) == (200, str(len(sound)))


def test_a_long_recording_comes_a_part_at_a_time_to_whoever_names_no_end(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    sound = as_wave(b"\x01\x02" * OPEN_END_BYTES)
    person, browser = begun(world.publish(FILES | {"media/nightjar.wav": sound}))
    url = shown(browser, person).context["audio_url"]
    part = browser.get(url, headers={"Range": "bytes=0-"})
    assert (part.status_code, part["Content-Range"]) == (206, f"bytes 0-{OPEN_END_BYTES - 1}/{len(sound)}")
    assert body(part) == sound[:OPEN_END_BYTES]
    rest = browser.get(url, headers={"Range": f"bytes=100-{len(sound)}"})
    assert body(rest) == sound[100:]


# --- whose, and until when --------------------------------------------------------------------------------------------


def test_nothing_of_a_later_recording_is_anywhere_before_its_stage(
    version: StudyVersion, person: Enrolment, browser: Client
) -> None:
    for stage in ("ground", "clear"):
        page = go_to(browser, person, stage)
        text = page.content.decode() + str(page.headers)
        addresses = set(ADDRESS.findall(text)) - {page.context.get("audio_url"), page.context.get("captions_url")}
        assert addresses == set()
        assert not re.search(r"nightjar|ziegenmelker|wings|media/", text)
        # As whoever knew the keys would reckon it, a moment before.
        coming = StageVisit(pk=StageVisit.objects.latest("pk").pk + 1)
        address = recording_address(coming, stage_of(version, "wings"), "media/wings.wav", clock.now())
        assert browser.get(address).status_code == 404
    assert go_to_wings(browser, person).pk == coming.pk
    assert body(browser.get(address)) == SOUND["wings"]


def go_to_wings(browser: Client, person: Enrolment) -> StageVisit:
    assert browser.post(f"{start_of(person)}clear/", {"clear": "1"}).status_code == 303
    return StageVisit.objects.get(stage="wings")


def test_neither_address_nor_headers_tell_the_name_of_a_file(person: Enrolment, browser: Client) -> None:
    context = shown(browser, person).context
    for url in (context["audio_url"], context["captions_url"]):
        response = browser.get(url)
        assert not re.search(r"nightjar|dusk|ground|media|wings", (url + str(response.headers)).lower())
        assert person.pseudonym not in url + str(response.headers)
        assert body(response)


def test_an_address_is_good_for_its_person_alone(version: StudyVersion, person: Enrolment, browser: Client) -> None:
    context = shown(browser, person).context
    other, staff = begun(version)[1], world.browser_of_staff(world.staff(version.study))
    for url in (context["audio_url"], context["captions_url"]):
        for method in ("get", "head"):
            assert getattr(other, method)(url).status_code == 404
            assert getattr(Client(), method)(url).status_code == 302
            assert getattr(staff, method)(url).status_code == 302
        assert browser.post(url).status_code == 405


def test_an_address_ends_by_the_products_clock(person: Enrolment, browser: Client, settings: Any) -> None:
    url = shown(browser, person).context["audio_url"]
    world.move_clock(settings, HEARD_FOR - dt.timedelta(minutes=2))
    assert body(browser.get(url)) == SOUND["nightjar"]
    world.move_clock(settings, dt.timedelta(minutes=3))
    assert browser.get(url).status_code == 404
    fresh = shown(browser, person).context["audio_url"]
    assert fresh != url
    assert body(browser.get(fresh)) == SOUND["nightjar"]


def test_an_address_is_not_good_before_it_was_made(version: StudyVersion, person: Enrolment, browser: Client) -> None:
    later = clock.now() + dt.timedelta(minutes=5)
    visit, stage = StageVisit.objects.get(stage="ground"), stage_of(version, "ground")
    assert browser.get(recording_address(visit, stage, "media/nightjar.wav", later)).status_code == 404


def test_each_attempt_has_addresses_of_its_own(person: Enrolment, browser: Client) -> None:
    first = shown(browser, person).context["audio_url"]
    browser.post(f"{start_of(person)}ground/")
    assert browser.post(start_of(person), {"restart": "1"}).status_code == 303
    assert SessionRun.objects.count() == 2
    second = shown(browser, person).context["audio_url"]
    assert second != first
    assert body(browser.get(second)) == SOUND["nightjar"]


CHANGES = {
    "another signature": lambda name: name[:-1] + ("0" if name[-1] != "0" else "1"),
    "an earlier minute": lambda name: f"{int(name[:8], 16) - 1:08x}{name[8:]}",
    "a minute to come": lambda name: f"{int(name[:8], 16) + 5:08x}{name[8:]}",
    "another file": lambda name: f"{name[:8]}{int(name[8:12], 16) ^ 1:04x}{name[12:]}",
    "no such file": lambda name: f"{name[:8]}ffff{name[12:]}",
    "as a picture's": lambda name: name[:8] + name[12:],
    "in capitals": str.upper,
    "cut short": lambda name: name[:-1],
    "longer": lambda name: name + "0",
    "other digits": lambda name: "\u0661" * 8 + name[8:],
    "no number": lambda name: "x" * 76,
    "a path": lambda name: "..%2f..%2fetc%2fpasswd",
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_address_is_none(person: Enrolment, browser: Client, change: str) -> None:
    url = shown(browser, person).context["audio_url"]
    name = url.split("/")[2]
    assert CHANGES[change](name) != name
    assert browser.get(f"/a/{CHANGES[change](name)}/").status_code == 404
    assert browser.get(f"/m/{name}/").status_code == 404


def test_a_file_that_is_gone_is_not_found(version: StudyVersion, person: Enrolment, browser: Client) -> None:
    url = shown(browser, person).context["audio_url"]
    blobs.path_of(BundleFile.objects.get(version=version, path="media/nightjar.wav").sha256).unlink()
    assert browser.get(url).status_code == 404
    assert browser.get(url, headers={"Range": "bytes=0-1"}).status_code == 404


def test_an_address_costs_as_many_questions_whatever_was_heard_before(
    person: Enrolment, browser: Client, django_assert_num_queries: Any
) -> None:
    url = shown(browser, person).context["audio_url"]
    body(browser.get(url))
    with django_assert_num_queries(4):  # who it is, which stages they came to, the one of the address, its file
        body(browser.get(url))
    browser.post(f"{start_of(person)}ground/")
    for _ in range(5):
        browser.post(start_of(person), {"restart": str(SessionRun.objects.count())})
        browser.post(f"{start_of(person)}ground/")
    assert StageVisit.objects.filter(kind="say").count() == 6
    url = shown(browser, person).context["audio_url"]
    with django_assert_num_queries(4):
        body(browser.get(url))


# --- in a browser -----------------------------------------------------------------------------------------------------

PLAY = """async ([url, captions]) => {
  const audio = Object.assign(document.createElement('audio'), { muted: true, src: url });
  const track = Object.assign(document.createElement('track'), { kind: 'captions', src: captions, default: true });
  audio.append(track);
  document.querySelector('main').append(audio);
  const once = (what, name) => new Promise((resolve, reject) => {
    what.addEventListener(name, resolve, { once: true });
    what.addEventListener('error', () => reject(new Error(`${name}: ${audio.error?.message}`)), { once: true });
  });
  const loaded = once(track, 'load');
  await once(audio, 'canplay');
  await loaded;
  await audio.play();
  await once(audio, 'timeupdate');
  const begun = audio.currentTime;
  audio.currentTime = audio.duration - 0.5;
  await once(audio, 'seeked');
  await once(audio, 'ended');
  return {
    begun, seconds: audio.duration, ended: audio.currentTime,
    cues: [...track.track.cues].map((cue) => cue.text),
  };
}"""


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_browser_plays_a_recording_in_the_page_of_its_stage_and_jumps_in_it(
    page: Page, live_server: Any, settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    # Longer than what is sent at once: the browser comes back for the rest.
    sound = wave(OPEN_END_BYTES * 1.6 / 16_000)
    person, client = begun(world.publish(FILES | {"media/nightjar.wav": sound}))
    context = shown(client, person).context
    cookie = client.cookies[configured.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": configured.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    answers: list[tuple[int, str]] = []
    page.on(
        "response",
        lambda each: (
            answers.append((each.status, each.headers.get("content-range", ""))) if "/a/" in each.url else None
        ),
    )
    page.goto(f"{start_of(person)}ground/")
    played = page.evaluate(PLAY, [context["audio_url"], context["captions_url"]])
    assert played["begun"] > 0
    assert played["ended"] == pytest.approx(played["seconds"], abs=0.1)
    assert played["seconds"] == pytest.approx(OPEN_END_BYTES * 1.6 / 16_000, abs=0.1)
    assert played["cues"] == ["Begin with a shape.", "It is round."]
    assert (206, f"bytes 0-{OPEN_END_BYTES - 1}/{len(sound)}") in answers
    assert any(status == 206 and not span.startswith("bytes 0-") for status, span in answers)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_browser_plays_a_long_recording_through_from_part_to_part(
    page: Page, live_server: Any, settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    rate = 384_000  # so that much is soon over
    sound = as_wave(b"\0\0" * (3 * OPEN_END_BYTES // 2), rate)
    person, client = begun(world.publish(FILES | {"media/nightjar.wav": sound}))
    url = shown(client, person).context["audio_url"]
    cookie = client.cookies[configured.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": configured.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page.goto(f"{start_of(person)}ground/")
    heard = page.evaluate(
        """async (url) => {
          const audio = Object.assign(document.createElement('audio'), { muted: true, src: url });
          document.querySelector('main').append(audio);
          audio.playbackRate = 4;
          const ended = new Promise((resolve, reject) => {
            audio.addEventListener('ended', resolve);
            audio.addEventListener('error', () => reject(new Error(audio.error.message)));
          });
          await audio.play();
          await ended;
          const { played } = audio;
          return { parts: played.length, from: played.start(0), to: played.end(0), seconds: audio.duration };
        }""",
        url,
    )
    assert (heard["parts"], heard["from"]) == (1, 0)
    assert heard["to"] == pytest.approx(heard["seconds"], abs=0.1)
