"""`manage.py export`: a dataset as a file, byte for byte the API's."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

import clock
from coaching.models import Study
from research.catalogue import tables
from research.services import record_export
from research.stream import Blocks, file_blocks
from research.writers import FORMATS


class Command(BaseCommand):
    """Writes a whole dataset to a file, which is there whole or not at all."""

    help = "Writes a dataset of a study to a file: the same bytes as the API's."

    def add_arguments(self, parser: CommandParser) -> None:
        """What, how and where to."""
        parser.add_argument("slug")
        parser.add_argument("--dataset", metavar="D", required=True)
        parser.add_argument("--format", metavar="F", required=True, help=f"one of {', '.join(FORMATS)}")
        parser.add_argument("--out", metavar="FILE", required=True, help="- for the standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """Nothing is printed unless the file goes to the standard output."""
        study = Study.objects.filter(slug=options["slug"]).first()
        if study is None:
            raise CommandError(f"there is no study {options['slug']!r}")
        table = tables(study).get(options["dataset"])
        if table is None:
            known = ", ".join(tables(study))
            raise CommandError(f"--dataset: found {options['dataset']!r}, expected one of {known}")
        file_format = FORMATS.get(options["format"])
        if file_format is None:
            raise CommandError(f"--format: found {options['format']!r}, expected one of {', '.join(FORMATS)}")
        record_export(
            study=study, dataset=table.name, file_format=file_format.name, filters={}, by="command", now=clock.now()
        )
        blocks = file_blocks(table, study, file_format)
        try:
            if options["out"] == "-":
                _write(blocks, sys.stdout.buffer)
            else:
                _write_whole(blocks, Path(options["out"]))
        except OSError as error:
            raise CommandError(f"{options['out']}: {error.strerror or error}") from error
        finally:
            blocks.close()


def _write(blocks: Blocks, stream: IO[bytes]) -> None:
    for block in blocks:
        stream.write(block)
    stream.flush()


def _write_whole(blocks: Blocks, path: Path) -> None:
    """The file under its name once it is complete: beside it first, then renamed. Only its owner may read it."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            _write(blocks, stream)
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
