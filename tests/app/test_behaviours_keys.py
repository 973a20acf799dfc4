"""Keys, words and mouse, on every screen: behaviours 5 to 9 of the terminal program."""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter
from typing import Any

import pytest
from textual.binding import Binding
from textual.keys import _character_to_key
from textual.screen import Screen

import mediadl.screens
from mediadl.screens.actions import ACTIONS, IN_MODALS, Scope, actions_of
from mediadl.screens.actions.dialogs import JUMPS
from mediadl.screens.commands import commands
from mediadl.service import Services
from mediadl.widgets.form_list import FormList
from mediadl.widgets.window_table import WindowTable
from terminal import scene
from terminal.anywhere import DIALOGS, NAMES, Anywhere, Dialog, fill, opened

PALETTE_ITSELF = {"Commands", "Command line"}
"""Labels that a list of commands does not list."""


def screens() -> list[type[Screen[Any]]]:
    """Every screen and dialog of the program."""
    for module in pkgutil.walk_packages(mediadl.screens.__path__, "mediadl.screens."):
        importlib.import_module(module.name)
    found: list[type[Screen[Any]]] = []
    waiting = list(Screen.__subclasses__())
    while waiting:
        cls = waiting.pop()
        waiting += cls.__subclasses__()
        if cls.__module__.startswith("mediadl.") and getattr(cls, "SCOPES", None):
            found.append(cls)
    return sorted(set(found), key=lambda cls: cls.__name__)


SCREENS = screens()


def bound(cls: type[Screen[Any]]) -> list[Binding]:
    """Everything a screen binds."""
    return [one for many in cls._merge_bindings().key_to_bindings.values() for one in many]


# 5: one registry


@pytest.mark.parametrize("cls", SCREENS, ids=lambda cls: cls.__name__)
def test_behaviour_05_bindings_are_the_registry(cls: type[Screen[Any]]) -> None:
    def normal(key: str) -> str:
        return _character_to_key(key) if len(key) == 1 else key

    own = {(a.name, normal(key), a.label, a.help) for a in actions_of(cls.SCOPES[0]) for key in a.keys}  # type: ignore[attr-defined]
    lent = {(a.call, normal(key), a.label, a.help) for a in actions_of(Scope.APP) for key in a.keys}
    mine = {(one.action, one.key, one.description, one.tooltip) for one in bound(cls)}

    assert {one for one in mine if not one[0].startswith("app.")} == own
    assert {one for one in mine if one[0].startswith("app.")} <= lent
    assert {one[0].removeprefix("app.") for one in mine if one[0].startswith("app.")} <= IN_MODALS


def test_behaviour_05_every_scope_of_the_registry_has_a_screen() -> None:
    assert {action.scope for action in ACTIONS} == {cls.SCOPES[0] for cls in SCREENS} | {Scope.APP}  # type: ignore[attr-defined]


@pytest.mark.parametrize("cls", SCREENS, ids=lambda cls: cls.__name__)
def test_behaviour_05_a_key_means_one_thing(cls: type[Screen[Any]]) -> None:
    keys = Counter(key for action in actions_of(*cls.SCOPES) for key in action.keys)  # type: ignore[attr-defined]

    assert [key for key, number in keys.items() if number > 1] == []


@pytest.mark.parametrize("name", NAMES)
async def test_behaviour_05_help_palette_commands_and_footer_have_the_same_words(
    services: Services, name: str
) -> None:
    fill(services)
    async with opened(services, name, size=(200, 50)) as page:
        against = page.app.page.reasons()
        possible = [action for action in page.actions if action.id not in against]
        palette = {command.title: command.help for command in page.app.get_system_commands(page.app.screen)}
        typed = {command.help for command in commands(page.actions, against)}
        footer = page.footer
        await page.press("?")
        await page.opens("HelpDialog")
        listed: Any = page.app.screen

        assert listed.actions == page.actions
        assert palette == {
            f"{action.label} ({action.key_text})": action.help
            for action in possible
            if action.label not in PALETTE_ITSELF
        }
        assert typed <= {action.help for action in possible}
        assert typed >= {action.help for action in possible if action.label not in PALETTE_ITSELF} - {
            action.help for action in possible if action.name in {"jump", "suspend", "interrupt", "back"}
        }
        left = footer
        for action in sorted(possible, key=lambda action: -len(page.hint(action))):
            if action.weight:
                left = left.replace(page.hint(action), "")
        assert not left.strip()


@pytest.mark.parametrize("dialog", DIALOGS, ids=lambda dialog: dialog.name)
async def test_behaviour_05_a_dialog_says_only_words_of_the_registry(
    services: Services, dialog: Dialog
) -> None:
    from mediadl.widgets.key_bar import KeyBar

    ids = fill(services)
    async with opened(services, dialog.place, size=(160, 50)) as page:
        await page.open(dialog, ids)
        scopes = getattr(page.app.screen, "SCOPES", (Scope.APP,))
        words = {page.hint(action) for action in actions_of(*scopes, Scope.APP)}
        for bar in page.app.screen.query(KeyBar):
            left = bar.text
            for hint in sorted(words, key=len, reverse=True):
                left = left.replace(hint, "")
            assert left.strip() in {"", "go to"}, bar.text


@pytest.mark.parametrize(
    "dialog", [d for d in DIALOGS if d.name in {"DetailsDialog", "FileDetailsDialog", "LogLineDialog"}],
    ids=lambda dialog: dialog.name,
)  # fmt: skip
async def test_behaviour_05_help_in_a_dialog_is_about_the_dialog(services: Services, dialog: Dialog) -> None:
    ids = fill(services)
    async with opened(services, dialog.place) as page:
        await page.open(dialog, ids)
        scopes = page.app.screen.SCOPES  # type: ignore[attr-defined]
        await page.press("?")
        await page.opens("HelpDialog")

        assert page.app.screen.actions == actions_of(*scopes)  # type: ignore[attr-defined]
        await page.press("escape")
        await page.opens(dialog.name)


# 6: the footer knows what can be done


@pytest.mark.parametrize("filled", [True, False], ids=["filled", "empty"])
@pytest.mark.parametrize("name", NAMES)
async def test_behaviour_06_what_cannot_be_done_is_not_offered_and_says_why(
    services: Services, name: str, filled: bool
) -> None:
    if filled:
        fill(services)
    async with opened(services, name, size=(200, 50)) as page:
        own = {action.id: action for action in page.actions if action.scope is not Scope.APP}
        against = {key: why for key, why in page.app.page.reasons().items() if key in own}

        offered = [key for key in against if own[key].weight and page.hint(own[key]) in page.footer]
        silent = []
        for action_id, why in against.items():
            page.app.clear_notifications()
            await page.press(own[action_id].keys[0])
            if why not in page.toasts():
                silent.append(action_id)
            assert page.depth == 1

        assert offered == []
        assert silent == []


async def test_behaviour_06_retry_is_offered_for_a_failed_job_only(services: Services) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services, "queue", size=(200, 40)) as page:
        await page.go_to(ids[0])
        assert "Retry" not in page.footer
        await page.go_to(ids[13])
        assert "Retry" in page.footer


async def test_behaviour_06_an_empty_queue_offers_no_retry(services: Services) -> None:
    async with opened(services, "queue", size=(200, 40)) as page:
        assert "a Add" in page.footer
        assert "Retry" not in page.footer


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
        await page.press("escape")
        await page.until(lambda: page.depth == 1, "one level back")
        await page.pilot.pause()

        assert page.app.is_running
        assert page.place == dialog.place
        assert page.focus is focus


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
