"""Fixtures of the app: services over an empty data folder, without a daemon."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mediadl.paths import Home
from mediadl.service import Services, open_services


@pytest.fixture
def services(opened_home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """Real services; no daemon is started."""
    monkeypatch.setenv("MEDIADL_NO_DAEMON", "1")
    with open_services(opened_home) as made:
        yield made
