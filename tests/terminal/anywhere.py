"""Any main screen as a test sees it, over a data folder in which every screen has something to show."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual import events
from textual.geometry import Region
from textual.widget import Widget

from mediadl.app import MediadlApp
from mediadl.models import JobStatus
from mediadl.screens.actions import Action, actions_of, key_word
from mediadl.screens.pages import PLACES
from mediadl.service import Services
from mediadl.widgets.form_list import FormList
from mediadl.widgets.key_bar import KeyBar
from mediadl.widgets.window_table import WindowTable
from terminal import archive, history_page, plans, scene
from terminal.page import Page

NAMES = [place.name for place in PLACES]
"""Every main screen."""

KEYS = {name: str(number) for number, name in enumerate(NAMES, 1)}
"""The key of each."""


@dataclass(frozen=True, slots=True)
class Dialog:
    """How a dialog is opened: where, from which row, by which keys."""

    name: str
    place: str
    keys: tuple[str, ...]
    job: int | None = None
    """Index in `scene.EVERYDAY` of the row it is opened on."""


DIALOGS: tuple[Dialog, ...] = (
    Dialog("AddDialog", "queue", ("a",)),
    Dialog("DetailsDialog", "queue", ("enter",), 13),
    Dialog("ConfirmDialog", "queue", ("d",), 13),
    Dialog("MenuDialog", "queue", ("s",)),
    Dialog("SessionDialog", "queue", ("i",), 9),
    Dialog("JumpDialog", "dashboard", ("g",)),
    Dialog("CommandDialog", "dashboard", (":",)),
    Dialog("HelpDialog", "dashboard", ("?",)),
    Dialog("ThemeDialog", "dashboard", ("ctrl+t",)),
    Dialog("CommandPalette", "dashboard", ("ctrl+p",)),
    Dialog("MomentDialog", "scheduler", ("t",)),
    Dialog("ScheduleDialog", "scheduler", ("G", "enter")),
    Dialog("ScheduleEditor", "scheduler", ("G", "e")),
    Dialog("SourcesDialog", "scheduler", ("n",)),
    Dialog("RuleDialog", "scheduler", ("G", "e", "w")),
    Dialog("FileDetailsDialog", "history", ("enter",)),
    Dialog("DeleteFilesDialog", "history", ("d",)),
    Dialog("ViewerDialog", "history", ("home", "j", "i")),
    Dialog("ExportDialog", "history", ("e",)),
    Dialog("LogLineDialog", "logs", ("enter",)),
    Dialog("PromptDialog", "logs", ("B",)),
)
"""Dialogs of every kind; those that need more than keys have tests of their own."""


class Anywhere(Page):
    """One of the main screens in front."""

    @property
    def place(self) -> str:
        return self.app.current_mode

    @property
    def rows(self) -> WindowTable[Any] | FormList:
        """The list that the keys move in."""
        page: Any = self.app.page
        found = page.table if hasattr(page, "table") else page.form.fields
        assert isinstance(found, WindowTable | FormList)
        return found

    @property
    def cursor_id(self) -> object:
        """What is under the cursor, by its id."""
        rows = self.rows
        if isinstance(rows, FormList):
            return rows.cursor
        return None if rows.current is None else rows._key(rows.current)

    @property
    def footer(self) -> str:
        """What the screen's own key bar says."""
        return self.app.page.query_one("#keys", KeyBar).text

    @property
    def hints(self) -> list[str]:
        """What that bar has room for."""
        text = self.footer
        return [hint for hint in map(self.hint, self.actions) if hint in text]

    @property
    def depth(self) -> int:
        return len(self.app.screen_stack)

    @property
    def focus(self) -> Widget | None:
        return self.app.screen.focused

    @property
    def actions(self) -> list[Action]:
        """Everything that exists here, possible now or not."""
        return actions_of(*self.app.page.SCOPES)

    def hint(self, action: Action) -> str:
        """An action as a key bar words it."""
        return f"{key_word(action.keys[0])} {action.label}"

    async def show(self, place: str) -> None:
        """Go there and wait for its content."""
        await self.pilot.press(KEYS[place])
        await self.until(lambda: self.place == place and self.app.page.is_attached, place)
        await self.loaded()

    async def loaded(self) -> None:
        """Wait for the rows of the screen in front."""
        rows = self.rows
        if isinstance(rows, FormList):
            await self.until(lambda: rows.field_ids, "the fields")
        else:
            await self.until(lambda: rows.loaded, "the first window")
            await self.until(lambda: rows.current is not None or not rows.total, "the first rows")
        await self.pilot.pause()

    async def open(self, dialog: Dialog, ids: Sequence[int]) -> None:
        """Open a dialog over its screen."""
        await self.show(dialog.place)
        if dialog.job is not None:
            await self.go_to(ids[dialog.job])
        await self.press(*dialog.keys)
        await self.opens(dialog.name)

    async def paste(self, text: str) -> None:
        self.app.post_message(events.Paste(text))
        await self.pilot.pause()

    async def scroll(self, lines: int) -> None:
        """Turn the wheel over the list: down for positive numbers."""
        x, y = self.rows.content_region.offset
        kind = events.MouseScrollDown if lines > 0 else events.MouseScrollUp
        for _ in range(abs(lines)):
            await self.pilot._post_mouse_events([kind], offset=(x + 5, y + 3))
        await self.pilot.pause()

    def shown(self, widget: Widget) -> Region:
        """The part of a widget that is inside the window."""
        return widget.region.intersection(self.app.screen.region)


def fill(services: Services, folder: Path | None = None) -> list[int]:
    """Something for every screen; returns the ids of the jobs of `scene.EVERYDAY`.

    Args:
        services: of an empty data folder.
        folder: where stored files lie; without one they are only in the history.
    """
    ids = scene.write(services, scene.EVERYDAY)
    history_page.fill(services, 60, folder=folder)
    archive.log(services)
    scene.log_lines(services, ids[0], 60)
    scene.write(services, PLANNED)
    now = time.time()
    plans.write(services, plans.far(now), now=now)
    return ids


PLANNED: tuple[scene.Part, ...] = tuple(
    scene.Part(
        f"Planned recording {n}",
        f"https://radio.example/{n}",
        "generic",
        JobStatus.SCHEDULED,
        due_s=7200.0 + n,
    )
    for n in range(4)
)


@asynccontextmanager
async def opened(
    services: Services, place: str = "queue", size: tuple[int, int] = (120, 40)
) -> AsyncIterator[Anywhere]:
    """The app with a screen in front and its content loaded."""
    app = MediadlApp(services)
    async with app.run_test(size=size, notifications=True) as pilot:
        page = Anywhere(app, pilot)
        await page.until(lambda: app.screen_stack and app.page.is_attached, "the first screen")
        await page.show(place)
        yield page
