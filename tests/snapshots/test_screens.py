"""What every screen looks like, at four sizes and in other colours; `pytest --snapshot-update` after looking at it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, TextArea

from mediadl.app import MediadlApp
from mediadl.screens.pages import PLACES
from mediadl.service import Services
from mediadl.widgets.timeline import Timeline
from mediadl.widgets.window_table import WindowTable
from mediadl.workers.queries import LatestQuery

SIZES = [(60, 20), (80, 24), (120, 40), (160, 50)]
NAMES = [place.name for place in PLACES]

Compare = Callable[..., bool]


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


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", NAMES)
def test_screen(services: Services, snap_compare: Compare, name: str, size: tuple[int, int]) -> None:
    key = str(NAMES.index(name) + 1)

    assert snap_compare(MediadlApp(services), terminal_size=size, run_before=at_rest(key))


@pytest.mark.parametrize("name", NAMES)
def test_screen_in_light_colours(services: Services, snap_compare: Compare, name: str) -> None:
    services.settings.set("interface.theme", "textual-light")
    key = str(NAMES.index(name) + 1)

    assert snap_compare(MediadlApp(services), terminal_size=(120, 40), run_before=at_rest(key))


@pytest.mark.parametrize("name", NAMES)
def test_screen_without_colours(
    services: Services, snap_compare: Compare, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    key = str(NAMES.index(name) + 1)

    assert snap_compare(MediadlApp(services), terminal_size=(80, 24), run_before=at_rest(key))


@pytest.mark.parametrize(
    ("title", "keys"),
    [
        ("help", ["?"]),
        ("jump", ["g"]),
        ("command-line", [":", "r"]),
        ("palette", ["ctrl+p"]),
        ("details", ["enter"]),
        ("confirm", ["d"]),
        ("sort-menu", ["s"]),
        ("filter", ["/", "e"]),
        ("marks", ["space", "space", "v", "j"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_over_the_queue(
    services: Services, snap_compare: Compare, title: str, keys: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    del title
    monkeypatch.setenv("MEDIADL_DOWNLOADS__DIRECTORY", "/srv/media")

    assert snap_compare(MediadlApp(services), terminal_size=(80, 24), run_before=at_rest("2", *keys))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
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
