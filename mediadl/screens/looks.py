"""Colours and keys as the user wants them: taken from the settings, kept there when they change."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeVar

from textual.app import InvalidThemeError

from mediadl.errors import MediadlError
from mediadl.screens.actions import Keymap
from mediadl.screens.notices import notify_error
from mediadl.security.text import safe_lines, safe_text

if TYPE_CHECKING:
    from textual.app import App

    from mediadl.service import Services

T = TypeVar("T")

_KEY_TROUBLES = 4


class Looks:
    """On the loop."""

    def __init__(self, app: App[Any], services: Services) -> None:
        self._app = app
        self._settings = services.settings
        self._known = ""

    def interface(self, name: str, default: T) -> T:
        """A setting of the section; reading the schema doubles the time to the first paint, so only where needed."""
        file = self._settings.file
        untouched = not file.exists() or "interface" not in file.read_text("utf-8", "replace")
        if untouched and not any(variable.startswith("MEDIADL_INTERFACE__") for variable in os.environ):
            return default
        value: T = getattr(self._settings.values().interface, name)
        return value

    def take_theme(self) -> None:
        """Show the theme of the settings, and keep every other that is chosen from now on."""
        app = self._app
        wanted = self.interface("theme", app.theme)
        try:
            if wanted != app.theme:
                app.theme = wanted
        except InvalidThemeError:
            self._refuse(wanted)
        self._known = app.theme
        app.theme_changed_signal.subscribe(app, lambda _theme: self.keep_theme())

    def show_theme(self, name: str) -> None:
        """Show a theme that is kept already; one that does not exist is left alone."""
        if name in self._app.available_themes and name != self._app.theme:
            self._known = self._app.theme = name

    def choose_theme(self, name: str) -> None:
        """Show and keep a theme by its name."""
        if name in self._app.available_themes:
            self._app.theme = name
        else:
            self._refuse(name)

    def keep_theme(self) -> None:
        """Write down the theme that is shown, unless it is only tried on."""
        app = self._app
        if app.theme == self._known or getattr(app.screen, "PREVIEWS", False):
            return
        self._known = chosen = app.theme

        def work() -> None:
            try:
                self._settings.set("interface.theme", chosen)
            except MediadlError as error:
                notify_error(app, error)

        app.run_worker(work, thread=True, group="verbs", exit_on_error=False)

    def take_keys(self) -> Keymap:
        """The user's own keys, if there is a file of them; says which of its lines do not count."""
        if not self._settings.keymap_file.exists():
            return {}
        from mediadl.screens.settings_keys import known

        found = self._settings.keymap(known())
        self._app.set_keymap({name: ",".join(keys) for name, keys in found.keys.items()})
        if found.troubles:
            said = safe_lines("\n".join(found.troubles[:_KEY_TROUBLES]), limit=600)
            self._app.notify(said, title="keymap.toml", severity="warning", timeout=15, markup=False)
        return found.keys

    def _refuse(self, name: str) -> None:
        self._app.notify(
            f"There is no theme {safe_text(name, limit=40)!r}.\nChoose one with Ctrl+T.",
            title="Theme", severity="warning", markup=False,
        )  # fmt: skip
