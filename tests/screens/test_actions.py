"""One list of actions feeds keys, help, palette and footer."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from textual.binding import Binding
from textual.screen import Screen

from mediadl.app import MediadlApp
from mediadl.screens.actions import ACTIONS, Action, Scope, actions_of, hints, key_word
from mediadl.screens.dashboard import DashboardScreen
from mediadl.screens.dialogs.add import AddDialog
from mediadl.screens.dialogs.add_more import MoreDialog
from mediadl.screens.dialogs.command import CommandDialog
from mediadl.screens.dialogs.confirm import ConfirmDialog
from mediadl.screens.dialogs.delete_files import DeleteFilesDialog
from mediadl.screens.dialogs.details import DetailsDialog
from mediadl.screens.dialogs.file_details import FileDetailsDialog
from mediadl.screens.dialogs.help import HelpDialog
from mediadl.screens.dialogs.jump import JumpDialog
from mediadl.screens.dialogs.keymap import KeymapDialog
from mediadl.screens.dialogs.menu import MenuDialog
from mediadl.screens.dialogs.moment import MomentDialog
from mediadl.screens.dialogs.pick import PickDialog
from mediadl.screens.dialogs.schedule import ScheduleDialog
from mediadl.screens.dialogs.schedule_editor import ScheduleEditor
from mediadl.screens.dialogs.schedule_rule import RuleDialog
from mediadl.screens.dialogs.schedule_sources import SourcesDialog
from mediadl.screens.dialogs.session import SessionDialog
from mediadl.screens.dialogs.themes import ThemeDialog
from mediadl.screens.dialogs.unsaved import UnsavedDialog
from mediadl.screens.dialogs.viewer import ViewerDialog
from mediadl.screens.history import HistoryScreen
from mediadl.screens.lock import LockScreen
from mediadl.screens.logs import LogsScreen
from mediadl.screens.logs_dialogs import LogLineDialog, PromptDialog
from mediadl.screens.queue import QueueScreen
from mediadl.screens.scheduler import SchedulerScreen
from mediadl.screens.settings import SettingsScreen
from mediadl.service import Services
from terminal import scene
from terminal.page import Page, opened

SCREENS: dict[Scope, type[Screen[Any]] | type[MediadlApp]] = {
    Scope.DASHBOARD: DashboardScreen,
    Scope.QUEUE: QueueScreen,
    Scope.SCHEDULER: SchedulerScreen,
    Scope.TIME: MomentDialog,
    Scope.SCHEDULE: ScheduleDialog,
    Scope.EDITOR: ScheduleEditor,
    Scope.RULE: RuleDialog,
    Scope.SOURCES: SourcesDialog,
    Scope.SETTINGS: SettingsScreen,
    Scope.UNSAVED: UnsavedDialog,
    Scope.THEMES: ThemeDialog,
    Scope.KEYS: KeymapDialog,
    Scope.HISTORY: HistoryScreen,
    Scope.FILE: FileDetailsDialog,
    Scope.DELETE_FILES: DeleteFilesDialog,
    Scope.LOGS: LogsScreen,
    Scope.LOG_LINE: LogLineDialog,
    Scope.PROMPT: PromptDialog,
    Scope.LOCK: LockScreen,
    Scope.ADD: AddDialog,
    Scope.MORE: MoreDialog,
    Scope.PICK: PickDialog,
    Scope.DETAILS: DetailsDialog,
    Scope.VIEWER: ViewerDialog,
    Scope.CONFIRM: ConfirmDialog,
    Scope.SESSION: SessionDialog,
    Scope.MENU: MenuDialog,
    Scope.HELP: HelpDialog,
    Scope.JUMP: JumpDialog,
    Scope.COMMAND: CommandDialog,
    Scope.APP: MediadlApp,
}


def bound(scope: Scope) -> set[tuple[str, str]]:
    """(action, key) of everything a screen binds itself."""
    found = set()
    for keys, binding in SCREENS[scope]._merge_bindings().key_to_bindings.items():
        found |= {(one.action, keys) for one in binding}
    return found


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_every_action_has_a_method_where_it_is_bound(action: Action) -> None:
    assert callable(getattr(SCREENS[action.scope], f"action_{action.name}"))


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_every_action_says_what_it_does(action: Action) -> None:
    assert action.label
    assert action.help.endswith(".")
    assert action.keys


def test_ids_are_unique() -> None:
    assert [name for name, n in Counter(action.id for action in ACTIONS).items() if n > 1] == []


@pytest.mark.parametrize(
    "scopes",
    [(Scope.QUEUE, Scope.APP), (Scope.DETAILS,), (Scope.ADD,), (Scope.MORE,), (Scope.PICK,), (Scope.HELP,)],
)
def test_a_key_means_one_thing(scopes: tuple[Scope, ...]) -> None:
    keys = Counter(key for action in actions_of(*scopes) for key in action.keys)

    assert [key for key, n in keys.items() if n > 1] == []


@pytest.mark.parametrize("scope", list(SCREENS))
def test_bindings_are_exactly_the_registry(scope: Scope) -> None:
    from textual.keys import _character_to_key

    def normal(key: str) -> str:
        return _character_to_key(key) if len(key) == 1 else key

    own = {(action.name, normal(key)) for action in actions_of(scope) for key in action.keys}
    lent = {(action, key) for action, key in bound(scope) if action.startswith("app.")}

    assert bound(scope) - lent == own
    assert {action for action, _ in lent} <= {action.call for action in actions_of(Scope.APP)}


async def palette(page: Page) -> set[str]:
    return {command.title.rsplit(" (", 1)[0] for command in page.app.get_system_commands(page.app.screen)}


async def test_help_and_palette_list_the_actions_of_the_screen(services: Services) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await page.go_to(ids[0])
        expected = {action.id for action in actions_of(Scope.QUEUE, Scope.APP)}
        against = set(page.queue.reasons())
        offered = await palette(page)
        await page.press("?")
        shown = {action.id for action in page.app.screen.actions}  # type: ignore[attr-defined]

        assert shown == expected
        names = {a.label for a in actions_of(Scope.QUEUE, Scope.APP) if a.id not in against}
        assert offered == names - {"Commands", "Command line"}


async def test_the_help_is_about_the_dialog_it_is_asked_in(services: Services) -> None:
    scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await page.press("enter")
        await page.until(lambda: page.dialog == "DetailsDialog", "details")
        await page.press("?")

        assert {action.scope for action in page.app.screen.actions} == {Scope.DETAILS}  # type: ignore[attr-defined]
        await page.press("escape")
        assert page.dialog == "DetailsDialog"


async def test_footer_leaves_out_what_cannot_be_done(services: Services) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services, size=(200, 40)) as page:
        footer = page.queue.query_one("#keys")
        await page.go_to(ids[0])
        on_active = footer.text  # type: ignore[attr-defined]
        await page.go_to(ids[13])
        on_failed = footer.text  # type: ignore[attr-defined]

    assert "Retry" not in on_active
    assert "Cancel" in on_active
    assert "Retry" in on_failed
    assert "Cancel" not in on_failed


async def test_footer_of_an_empty_queue_offers_to_add(services: Services) -> None:
    async with opened(services, size=(200, 40)) as page:
        text = page.queue.query_one("#keys").text  # type: ignore[attr-defined]

    assert "a Add" in text
    assert "Retry" not in text
    assert "Cancel" not in text


async def test_a_key_that_cannot_work_says_why(services: Services) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await page.go_to(ids[15])
        await page.press("c")

        await page.until(lambda: "nothing to cancel" in page.toasts(), "the reason")


async def test_palette_runs_an_action(services: Services) -> None:
    scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await page.press("ctrl+p")
        await page.until(lambda: page.dialog == "CommandPalette", "the palette")
        await page.press(*"reverse")
        await page.until(lambda: "Reverse" in page.text(), "the command")
        await page.press("enter")
        await page.until(lambda: page.dialog == "QueueScreen", "the palette is closed")
        await page.until(lambda: page.queue._query.descending, "the order is reversed")


async def test_footer_runs_an_action_when_clicked(services: Services) -> None:
    scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        bar = page.queue.query_one("#keys")
        await page.pilot.click(bar, offset=(2, 0))

        await page.until(lambda: page.dialog == "AddDialog", "the add dialog")


def test_keys_are_written_as_on_a_keyboard() -> None:
    words = [
        key_word(key) for key in ("ctrl+p", "enter", "a", "K", "?", "+", "-", "ctrl+up", "shift+tab", "f1")
    ]

    assert words == ["Ctrl+P", "Enter", "a", "K", "?", "+", "-", "Ctrl+↑", "Shift+Tab", "F1"]


def test_hints_begin_with_the_most_important() -> None:
    labels = [hint.label for hint in hints((Scope.QUEUE, Scope.APP), {"app.undo": "nothing to undo"})]

    assert labels[:3] == ["Add", "Help", "Details"]


def test_every_binding_can_be_changed_by_a_keymap() -> None:
    for cls in SCREENS.values():
        for bindings in cls._merge_bindings().key_to_bindings.values():
            for binding in bindings:
                assert isinstance(binding, Binding)
                assert binding.id
