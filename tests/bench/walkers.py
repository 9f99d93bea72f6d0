"""People who answer as fast as the server lets them: plain HTTP over kept connections, no think time.

Run as `python -m tests.bench.walkers PORT FILE`: FILE holds a JSON list of people, each `{"path", "cookie", "turns",
"autosaves"}`. Whoever autosaves does once before each post what the page's script does once a choice has stood for a
moment: it posts the form to `autosave/` beside the page, under a revision of its own. Prints one JSON line: seconds in
all, the milliseconds of each page turn (POST, redirect, next page read), and those of each autosave.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import aiohttp

AT_ONCE = 50


class Form(HTMLParser):
    """What a page's form would post: its hidden fields, and the last of its radios."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        field = dict(attrs)
        if tag == "input" and field.get("type") in {"hidden", "radio"} and field.get("name"):
            self.fields[str(field["name"])] = field.get("value") or ""


async def walk(
    client: aiohttp.ClientSession, person: dict[str, Any], turns_ms: list[float], autosaves_ms: list[float]
) -> None:
    # A jar of cookies for each person would do the same at the price of a client each.
    cookies = dict(part.split("=", 1) for part in person["cookie"].split("; ") if part)
    path = person["path"]
    async with client.get(path, cookies=cookies) as response:
        assert response.status == 200, (response.status, path)
        page = await response.text()
        cookies |= {name: morsel.value for name, morsel in response.cookies.items()}
    for turn in range(person["turns"]):
        fields = Form(page).fields
        if person["autosaves"]:
            fields["answer-rev"] = str(2 * turn + 1)
            started = time.perf_counter()
            async with client.post(f"{path}autosave/", data=fields, cookies=cookies) as response:
                assert response.status == 200, (response.status, path)
                assert "saved_at" in await response.json()
            autosaves_ms.append(1000 * (time.perf_counter() - started))
            fields["answer-rev"] = str(2 * turn + 2)
        started = time.perf_counter()
        async with client.post(path, data=fields, cookies=cookies) as response:
            assert response.status == 200, (response.status, path)
            page = await response.text()
            path = response.url.path
        turns_ms.append(1000 * (time.perf_counter() - started))


async def main(port: int, people: list[dict[str, Any]]) -> None:
    turns_ms: list[float] = []
    autosaves_ms: list[float] = []
    waiting = iter(people)
    connections = aiohttp.TCPConnector(limit=AT_ONCE)
    async with aiohttp.ClientSession(
        f"http://127.0.0.1:{port}", connector=connections, cookie_jar=aiohttp.DummyCookieJar()
    ) as client:

        async def walker() -> None:
            for person in waiting:
                await walk(client, person, turns_ms, autosaves_ms)

        started = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(walker())
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "turns_ms": turns_ms, "autosaves_ms": autosaves_ms}))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())))
