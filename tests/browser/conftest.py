from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.gallery import Gallery
from tests.walk.lab import opened


@pytest.fixture(scope="session")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gallery]:
    with opened(tmp_path_factory.mktemp("gallery")) as lab:
        yield Gallery(lab)
