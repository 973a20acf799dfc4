"""What the add dialog does about single items: filters, options, and the preview in which they are ticked."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.content import Content
from textual.screen import ModalScreen

from mediadl.errors import MediadlError
from mediadl.screens.dialogs.add_more import Chosen, MoreDialog
from mediadl.screens.notices import notify_error
from mediadl.security.text import safe_text
from mediadl.service import filtering

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mediadl.screens.dialogs.pick import Picked
    from mediadl.service import Services
    from mediadl.service.queue import AddOptions, Preview


class Choosing(ModalScreen[int], inherit_bindings=False):
    """The screen that builds on it knows the addresses and adds the jobs."""

    _services: Services

    def __init__(self) -> None:
        super().__init__()
        self.chosen = Chosen()
        """Filters and options of the platform, as text."""

    def found(self) -> Sequence[Preview]:
        """What the words typed so far would become."""
        raise NotImplementedError

    def _options(self) -> AddOptions:
        """Everything chosen."""
        raise NotImplementedError

    def add_picked(self, text: str, options: AddOptions) -> None:
        """Add one address with the items that were picked."""
        raise NotImplementedError

    def choice_changed(self) -> None:
        """Other filters or options hold now."""
        raise NotImplementedError

    def choice_line(self) -> Content:
        """What is chosen, in one line; nothing when there is nothing."""
        told = filtering.in_words(self.chosen.filters)
        told += [
            f"{name.replace('_', ' ')} {safe_text(text, limit=40)}"
            for name, text in self.chosen.limits.items()
        ]
        told += [f"{name}: {safe_text(text, limit=40)}" for name, text in self.chosen.options.items()]
        return Content.styled(f"Only: {'; '.join(told)}", "$text-accent") if told else Content("")

    def limited(self, options: AddOptions) -> AddOptions:
        """The options with how far the job goes, counted from now.

        Raises:
            InvalidInput: a limit cannot be used any more.
        """
        return replace(options, **filtering.limits(self.chosen.limits, time.time()))

    def action_more(self) -> None:
        """Choose filters and options."""
        platforms = {one.platform for one in self.found() if not one.error}
        platform = next(iter(platforms)) if len(platforms) == 1 else ""
        if platform != self._options_of:
            self.chosen = replace(self.chosen, options={})
            self._options_of = platform
        self.app.push_screen(MoreDialog(self._services, self.chosen, platform), self._have_chosen)

    _options_of = ""
    """Platform that the chosen options are of."""

    def _have_chosen(self, chosen: Chosen | None) -> None:
        if chosen is not None:
            self.chosen = chosen
            self.choice_changed()

    def action_repeat(self) -> None:
        """Make a schedule of the addresses instead of jobs."""
        from mediadl.screens.dialogs.schedule_editor import open_editor

        good = list(dict.fromkeys(one.text for one in self.found() if not one.error))
        if not good:
            self.notify("Type or paste an address first.", severity="warning", timeout=5)
            return

        def kept(_schedule_id: int) -> None:
            self.dismiss(0)

        open_editor(self.app, self._services, sources=good, then=kept)

    def action_preview(self) -> None:
        """List what the one address would give."""
        from mediadl.screens.dialogs.pick import PickDialog

        good = [one for one in self.found() if not one.error]
        if len(good) != 1:
            said = "A preview takes one address." if good else "Type or paste an address first."
            self.notify(said, severity="warning", timeout=5)
            return
        try:
            text, options = good[0].text, self.limited(self._options())
        except MediadlError as error:
            notify_error(self.app, error)
            return

        def picked(names: Picked | None) -> None:
            if names:
                self.add_picked(text, replace(options, pick=names))

        try:
            look = self._services.preview.begin(text, options)
        except MediadlError as error:
            notify_error(self.app, error)
            return
        self.app.push_screen(PickDialog(look), picked)
