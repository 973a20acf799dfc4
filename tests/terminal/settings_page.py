"""The Settings screen as a test sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mediadl.app import MediadlApp
from mediadl.screens.settings import SettingsScreen
from mediadl.service import Services
from mediadl.settings.kinds import Tab
from mediadl.widgets.form_list import FormRow
from terminal.page import Page


class SettingsPage(Page):
    """The app with the Settings screen in front."""

    @property
    def settings(self) -> SettingsScreen:
        return next(screen for screen in self.app.screen_stack if isinstance(screen, SettingsScreen))

    @property
    def cursor(self) -> str:
        return self.settings.form.fields.cursor

    @property
    def row(self) -> FormRow:
        row = self.settings.form.fields.current
        assert row is not None
        return row

    def row_of(self, key: str) -> FormRow:
        return next(row for row in self.settings.form.fields.rows if row.id == key)

    @property
    def ids(self) -> list[str]:
        return list(self.settings.form.fields.field_ids)

    @property
    def unsaved(self) -> dict[str, str | None]:
        return self.settings.drafts.changes()

    async def to(self, key: str) -> None:
        """Put the cursor on a setting, on its tab."""
        setting = self.settings.drafts.setting(key)
        tab = (
            setting.tab
            if setting is not None
            else Tab.PLATFORMS
            if key.startswith("login")
            else Tab.INTERFACE
        )
        self.settings.action_show_tab(tab.value)
        self.settings.form.fields.move_to(key)
        await self.pilot.pause()
        assert self.cursor == key

    async def type_over(self, text: str) -> None:
        """Put another text in the place of the one being edited."""
        self.settings.form.editor.value = ""
        await self.press(*[{" ": "space"}.get(letter, letter) for letter in text])

    async def judged(self) -> str:
        """What is said of the text being typed; empty: nothing is wrong."""

        def known() -> bool:
            live = self.settings.live
            return live is not None and live[1].text == self.settings.form.text

        await self.until(known, "the verdict")
        assert self.settings.live is not None
        return self.settings.live[1].trouble


@asynccontextmanager
async def settings_opened(
    services: Services, size: tuple[int, int] = (100, 40)
) -> AsyncIterator[SettingsPage]:
    """The app with the Settings screen loaded."""
    app = MediadlApp(services)
    async with app.run_test(size=size, notifications=True) as pilot:
        page = SettingsPage(app, pilot)
        await app.go("settings")
        await page.until(lambda: page.settings.form.fields.field_ids, "the settings")
        await pilot.pause()
        yield page
