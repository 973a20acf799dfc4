"""Services over a folder of the test's own; no daemon is started unless a test says so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mediadl.paths import Home
from mediadl.service import Services, open_services
from service.account_stage import AccountStage, hash_quickly


@pytest.fixture
def services(opened_home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    monkeypatch.setenv("MEDIADL_NO_DAEMON", "1")
    with open_services(opened_home) as made:
        yield made


@pytest.fixture
def stage(opened_home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[AccountStage]:
    monkeypatch.setenv("MEDIADL_NO_DAEMON", "1")
    hash_quickly(monkeypatch)
    made = AccountStage(opened_home)
    yield made
    made.close()
