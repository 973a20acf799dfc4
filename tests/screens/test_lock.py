"""The lock screen against a gate that keeps a password the way a real one does."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual import events

from mediadl.app import MediadlApp
from mediadl.errors import DatabaseUnusable
from mediadl.screens.actions import ACTIONS, Scope
from mediadl.screens.lock import LOCKED_TITLE, Gate, LockScreen, Tries
from mediadl.service import Services
from terminal import scene
from terminal.page import Page

PASSWORD = "correct horse [/] 漢字"


class HashedGate:
    """Keeps only a slow hash; remembers in which threads it was asked."""

    def __init__(self) -> None:
        self._salt = secrets.token_bytes(16)
        self._hash = self._of(PASSWORD)
        self.threads: list[str] = []

    def check(self, password: str) -> bool:
        self.threads.append(threading.current_thread().name)
        return secrets.compare_digest(self._hash, self._of(password))

    def _of(self, password: str) -> bytes:
        return hashlib.scrypt(password.encode(), salt=self._salt, n=2**10, r=8, p=1)


class BrokenGate:
    def check(self, password: str) -> bool:
        raise DatabaseUnusable("the users cannot be read", next_step="Look at mediadl doctor.")


class Hand:
    """A clock moved by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


class LockedPage(Page):
    clock: Hand
    unlocked: list[bool | None]

    @property
    def lock(self) -> LockScreen:
        assert isinstance(self.app.screen, LockScreen)
        return self.app.screen

    async def try_(self, password: str) -> None:
        self.lock._field.value = password
        await self.press("enter")


@asynccontextmanager
async def locked(
    services: Services, gate: Gate | None = None, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[LockedPage]:
    scene.write(services, scene.EVERYDAY)
    app = MediadlApp(services)
    async with app.run_test(size=size, notifications=True) as pilot:
        page = LockedPage(app, pilot)
        page.clock, page.unlocked = Hand(), []
        await page.until(lambda: page.table.loaded, "the first rows")
        await app.push_screen(LockScreen(gate or HashedGate(), clock=page.clock), page.unlocked.append)
        await page.opens("LockScreen")
        yield page


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (40, 12)])
async def test_nothing_of_what_is_underneath_can_be_seen(services: Services, size: tuple[int, int]) -> None:
    async with locked(services, size=size) as page:
        page.app.notify("harbour_sketches failed", markup=False)
        await page.pilot.pause()
        text = page.text()

        for part in scene.EVERYDAY:
            assert part.title[:12] not in text
        assert "harbour" not in text
        assert "active" not in text
        assert "This screen is locked" in text


async def test_the_title_names_no_job(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    titles: list[str] = []
    monkeypatch.setattr(MediadlApp, "name_terminal", lambda _app, title: titles.append(title))
    async with locked(services) as page:
        assert LOCKED_TITLE in titles
        before = len(titles)
        page.app._feeds.count()
        await page.until(lambda: len(titles) > before, "another title")

    assert not any(part.title[:8] in title for part in scene.EVERYDAY for title in titles)


async def test_the_right_password_unlocks(services: Services) -> None:
    gate = HashedGate()
    async with locked(services, gate) as page:
        await page.press(*["space" if letter == " " else letter for letter in "correct horse "])
        assert "correct" not in page.text()
        await page.try_(PASSWORD)
        await page.until(lambda: page.dialog == "QueueScreen", "unlocked")

    assert page.unlocked == [True]
    assert all(thread != threading.main_thread().name for thread in gate.threads)


async def test_a_wrong_password_is_told_and_soon_has_to_wait(services: Services) -> None:
    gate = HashedGate()
    async with locked(services, gate) as page:
        for number in range(1, 4):
            await page.try_(f"wrong {number}")
            await page.until(lambda: not page.lock._checking, "checked")
            assert len(gate.threads) == number
        await page.until(lambda: "not the password" in page.text(), "told")
        await page.try_(PASSWORD)
        await page.until(lambda: "Wait 1 s" in page.text(), "made to wait")
        assert len(gate.threads) == 3
        page.clock.now += 1.5
        await page.try_(PASSWORD)

        await page.until(lambda: page.dialog == "QueueScreen", "unlocked")


def test_each_wrong_try_doubles_the_wait_up_to_a_minute() -> None:
    clock = Hand()
    tries = Tries(clock)
    waits = []
    for _ in range(12):
        tries.wrong()
        waits.append(tries.wait_s)
        clock.now += tries.wait_s

    assert waits == [0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]


async def test_a_gate_that_fails_is_told_and_stays_shut(services: Services) -> None:
    async with locked(services, BrokenGate()) as page:
        await page.try_(PASSWORD)
        await page.until(lambda: "the users cannot be read" in page.text(), "told")

        assert page.dialog == "LockScreen"


async def test_no_key_of_the_program_works(services: Services) -> None:
    keys = {key for action in ACTIONS if action.scope is not Scope.LOCK for key in action.keys}
    keys -= {"ctrl+q", "enter", "ctrl+z"}
    async with locked(services) as page:
        for key in sorted(keys):
            await page.pilot.press(key)
            assert page.dialog == "LockScreen", key
        await page.pilot.pause()

        assert page.app.is_running
        assert page.app.current_mode == "queue"
        assert not page.table.marks
        assert page.unlocked == []


async def test_a_paste_and_clicks_go_nowhere(services: Services) -> None:
    async with locked(services) as page:
        page.lock.set_focus(None)
        page.app.post_message(events.Paste("https://a.example/1.jpg"))
        for x in range(0, 80, 9):
            for y in (0, 1, 5, 23):
                await page.pilot.click(offset=(x, y))
        await page.pilot.pause()

        assert page.dialog == "LockScreen"


async def test_esc_empties_the_field(services: Services) -> None:
    async with locked(services) as page:
        await page.press("a", "b", "escape")

        assert page.lock._field.value == ""
        assert page.dialog == "LockScreen"


async def test_quit_works_and_asks_nothing(services: Services) -> None:
    async with locked(services) as page:
        await page.press("ctrl+q")
        await page.until(lambda: page.app.return_value == 0, "left")

    assert page.unlocked == []
