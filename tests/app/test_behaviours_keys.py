"""Help, Esc, keys, mouse and words, on every screen: behaviours 7 to 9 of the terminal program."""

from __future__ import annotations

from collections import Counter

import pytest

from mediadl.screens.actions.dialogs import JUMPS
from mediadl.service import Services
from mediadl.widgets.form_list import FormList
from mediadl.widgets.window_table import WindowTable
from terminal.anywhere import DIALOGS, NAMES, Anywhere, Dialog, fill, opened

# 7: help, and Esc


@pytest.mark.parametrize("name", NAMES)
async def test_behaviour_07_help_and_esc_lead_back_to_the_same_place(services: Services, name: str) -> None:
    fill(services)
    async with opened(services, name) as page:
        await page.press("j", "j")
        before = (page.focus, page.depth, page.cursor_id)
        await page.press("?")
        await page.opens("HelpDialog")
        await page.press("escape")
        await page.until(lambda: page.depth == 1, "back")
        await page.pilot.pause()

        assert (page.focus, page.depth, page.cursor_id) == before
        assert page.focus is not None


@pytest.mark.parametrize("name", NAMES)
async def test_behaviour_07_esc_never_quits(services: Services, name: str) -> None:
    fill(services)
    async with opened(services, name) as page:
        for _ in range(6):
            await page.press("escape")

        assert page.app.is_running
        assert page.place == name
        assert page.depth == 1


@pytest.mark.parametrize("dialog", DIALOGS, ids=lambda dialog: dialog.name)
async def test_behaviour_07_esc_leaves_a_dialog_by_one_level(services: Services, dialog: Dialog) -> None:
    ids = fill(services)
    async with opened(services, dialog.place) as page:
        await page.show(dialog.place)
        focus = page.focus
        await page.open(dialog, ids)
        depth = page.depth
        await page.press("escape")
        await page.until(lambda: page.depth == depth - 1, "one level back")
        await page.pilot.pause()

        assert page.app.is_running
        assert page.place == dialog.place
        assert page.focus is focus or page.depth > 1


# 8: keys and mouse are equals


@pytest.mark.parametrize("name", NAMES)
async def test_behaviour_08_letters_arrows_and_clicks_move_the_same_way(
    services: Services, name: str
) -> None:
    fill(services)
    async with opened(services, name) as page:
        await page.press("home")
        first = page.cursor_id
        visited = {}
        for way in ("j", "down"):
            await page.press("home", way)
            visited[way] = page.cursor_id
        await page.press("home")
        await click_row(page, 1)
        visited["click"] = page.cursor_id
        for back in ("k", "up"):
            await page.press(back)
            visited[back] = page.cursor_id
            await page.press("j")

        assert visited["j"] == visited["down"] == visited["click"] != first
        assert visited["k"] == visited["up"] == first


@pytest.mark.parametrize("name", NAMES)
async def test_behaviour_08_pages_halves_and_ends(services: Services, name: str) -> None:
    fill(services)
    async with opened(services, name, size=(80, 24)) as page:
        await page.press("home")
        first = page.cursor_id
        await page.press("G")
        last = page.cursor_id
        ends = []
        for key in ("end", "home"):
            await page.press(key)
            ends.append(page.cursor_id)
        for down, up in (("pagedown", "pageup"), ("ctrl+d", "ctrl+u"), ("ctrl+f", "ctrl+b")):
            await page.press(down)
            assert page.cursor_id != first, down
            await page.press(up)
            assert page.cursor_id == first, up
        await page.press("G")
        await page.press("g", "g")
        await page.until(lambda: page.cursor_id == first, "g g leads to the top")

        assert ends == [last, first]
        assert first != last


@pytest.mark.parametrize("name", ["queue", "history", "logs", "settings"])
async def test_behaviour_08_the_wheel_scrolls_and_leaves_the_cursor(services: Services, name: str) -> None:
    fill(services)
    async with opened(services, name, size=(80, 24)) as page:
        await page.press("home")
        before, top = page.cursor_id, page.rows.scroll_offset.y
        await page.scroll(2)
        await page.until(lambda: page.rows.scroll_offset.y > top, "scrolled")
        assert page.cursor_id == before
        await page.scroll(-2)
        await page.until(lambda: page.rows.scroll_offset.y == top, "scrolled back")


