"""Images over the gallery's tiles: what a terminal tells, what a page hears, who gets the small pictures."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientWebSocketResponse
from PIL import Image

from mediadl.paths import Home
from mediadl.screens.history import HistoryScreen
from mediadl.service import Services, open_services
from mediadl.web.child_app import BrowserApp
from mediadl.web.overlay import OverlayTeller, frame_of
from mediadl.web.terminals import Patience
from mediadl.widgets.gallery_overlay import Overlay, Overlays
from mediadl.workers.thumbnail_cache import Raster, ThumbnailFolder
from terminal import archive
from web_stage import Answer, Stage, keep, served, shown

GROUND = "#121212"


# What is told, and when


@dataclass
class Later:
    """Something that happens when a test says so."""

    act: Callable[[], None]
    stopped: bool = False

    def stop(self) -> None:
        self.stopped = True


@dataclass
class Page:
    """Hears what is told, and lets time pass."""

    heard: list[list[list[int]]] = field(default_factory=list)
    waiting: list[Later] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.teller = OverlayTeller(self.hear, self.later)

    def hear(self, told: dict[str, Any]) -> None:
        assert frame_of(told) is not None
        self.heard.append(told["items"])

    def later(self, _delay_s: float, act: Callable[[], None]) -> Later:
        self.waiting.append(Later(act))
        return self.waiting[-1]

    def look(self, *items: Overlay) -> None:
        self.teller.look(Overlays(GROUND, items))

    def pass_time(self) -> None:
        due = [one for one in self.waiting if not one.stopped]
        self.waiting.clear()
        for one in due:
            one.act()


def at(number: int, y: int = 0) -> Overlay:
    return Overlay(number, 1, y, 20, 8)


def told(*items: Overlay) -> list[list[int]]:
    return [[one.id, one.x, one.y, one.w, one.h] for one in items]


def test_the_same_is_told_once() -> None:
    page = Page()
    for _ in range(3):
        page.look(at(1), at(2))
        page.pass_time()

    assert page.heard == [told(at(1), at(2))]


def test_pictures_that_come_together_are_told_together() -> None:
    page = Page()
    page.look(at(1))
    page.look(at(1), at(2))
    page.look(at(1), at(2), at(3))
    page.pass_time()

    assert page.heard == [told(at(1), at(2), at(3))]


def test_what_is_covered_goes_at_once() -> None:
    page = Page()
    page.look(at(1), at(2))
    page.pass_time()
    page.teller.look(None)

    assert page.heard == [told(at(1), at(2)), []]


def test_what_moved_goes_at_once_and_comes_back_when_it_stands_still() -> None:
    page = Page()
    page.look(at(1), at(2))
    page.pass_time()
    for y in (1, 2, 3):
        page.look(at(1), at(2, y))
    assert page.heard[1:] == [told(at(1))]
    page.pass_time()

    assert page.heard[2:] == [told(at(1), at(2, 3))]


def test_another_ground_is_told_with_all_of_them() -> None:
    page = Page()
    page.look(at(1))
    page.pass_time()
    page.teller.look(Overlays("#ffffff", (at(1),)))
    page.pass_time()

    assert page.heard == [told(at(1)), [], told(at(1))]


# The whole app


class Told(BrowserApp):
    """Keeps what the page is told."""

    overlays: list[Any]

    def tell_page(self, told: dict[str, object]) -> None:
        if told["type"] == "overlay":
            self.__dict__.setdefault("overlays", []).append(told["items"])


@pytest.fixture
def services(opened_home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    monkeypatch.setenv("MEDIADL_NO_DAEMON", "1")
    with open_services(opened_home) as made:
        yield made


async def test_the_page_is_told_of_the_visible_tiles_and_of_none_under_a_dialog(
    services: Services, tmp_path: Path
) -> None:
    archive.write(services, tmp_path, now=time.time())
    app = Told(services)
    async with app.run_test(size=(100, 30), notifications=True) as pilot:

        async def until(wanted: Callable[[], object], what: str) -> None:
            end = time.monotonic() + 30
            while not wanted():
                assert time.monotonic() < end, f"{what}: {app.__dict__.get('overlays')}"
                await pilot.pause(0.02)

        def last() -> Any:
            return app.__dict__.get("overlays", [None])[-1]

        def in_view() -> list[list[int]]:
            screen = app.screen
            assert isinstance(screen, HistoryScreen)
            assert screen.overlays is not None
            return told(*screen.overlays.items)

        await pilot.press("4")
        await until(lambda: isinstance(app.screen, HistoryScreen), "the history")
        await pilot.press("t")
        await until(lambda: len(in_view()) > 5 and last() == in_view(), "the tiles are told")
        for key in ("pagedown", "G"):
            before = in_view()
            await pilot.press(key)
            await until(lambda: in_view() not in (before, []) and last() == in_view(), f"after {key}")  # noqa: B023
        await pilot.press("?")
        await until(lambda: last() == [], "nothing under a dialog")
        await pilot.press("escape")
        await until(lambda: in_view() and last() == in_view(), "they are back")
        await pilot.press("2")
        await until(lambda: last() == [], "nothing on another screen")
        await pilot.press("4")
        await until(lambda: isinstance(app.screen, HistoryScreen) and last() == in_view() != [], "back")
        await pilot.press("home")
        await until(lambda: len(in_view()) > 6 and last() == in_view(), "a full page")
        count = len(last())
        app.notify("Something\nof many\nlines\nhappened.")
        await until(lambda: last() and len(last()) < count, "a message is not hidden by images")


# What the page hears


ITEM = [7, 1, 2, 20, 8]


@pytest.mark.parametrize("items", [[], [ITEM], [ITEM, [8, 22, 2, 20, 8]]])
def test_the_known_shape_is_passed_on(items: list[Any]) -> None:
    frame = frame_of({"type": "overlay", "ground": GROUND, "items": items})

    assert frame is not None
    assert json.loads(frame) == ["overlay", {"ground": GROUND, "items": items}]


@pytest.mark.parametrize(
    "changed",
    [
        {"ground": "red;x:url(//evil.example)"}, {"ground": None}, {"more": 1},
        {"items": None}, {"items": {}}, {"items": [7]}, {"items": [ITEM[:4]]}, {"items": [[*ITEM, 1]]},
        {"items": [["7", 1, 2, 20, 8]]}, {"items": [[7, 1.5, 2, 20, 8]]}, {"items": [[True, 1, 2, 20, 8]]},
        {"items": [[0, 1, 2, 20, 8]]}, {"items": [[10**18, 1, 2, 20, 8]]}, {"items": [[7, -1, 2, 20, 8]]},
        {"items": [[7, 1, 2, 0, 8]]}, {"items": [[7, 490, 2, 20, 8]]}, {"items": [[7, 1, 199, 20, 8]]},
        {"items": [ITEM] * 4001},
    ],
)  # fmt: skip
def test_anything_else_is_not(changed: dict[str, Any]) -> None:
    assert frame_of({"type": "overlay", "ground": GROUND, "items": [ITEM], **changed}) is None


# Through the server


@pytest_asyncio.fixture
async def stage(opened_home: Home, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setenv("MEDIADL_NO_DAEMON", "1")
    async with served(opened_home, Patience(look_s=0.2)) as made:
        yield made


def draw(stage: Stage, path: Path) -> int:
    """A stored picture of bert's, with its small picture kept."""
    number = keep(stage, path)
    raster = Raster(3, 2, bytes((200, 10, 10)) * 6)
    ThumbnailFolder(stage.services.home.thumbnails).put("a" * 64, 96, raster)
    return number


