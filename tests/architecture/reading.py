"""All that an account can read: every address with real things in it, what these lead to, files, and the API."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

from django.test import Client
from django.urls import Resolver404, resolve, reverse

import clock
from accounts.models import User
from coaching.models import BundleFile
from config.access import ROUTES
from research.services import SCOPES, ScopeNotGrantable, create_token
from tests.architecture.canaries import Scene
from tests.hostile.cast import PATTERNS

DATASETS = (
    *("participants", "responses", "scores", "wide", "sessions", "ratings", "reports", "drawings", "followups"),
    *("decisions", "events", "dose", "safety_reports", "guesses"),
    *("safety_alerts", "adverse_events", "payments"),
)
# What an address may say behind the question mark, where that shows more.
QUERIES: Mapping[str, Sequence[str]] = {
    "research:study": ("?people=all", "?people=simulated"),
    "research:flow_svg": ("?people=all",),
    "research:demand": ("?people=all", "?people=simulated"),
    "research:safety": ("?people=all", "?people=all&groups=codes"),
    "research:quality": ("?state=all", "?state=decided&people=all"),
    "research:missing": ("?kind=declined", "?people=all"),
    "research:reliability": ("?by=arm", "?by=language&people=all", "?second="),
    "research:audit": ("?page=2", "?page=3"),
    "research:export_page": tuple(f"?dataset={name}" for name in DATASETS),
    "research:codebook_page": ("?q=zq",),
    "coaching:today": ("?needs=all&who=real", "?sort=name"),
    "coaching:people": ("?status=active", "?status=invited", "?page=2"),
    "assessments:person": ("?fragment=1",),
    "imagery:person": ("?fragment=1",),
    "imagery:drawing_of_person": ("?size=small",),
}
MOST_PAGES = 700


def addresses(scene: Scene, *, one_a_route: bool = False) -> Iterator[str]:
    """Every address below the studies, and of staff's own, with this study's things in it.

    With `one_a_route` each route comes once, with the first thing of each kind and nothing behind a question mark.
    """
    person = scene.person
    known: dict[str, Sequence[Any]] = {
        "slug": [scene.study.slug],
        "pseudonym": [each.pseudonym for each in (person, scene.refused, scene.tester, scene.erased)],
        "note": [scene.note.key],
        "key": [scene.message.key],
        "alert": [scene.alert.pk],
        "event": [scene.event.number],
        "step": ["baseline", "s1", "s2", "post", "day28"],
        "timepoint": ["baseline", "s1", "post"],
        "measure": ["scenes_4", "-sessions", "-ratings", "-drawings"],
        "rule": ["hidden"],
        "part": ["potoo", "scenes_4"],
        "dataset": DATASETS,
        "file_format": ["json", "csv", "md"],
        "plan_format": ["md", "html"],
        "script": ["potoo"],
        "language": ["en"],
        "stage": ["layer_1", "stage_1", "stop"],
        "file": [BundleFile.objects.get(version__study=scene.study, path="media/potoo.png").sha256],
        "n": [1],
    }
    for name, rule in ROUTES.items():
        if rule.who not in {"staff", "study"} or name == "accounts:sign_out":
            continue
        own = known | {"name": [scene.drawing.file, scene.drawn_before.file]}
        wanted = list(PATTERNS[name].pattern.converters)
        if len(wanted) > 2:
            own["pseudonym"] = [person.pseudonym]
        for values in product(*(own[each][:1] if one_a_route else own[each] for each in wanted)):
            address = reverse(name, kwargs=dict(zip(wanted, values, strict=True)))
            yield address
            if not one_a_route:
                yield from (f"{address}{query}" for query in QUERIES.get(name, ()))
    yield reverse("imagery:lines", args=[scene.study.slug]) + f"?person={person.pseudonym}&days=3000"


@dataclass(frozen=True)
class Page:
    """An answer: its status, all that it says, and where it leads to of staff's."""

    status: int
    text: bytes
    links: tuple[str, ...] = ()

    @classmethod
    def of(cls, response: Any, address: str) -> Page:
        """The answer to a request of that address."""
        text, path = whole(response), address.partition("?")[0]
        links = re.findall(r'(?:href|src)="(/[^"#]*)', text.decode(errors="replace"))
        links = [link.replace("&amp;", "&") for link in [*links, response.headers.get("Location", "")]]
        if response.status_code != 200:
            # What was asked for is known already: the page's own forms lead back to it.
            text = text.replace(path.encode(), b"")
        text += b"".join(f"\n{name}: {value}".encode() for name, value in response.headers.items())
        return cls(response.status_code, text, tuple(link for link in links if _is_for_staff(link)))


