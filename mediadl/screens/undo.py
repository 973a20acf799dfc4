"""The last change that can be taken back, for a few seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mediadl.errors import MediadlError
from mediadl.screens.notices import notify_error

if TYPE_CHECKING:
    from textual.app import App

UNDO_S = 10.0


@dataclass(frozen=True, slots=True)
class Offer:
    """A change and how to take it back."""

    text: str
    undo: Callable[[], str]
    until: float


class Undo:
    """Holds the newest offer; older ones are gone."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._offer: Offer | None = None

    def offer(self, text: str, undo: Callable[[], str]) -> None:
        """Remember how to take a change back."""
        self._offer = Offer(text, undo, self._clock() + UNDO_S)

    def take(self) -> Offer | None:
        """The offer that still stands, once."""
        offer, self._offer = self._offer, None
        return offer if offer is not None and self._clock() < offer.until else None

    @property
    def standing(self) -> bool:
        """Whether there is something to take back."""
        return self._offer is not None and self._clock() < self._offer.until

    def run(self, app: App[Any], then: Callable[[], None]) -> None:
        """Take it back in a thread, and call `then` on the loop."""
        offer = self.take()
        if offer is None:
            app.notify("There is nothing to undo.", timeout=3)
            return

        def work() -> None:
            try:
                said = offer.undo()
            except MediadlError as error:
                notify_error(app, error)
            else:
                app.notify(said, timeout=4, markup=False)
            app.call_later(then)

        app.clear_notifications()
        app.run_worker(work, thread=True, group="verbs", exit_on_error=False)
