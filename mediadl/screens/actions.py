"""The one list of everything a person can do: keys, footer, `?` help and command palette are made from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from textual.binding import Binding

from mediadl.widgets.key_bar import Hint


class Scope(StrEnum):
    """Where an action works."""

    APP = "app"
    """Everywhere."""
    QUEUE = "queue"
    ADD = "add"
    DETAILS = "details"
    SESSION = "session"
    CONFIRM = "confirm"
    MENU = "menu"
    HELP = "help"


class Group(StrEnum):
    """Headings of the help."""

    JOBS = "Jobs"
    SELECT = "Select"
    VIEW = "View"
    MOVE = "Move around"
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


def _queue() -> Iterable[Action]:
    def action(name: str, label: str, text: str, *keys: str, group: Group, weight: int = 0) -> Action:
        return Action(name, label, text, keys, Scope.QUEUE, group, weight)

    jobs, select, view, move = Group.JOBS, Group.SELECT, Group.VIEW, Group.MOVE
    yield action("add", "Add", "Add one or many addresses; pasting one anywhere does the same.", "a",
                 group=jobs, weight=1)  # fmt: skip
    yield action("details", "Details", "Show items, log and, if it failed, why and what helps.", "enter",
                 group=jobs, weight=3)  # fmt: skip
    yield action("pause", "Pause/resume", "Hold the job and keep its bytes, or let it go on.", "p",
                 group=jobs, weight=4)  # fmt: skip
    yield action("cancel", "Cancel", "End the job; it can be retried.", "c", "x", group=jobs, weight=6)
    yield action("retry", "Retry", "Try an ended job again, or start a waiting one now.", "r",
                 group=jobs, weight=5)  # fmt: skip
    yield action("remove", "Remove", "Take the job out of the list; its files stay.", "d", "delete",
                 group=jobs, weight=8)  # fmt: skip
    yield action("move_top", "Start next", "Move to the top of its priority.", "K", group=jobs, weight=13)
    yield action("move_bottom", "Start last", "Move to the bottom of its priority.", "J", group=jobs)
    yield action("move_up", "Earlier", "Move one place up.", "ctrl+up", group=jobs)
    yield action("move_down", "Later", "Move one place down.", "ctrl+down", group=jobs)
    yield action(
        "raise_priority", "Priority up", "Give it a higher priority.", "+", "=", group=jobs, weight=12
    )
    yield action("lower_priority", "Priority down", "Give it a lower priority.", "-", group=jobs)
    yield action("session", "Import cookies", "Give the site a login: take a cookies.txt, then go on.", "i",
                 group=jobs, weight=5)  # fmt: skip
    yield action("copy", "Copy link", "Copy the address to the clipboard.", "y", group=jobs)
    yield action("mark", "Mark", "Mark or unmark the job and go down.", "space", group=select, weight=9)
    yield action("mark_range", "Range", "Begin a range here; again to take it.", "v", group=select)
    yield action("mark_all", "All/none", "Mark every job shown, or none.", "*", group=select)
    yield action("filter", "Filter", "Show only jobs with these words, while you type.", "/",
                 group=view, weight=7)  # fmt: skip
    yield action("next_status", "Status", "Show the next status that has jobs.", "f", group=view, weight=10)
    yield action("previous_status", "Status back", "Show the status before.", "F", group=view)
    yield action("sort", "Sort", "Choose the order of the list.", "s", group=view, weight=11)
    yield action("reverse", "Reverse", "Turn the order round.", "S", group=view)
    yield action("back", "Back", "One step back: range, marks, filter; never quits.", "escape", group=view)
    yield action("cursor_down", "Down", "Next job.", "j", "down", group=move)
    yield action("cursor_up", "Up", "Previous job.", "k", "up", group=move)
    yield action("page_down", "Page down", "One screen down.", "pagedown", "ctrl+f", group=move)
    yield action("page_up", "Page up", "One screen up.", "pageup", "ctrl+b", group=move)
    yield action("half_down", "Half page down", "Half a screen down.", "ctrl+d", group=move)
    yield action("half_up", "Half page up", "Half a screen up.", "ctrl+u", group=move)
    yield action("top", "First", "Go to the first job.", "g", "home", group=move)
    yield action("bottom", "Last", "Go to the last job.", "G", "end", group=move)


def _app() -> Iterable[Action]:
    def action(
        name: str, label: str, text: str, *keys: str, weight: int = 0, priority: bool = False
    ) -> Action:
        return Action(name, label, text, keys, Scope.APP, Group.PROGRAM, weight, priority)

    yield action("help", "Help", "Show the keys that work here.", "?", "f1", weight=2)
    yield action("command_palette", "Commands", "Find a command by its name.", "ctrl+p", ":", weight=14)
    yield action("change_theme", "Theme", "Choose the colours; they are kept.", "ctrl+t")
    yield action("suspend", "Suspend", "Leave for the shell; `fg` comes back.", "ctrl+z")
    yield action(
        "interrupt", "Copy or how to quit", "Copy selected text; without any, say how to quit.", "ctrl+c"
    )
    yield action("leave", "Quit", "Leave; downloads go on in the background.", "q", weight=15)
    yield action("leave_now", "Quit from anywhere", "The same, also while typing.", "ctrl+q", priority=True)


def _details() -> Iterable[Action]:
    def action(name: str, label: str, text: str, *keys: str, group: Group, weight: int = 0) -> Action:
        return Action(name, label, text, keys, Scope.DETAILS, group, weight)

    jobs, view, move = Group.JOBS, Group.VIEW, Group.MOVE
    yield action("close", "Close", "Back to the list.", "escape", "enter", "q", group=view, weight=1)
    yield action("retry", "Retry", "Try it again, or start it now.", "r", group=jobs, weight=2)
    yield action("pause", "Pause/resume", "Hold the job or let it go on.", "p", group=jobs, weight=3)
    yield action("cancel", "Cancel", "End the job; it can be retried.", "c", "x", group=jobs, weight=4)
    yield action("session", "Import cookies", "Give the site a login: take a cookies.txt, then go on.", "i",
                 group=jobs, weight=2)  # fmt: skip
    yield action("copy", "Copy link", "Copy the address to the clipboard.", "y", group=jobs, weight=6)
    yield action("switch", "Items/log", "Show the items or the log lines.", "tab", "l", group=view, weight=5)
    yield action("cursor_down", "Down", "Next line.", "j", "down", group=move)
    yield action("cursor_up", "Up", "Previous line.", "k", "up", group=move)
    yield action("page_down", "Page down", "One screen down.", "pagedown", "ctrl+f", group=move)
    yield action("page_up", "Page up", "One screen up.", "pageup", "ctrl+b", group=move)
    yield action("top", "First", "Go to the first line.", "g", "home", group=move)
    yield action("bottom", "Last", "Go to the last line.", "G", "end", group=move)


def _dialogs() -> Iterable[Action]:
    program, view, move = Group.PROGRAM, Group.VIEW, Group.MOVE
    yield Action("submit", "Add", "Add what is valid.", ("enter",), Scope.ADD, program, 1, priority=True)
    yield Action(
        "new_line", "New line", "One more address.", ("ctrl+j",), Scope.ADD, program, 2, priority=True
    )
    yield Action("close", "Close", "Add nothing.", ("escape",), Scope.ADD, program, 3, priority=True)
    yield Action("next_field", "Next field", "Address, priority, quality.", ("tab",), Scope.ADD, program, 4)
    yield Action("previous_field", "Previous field", "The one before.", ("shift+tab",), Scope.ADD, program)
    yield Action(
        "submit", "Import", "Take the cookies.", ("enter",), Scope.SESSION, program, 1, priority=True
    )
    yield Action("close", "Close", "Import nothing.", ("escape",), Scope.SESSION, program, 2, priority=True)
    yield Action("confirm", "Yes", "Do it.", ("enter", "y"), Scope.CONFIRM, program, 1)
    yield Action("close", "No", "Leave everything as it is.", ("escape", "n"), Scope.CONFIRM, program, 2)
    yield Action("close", "Close", "Choose nothing.", ("escape",), Scope.MENU, program, 1)
    yield Action("close", "Close", "Back.", ("escape", "enter", "q", "?"), Scope.HELP, view, 1)
    yield Action("scroll_down", "Down", "One line down.", ("j", "down"), Scope.HELP, move)
    yield Action("scroll_up", "Up", "One line up.", ("k", "up"), Scope.HELP, move)
    yield Action("page_down", "Page down", "One screen down.", ("pagedown", "space"), Scope.HELP, move, 2)
    yield Action("page_up", "Page up", "One screen up.", ("pageup",), Scope.HELP, move)


ACTIONS: tuple[Action, ...] = (*_queue(), *_app(), *_details(), *_dialogs())
"""Everything, in the order of the help."""


IN_MODALS = frozenset({"help", "command_palette", "change_theme", "interrupt", "suspend"})
"""Names of the app's actions that work in modal screens too."""


