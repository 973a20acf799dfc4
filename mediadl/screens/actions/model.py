"""What an action is: its name, its words, its keys, and where it works."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """Where an action works."""

    APP = "app"
    """Everywhere."""
    DASHBOARD = "dashboard"
    QUEUE = "queue"
    SCHEDULER = "scheduler"
    SCHEDULE = "schedule"
    EDITOR = "editor"
    RULE = "rule"
    SOURCES = "sources"
    HISTORY = "history"
    LOGS = "logs"
    SETTINGS = "settings"
    LOCK = "lock"
    JUMP = "jump"
    COMMAND = "command"
    ADD = "add"
    MORE = "more"
    PICK = "pick"
    DETAILS = "details"
    VIEWER = "viewer"
    FILE = "file"
    DELETE_FILES = "delete_files"
    SESSION = "session"
    TIME = "time"
    CONFIRM = "confirm"
    MENU = "menu"
    PROMPT = "prompt"
    LOG_LINE = "log_line"
    HELP = "help"
    UNSAVED = "unsaved"
    THEMES = "themes"
    KEYS = "keys"


class Group(StrEnum):
    """Headings of the help."""

    JOBS = "Jobs"
    LINES = "Lines"
    FILES = "Files"
    CHANGE = "Change"
    SELECT = "Select"
    VIEW = "View"
    MOVE = "Move around"
    SCREENS = "Screens"
    PROGRAM = "Program"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do."""

    name: str
    """Method `action_<name>` of the screen, or of the app in scope `APP`."""
    label: str
    """A word or two for footer and palette."""
    help: str
    """One sentence for help and palette."""
    keys: tuple[str, ...]
    scope: Scope
    group: Group
    weight: int = 0
    """Place in the footer, most important first; 0: not in the footer."""
    priority: bool = False
    """Works even while a text field has the keys."""

    @property
    def id(self) -> str:
        """The name a keymap uses."""
        return f"{self.scope.value}.{self.name}"

    @property
    def call(self) -> str:
        """Textual's form of the action."""
        return f"app.{self.name}" if self.scope is Scope.APP else f"screen.{self.name}"

    @property
    def key_text(self) -> str:
        """The keys as printed on a keyboard."""
        return ", ".join(key_word(key) for key in self.keys)


_KEY_WORDS = {
    "enter": "Enter", "escape": "Esc", "space": "Space", "up": "↑", "down": "↓", "left": "←", "right": "→",
    "pageup": "PgUp", "pagedown": "PgDn", "home": "Home", "end": "End", "delete": "Del", "tab": "Tab",
    "backspace": "Bksp",
}  # fmt: skip


def key_word(key: str) -> str:
    """One key as printed on a keyboard, such as `Ctrl+P`."""
    *modifiers, last = key.split("+") if len(key) > 1 else [key]
    word = _KEY_WORDS.get(last, last if len(last) == 1 and not modifiers else last.capitalize())
    return "+".join([*(m.capitalize() for m in modifiers), word])


def moves(scope: Scope, one: str) -> Iterable[Action]:
    """The keys that move in a list of `one`s, the same on every screen; see `screens.table_keys`."""
    for name, label, text, *keys in (
        ("cursor_down", "Down", f"Next {one}.", "j", "down"),
        ("cursor_up", "Up", f"Previous {one}.", "k", "up"),
        ("page_down", "Page down", "One screen down.", "pagedown", "ctrl+f"),
        ("page_up", "Page up", "One screen up.", "pageup", "ctrl+b"),
        ("half_down", "Half page down", "Half a screen down.", "ctrl+d"),
        ("half_up", "Half page up", "Half a screen up.", "ctrl+u"),
        ("top", "First", f"Go to the first {one}; g g does the same.", "home"),
        ("bottom", "Last", f"Go to the last {one}.", "G", "end"),
    ):
        yield Action(name, label, text, tuple(keys), scope, Group.MOVE)
