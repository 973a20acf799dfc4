"""Keys typed while a dialog opens or closes do what they would have done a moment later."""

from __future__ import annotations

import asyncio
from typing import ClassVar

import pytest
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from mediadl.screens.keys_in_order import KeyPassed, KeysInOrder

WORDS = "https://www.tiktok.com"
NAMES = {":": "colon", "/": "slash", ".": "full_stop"}


class Dialog(ModalScreen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss")]

    def compose(self) -> ComposeResult:
        with Vertical(), Vertical(), Vertical():
            yield Input()


class List(Static, can_focus=True):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("a", "add")]

    def action_add(self) -> None:
        self.app.push_screen(Dialog())


class Deaf(Static, can_focus=True):
    """Loses every key, as a widget does that is closed with some in its hands."""

    def post_message(self, message: Message) -> bool:
        return isinstance(message, events.Key | KeyPassed) or super().post_message(message)


class Typed(KeysInOrder):
    def compose(self) -> ComposeResult:
        with Vertical(), Vertical(), Vertical(), Vertical():
            yield List("a list")

    def on_mount(self) -> None:
        self.query_one(List).focus()


async def type_at_once(app: Typed, keys: list[str], turns: int) -> None:
    """Press keys, with so many turns of the loop between them."""
    for key in keys:
        character = key if len(key) == 1 else None
        app.post_message(events.Key(NAMES.get(key, key), character))
        for _ in range(turns):
            await asyncio.sleep(0)


@pytest.mark.parametrize("turns", range(24))
async def test_letters_typed_while_a_dialog_opens_arrive_in_order(turns: int) -> None:
    app = Typed()
    async with app.run_test() as pilot:
        await pilot.pause()
        await type_at_once(app, ["a", *WORDS], turns)
        await pilot.pause()
        await pilot.pause()
        assert app.screen.query_one(Input).value == WORDS


@pytest.mark.parametrize("turns", range(24))
async def test_a_dialog_is_left_and_opened_again_in_one_breath(turns: int) -> None:
    app = Typed()
    async with app.run_test() as pilot:
        await pilot.pause()
        await type_at_once(app, ["a", *"first", "escape", "a", *"second"], turns)
        async with asyncio.timeout(10):
            while not (fields := app.screen.query(Input)) or fields.first().value != "second":
                await pilot.pause()
        assert len(app.screen_stack) == 2


async def test_a_key_behind_one_that_was_lost_with_its_widget_is_used_all_the_same() -> None:
    app = Typed()
    async with app.run_test() as pilot:
        await pilot.pause()
        deaf = Deaf()
        await app.mount(deaf)
        deaf.focus()
        await type_at_once(app, ["x"], 9)
        app.query_one(List).focus()
        await type_at_once(app, ["a"], 0)
        async with asyncio.timeout(10):
            while not app.screen.query(Input):
                await pilot.pause()
