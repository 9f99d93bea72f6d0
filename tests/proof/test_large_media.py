"""Two hundred megabytes of recordings and pictures: loaded, sent, dumped and heard without ever being in memory.

Seen to fail: with a blob that is stored from one `read()`, loading takes some 50 MB more; with a `_copied` that reads
its file whole, so does the upload; with a response of one piece, so does serving.
"""

from __future__ import annotations

import http.client
import json
import random
import shutil
import subprocess
import sys
import urllib.parse
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from protocol.sources import MAX_BUNDLE_BYTES, MAX_FILE_BYTES
from tests import world
from tests.listening import CAPTIONS, SCRIPT, Listener, as_wave
from tests.processes import ROOT, Product, Served
from tests.walk.client import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.once]

MOST_MORE_MB = 20
MB = 1_000_000
# Bytes that no packing makes smaller.
NOISE = random.Random(11).randbytes(MB)

# A process begins with the peak of the one that starts it, so it is started by a small one, which tells its peak.
MEASURED = """
import resource, subprocess, sys
status = subprocess.call(sys.argv[1:])
unit = 1_048_576 if sys.platform == "darwin" else 1_024
print("peak_mb", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / unit)
sys.exit(status)
"""


@dataclass(frozen=True)
class Study:
    """A study in files, as a folder and as a zip."""

    slug: str
    folder: Path
    zip: Path
    size: int


def made(slug: str, folder: Path, megabytes: int) -> Study:
    """A study with so much of three recordings and eight pictures."""
    shares = {"shape.wav": 25, "second.wav": 25, "third.mp3": 30} | {f"picture_{n}.png": 2.5 for n in range(8)}
    heads = {".mp3": b"ID3", ".png": b"\x89PNG\r\n\x1a\n"}
    step = "{id: first, title: The first one, do: session, script: evening}"
    text = world.edited({"{id: first, title: The first one, do: assess, instruments: [one]}": step}, world.TINY)
    text |= world.edited({"slug: tiny\n": f"slug: {slug}\n"}, text)
    text["welcome.md"] = "Welcome.\n\n" + "".join(f"![A picture](media/picture_{n}.png)\n\n" for n in range(8))
    more = '  - {say: "Two.", audio: media/second.wav}\n  - {say: "Three.", audio: media/third.mp3}\n'
    world.written(text | {"scripts/evening.yaml": SCRIPT + more, "media/shape.vtt": CAPTIONS}, folder / "bundle")
    for name, share in shares.items():
        path = folder / "bundle" / "media" / name
        with path.open("wb") as file:
            left = round(share * megabytes * MB / 100)
            head = as_wave(b"")[:40] + left.to_bytes(4, "little") if name.endswith(".wav") else heads[path.suffix]
            file.write(head + name.encode())
            while left > 0:
                left -= file.write(NOISE[:left])
    with zipfile.ZipFile(folder / "bundle.zip", "w") as archive:
        for path in sorted(path for path in (folder / "bundle").rglob("*") if path.is_file()):
            archive.write(path, path.relative_to(folder / "bundle"))
    size = sum(path.stat().st_size for path in (folder / "bundle" / "media").iterdir())
    return Study(slug, folder / "bundle", folder / "bundle.zip", size)


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Study, Study]]:
    """A study of 2 MB and one of 200."""
    folder = tmp_path_factory.mktemp("studies")
    yield made("small", folder / "small", 2), made("large", folder / "large", 200)
    shutil.rmtree(folder)  # they would lie about for days


@pytest.fixture
def migrated(product: Product) -> Iterator[Product]:
    assert product.manage("migrate", "--verbosity", "0").returncode == 0
    yield product
    shutil.rmtree(product.folder, ignore_errors=True)


