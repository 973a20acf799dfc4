"""What every test of the transfer room gets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from fakeweb import FakeWeb
from mediadl.pipeline.transfer import fetch
from transfer_bench import Bench, Files


@pytest.fixture
def files() -> Files:
    return Files()


@pytest.fixture
def web(files: Files) -> Iterator[FakeWeb]:
    with FakeWeb([files]) as running:
        yield running
        assert running.errors == []


@pytest.fixture
async def bench(
    tmp_path: Path, web: FakeWeb, files: Files, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Bench]:
    monkeypatch.setattr(fetch, "FIRST_BACK_OFF_S", 0.01)
    made = Bench(tmp_path, web, files)
    yield made
    await made.close()
