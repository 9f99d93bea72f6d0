"""Files that somebody might send in place of a picture, or in the clothes of one."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import cache

from PIL import Image

from tests.imagery.easel import picture

PNG_HEAD = b"\x89PNG\r\n\x1a\n"
HTML = b"<!doctype html><script>alert(document.domain)</script>"


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(
    width: int, height: int, *, depth: int = 8, colour: int = 2, before: bytes = b"", pixels: bytes | None = None
) -> bytes:
    """A PNG of any declared size; `pixels` are its compressed rows (left out: one black row)."""
    rows = pixels if pixels is not None else zlib.compress(b"\0" * (1 + 3 * min(width, 5000)))
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return PNG_HEAD + chunk(b"IHDR", head) + before + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def zeros(n: int) -> bytes:
    """n zero bytes, compressed piece by piece."""
    packer = zlib.compressobj(9)
    piece = b"\0" * 1_000_000
    packed = [packer.compress(piece) for _ in range(n // 1_000_000)]
    return b"".join([*packed, packer.compress(b"\0" * (n % 1_000_000)), packer.flush()])


def jpeg(width: int, height: int) -> bytes:
    """A JPEG that declares another size than it has."""
    whole = picture(64, 64, "JPEG")
    at = whole.index(b"\xff\xc0") + 5
    return whole[:at] + struct.pack(">HH", height, width) + whole[at + 4 :]


def webp(width: int, height: int) -> bytes:
    """A WebP that declares another canvas than it has."""
    whole = bytearray(picture(64, 64, "WEBP", icc_profile=b"a profile"))
    flags = whole.index(b"VP8X") + 8
    whole[flags + 4 : flags + 7] = (width - 1).to_bytes(3, "little")
    whole[flags + 7 : flags + 10] = (height - 1).to_bytes(3, "little")
    return bytes(whole)


def noise(width: int, height: int, kind: str, mode: str = "RGB", **options: object) -> bytes:
    """A picture that is as dear to decode as its size allows."""
    image = Image.effect_noise((width // 16, height // 16), 90).resize((width, height)).convert(mode)
    target = io.BytesIO()
    image.save(target, format=kind, **options)
    return target.getvalue()


def scans(n: int) -> bytes:
    """A JPEG that goes over its pixels again and again."""
    whole = picture(512, 512, "JPEG", progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:last] + whole[last:-2] * n + b"\xff\xd9"


def zipped() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("index.html", HTML)
    return target.getvalue()


def moving(n: int) -> bytes:
    target = io.BytesIO()
    frames = [Image.new("RGB", (300, 300), (i % 250, i // 250, 0)) for i in range(n)]
    frames[0].save(target, format="PNG", save_all=True, append_images=frames[1:])
    return target.getvalue()


REFUSED: Mapping[str, Callable[[], bytes]] = {
    "an SVG": lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>' * 2,
    "HTML": lambda: HTML * 3,
    "a GIF": lambda: picture(30, 30, "GIF"),
    "a BMP": lambda: picture(30, 30, "BMP"),
    "a TIFF": lambda: picture(30, 30, "TIFF"),
    "a FITS": lambda: b"SIMPLE  =                    T".ljust(5760),
    "a zip": zipped,
    "a PNG's head alone": lambda: PNG_HEAD,
    "a PNG's head before HTML": lambda: PNG_HEAD + HTML * 3,
    "a JPEG's head before HTML": lambda: b"\xff\xd8\xff\xe0" + HTML * 3,
    "a WebP's head before HTML": lambda: b"RIFF\xff\xff\xff\x7fWEBP" + HTML * 3,
    "65,535 x 65,535 PNG": lambda: png(65_535, 65_535),
    "65,535 x 65,535 JPEG": lambda: jpeg(65_535, 65_535),
    "16,384 x 16,384 WebP": lambda: webp(16_384, 16_384),
    "2,147,483,647 wide": lambda: png(2_147_483_647, 1),
    "4,097 wide": lambda: png(4_097, 1),
    "too many pixels for a PNG": lambda: png(4_096, 4_096, pixels=zeros(4_096 * (1 + 3 * 4_096))),
    "too many pixels for a JPEG": lambda: jpeg(4_096, 4_096),
    "nothing wide": lambda: png(0, 10),
    "an unknown depth": lambda: png(10, 10, depth=7),
    "PNG without its end": lambda: picture(200, 200)[:-12],
    "PNG cut in its pixels": lambda: noise(400, 400, "PNG")[:4_000] + chunk(b"IEND", b""),
    "PNG with a wrong sum": lambda: picture(200, 200).replace(b"IDAT", b"IDAT\x01", 1),
    "PNG of noise": lambda: png(100, 100, pixels=b"\x78\x9c" + b"\xa5" * 500),
    "PNG whose chunk never ends": lambda: PNG_HEAD + b"\xff\xff\xff\xffIHDR" + b"\0" * 100,
    "JPEG cut in its pixels": lambda: noise(800, 800, "JPEG")[:20_000],
    "progressive JPEG cut": lambda: noise(800, 800, "JPEG", progressive=True)[:12_000],
    "WebP cut": lambda: noise(800, 800, "WEBP")[:3_000],
    "compressed notes of 300 MB": lambda: png(9, 9, before=chunk(b"zTXt", b"a\0\0" + zeros(300_000_000))),
    "sixty compressed notes": lambda: png(9, 9, before=chunk(b"zTXt", b"a\0\0" + zeros(1_000_000)) * 60),
    "a progressive JPEG of many layers": lambda: noise(4_000, 3_000, "JPEG", progressive=True, subsampling=0),
    "a JPEG gone over 3,000 times": lambda: scans(3_000),
    "8 MB and one byte": lambda: picture() + b"\0" * (8 * 1024 * 1024),
}

PNG_OF_THE_MOST = "PNG of the most pixels"
NORMALISED: Mapping[str, Callable[[], bytes]] = {
    "PNG and HTML": lambda: picture(60, 40) + HTML,
    "PNG and a zip": lambda: picture(60, 40) + zipped(),
    "PNG with HTML in a note": lambda: png(9, 9, before=chunk(b"tEXt", b"Comment\0" + HTML), pixels=zeros(9 * 28)),
    "JPEG with HTML in its comment": lambda: picture(60, 40, "JPEG", comment=HTML),
    "JPEG and a zip": lambda: picture(60, 40, "JPEG") + zipped(),
    "a profile of HTML": lambda: picture(60, 40, icc_profile=HTML * 100),
    "a palette index out of its palette": lambda: png(
        9, 9, colour=3, before=chunk(b"PLTE", b"\xff\0\0"), pixels=zlib.compress((b"\0" + b"\xfe" * 9) * 9)
    ),
    "16 bits a channel": lambda: png(9, 9, depth=16, pixels=zlib.compress((b"\0" + b"\xab\xcd" * 27) * 9)),
    "PNG of fewer rows than it declares": lambda: png(100, 100, pixels=zlib.compress(b"\0" * 301)),
    "a row that inflates to a gigabyte": lambda: png(9, 9, pixels=zeros(1_000_000_000)),
    PNG_OF_THE_MOST: lambda: png(4_096, 2_160, pixels=zeros(2_160 * (1 + 3 * 4_096))),
    "a moving PNG of 500": lambda: moving(500),
    "CMYK": lambda: noise(1_600, 1_200, "JPEG", "CMYK"),
}


@cache
def content(name: str) -> bytes:
    return (REFUSED | NORMALISED)[name]()
