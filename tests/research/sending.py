"""A study's files as a browser sends them."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from coaching.models import Membership, Study, StudyVersion
from tests import world

NEW = "/studies/new/"
NEXT = "/studies/tiny/versions/upload/"


def zipped(files: world.Files, name: str = "study.zip") -> SimpleUploadedFile:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return SimpleUploadedFile(name, packed.getvalue(), "application/zip")


def one_by_one(files: world.Files) -> dict[str, list[SimpleUploadedFile]]:
    """The files as a browser sends them from the four fields: by name alone."""
    fields: dict[str, list[SimpleUploadedFile]] = {}
    for path, content in files.items():
        where, _, name = path.rpartition("/")
        body = content if isinstance(content, bytes) else content.encode()
        fields.setdefault(where or "top", []).append(SimpleUploadedFile(name, body))
    return fields


def send(user: User, path: str, **fields: Any) -> Any:
    return world.browser_of_staff(user).post(path, {"act": "store", **fields})


def text_of(answer: Any) -> str:
    return " ".join(str(answer.content.decode()).split())


def counts() -> tuple[int, int, int]:
    return Study.objects.count(), StudyVersion.objects.count(), Membership.objects.count()


def slugged(slug: str, files: world.Files = world.TINY) -> dict[str, str | bytes]:
    return world.edited({"slug: tiny\n": f"slug: {slug}\n"}, files)
