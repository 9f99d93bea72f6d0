"""An export as a call of the API: the same dataset and filters in the languages that analysts work in."""

from __future__ import annotations

import json
from collections.abc import Mapping

from django.utils.http import urlencode

# What reads a file of each format into a table, in Python and in R.
_PANDAS = {"csv": "pd.read_csv(file)", "jsonl": "pd.read_json(file, lines=True)", "parquet": "pd.read_parquet(file)"}
_R = {
    "csv": "readr::read_csv(file)",
    "jsonl": "jsonlite::stream_in(base::file(file))",
    "parquet": "arrow::read_parquet(file)",
}


def address(file_url: str, parameters: Mapping[str, str]) -> str:
    """The address of a file with its parameters, each written as an address needs it."""
    return f"{file_url}?{urlencode(parameters)}"


def as_curl(file_url: str, parameters: Mapping[str, str], name: str) -> str:
    """A shell command that writes the file `name`; the token stands in the variable TOKEN."""
    url = address(file_url, parameters)
    return f'curl --fail --output {name} \\\n  --header "Authorization: Bearer $TOKEN" \\\n  "{url}"'


def as_python(file_url: str, parameters: Mapping[str, str], name: str) -> str:
    """Python that fetches the file with its standard library and reads it with pandas."""
    return "\n".join(
        [
            "import os, shutil, urllib.parse, urllib.request",
            "import pandas as pd",
            "",
            f"parameters = {json.dumps(dict(parameters), ensure_ascii=True)}",
            f'url = "{file_url}?" + urllib.parse.urlencode(parameters)',
            'request = urllib.request.Request(url, headers={"Authorization": "Bearer " + os.environ["TOKEN"]})',
            f'file = "{name}"',
            'with urllib.request.urlopen(request) as answer, open(file, "wb") as saved:',
            "    shutil.copyfileobj(answer, saved)",
            f"rows = {_PANDAS[parameters['format']]}",
        ]
    )


def as_r(file_url: str, parameters: Mapping[str, str], name: str) -> str:
    """R that fetches the file with httr2 and reads it."""
    asked = ", ".join(f"`{key}` = {json.dumps(value, ensure_ascii=True)}" for key, value in parameters.items())
    return "\n".join(
        [
            "library(httr2)",
            "",
            f'file <- "{name}"',
            f'request("{file_url}") |>',
            f"  req_url_query({asked}) |>",
            '  req_auth_bearer_token(Sys.getenv("TOKEN")) |>',
            "  req_perform(path = file)",
            f"rows <- {_R[parameters['format']]}",
        ]
    )