def crawled(client: Client, own: Scene, other: Scene, *, every_other: bool) -> dict[str, Page]:
    """All that comes back: every address of both studies, and whatever staff's pages lead to from there.

    Without `every_other` each route of the other study is asked for once: it is refused before it looks at more.
    """
    pages: dict[str, Page] = {}
    waiting = ["/", *addresses(own), *addresses(other, one_a_route=not every_other)]
    while waiting:
        address = waiting.pop()
        if address in pages:
            continue
        assert len(pages) < MOST_PAGES, "the pages have no end"
        response: Any = client.get(address)
        assert response.status_code < 500, address
        page = pages[address] = Page.of(response, address)
        waiting += page.links
    return pages


def _is_for_staff(path: str) -> bool:
    return _is_staffs(path.partition("?")[0])


@cache
def _is_staffs(path: str) -> bool:
    try:
        name = resolve(path).view_name
    except Resolver404:
        return False
    return ROUTES[name].who in {"staff", "study"} and name != "accounts:sign_out"


def downloaded(client: Client, own: Scene, other: Scene) -> dict[str, Page]:
    """Every dataset as a file; those of the other study, of which there is none, in one form."""
    return {
        f"POST {at} {form}": Page.of(client.post(at, {"format": form}), at)
        for scene, forms in ((own, ("csv", "jsonl")), (other, ("csv",)))
        for dataset in DATASETS
        for form in forms
        if (at := reverse("research:export_file", args=[scene.study.slug, dataset]))
    }


def told_by_the_api(user: User, scenes: Sequence[Scene]) -> dict[str, Page]:
    """All that programs get with the tokens that the account can have, one for each scope."""
    pages: dict[str, Page] = {}
    for scope in SCOPES:
        try:
            _, text = create_token(user=user, study=scenes[0].study, scopes=[scope], by="command", now=clock.now())
        except ScopeNotGrantable:
            continue
        client = Client(headers={"Authorization": f"Bearer {text}"})
        for address in sorted({each for scene in scenes for each in _of_the_api(scene)}):
            pages[f"{scope} {address}"] = Page.of(client.get(address), address)
    return pages


def _of_the_api(scene: Scene) -> Iterator[str]:
    for name, rule in ROUTES.items():
        if rule.who != "token":
            continue
        wanted = PATTERNS[name].pattern.converters
        for dataset in DATASETS if "dataset" in wanted else ("",):
            known = {"slug": scene.study.slug, "dataset": dataset}
            yield reverse(name, kwargs={each: known[each] for each in wanted})


def whole(response: Any) -> bytes:
    """The body of a response; of a zip, what its files hold."""
    body = b"".join(response) if response.streaming else response.content
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            return b"\n".join(packed.read(name) for name in packed.namelist())
    return bytes(body)


def found(scene: Scene, pages: Mapping[str, Page]) -> dict[str, list[str]]:
    """Where each kind of thing of a study is, by its name."""
    known = {name: re.compile(b"|".join(patterns)) for name, patterns in scene.patterns().items()}
    places = {name: [at for at, page in pages.items() if each.search(page.text)] for name, each in known.items()}
    # What the study itself names, its bands and questions, may stand anywhere but where it says something of one.
    of_one = {at: page for at, page in pages.items() if "/people/" in at}
    for name, word in (("band of a score", "band"), ("question that was not met", "heard")):
        places[name] = [at for at, page in of_one.items() if scene.marks.word(word).encode() in page.text]
    return places
