"""Uploaded files: read into memory up to a bound, whatever a request sends."""

from __future__ import annotations

import io
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

MOST_BYTES = 8 * 1024 * 1024


class BoundedUpload(FileUploadHandler):
    """Keeps the first `MOST_BYTES` + 1 bytes of all files of a request together, and reads on over the rest.

    A file longer than `MOST_BYTES` is the sign of one that was cut off; the view says so to whoever sent it.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._left = MOST_BYTES + 1
        self._file = io.BytesIO()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begins with a file."""
        super().new_file(*args, **kwargs)
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
