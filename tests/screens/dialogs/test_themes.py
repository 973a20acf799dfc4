"""Themes are tried on by moving, kept by Enter, given back by Esc."""

from __future__ import annotations

import pytest

from mediadl.service import Services
from terminal.page import Page, opened
from terminal.settings_page import settings_opened


async def themes(page: Page) -> None:
    await page.press("ctrl+t")
    await page.opens("ThemeDialog")
    await page.until(lambda: page.app.screen.table.current is not None, "the list")  # type: ignore[attr-defined]
    await page.pilot.pause()


async def test_moving_tries_a_theme_on_and_esc_gives_the_old_one_back(services: Services) -> None:
    async with opened(services) as page:
        await themes(page)
        await page.press("j", "j")
        tried = page.app.theme
        await page.press("escape")
        await page.pilot.pause()

        assert tried not in {"textual-dark", page.app.theme}
        assert page.app.theme == "textual-dark"
        assert page.dialog == "QueueScreen"
    assert services.settings.export() == ""


async def test_enter_keeps_the_theme_for_the_next_start(services: Services) -> None:
    async with opened(services) as page:
        await themes(page)
        await page.press("G", "enter")
        await page.until(lambda: services.settings.export(), "kept")
        kept = page.app.theme
    async with opened(services) as page:
        assert page.app.theme == kept


async def test_themes_of_the_terminal_are_there_and_everything_can_be_read(services: Services) -> None:
    async with opened(services, size=(100, 30)) as page:
        await themes(page)
        await page.press("G")
        assert page.app.theme.startswith("ansi-")
        assert "› ansi-light" in page.text()
        await page.press("enter")
        await page.pilot.pause()

        assert page.dialog == "QueueScreen"


@pytest.mark.parametrize(
    ("keys", "at"),
    [(("down",), 1), (("j", "k"), 0), (("end",), -1), (("G", "home"), 0), (("pagedown", "pageup"), 0),
     (("ctrl+d", "ctrl+u"), 0), (("ctrl+f", "ctrl+b"), 0)],
)  # fmt: skip
async def test_the_keys_of_a_list_move(services: Services, keys: tuple[str, ...], at: int) -> None:
    async with opened(services, size=(80, 24)) as page:
        await themes(page)
        await page.press(*keys)
        table = page.app.screen.table  # type: ignore[attr-defined]

        assert table.cursor == at % table.total
        await page.press("escape")


async def test_enter_on_the_setting_opens_the_themes(services: Services) -> None:
    async with settings_opened(services) as page:
        await page.to("interface.theme")
        await page.press("enter")
        await page.opens("ThemeDialog")
        await page.press("j", "enter")
        await page.until(lambda: page.row.aside == "settings.toml", "kept")

        assert page.app.theme in page.row.value


async def test_a_theme_set_elsewhere_is_worn_at_once(services: Services) -> None:
    async with settings_opened(services) as page:
        services.settings.set("interface.theme", "nord")
        page.settings.ask()
        await page.until(lambda: page.app.theme == "nord", "worn")
        services.settings.set("interface.theme", "no-such-theme")
        page.settings.ask()
        await page.until(lambda: "no-such-theme" in page.text() or page.row, "read")

        assert page.app.theme == "nord"
