"""Media of a bundle: what a file's first bytes say that it is, and which pictures a Markdown text shows."""

from __future__ import annotations

import re
from collections.abc import Iterator

_KINDS = {
    "png": (re.compile(rb"\x89PNG\r\n\x1a\n"), "a PNG picture"),
    "jpg": (re.compile(rb"\xff\xd8\xff"), "a JPEG picture"),
    "jpeg": (re.compile(rb"\xff\xd8\xff"), "a JPEG picture"),
    "webp": (re.compile(rb"RIFF....WEBP", re.DOTALL), "a WebP picture"),
    "gif": (re.compile(rb"GIF8[79]a"), "a GIF picture"),
    # A tag, or the first frame: layer III of MPEG 1, 2 or 2.5, with a checksum or without.
    "mp3": (re.compile(rb"ID3|\xff[\xfa\xfb\xf2\xf3\xe2\xe3]"), "an MP3 recording"),
    "m4a": (re.compile(rb"....ftyp", re.DOTALL), "an MPEG-4 recording"),
    "ogg": (re.compile(rb"OggS"), "an Ogg recording"),
    "opus": (re.compile(rb"OggS"), "an Ogg recording"),
    "wav": (re.compile(rb"RIFF....WAVE", re.DOTALL), "a WAVE recording"),
    "webm": (re.compile(rb"\x1a\x45\xdf\xa3"), "a WebM recording"),
    "vtt": (re.compile(rb"(\xef\xbb\xbf)?WEBVTT(?=[ \t\r\n]|$)"), "a WebVTT file"),
}
# ![alt](path), ![alt](<path with spaces>), each with or without a title.
_SHOWN = re.compile(r"!\[[^\]\n]*\]\(\s*(?:<([^>\n]*)>|([^\s)]+))")


def media_problem(path: str, head: bytes) -> str | None:
    """What is wrong with a file whose first bytes are `head`; None if it is what its name says."""
    begins, noun = _KINDS[path.rpartition(".")[2]]
    return None if begins.match(head) else f"is not {noun}, though its name says so"


def pictures_in(markdown: str) -> Iterator[tuple[int, str]]:
    """The line and the path of every picture that the text shows."""
    for number, line in enumerate(markdown.split("\n"), start=1):
        for match in _SHOWN.finditer(line):
            yield number, match.group(1) or match.group(2) or ""
