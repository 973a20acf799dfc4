"""Keys in the order they were typed, however fast: each does what it would have done a moment later."""

from __future__ import annotations

from collections import deque
from functools import partial

from textual import events
from textual.app import App
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, TextArea

_PATIENCE_S = 0.5
"""A widget that was closed with a key in its hands never says that the key has passed."""


class KeyPassed(Message):
    """Follows a key through the same queues: when it is here, nothing is left of the key."""


class KeysInOrder(App[int]):
    """An app in which a key waits until the one before it was used.

    A key goes to the widget that has the focus when it arrives, and its action runs only after it has come up to the
    app. Typed in one breath, the letters behind it would go to the old widget, and some of them overtake the others.
    """

    def __init__(self) -> None:
        super().__init__()
        self._under_way: KeyPassed | None = None
        self._typed_ahead: deque[events.Key | events.Paste] = deque()

    async def on_event(self, event: events.Event) -> None:
        """Handle an event; a key or a paste when its turn has come."""
        if not isinstance(event, events.Key | events.Paste):
            await super().on_event(event)
        elif event.is_forwarded:
            await self._take_back(event)
        elif self._under_way is None:
            await self._give(event)
        else:
            self._typed_ahead.append(event)
            if len(self._typed_ahead) == 1:
                self._be_patient()

    async def _give(self, event: events.Key | events.Paste) -> None:
        to = self.focused or self.screen
        await super().on_event(event)
        if _is_kept(event, to) or not event.is_forwarded:
            return
        passed = KeyPassed()
        if to.post_message(passed):
            self._under_way = passed

    async def _take_back(self, event: events.Key | events.Paste) -> None:
        field = self.focused
        # One that comes up while a field has the focus was meant for it
        if isinstance(event, events.Key) and field is not None and _is_kept(event, field):
            field.post_message(event)
        else:
            await super().on_event(event)

    async def _on_key_passed(self, message: KeyPassed) -> None:
        await self._go_on(message)

    async def _go_on(self, passed: KeyPassed) -> None:
        if passed is self._under_way:
            self._under_way = None
            while self._typed_ahead and self._under_way is None:
                await self._give(self._typed_ahead.popleft())
            if self._typed_ahead:
                self._be_patient()

    def _be_patient(self) -> None:
        if self._under_way is not None:
            self.set_timer(_PATIENCE_S, partial(self._go_on, self._under_way))


def _is_kept(event: events.Key | events.Paste, to: Widget) -> bool:
    """Whether it goes no further: a text field keeps every letter for itself, and its queue has them in order."""
    return isinstance(to, Input | TextArea) and (isinstance(event, events.Paste) or event.is_printable)