async def fetch(stage: Stage, name: str, number: int, **headers: str) -> Answer:
    return await (await stage.client(name)).get(f"/thumbnail/{number}", **headers)


@pytest.mark.parametrize(
    ("name", "status"), [("bert", 200), ("anna", 200), ("vera", 200), ("carl", 404), ("", 401)]
)
async def test_who_may_see_a_small_picture(stage: Stage, tmp_path: Path, name: str, status: int) -> None:
    number = draw(stage, tmp_path / "files" / "a.jpg")

    answer = await fetch(stage, name, number)

    assert answer.status == status
    assert (answer.body[:3] == b"\xff\xd8\xff") == (status == 200)


async def test_a_small_picture_is_kept_by_its_reader_and_asked_for_again(
    stage: Stage, tmp_path: Path
) -> None:
    number = draw(stage, tmp_path / "files" / "a.jpg")
    first = await fetch(stage, "bert", number)

    again = await fetch(stage, "bert", number, If_None_Match=first.headers["Etag"])
    other = await fetch(stage, "carl", number, If_None_Match=first.headers["Etag"])

    assert first.headers["Content-Type"] == "image/jpeg"
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert (again.status, again.body) == (304, b"")
    assert other.status == 404


async def test_the_largest_that_is_kept_is_sent(stage: Stage, tmp_path: Path) -> None:
    number = draw(stage, tmp_path / "files" / "a.jpg")
    large = Raster(300, 200, bytes((10, 200, 10)) * 60_000)
    ThumbnailFolder(stage.services.home.thumbnails).put("a" * 64, 320, large)

    answer = await fetch(stage, "bert", number)

    with Image.open(BytesIO(answer.body), formats=["JPEG"]) as image:
        assert image.size == (300, 200)


async def test_where_no_small_picture_is_kept_there_is_none(stage: Stage, tmp_path: Path) -> None:
    number = keep(stage, tmp_path / "files" / "a.jpg")

    assert (await fetch(stage, "bert", number)).status == 404
    assert (await fetch(stage, "bert", 999)).status == 404
    (stage.services.home.root / "cache").mkdir(exist_ok=True)
    stage.services.home.thumbnails.write_text("no folder")
    assert (await fetch(stage, "bert", number)).status == 404


async def overlay(socket: ClientWebSocketResponse) -> Any:
    """The next thing that the page hears of images."""
    async with asyncio.timeout(30):
        async for message in socket:
            if isinstance(message.data, str) and (heard := json.loads(message.data))[0] == "overlay":
                return heard[1]
    raise AssertionError(f"closed with {socket.close_code}")


async def test_a_terminal_tells_its_page_and_the_page_can_fetch_what_it_was_told(
    stage: Stage, tmp_path: Path
) -> None:
    path = tmp_path / "files" / "a.png"
    path.parent.mkdir()
    archive.landscape("a", (400, 300)).save(path)
    number = keep(stage, path, content=path.read_bytes())
    bert = await stage.client("bert")
    socket = await bert.terminal()
    await shown(socket, b"Ctrl+P")
    await socket.send_json(["stdin", "4"])
    await shown(socket, b"Sunset")
    await socket.send_json(["stdin", "t"])

    said = await overlay(socket)
    while not said["items"]:
        said = await overlay(socket)

    assert [item[0] for item in said["items"]] == [number]
    answer = await bert.get(f"/thumbnail/{number}")
    assert answer.status == 200
    with Image.open(BytesIO(answer.body), formats=["JPEG"]) as image:
        assert max(image.size) == 320
    await socket.send_json(["stdin", "?"])
    assert (await overlay(socket))["items"] == []
    with contextlib.suppress(ConnectionError):
        await socket.close()
