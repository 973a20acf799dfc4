"""One registry of actions and a footer that knows: behaviours 5 and 6 of the terminal program."""

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
from mediadl.screens.commands import commands
from mediadl.service import Services
from terminal import scene
from terminal.anywhere import DIALOGS, NAMES, Dialog, fill, opened

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