@pytest.mark.parametrize("name", ["dashboard", "queue", "scheduler", "history", "logs"])
async def test_behaviour_08_a_double_click_does_what_enter_does(services: Services, name: str) -> None:
    fill(services)
    async with opened(services, name) as page:
        await page.press("home", "enter")
        await page.until(lambda: page.depth == 2, "Enter opens")
        by_key = page.dialog
        await page.press("escape")
        await page.until(lambda: page.depth == 1, "closed")
        await click_row(page, 0, times=2)
        await page.until(lambda: page.depth == 2, "a double click opens")

        assert page.dialog == by_key


@pytest.mark.parametrize("name", NAMES)
async def test_behaviour_08_a_right_click_offers_actions_of_the_registry(
    services: Services, name: str
) -> None:
    from textual.widgets import OptionList

    fill(services)
    async with opened(services, name) as page:
        await page.press("home")
        labels = {action.name: action.label for action in page.actions}
        against = page.app.page.reasons()
        scope = page.app.page.SCOPES[0]
        await click_row(page, 0, button=3)
        await page.opens("MenuDialog")
        menu = page.app.screen.query_one(OptionList)
        offered = {str(option.id): str(option.prompt) for option in menu.options}

        assert offered
        for action, text in offered.items():
            assert labels[action] in text
            assert f"{scope}.{action}" not in against


async def click_row(page: Anywhere, index: int, *, times: int = 1, button: int = 1) -> None:
    """Click on the n-th row of the list from the top."""
    rows = page.rows
    if isinstance(rows, FormList):
        y = [n for n in range(rows.size.height) if (line := rows._line(n)) and line.row.id and not line.part][
            index
        ]
    else:
        assert isinstance(rows, WindowTable)
        y = index + 1
    await page.pilot.click(rows, offset=(6, y), times=times, button=button)
    await page.pilot.pause()


# 9: words narrow, two keys lead anywhere


@pytest.mark.parametrize(
    ("name", "words"), [("queue", "glue"), ("history", "017"), ("logs", "failed"), ("settings", "theme")]
)
async def test_behaviour_09_words_narrow_with_a_count_and_esc_restores(
    services: Services, name: str, words: str
) -> None:
    from mediadl.widgets.filter_bar import FilterLine

    def number(page: Anywhere) -> int:
        rows = page.rows
        return len(rows.field_ids) if isinstance(rows, FormList) else rows.total

    fill(services)
    async with opened(services, name) as page:
        await page.until(lambda: number(page) > 1, "everything")
        everything = number(page)
        await page.press("/", *words)
        await page.until(lambda: 0 < number(page) < everything, "fewer")
        found = number(page)
        line = page.app.page.query_one("#filter", FilterLine)
        await page.until(lambda: f"{found} of" in page.lines()[line.region.y], "the count")
        assert words in page.lines()[line.region.y]
        await page.press("escape")
        await page.until(lambda: not line.is_open, "closed")
        # The settings go back to one tab, that of what was found
        await page.until(lambda: number(page) == everything or name == "settings", "everything again")


def test_behaviour_09_letters_after_g_are_unique() -> None:
    letters = Counter(letter for _, letter, _ in JUMPS)

    assert max(letters.values()) == 1
    assert set(NAMES) <= {name for name, _, _ in JUMPS}


@pytest.mark.parametrize(("name", "letter"), [(name, key) for name, key, _ in JUMPS if name in NAMES])
async def test_behaviour_09_two_keys_lead_to_any_screen(services: Services, name: str, letter: str) -> None:
    async with opened(services, "settings" if name != "settings" else "queue") as page:
        await page.press("g")
        await page.press(letter)

        await page.until(lambda: page.place == name, name)


@pytest.mark.parametrize("name", NAMES)
async def test_behaviour_09_the_command_line_completes(services: Services, name: str) -> None:
    from textual.widgets import Input

    async with opened(services, name) as page:
        await page.press(":", "h", "e", "l", "tab")
        assert page.app.screen.query_one(Input).value == "help "
        await page.press("enter")
        await page.opens("HelpDialog")
