"""The files of drawings: kept under random names in DATA_DIR/drawings, whole or not at all; served, deleted, swept."""

from __future__ import annotations

import logging
import os
import re
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from imagery.drawings.pictures import Picture, PictureRefused, Refusal, read_upload, render
from imagery.drawings.strokes import Strokes, StrokesFault, read_strokes
from imagery.models import Drawing, DrawingRevision

REASONS = ("rather_not", "nothing_came", "cannot")
MOST_WORDS_LENGTH = 20_000  # characters
ORPHAN_AFTER_S = 3_600  # a file whose row is still being written is younger than this
SWEEP_EVERY_S = 3_600

_NAME = re.compile(r"[0-9a-f]{32}\.png", re.ASCII)
log = logging.getLogger(__name__)


class PictureFault(Exception):
    """Nothing was kept; the message says why, in a plain sentence for the person. `http_status` fits it."""

    def __init__(self, message: str, http_status: int = 400) -> None:
        super().__init__(message)
        self.http_status = http_status


@dataclass(frozen=True, slots=True)
class Kept:
    """What a drawing's row says; each field is the column of that name."""

    status: str
    file: str = ""
    width: int | None = None
    height: int | None = None
    stroke_count: int | None = None
    ink_fraction: float | None = None
    duration_s: float | None = None
    strokes: str = ""
    words: str = ""
    reason: str = ""


# --- keeping ---------------------------------------------------------------------------------------------------------


def keep(*, strokes_text: str, upload: UploadedFile[Any] | IO[bytes] | None, words: str, reason: str) -> Kept:
    """What a person gave on a drawing's page, its picture written to disk; the row is the caller's to write.

    An uploaded picture goes before strokes, strokes before words; what goes along with it is kept beside it. Nothing
    at all is a skip for `reason`, whose first is `rather_not`. Call it before the transaction: a file without a row is
    swept after an hour, a row without its file would be a loss.

    Raises:
        PictureFault: The upload, the strokes or the disk would not have it; nothing is kept then.
    """
    drawing = read(strokes_text)
    strokes = drawing.text if drawing else ""
    words = words.replace("\r\n", "\n").strip()[:MOST_WORDS_LENGTH]
    sent = upload.file if isinstance(upload, UploadedFile) else upload
    if sent is not None and not _is_nothing(sent):
        picture = _uploaded(sent)
        return Kept(
            status=Drawing.Status.UPLOADED,
            file=store(picture),
            width=picture.width,
            height=picture.height,
            strokes=strokes,
            words=words,
        )
    if drawing is not None and not drawing.is_empty:
        picture = render(drawing)
        return Kept(
            status=Drawing.Status.DRAWN,
            file=store(picture),
            width=picture.width,
            height=picture.height,
            stroke_count=len(drawing.shown),
            ink_fraction=picture.ink_fraction,
            duration_s=drawing.duration_s,
            strokes=strokes,
            words=words,
        )
    if words:
        return Kept(status=Drawing.Status.WORDS, strokes=strokes, words=words)
    chosen = reason if reason in REASONS else REASONS[0]
    return Kept(status=Drawing.Status.SKIPPED, strokes=strokes, reason=chosen)


def read(strokes_text: str) -> Strokes | None:
    """The strokes that a page sent; None if it sent none.

    Raises:
        PictureFault: They can't be read.
    """
    if not strokes_text.strip():
        return None
    try:
        return read_strokes(strokes_text)
    except StrokesFault as problem:
        log.warning("strokes refused: %s", problem)
        raise PictureFault(
            _("We could not read that drawing. You can send a picture of it, or describe it in words.")
        ) from problem


def store(picture: Picture) -> str:
    """The random name under which the picture and its thumbnail are now on disk.

    Raises:
        PictureFault: The disk would not have them; neither is there then.
    """
    name = f"{secrets.token_hex(16)}.png"
    write(name, picture)
    return name


