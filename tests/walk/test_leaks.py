"""Nothing that a session holds back is anywhere before its time: not in a page, an address, a header or an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client
from playwright.sync_api import Page, Response

import clock
from coaching.models import Enrolment
from imagery.models import SessionRun, StageVisit
from imagery.timeline import sentences
from imagery.views.addresses import picture_address
from protocol.bundle import study_from_content
from protocol.script import Script, Stage
from tests import world
from tests.pages import Screen, submit, visit

DEMO = Path(__file__).resolve().parents[2] / "studies" / "potoo-demo"
SCRIPTS = {"example": (world.SMALL_SCENES, "potoo")} | {
    name: (DEMO, name) for name in ("potoo", "kitchen", "shore-walk")
}
# The slug of some of them is the product's own name, which may stand anywhere: here each has a name of its own.
SLUG = "xq7-hidden"
GIVEN = {
    **{"rate": "3", "compare": "3", "choose": "1", "report": "some words", "draw": "", "say": "", "rest": ""},
    **{"form": "nothing", "check": "1"},
}
# What a page says before every session, and one of the scripts too.
OURS = {"There is nothing to get right."}
STILL: dict[str, str] = {}
PICTURE = re.compile(r'src="(/m/[0-9a-f]{72}/)"')


@dataclass
class Seen:
    """All that reached somebody at one stage, by where it was; of documents what they say, not how it is escaped."""

    stage: str
    heading: str = ""
    texts: dict[str, str] = field(default_factory=dict)
    documents: list[str] = field(default_factory=list)


def somebody(name: str, language: str = "en") -> tuple[Enrolment, Script]:
    """Somebody of a study whose one session is that script, every word of it as it is."""
    folder, slug = SCRIPTS[name]
    files = world.files(folder)
    step = f"{{id: first, title: An evening, do: session, script: {SLUG}}}"
    study = world.edited(
        {
            "{id: first, title: The first one, do: assess, instruments: [one]}": step,
            "languages: [en]": "languages: [en, de]",
        },
        world.TINY,
    )
    script = world.edited({f"slug: {slug}\n": f"slug: {SLUG}\n"}, files, f"scripts/{slug}.yaml")
    media = {path: content for path, content in files.items() if path.startswith("media/")}
    version = world.publish(study | media | {f"scripts/{SLUG}.yaml": script[f"scripts/{slug}.yaml"]})
    return world.consented(version, language=language), study_from_content(version.content).scripts[SLUG]


def never(script: Script) -> list[str]:
    """What no page of a session ever says."""
    files = [stage.media for stage in script.stages if stage.media]
    titles = [text.to(language) for text in (script.title, script.about) if text for language in ("en", "de")]
    return [
        script.slug,
        *titles,
        *files,
        *(Path(file).name for file in files),
        *(Path(file).stem + "." for file in files),
    ]


def words_of(stage: Stage) -> set[str]:
    """What a stage says, in either language: as a whole, and each sentence that is more than a word."""
    texts = [stage.text, stage.alt, stage.na, *stage.choices, *(option.label for option in stage.options)]
    found = {stage.credit} if stage.credit else set()
    for language in ("en", "de"):
        for text in texts:
            whole = text.to(language) if text else ""
            found |= {whole, *(said for said in sentences(whole, language) if " " in said)} - {""}
    return found


def leaks(script: Script, seen: Sequence[Seen]) -> Iterator[tuple[str, str, str]]:
    """Where, at which stage, which word was too early."""
    order = [stage.id for stage in script.stages]
    for n, each in enumerate(seen):
        come = order[: order.index(each.stage) + 1] if each.stage else []
        known = {word for stage in script.stages if stage.id in come for word in words_of(stage)}
        asked = {earlier.heading for earlier in seen[: n + 1]}
        later = {word for stage in script.stages if stage.id not in come for word in words_of(stage)} - known
        later = {word for word in later if not any(word in told for told in known)} - OURS
        later |= {other.heading for other in seen[n + 1 :] if other.stage} - asked - known
        for where, text in each.texts.items():
            yield from ((where, each.stage, word) for word in [*later, *never(script)] if word in text)
            if not any(script_stage.kind == "reveal" for script_stage in script.stages if script_stage.id in come):
                yield from ((where, each.stage, word) for word in ("/m/",) if word in where)
        ids = [id for id in order if id not in come]
        # The way on is told by the answer to a stage's own post, and by nothing before.
        for document in each.documents:
            yield from (("ids", each.stage, id) for id in ids if _is_named(id, document))


def _is_named(id: str, document: str) -> bool:
    return any(mark in document for mark in (f"/{id}/", f'name="{id}"', f'for="{id}"', f'id="{id}', f"#{id}"))


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("name", SCRIPTS)
def test_no_page_holds_what_comes_later(name: str, language: str) -> None:
    person, script = somebody(name, language)
    browser = world.browser_of(person)
    seen = [_seen("", visit(browser, "/me/")), _seen("", screen := visit(browser, "/me/next/"))]
    screen = submit(browser, screen)
    for stage in script.stages:
        assert screen.url.endswith(f"/{stage.id}/")
        seen.append(_seen(stage.id, screen))
        screen = submit(browser, screen, **({stage.id: GIVEN[stage.kind]} if GIVEN.get(stage.kind) else {}))
    assert SessionRun.objects.get().status == "completed"
    assert list(leaks(script, seen)) == []
    said = {each.stage: " ".join(each.texts.values()) for each in seen}
    for stage in script.stages:
        own = stage.text or stage.alt
        assert own is None or all(each in said[stage.id] for each in sentences(own.to(language), language)), stage.id


def _seen(stage: str, screen: Screen) -> Seen:
    return Seen(stage, _heading(screen.html), {screen.url: unescape(screen.html)}, [screen.html])


def _heading(html: str) -> str:
    """What the page asks or says above all; the player's own panels have a heading each."""
    found = re.findall(r'<h1(?![^>]*\bid="player-)[^>]*>(.*?)</h1>', html, re.S)
    (heading,) = [unescape(re.sub(r"<[^>]+>", "", each)).strip() for each in found]
    return heading


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name == "example" else [pytest.mark.slow]) for name in SCRIPTS]
)
def test_nothing_that_a_browser_is_sent_tells_what_comes_later(page: Page, live_server: Any, name: str) -> None:
    person, script = somebody(name)
    cookie = world.browser_of(person).cookies[configured.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": configured.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    seen = [Seen("")]
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto("/me/next/")
    _note(page, answers, seen[-1])
    for stage in script.stages:
        seen.append(Seen(stage.id))
        _press(page)
        assert page.url.endswith(f"/{stage.id}/")
        if stage.kind == "reveal":
            page.locator("main img").first.evaluate("image => image.decode()")
        page.wait_for_load_state("networkidle") if stage.kind == "draw" else None
        _note(page, answers, seen[-1])
        if stage.kind in {"rate", "compare"}:
            # A short scale is radios, a long one a number below its line.
            fields = page.locator(f"[name='{stage.id}']")
            fields.first.evaluate("each => each.type === 'radio' ? each.click() : (each.value = '3')")
        elif stage.kind in {"choose", "form", "check"}:
            page.locator(f"[name='{stage.id}'][value='{GIVEN[stage.kind]}']").evaluate("each => each.click()")
        elif stage.kind == "draw":
            page.locator("[name='drawing-words']").evaluate("each => { each.value = 'words' }")
    _press(page)
    page.goto("about:blank")
    assert SessionRun.objects.get().status == "completed"
    assert list(leaks(script, seen)) == []
    fetched = [(each.stage, where) for each in seen for where in each.texts if "/m/" in where]
    reveals = [stage.id for stage in script.stages if stage.kind == "reveal"]
    assert [stage for stage, _ in fetched] == reveals, "each picture is fetched once, at its reveal"
    assert all(re.fullmatch(r"/m/[0-9a-f]{72}/", where.removeprefix(live_server.url)) for _, where in fetched)


def _press(page: Page) -> None:
    with page.expect_navigation():
        page.locator("main [data-primary]").click()


def _note(page: Page, answers: list[Response], seen: Seen) -> None:
    """Keeps what came since the last stage: addresses, headers, bodies, and the page as it stands by now."""
    for answer in answers:
        headers = "\n".join(f"{name}: {value}" for name, value in answer.all_headers().items())
        kind = answer.header_value("content-type") or ""
        is_read = answer.status == 200 and not kind.startswith(("image/", "font/"))
        body = (_still(page, answer.url) if "/static/" in answer.url else answer.text()) if is_read else ""
        seen.texts[answer.url] = seen.texts.get(answer.url, "") + unescape(f"{answer.url}\n{headers}\n{body}")
        if kind.startswith("text/html"):
            seen.documents.append(headers + body)
    answers.clear()
    content = page.content()
    seen.documents.append(content)
    seen.texts["the page"] = unescape(content)
    seen.heading = _heading(content)


def _still(page: Page, address: str) -> str:
    """What stands at an address that is the same for everybody at any time: its answer may be gone with its page."""
    name = address.partition("/static/")[2]
    if name not in STILL:
        STILL[name] = page.request.get(address).text()
    return STILL[name]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["example", "potoo"])
