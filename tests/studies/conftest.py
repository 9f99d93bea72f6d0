"""The library, read once."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from protocol.bundle import Bundle, read_bundle
from protocol.instrument import Instrument
from tests.studies.library import LIBRARY


@pytest.fixture(scope="session")
def bundle() -> Bundle:
    return read_bundle(LIBRARY)


@pytest.fixture(scope="session")
def library(bundle: Bundle) -> Mapping[str, Instrument]:
    return bundle.study.instruments
