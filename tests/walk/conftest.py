from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.walk.lab import Lab, opened


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with opened(tmp_path_factory.mktemp("lab")) as lab:
        yield lab
