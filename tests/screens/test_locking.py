"""When the terminal is locked: settings, an administrator's password, a rest, what comes up meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.app import ComposeResult
from textual.screen import ModalScreen
from textual.widgets import Static

from mediadl.app import MediadlApp
from mediadl.security.permissions import Caller, Role, rights_of
from mediadl.service import Services
from terminal import scene
from terminal.page import Page

PASSWORD = "correct horse battery"
WORDS = "a long enough password"


class Hand:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Secret(ModalScreen[str]):
    """A dialog that comes up by itself."""

    def compose(self) -> ComposeResult:
        yield Static("nobody may read this")


@asynccontextmanager
async def shown(services: Services) -> AsyncIterator[tuple[Page, Hand]]:
    scene.write(services, scene.EVERYDAY)
    app = MediadlApp(services)
    clock = Hand()
    app.clock = clock
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        yield Page(app, pilot), clock


@pytest.fixture
def asking(services: Services) -> Services:
    services.users.add("boss", Role.ADMIN, PASSWORD)
    services.users.add("anna", Role.USER, WORDS)
    services.settings.set("security.lock_terminal", "true")
    services.settings.set("security.lock_idle_s", "60")
    return services


async def unlock(page: Page, password: str = PASSWORD) -> None:
    await page.press(*["space" if letter == " " else letter for letter in password], "enter")


async def test_without_the_setting_nothing_is_locked(services: Services) -> None:
    services.users.add("boss", Role.ADMIN, PASSWORD)
    async with shown(services) as (page, clock):
        clock.now += 100_000
        page.app._look()
        await page.pilot.pause()

        assert not page.app.locked
        assert page.dialog == "QueueScreen"


async def test_with_it_the_start_asks_for_an_administrators_password(asking: Services) -> None:
    async with shown(asking) as (page, _):
        await page.opens("LockScreen")
        await unlock(page, WORDS)
        await page.until(lambda: "not the password" in page.text(), "refused")
        assert page.app.locked
        await page.pilot.press("escape")
        await unlock(page)
        await page.until(lambda: page.dialog == "QueueScreen", "unlocked")

        assert not page.app.locked


async def test_a_password_typed_in_one_breath_with_enter_counts(asking: Services) -> None:
    async with shown(asking) as (page, _):
        await page.opens("LockScreen")
        await page.pilot.press(*["space" if letter == " " else letter for letter in PASSWORD], "enter")
        await page.until(lambda: page.dialog == "QueueScreen", "unlocked")


async def test_after_a_rest_it_is_locked_again_and_a_key_starts_the_rest_anew(asking: Services) -> None:
    async with shown(asking) as (page, clock):
        await page.opens("LockScreen")
        await unlock(page)
        await page.until(lambda: page.dialog == "QueueScreen", "unlocked")
        clock.now += 50
        await page.pilot.press("j")
        clock.now += 50
        page.app._look()
        assert not page.app.locked
        clock.now += 11
        page.app._look()
        await page.opens("LockScreen")

        assert "Nobody was here" in page.text()


async def test_a_setting_that_is_changed_acts_at_once(asking: Services) -> None:
    async with shown(asking) as (page, clock):
        await page.opens("LockScreen")
        await unlock(page)
        await page.until(lambda: page.dialog == "QueueScreen", "unlocked")
        asking.settings.set("security.lock_idle_s", "0")
        clock.now += 100_000
        page.app._look()
        assert not page.app.locked
        asking.settings.set("security.lock_idle_s", "120")
        page.app._look()

        await page.opens("LockScreen")


async def test_what_comes_up_meanwhile_is_shown_once_it_is_open(asking: Services) -> None:
    answers: list[str | None] = []
    async with shown(asking) as (page, _):
        await page.opens("LockScreen")
        await page.app.push_screen(Secret(), answers.append)
        await page.app.switch_mode("logs")
        await page.pilot.pause()
        assert "nobody may read" not in page.text()
        assert page.dialog == "LockScreen"
        assert page.app.current_mode == "queue"
        await unlock(page)
        await page.until(lambda: page.app.current_mode == "logs", "the other screen")

        assert not page.app.locked


async def test_without_an_administrator_it_says_so_and_locks_nobody_out(services: Services) -> None:
    services.settings.set("security.lock_terminal", "true")
    async with shown(services) as (page, _):
        await page.until(lambda: "no administrator has an account" in str(page.toasts()), "told")

        assert page.dialog == "QueueScreen"


async def test_in_a_browser_the_login_guards_and_not_the_lock(asking: Services) -> None:
    anna = asking.users.get("boss")
    caller = Caller(anna.id, anna.name, Role.ADMIN, rights_of(Role.ADMIN), "browser")
    async with shown(asking) as (page, _):
        await page.opens("LockScreen")
    app = MediadlApp(asking.acting_as(caller))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()

        assert not app.locked
