"""Letters that were typed in one breath with the key that opened a text field."""

from __future__ import annotations

from textual import events
from textual.app import App
from textual.widgets import Input, TextArea


class LateKeys(App[int]):
    """An app that gives such letters to the field.

    A key goes to the widget that has the focus when it arrives, and its action runs only after it has come up to the
    app. Letters behind it in a paste, or over a slow line, were given to the old widget by then. A text field keeps
    every letter for itself: one that comes up while a field has the focus was meant for it.
    """

    async def on_event(self, event: events.Event) -> None:
        """Handle an event, or pass a late letter on."""
        if isinstance(event, events.Key) and event.is_forwarded and event.is_printable:
            field = self.focused
            if isinstance(field, Input | TextArea):
                field.post_message(event)
                return
        await super().on_event(event)
