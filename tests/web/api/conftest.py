"""The API on a port, and no daemon behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api_stage import Stage, staged
from mediadl.paths import Home


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MEDIADL_NO_DAEMON", "1")
    monkeypatch.setenv("MEDIADL_DOWNLOADS__DIRECTORY", str(tmp_path / "files"))


@pytest.fixture
def stage(opened_home: Home) -> Iterator[Stage]:
    """The API of a fresh data folder, with accounts of every role."""
    with staged(opened_home) as made:
        yield made
