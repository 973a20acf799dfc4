"""The list of every key."""

from __future__ import annotations

from textual.widgets import Static

from mediadl.screens.actions import ACTIONS
from mediadl.screens.dialogs.keymap import KeymapDialog
from mediadl.service import Services
from mediadl.widgets.setting_text import KEYS
from terminal.settings_page import SettingsPage, settings_opened


def dialog(page: SettingsPage) -> KeymapDialog:
    assert isinstance(page.app.screen, KeymapDialog)
    return page.app.screen


async def open_keys(page: SettingsPage) -> None:
    await page.to(KEYS)
    await page.press("enter")
    await page.opens("KeymapDialog")


async def test_every_action_is_listed_with_its_keys(services: Services) -> None:
    async with settings_opened(services) as page:
        await open_keys(page)

        every = [action.id for action in ACTIONS]
        await page.until(lambda: list(dialog(page).fields.field_ids) == every, "all actions")
        # A long path is broken where the line ends
        assert services.settings.keymap_file.name in str(
            dialog(page).query_one("#keymap-file", Static).content
        )


async def test_own_keys_and_wrong_lines_are_shown(services: Services) -> None:
    services.settings.keymap_file.write_text('[keys]\nqueue.cancel = "ctrl+x"\nqueue.nope = "z"\n')
    async with settings_opened(services) as page:
        await page.to(KEYS)
        await page.until(lambda: page.row.value == "1 changed", "read")
        assert "1 line of keymap.toml cannot be used" in page.row.note
        await open_keys(page)
        await page.press("/", *"queue.cancel")
        await page.until(lambda: len(dialog(page).fields.field_ids) == 1, "found")
        text = page.text()

        assert "✗ queue.nope: no such action" in text
        assert "Ctrl+X" in text
        assert "yours, was c, x" in text


async def test_find_narrows_and_esc_goes_back_one_level(services: Services) -> None:
    async with settings_opened(services) as page:
        await open_keys(page)
        await page.press("/", *"theme", "enter")
        some = len(dialog(page).fields.field_ids)
        assert 0 < some < 20
        await page.press("escape")
        assert len(dialog(page).fields.field_ids) == len(ACTIONS)
        await page.press("/", *"qqqq")
        assert "No action has these words" in page.text()
        await page.press("escape", "escape")

        assert page.dialog == "SettingsScreen"


async def test_the_keys_of_a_list_move_and_copy(services: Services) -> None:
    async with settings_opened(services) as page:
        await open_keys(page)
        fields = dialog(page).fields
        for keys, at in (
            (("j",), 1), (("k",), 0), (("down",), 1), (("up",), 0), (("end",), -1), (("home",), 0), (("G",), -1),
        ):  # fmt: skip
            await page.press(*keys)
            assert fields.cursor == fields.field_ids[at], keys
        await page.press("home")
        for down, up in (("pagedown", "pageup"), ("ctrl+f", "ctrl+b"), ("ctrl+d", "ctrl+u")):
            await page.press(down)
            assert fields.cursor != fields.field_ids[0]
            await page.press(up)
            assert fields.cursor == fields.field_ids[0]
        await page.press("y")

        assert page.app.clipboard == fields.field_ids[0]