def peak_of(product: Product, *arguments: str) -> tuple[float, dict[str, object]]:
    """The most memory that a command held at once, in MB, and the JSON that it printed."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=product.environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    *told, peak = done.stdout.splitlines()
    return float(peak.split()[1]), json.loads(told[-1])


def test_two_hundred_megabytes_are_loaded_and_dumped_in_the_memory_of_two(
    migrated: Product, studies: tuple[Study, Study], capsys: pytest.CaptureFixture[str]
) -> None:
    small, large = studies
    assert large.size >= 200 * MB
    assert small.size < 3 * MB
    peaks: dict[str, list[float]] = {}
    for study in studies:
        dumped = migrated.folder / f"dumped-{study.slug}"
        for what, arguments, version, changed in (
            ("check the folder", ("load_study", "--check", str(study.folder)), 1, True),
            ("load the folder", ("load_study", str(study.folder)), 1, True),
            ("load the zip, no change", ("load_study", str(study.zip)), 1, False),
            ("dump a folder", ("dump_study", study.slug, str(dumped)), 1, None),
            ("dump a zip", ("dump_study", study.slug, f"{dumped}.zip"), 1, None),
            ("load the dumped folder", ("load_study", str(dumped)), 1, False),
            ("load the dumped zip", ("load_study", f"{dumped}.zip"), 1, False),
        ):
            peak, told = peak_of(migrated, *arguments)
            assert told == {"study": study.slug, "version": version} | ({} if changed is None else {"changed": changed})
            peaks.setdefault(what, []).append(peak)
        for path in (study.folder / "media").iterdir():
            assert (dumped / "media" / path.name).stat().st_size == path.stat().st_size
    with capsys.disabled():
        for what, (few, many) in peaks.items():
            print(f"\n{what}: {few:.0f} MB for 2 MB, {many:.0f} MB for 200 MB", end="")
    assert [what for what, (few, many) in peaks.items() if many - few >= MOST_MORE_MB] == []


# --- through the server -----------------------------------------------------------------------------------------------


def held_mb(served: Served) -> float:
    """The most that any process of the server has held: at once where the system tells, else now."""
    found = []
    for pid in [served.process.pid, *served.family()]:
        status = Path(f"/proc/{pid}/status")
        if status.exists():
            lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
            found.append(int(lines.get("VmHWM", "0 kB").split()[0]) / 1_024)
        else:
            told = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=False)
            found.append(int(told.stdout or 0) / 1_024)
    return max(found)


class Sender:
    """Somebody who may make studies, at the page on which their files are sent."""

    def __init__(self, product: Product, served: Served) -> None:
        done = product.manage("staff", "creator@staff.example", "--creator", PUBLIC_URL=served.url)
        assert done.returncode == 0, done.stderr
        self.served = served
        self.browser = Browser(served.url)
        self.browser.open(json.loads(done.stdout)["url"])
        self.browser.press()

    def send(self, files: Iterable[tuple[str, str, int, Callable[[], Iterator[bytes]]]], act: str = "store") -> Page:
        """What comes of sending files: each with its field, its name, its size and its bytes."""
        page = self.browser.open("/studies/new/")
        standing = [*page.main.standing(), ("act", act)]
        parts = [
            (f'name="{name}"', len(str(value)), lambda v=str(value): iter([v.encode()])) for name, value in standing
        ]
        parts += [(f'name="{field}"; filename="{name}"', size, pieces) for field, name, size, pieces in files]
        heads = [f"--cut\r\nContent-Disposition: form-data; {about}\r\n\r\n".encode() for about, _, _ in parts]
        length = sum(len(head) + size + 2 for head, (_, size, _) in zip(heads, parts, strict=True)) + len(
            b"--cut--\r\n"
        )

        def body() -> Iterator[bytes]:
            for head, (_, _, pieces) in zip(heads, parts, strict=True):
                yield head
                yield from pieces()
                yield b"\r\n"
            yield b"--cut--\r\n"

        connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.served.url).netloc, timeout=300)
        try:
            headers = {
                "Content-Type": "multipart/form-data; boundary=cut",
                "Content-Length": str(length),
                "Cookie": "; ".join(f"{each.name}={each.value}" for each in self.browser.cookies),
            }
            connection.request("POST", "/studies/new/", body(), headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            if location := answer.headers.get("Location"):
                return self.browser.open(location)
            return Page("/studies/new/", answer.status, text)
        finally:
            connection.close()


def file(field: str, path: Path) -> tuple[str, str, int, Callable[[], Iterator[bytes]]]:
    def pieces() -> Iterator[bytes]:
        with path.open("rb") as stream:
            while piece := stream.read(65_536):
                yield piece

    return field, path.name, path.stat().st_size, pieces


def one_by_one(study: Study) -> list[tuple[str, str, int, Callable[[], Iterator[bytes]]]]:
    folders = {"": "top", "instruments": "instruments", "scripts": "scripts", "media": "media"}
    paths = sorted(path for path in study.folder.rglob("*") if path.is_file())
    return [file(folders[path.relative_to(study.folder).as_posix().rpartition("/")[0]], path) for path in paths]


def test_two_hundred_megabytes_come_through_the_browser_and_too_much_is_told(
    migrated: Product, studies: tuple[Study, Study], capsys: pytest.CaptureFixture[str]
) -> None:
    small, large = studies
    with migrated.served() as served:
        sender = Sender(migrated, served)
        for _ in range(6):  # so that each of the server's processes has done what it does
            assert "No fault was found" in sender.send([file("bundle", small.zip)], "check").words
        before = held_mb(served)
        assert "No fault was found" in sender.send(one_by_one(large), "check").words
        page = sender.send([file("bundle", large.zip)])
        assert page.url.endswith("/studies/large/versions/1/"), page.words
        # More than a file may have, and more than a bundle may: each is read to its end, and told.
        files = [each for each in one_by_one(small) if each[1] != "third.mp3"]
        page = sender.send([*files, ("media", "third.mp3", MAX_FILE_BYTES + 1, lambda: zeros(MAX_FILE_BYTES + 1))])
        assert (page.status, f"larger than {MAX_FILE_BYTES:,} bytes" in page.words) == (422, True), page.words
        page = sender.send([("bundle", "big.zip", MAX_BUNDLE_BYTES + 1, lambda: zeros(MAX_BUNDLE_BYTES + 1))])
        assert (page.status, f"is larger than {MAX_BUNDLE_BYTES:,} bytes" in page.words) == (422, True), page.words
        after = held_mb(served)
    with capsys.disabled():
        print(f"\nuploads: {before:.0f} MB after 2 MB, {after:.0f} MB after 200 MB and more", end="")
    assert after - before < MOST_MORE_MB
    assert migrated.manage("load_study", str(large.folder)).stdout.strip() == json.dumps(
        {"study": "large", "version": 1, "changed": False}
    )


def zeros(count: int) -> Iterator[bytes]:
    yield b"ID3"
    left = count - 3
    while left > 0:
        yield bytes(min(left, 65_536))
        left -= 65_536


def test_a_recording_of_fifty_megabytes_is_heard_in_the_memory_of_a_short_one(
    migrated: Product, studies: tuple[Study, Study], capsys: pytest.CaptureFixture[str]
) -> None:
    for study in studies:
        assert migrated.manage("load_study", str(study.folder)).returncode == 0
    with migrated.served() as served:
        small, large = (Listener(migrated, served, study.slug, study.folder) for study in studies)
        url = small.address("media/shape.wav")
        for _ in range(12):
            assert small.get(url).body == small.content
            assert small.get(url, Range="bytes=-9").status == 206
        before = held_mb(served)
        url, size = large.address("media/shape.wav"), len(large.content)
        assert size > 50 * MB
        assert large.get(url).body == large.content
        assert large.get(url, Range=f"bytes=1-{size}").body == large.content[1:]
        heard, parts = 0, 0
        while heard < size:
            part = large.get(url, Range=f"bytes={heard}-")
            assert part.body == large.content[heard : heard + len(part.body)]
            heard, parts = heard + len(part.body), parts + 1
        after = held_mb(served)
    with capsys.disabled():
        print(f"\nserving: {before:.0f} MB after 0.5 MB, {after:.0f} MB after 50 MB ({parts} parts)", end="")
    assert after - before < MOST_MORE_MB
