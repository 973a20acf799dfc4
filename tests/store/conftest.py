"""An open database in a data folder of the test's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mediadl.paths import Home
from mediadl.store.database import Database


@pytest.fixture
def database(opened_home: Home) -> Iterator[Database]:
    """A new, empty database."""
    with Database.open(opened_home) as opened:
        yield opened
