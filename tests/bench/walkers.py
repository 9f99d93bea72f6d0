"""People who answer as fast as the server lets them: plain HTTP over kept connections, no think time.

Run as `python -m tests.bench.walkers PORT FILE`: FILE holds a JSON list of people, each `{"path", "cookie", "turns"}`.
Prints one JSON line: seconds in all, and the milliseconds of each page turn (POST, redirect, next page read).
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

AT_ONCE = 50
HIDDEN = re.compile(rb'name="([a-z-]+)" value="([^"]*)"')
RADIO = re.compile(rb'type="radio"[^>]*name="([a-z0-9_]+)"[^>]*value="([^"]*)"')


class Connection:
    """One kept connection, with the cookies that came over it."""

    def __init__(self, port: int, cookie: str) -> None:
        self.port = port
        self.cookies = dict(part.split("=", 1) for part in cookie.split("; ") if part)
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def call(self, method: str, path: str, body: bytes = b"") -> tuple[int, dict[bytes, bytes], bytes]:
        if self.streams is None:
            self.streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self.streams
        cookie = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nCookie: {cookie}\r\n"
        if method == "POST":
            head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        writer.write(head.encode() + b"\r\n" + body)
        raw = await reader.readuntil(b"\r\n\r\n")
        status_line, *lines = raw[:-4].split(b"\r\n")
        headers: dict[bytes, bytes] = {}
        for line in lines:
            name, _, value = line.partition(b":")
            headers[name.strip().lower()] = value.strip()
            if name.lower() == b"set-cookie":
                key, _, text = value.strip().partition(b";")[0].partition(b"=")
                self.cookies[key.decode()] = text.decode()
        content = await reader.readexactly(int(headers.get(b"content-length", b"0")))
        if headers.get(b"connection", b"").lower() == b"close":
            writer.close()
            self.streams = None
        return int(status_line.split()[1]), headers, content


async def walk(port: int, person: dict[str, Any], spent_ms: list[float]) -> None:
    connection = Connection(port, person["cookie"])
    path = person["path"]
    status, _, page = await connection.call("GET", path)
    assert status == 200, (status, path)
    for _ in range(person["turns"]):
        fields = {k.decode(): v.decode() for k, v in HIDDEN.findall(page)}
        fields |= dict([tuple(part.decode() for part in radio) for radio in RADIO.findall(page)][-1:])
        started = time.perf_counter()
        status, headers, _ = await connection.call("POST", path, urlencode(fields).encode())
        assert status in {302, 303}, (status, path)
        while status in {302, 303}:
            path = headers[b"location"].decode()
            status, headers, page = await connection.call("GET", path)
        assert status == 200, (status, path)
        spent_ms.append(1000 * (time.perf_counter() - started))


async def main(port: int, people: list[dict[str, Any]]) -> None:
    spent_ms: list[float] = []
    waiting = iter(people)

    async def walker() -> None:
        for person in waiting:
            await walk(port, person, spent_ms)

    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(walker())
    print(json.dumps({"seconds": time.perf_counter() - started, "turns_ms": spent_ms}))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())))
