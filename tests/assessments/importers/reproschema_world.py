"""ReproSchema's own package without its network: the terms of release 1.0.0 are stated here, for it fetches them.

They are facts of the vocabulary (term, address, container), as its published context has them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pyld import jsonld
from reproschema import jsonldutils, reproschema2redcap
from reproschema.validate import validate_dir

from assessments.importers.reproschema.terms import CONTEXT

Json = dict[str, Any]

SPACES = {
    "nidm": "http://purl.org/nidash/nidm#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "reproschema": "http://schema.repronim.org/",
    "schema": "http://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
# Texts by language, and where their address isn't of ReproSchema's own space, that address.
WORDED = {
    "altLabel": "skos:altLabel",
    "citation": "schema:citation",
    "description": "schema:description",
    "message": "reproschema:message",
    "name": "schema:name",
    "preamble": "reproschema:preamble",
    "prefLabel": "skos:prefLabel",
    "question": "schema:question",
}
SETS = ("additionalNotesObj", "choices", "compute", "messages", "unitOptions", "valueType", "addProperties", "allow")
NAMES = ("allow", "isAbout", "responseOptions", "unitOptions", "valueType", "order")
IN_UI = ("addProperties", "allow", "inputType", "order", "overrideProperties", "readonlyValue", "shuffle")
TRUTHS = ("multipleChoice", "readonlyValue", "shuffle", "valueRequired")
WITHOUT_LANGUAGE = ("limit", "randomMaxDelay", "schedule", "schemaVersion", "version")
OF_SCHEMA_ORG = ("maxValue", "minValue", "readonlyValue", "schemaVersion", "valueRequired", "version")


def context() -> Json:
    terms: dict[str, Any] = {
        **SPACES,
        "@vocab": SPACES["reproschema"],
        "@version": 1.1,
        "@language": "en",
        "id": "@id",
        "category": "@type",
        "ui": "@nest",
    }
    terms |= {term: {"@id": address, "@container": "@language"} for term, address in WORDED.items()}
    for term in {*SETS, *NAMES, *IN_UI, *TRUTHS, *WITHOUT_LANGUAGE, *OF_SCHEMA_ORG, "column", "source"}:
        space = "schema" if term in OF_SCHEMA_ORG else "reproschema"
        terms[term] = {"@id": f"{space}:{term}"}
        terms[term] |= {"@container": "@set"} if term in SETS else {}
        terms[term] |= {"@type": "@id"} if term in NAMES else {}
        terms[term] |= {"@nest": "ui"} if term in IN_UI else {}
        terms[term] |= {"@type": "xsd:boolean"} if term in TRUTHS else {}
        terms[term] |= {"@language": None} if term in WITHOUT_LANGUAGE else {}
    terms["order"] |= {"@container": "@list"}
    for term in ("inputType", "column", "source"):
        terms[term] |= {"@type": "xsd:string"}
    return {"@context": terms}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder for files; the package reads the release's terms from here, and asks no other host."""
    here = tmp_path / "context.json"
    here.write_text(json.dumps(context()), encoding="utf-8")

    def loaded(url: str, options: Json) -> Json:
        assert url == CONTEXT
        return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": context()}

    monkeypatch.setattr(jsonld, "_default_document_loader", loaded)
    monkeypatch.setattr(jsonldutils, "CONTEXTFILE_URL", str(here))
    monkeypatch.setattr(reproschema2redcap, "CONTEXTFILE_URL", str(here))
    folder = tmp_path / "files"
    folder.mkdir()
    return folder


def write(files: dict[str, Json], folder: Path) -> None:
    for path, document in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(document), encoding="utf-8")


def read(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def are_valid(folder: Path) -> bool:
    """What the package's own `validate` says of a folder; it raises where a document is none of its models.

    Its server is left out: it serves nothing, for addresses within the files are only compared, not fetched.
    """
    conforms, _ = validate_dir(str(folder), started=True, http_kwargs={"port": 0}, stop=lambda: None)
    return bool(conforms)
