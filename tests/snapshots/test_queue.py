"""What the Queue screen looks like; `pytest --snapshot-update` after looking at it."""

from __future__ import annotations

import pytest

from mediadl.app import MediadlApp
from mediadl.service import Services
from snapshots.pictures import Compare, as_it_is, at_every_size, at_rest, in_light_colours, without_colours


@at_every_size
def test_screen(services: Services, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert as_it_is(services, snap_compare, "queue", size)


def test_screen_in_light_colours(services: Services, snap_compare: Compare) -> None:
    assert in_light_colours(services, snap_compare, "queue")


def test_screen_without_colours(
    services: Services, snap_compare: Compare, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert without_colours(services, snap_compare, "queue", monkeypatch)


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