def actions_of(*scopes: Scope) -> list[Action]:
    """The actions of these scopes, in the order of the help."""
    return [action for action in ACTIONS if action.scope in scopes]


def bindings(scope: Scope, *, modal: bool = False) -> list[Binding]:
    """The keys of a scope, for the `BINDINGS` of its screen.

    Textual hides the app's keys from modal screens: `modal` adds those that make sense there.
    """
    lent = [a for a in actions_of(Scope.APP) if modal and a.name in IN_MODALS]
    return [
        Binding(
            ",".join(action.keys),
            action.call if action in lent else action.name,
            action.label,
            show=False,
            key_display=action.key_text,
            priority=action.priority,
            tooltip=action.help,
            id=action.id,
        )
        for action in (*actions_of(scope), *lent)
    ]


def hints(scopes: Iterable[Scope], reason_against: dict[str, str], *, modal: bool = False) -> list[Hint]:
    """The footer: actions with a weight that can be done now, most important first; `modal` adds the help."""
    shown = [a for a in actions_of(*scopes) if a.weight and a.id not in reason_against]
    shown += [a for a in actions_of(Scope.APP) if modal and a.name == "help"]
    return [
        Hint(key_word(a.keys[0]), a.label, a.call, a.weight) for a in sorted(shown, key=lambda a: a.weight)
    ]
