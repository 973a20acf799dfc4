"""What the Scheduler screen looks like; `pytest --snapshot-update` after looking at it."""

from __future__ import annotations

import pytest

from mediadl.app import MediadlApp
from mediadl.service import Services
from snapshots.pictures import Compare, as_it_is, at_every_size, at_rest, in_light_colours, without_colours


@at_every_size
def test_screen(services: Services, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert as_it_is(services, snap_compare, "scheduler", size)


def test_screen_in_light_colours(services: Services, snap_compare: Compare) -> None:
    assert in_light_colours(services, snap_compare, "scheduler")


def test_screen_without_colours(
    services: Services, snap_compare: Compare, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert without_colours(services, snap_compare, "scheduler", monkeypatch)


@at_every_size
@pytest.mark.parametrize(
    ("title", "keys"),
    [
        ("details", ["j", "j", "j", "enter"]),
        ("sources", ["n"]),
        ("editor", ["j", "j", "j", "e"]),
        ("rule", ["j", "j", "j", "e", "w"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_over_the_scheduler(
    services: Services, snap_compare: Compare, title: str, keys: list[str], size: tuple[int, int]
) -> None:
    del title

    assert snap_compare(MediadlApp(services), terminal_size=size, run_before=at_rest("3", *keys))
