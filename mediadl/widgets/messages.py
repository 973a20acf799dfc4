"""A message of which only the newest counts."""

from __future__ import annotations

from textual.message import Message


class Newest(Message):
    """Takes the place of one of its kind that still waits in the queue, so that a flood becomes one."""

    def can_replace(self, message: Message) -> bool:
        """Whether it may take the place of `message`."""
        return type(message) is type(self)
