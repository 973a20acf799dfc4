"""How pictures of the screens are taken: at four sizes and in other colours, each when the screen has come to rest."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, TextArea

from mediadl.app import MediadlApp
from mediadl.service import Services
from mediadl.widgets.timeline import Timeline
from mediadl.widgets.window_table import WindowTable
from mediadl.workers.queries import LatestQuery
from terminal.anywhere import KEYS

SIZES = [(60, 20), (80, 24), (120, 40), (160, 50)]

at_every_size = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
"""One picture for each size."""

Compare = Callable[..., bool]
"""What `snap_compare` is."""


def at_rest(*keys: str) -> Callable[[Pilot[Any]], Awaitable[None]]:
    """Press keys one after the other, each when what came before has settled."""

    async def run(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        for key in keys:
            await pilot.press(key)
            await settled(pilot)

    return run


async def settled(pilot: Pilot[Any], within_s: float = 60.0) -> None:
    """Wait until the picture has not changed for a while and no thread draws or reads."""
    deadline = time.monotonic() + within_s
    for field in (*pilot.app.screen.query(Input), *pilot.app.screen.query(TextArea)):
        field.cursor_blink = False
    before, since = "", time.monotonic()
    while time.monotonic() - since < 0.4:
        await pilot.pause(0.05)
        now = str(pilot.app.export_screenshot(simplify=True))
        drawing = not all(timeline.is_current for timeline in pilot.app.screen.query(Timeline))
        if now != before or drawing or not _has_read(pilot.app.screen):
            before, since = now, time.monotonic()
        assert time.monotonic() < deadline, "the screen does not come to rest"


def _has_read(screen: Screen[Any]) -> bool:
    """Whether its rows are there and no question waits."""
    rows = screen.query(WindowTable)
    return all(reader.idle for reader in _readers(screen)) and all(row.loaded for row in rows if row.display)


def _readers(screen: Screen[Any]) -> list[LatestQuery[Any, Any]]:
    held = [reader for _, reader in getattr(screen, "_readers", ())]
    return [*held, *(value for value in vars(screen).values() if isinstance(value, LatestQuery))]


def as_it_is(services: Services, compare: Compare, name: str, size: tuple[int, int]) -> bool:
    """Whether a main screen looks as it did."""
    return compare(MediadlApp(services), terminal_size=size, run_before=at_rest(KEYS[name]))


def in_light_colours(services: Services, compare: Compare, name: str) -> bool:
    """The same in another theme."""
    services.settings.set("interface.theme", "textual-light")
    return as_it_is(services, compare, name, (120, 40))


def without_colours(services: Services, compare: Compare, name: str, monkeypatch: pytest.MonkeyPatch) -> bool:
    """The same where no colour is wanted."""
    monkeypatch.setenv("NO_COLOR", "1")
    return as_it_is(services, compare, name, (80, 24))
