"""Uploaded files: kept up to a bound, whatever a request sends.

What people send (a drawing) stays in memory. What staff send (a study's files) goes to temporary files, which are gone
when the request is; and only where the route is one for it and this account may reach it.
"""

from __future__ import annotations

import io
from typing import Any

from django.core.exceptions import PermissionDenied, TooManyFilesSent
from django.core.files.uploadedfile import InMemoryUploadedFile, TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopFutureHandlers
from django.http import Http404

from config.access import elsewhere
from protocol.sources import MAX_BUNDLE_BYTES

MOST_BYTES = 8 * 1024 * 1024
MOST_FILES = 8
FOR_BUNDLES = frozenset({"research:new_study", "research:upload_version", "research:script_media"})
# Each is an open file until the request ends; a zip may hold more.
MOST_FILES_OF_A_BUNDLE = 300


class BundleUpload(FileUploadHandler):
    """Writes the files of a study's bundle to temporary files, up to what a bundle may hold.

    Beyond that nothing more is written, and a file's `size` still says how much was sent: the sign of one that was cut
    off. Every other request's files are left to the next handler.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._is_for_bundles: bool | None = None
        self._left = MAX_BUNDLE_BYTES
        self._count = 0
        self._file: TemporaryUploadedFile | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begins with a file, if it is for here."""
        super().new_file(*args, **kwargs)
        if self._is_for_bundles is None:
            self._is_for_bundles = _takes_bundles(self.request)
        if self._is_for_bundles:
            self._count = _counted(self._count, MOST_FILES_OF_A_BUNDLE)
            self._file = TemporaryUploadedFile(self.file_name or "upload", self.content_type, 0, self.charset)
            raise StopFutureHandlers

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Takes a piece of it, or hands it on."""
        if self._file is None:
            return raw_data
        self._left -= len(raw_data)
        if self._left >= 0:
            self._file.write(raw_data)
        return None

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        """The file, with the size that was sent."""
        file, self._file = self._file, None
        if file is not None:
            file.seek(0)
            file.size = file_size
        return file

    def upload_interrupted(self) -> None:
        """Takes away what was written of a file that broke off."""
        if self._file is not None:
            self._file.close()


class BoundedUpload(FileUploadHandler):
    """Keeps the first `MOST_BYTES` + 1 bytes of all files of a request together, and reads on over the rest.

    A file longer than `MOST_BYTES` is the sign of one that was cut off; the view says so to whoever sent it.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._left = MOST_BYTES + 1
        self._count = 0
        self._file = io.BytesIO()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begins with a file."""
        super().new_file(*args, **kwargs)
        self._count = _counted(self._count, MOST_FILES)
        self._file = io.BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Takes a piece of it."""
        kept = raw_data[: self._left]
        self._left -= len(kept)
        self._file.write(kept)

    def file_complete(self, file_size: int) -> UploadedFile[Any]:
        """The file as far as it was kept."""
        size = self._file.tell()
        self._file.seek(0)
        # Its name is the sender's word for it, and of no use here.
        return InMemoryUploadedFile(self._file, self.field_name, "upload", self.content_type, size, self.charset)


def _counted(before: int, most: int) -> int:
    if before >= most:
        raise TooManyFilesSent(f"more than {most} files in one request")
    return before + 1


def _takes_bundles(request: Any) -> bool:
    """Whether the request's route takes bundles, and whoever sends it may go there."""
    match = getattr(request, "resolver_match", None)
    if match is None or match.view_name not in FOR_BUNDLES:
        return False
    try:
        return elsewhere(request) is None and (match.view_name != "research:new_study" or request.user.is_creator)
    except (Http404, PermissionDenied):
        return False
