"""The pictures that tables name: in a folder or in a zip, found by name and read one at a time."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path, PurePosixPath

from representations.errors import RepresentationError
from representations.sheets import read_bytes

MOST_BYTES = 20_000_000  # of one picture or one drawing's strokes
ENDINGS = ("", ".png", ".json")


class Album:
    """The files of a folder with all that is in it, or of a zip; a name has to belong to one file alone.

    A name is found as it stands, or with `.png` or `.json` after it. Smaller copies (`-small.png`) are never asked for.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        self._zip: zipfile.ZipFile | None = None
        if place.is_dir():
            found = [(file.name, str(file)) for file in sorted(place.rglob("*")) if file.is_file()]
        else:
            self._zip = _opened(place)
            inside = [entry.filename for entry in self._zip.infolist() if not entry.is_dir()]
            found = [(PurePosixPath(name).name, name) for name in inside]
        self._places: dict[str, list[str]] = {}
        for name, where in found:
            self._places.setdefault(name, []).append(where)

    def holds(self, name: str) -> bool:
        """Whether there is such a file."""
        return any(name + ending in self._places for ending in ENDINGS)

    def read(self, name: str) -> bytes:
        """What the file of that name holds.

        Raises:
            RepresentationError: there is none, there are several, or it is broken or too large.
        """
        where = next((self._places[name + ending] for ending in ENDINGS if name + ending in self._places), [])
        if len(where) != 1:
            found = "no file" if not where else f"{len(where)} files ({', '.join(where[:3])})"
            raise RepresentationError(f"{self.place}: {found} called {name} found. Expected: one.")
        if self._zip is None:
            return _limited(read_bytes(Path(where[0])), where[0])
        try:
            with self._zip.open(where[0]) as file:
                return _limited(file.read(MOST_BYTES + 1), f"{self.place.name}, {where[0]}")
        except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError) as error:
            raise RepresentationError(
                f"{self.place.name}, {where[0]}: it is broken or locked ({error}). Expected: a plain zip."
            ) from error


def _opened(place: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(place)
    except (zipfile.BadZipFile, OSError) as error:
        raise RepresentationError(f"{place}: {error}. Expected: a folder of pictures or a zip.") from error


def _limited(content: bytes, where: str) -> bytes:
    if len(content) > MOST_BYTES:
        raise RepresentationError(
            f"{where}: more than {MOST_BYTES:,} bytes were found. Expected: a picture below that."
        )
    return content