def test_a_pictures_address_is_nobodys_before_its_time_and_one_persons_after(name: str) -> None:
    person, script = somebody(name)
    browser, other = world.browser_of(person), _of_same_study(person)
    screen = submit(browser, visit(browser, "/me/next/"))
    reveal = next(stage.id for stage in script.stages if stage.kind == "reveal")
    while True:
        # As whoever knew the keys would reckon it, a moment before.
        coming = StageVisit(pk=StageVisit.objects.latest("pk").pk + 1)
        address = picture_address(coming, clock.now())
        assert browser.get(address).status_code == 404
        kind = next(stage.kind for stage in script.stages if screen.url.endswith(f"/{stage.id}/"))
        given = {screen.url.split("/")[-2]: GIVEN[kind]} if GIVEN.get(kind) else {}
        screen = submit(browser, screen, **given)
        if screen.url.endswith(f"/{reveal}/"):
            break
    assert StageVisit.objects.get(stage=reveal).pk == coming.pk
    found = PICTURE.search(screen.html)
    assert found
    for each in (address, found[1]):
        answer = browser.get(each)
        assert answer.status_code == 200
        assert answer.getvalue()
        assert answer.headers["Content-Type"] == "image/png"
        assert not any(word in str(answer.headers) for word in never(script))
        assert other.get(each).status_code == 404
        assert Client().get(each).status_code == 302


def _of_same_study(person: Enrolment) -> Client:
    """Somebody else of the study, who has begun and not come to the picture."""
    assert person.version is not None
    other = world.browser_of(world.consented(person.version))
    submit(other, visit(other, "/me/next/"))
    return other
