from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import world
from tests.walk.lab import Lab, opened


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with opened(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture(scope="session")
def whole_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab that runs the example study as it is."""
    with opened(tmp_path_factory.mktemp("whole-lab"), world.files()) as lab:
        yield lab
