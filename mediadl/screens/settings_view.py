"""What the Settings screen shows: read in a thread, laid out as rows without one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mediadl.errors import MediadlError
from mediadl.models import Session
from mediadl.screens.settings_keys import known
from mediadl.security.text import safe_text
from mediadl.settings.drafts import Drafts
from mediadl.settings.keymap import Keymap
from mediadl.settings.kinds import Setting, Sheet, Tab
from mediadl.widgets.form_list import FormRow
from mediadl.widgets.setting_text import Verdict, field_row, keys_row, login_row

if TYPE_CHECKING:
    from mediadl.service import Services

_LOGINS_HELP = "Cookies of a browser, for what only members see."
_KEYS_HELP = "What every key does."


@dataclass(frozen=True, slots=True)
class SettingsView:
    """Everything read."""

    sheet: Sheet | None
    """`None`: the settings cannot be read."""
    trouble: str = ""
    sites: tuple[str, ...] = ()
    """Platforms that can have a login."""
    sessions: tuple[Session, ...] = ()
    keymap: Keymap = field(default_factory=Keymap)


class SettingsReader:
    """Reads what changed since the last time; used by one thread."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._sheet: Sheet | None = None
        self._sites: tuple[str, ...] = ()
        self._keymap = Keymap()
        self._keymap_stamp: tuple[int, ...] | None = None

    def read(self, _asked: int) -> SettingsView:
        """Everything, as it is now."""
        settings = self._services.settings
        self._read_seldom()
        sessions = tuple(self._services.sessions.list())
        try:
            if self._sheet is None or self._sheet.stamp != settings.stamp():
                self._sheet = settings.sheet()
        except MediadlError as error:
            self._sheet = None
            said = f"{error.message}. {error.next_step}"
            return SettingsView(None, said, self._sites, sessions, self._keymap)
        return SettingsView(self._sheet, "", self._sites, sessions, self._keymap)

    def _read_seldom(self) -> None:
        if not self._sites:
            self._sites = self._services.sessions.platforms()
        stamp = self._services.settings.keymap_stamp()
        if stamp != self._keymap_stamp:
            self._keymap, self._keymap_stamp = self._services.settings.keymap(known()), stamp


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one heading."""

    tab: Tab
    title: str
    help: str
    rows: tuple[FormRow, ...]


def groups(view: SettingsView, drafts: Drafts, live: tuple[str, Verdict] | None = None) -> list[Group]:
    """Everything that can be shown, in the order of tabs. `live`: key and verdict of what is being typed."""
    found: list[Group] = []
    for tab in Tab:
        here = [one for one in drafts.sheet.settings if one.tab is tab]
        for section in dict.fromkeys(one.section for one in here):
            fields = [one for one in here if one.section == section]
            rows = tuple(_row(one, drafts, live) for one in fields)
            found.append(Group(tab, fields[0].section_title, fields[0].section_help, rows))
        if tab is Tab.PLATFORMS:
            found.append(Group(tab, "Logins", _LOGINS_HELP, tuple(_logins(view))))
        if tab is Tab.INTERFACE:
            found.append(Group(tab, "Keys", _KEYS_HELP, (keys_row(view.keymap),)))
    return found


def tab_rows(found: Sequence[Group], tab: Tab, strays: Sequence[str] = ()) -> list[FormRow]:
    """The rows of a tab under their headings. `strays`: keys of the file that are no option of their platform."""
    rows: list[FormRow] = []
    if strays and tab is Tab.PLATFORMS:
        names = ", ".join(safe_text(key, limit=80) for key in strays)
        rows.append(FormRow(note=f"⚠ settings.toml: no such option: {names}", note_style="mild"))
    for group in found:
        if group.tab is tab:
            rows += [FormRow(title=group.title, note=group.help), *group.rows]
    return rows


def matching(found: Sequence[Group], words: str, settings: Sequence[Setting]) -> list[Group]:
    """Only the rows that have all the words, in title, name, value or help."""
    asked = words.casefold().split()
    about = {one.key: f"{one.help} {' '.join(one.choices)} {one.allowed}" for one in settings}
    left = []
    for group in found:
        rows = tuple(
            row
            for row in group.rows
            if all(
                word
                in f"{group.title} {row.id} {row.title} {row.value} {row.note} {about.get(row.id, '')}".casefold()
                for word in asked
            )
        )
        if rows:
            left.append(Group(group.tab, group.title, group.help, rows))
    return left


def found_rows(found: Sequence[Group]) -> list[FormRow]:
    """Matches of every tab under headings that name it."""
    rows: list[FormRow] = []
    for group in found:
        title = group.tab.value if group.title == group.tab.value else f"{group.tab.value} · {group.title}"
        rows += [FormRow(title=title), *group.rows]
    return rows or [FormRow(note=""), FormRow(note="No setting has these words. Esc shows all again.")]


def tab_of(found: Sequence[Group], row_id: str) -> Tab | None:
    """The tab a row is on."""
    return next((group.tab for group in found if any(row.id == row_id for row in group.rows)), None)


def _row(setting: Setting, drafts: Drafts, live: tuple[str, Verdict] | None) -> FormRow:
    verdict = live[1] if live is not None and live[0] == setting.key else None
    return field_row(setting, drafts.get(setting.key), verdict)


def _logins(view: SettingsView) -> list[FormRow]:
    now = time.time()
    have = {session.site for session in view.sessions}
    rows = [login_row(site, None, now) for site in view.sites if site not in have]
    return [*(login_row(session.site, session, now) for session in view.sessions), *rows]