def write(name: str, picture: Picture) -> None:
    """Puts a picture and its thumbnail on disk under a name of ours.

    Raises:
        PictureFault: The disk would not have them; neither is there then.
    """
    try:
        # The picture last: where it is, its thumbnail is.
        _write(path_of(name, small=True), picture.thumbnail)
        _write(path_of(name), picture.png)
    except OSError as problem:
        discard(name)
        log.exception("a picture could not be written")
        raise PictureFault(
            _("We could not keep that just now. It is still here. Please try again in a few minutes."), 503
        ) from problem


def _uploaded(upload: IO[bytes]) -> Picture:
    try:
        return read_upload(upload)
    except PictureRefused as problem:
        log.warning("upload refused: %s", problem)
        raise PictureFault(_sentence(problem.why), 413 if problem.why == "too_big" else 400) from problem


def _sentence(why: Refusal) -> str:
    sentences: dict[Refusal, str] = {
        "too_big": _("That picture is larger than 8 MB. Please send a smaller one, or a screenshot of it."),
        "no_picture": _("We could not open that file as a picture. Please send a PNG, JPEG or WebP picture."),
        "too_wide": _(
            "That picture has too many points for us to open. Please send a smaller one, or a screenshot of it."
        ),
        "broken": _("That picture seems to be damaged, or only part of it arrived. Please send it again."),
    }
    return sentences[why]


def _is_nothing(upload: IO[bytes]) -> bool:
    size = upload.seek(0, os.SEEK_END)
    upload.seek(0)
    return size == 0


# --- files -----------------------------------------------------------------------------------------------------------


def path_of(name: str, *, small: bool = False) -> Path:
    """Where a drawing's PNG, or its thumbnail, lies.

    Raises:
        ValueError: It is no name of ours.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(name)
    return _folder() / name[:2] / (name.replace(".png", "-small.png") if small else name)


def discard(*names: str) -> None:
    """Deletes the files of drawings that are no more; call it once that is committed. Empty names are passed over."""
    for name in filter(None, names):
        for small in (False, True):
            path_of(name, small=small).unlink(missing_ok=True)


def sweep(*, every_s: float = SWEEP_EVERY_S) -> int:
    """Deletes files that no drawing names and that are older than an hour; how many.

    Every turn of what goes on by itself may call it: it looks again only `every_s` after it last did.
    """
    folder = _folder()
    if not folder.is_dir():
        return 0
    swept, here = folder / "swept", _filesystem_time(folder)
    if swept.exists() and here - swept.stat().st_mtime < every_s:
        return 0
    swept.touch()
    aged = [path for path in folder.glob("*/*") if _is_older(path, here - ORPHAN_AFTER_S)]
    named = {path: f"{path.name.partition('.')[0].removesuffix('-small')}.png" for path in aged}
    wanted = _wanted(set(named.values()))
    orphans = [path for path, name in named.items() if name not in wanted]
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(orphans)


def _is_older(path: Path, than: float) -> bool:
    try:
        return path.stat().st_mtime < than
    except FileNotFoundError:
        return False  # it was deleted meanwhile


def _wanted(names: set[str]) -> set[str]:
    found: set[str] = set()
    ordered = sorted(names)
    for begin in range(0, len(ordered), 500):
        some = ordered[begin : begin + 500]
        for table in (Drawing, DrawingRevision):
            found |= set(table.objects.filter(file__in=some).values_list("file", flat=True))
    return found


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "drawings"


def _write(final: Path, content: bytes) -> None:
    """The bytes at their place, on disk, or nothing there."""
    final.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=final.parent, prefix="incoming-", delete=False) as target:
        try:
            target.write(content)
            target.flush()
            os.fsync(target.fileno())
            Path(target.name).replace(final)
        except BaseException:
            Path(target.name).unlink(missing_ok=True)
            raise
    folder = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name, too
    finally:
        os.close(folder)


def _filesystem_time(folder: Path) -> float:
    """What the disk's own clock says: the product's may be moved, and files are dated by this one."""
    with tempfile.NamedTemporaryFile(dir=folder) as probe:
        return os.fstat(probe.fileno()).st_mtime
