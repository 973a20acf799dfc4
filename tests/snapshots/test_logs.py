"""What the Logs screen looks like; `pytest --snapshot-update` after looking at it."""

from __future__ import annotations

import pytest

from mediadl.service import Services
from snapshots.pictures import Compare, as_it_is, at_every_size, in_light_colours, without_colours


@at_every_size
def test_screen(services: Services, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert as_it_is(services, snap_compare, "logs", size)


def test_screen_in_light_colours(services: Services, snap_compare: Compare) -> None:
    assert in_light_colours(services, snap_compare, "logs")


def test_screen_without_colours(
    services: Services, snap_compare: Compare, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert without_colours(services, snap_compare, "logs", monkeypatch)
