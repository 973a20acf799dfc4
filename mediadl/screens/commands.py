"""Actions by their words: what the palette lists, and what the `:` line understands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from textual.app import SystemCommand
from textual.screen import Screen

from mediadl.screens.actions import Action

_HIDDEN = frozenset({"command_line", "command_palette", "jump", "suspend", "interrupt", "back"})
"""Pointless to type."""

_SHORT = {"q": "leave", "quit": "leave", "h": "help", "w": "save"}
_WITH_WORDS = frozenset({"add", "filter", "theme"})
"""Names after which the rest of the line is meant."""


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that can be typed."""

    word: str
    call: str
    """Textual's form of the action."""
    help: str


def commands(actions: Iterable[Action], against: Iterable[str] = ()) -> list[Command]:
    """What can be typed now, in alphabetical order.

    Args:
        actions: of the screen and the app.
        against: ids of those that cannot be done now.
    """
    refused = frozenset(against)
    found = {
        action.name.replace("_", "-"): Command(action.name.replace("_", "-"), action.call, action.help)
        for action in reversed(list(actions))
        if action.name not in _HIDDEN and action.id not in refused
    }
    by_name = {command.call.partition(".")[2]: command for command in found.values()}
    for short, name in _SHORT.items():
        if name in by_name:
            found.setdefault(short, Command(short, by_name[name].call, by_name[name].help))
    return [found[word] for word in sorted(found)]


def matching(typed: str, known: Sequence[Command]) -> list[Command]:
    """Commands that begin with what was typed, then those that have it inside; all for nothing typed."""
    word = typed.strip().partition(" ")[0].casefold().replace("_", "-")
    begins = [command for command in known if command.word.startswith(word)]
    holds = [command for command in known if word in command.word and command not in begins]
    return [*begins, *holds]


def parse(typed: str, known: Sequence[Command]) -> tuple[Command | None, str]:
    """The command meant, and the words after it.

    A beginning is enough when only one command has it.
    """
    word, _, rest = typed.strip().partition(" ")
    word = word.casefold().replace("_", "-")
    exact = next((command for command in known if command.word == word), None)
    if exact is None and word:
        begins = [command for command in known if command.word.startswith(word)]
        exact = begins[0] if len(begins) == 1 else None
    if exact is not None and rest.strip() and exact.call.partition(".")[2] not in _WITH_WORDS:
        return None, rest.strip()
    return exact, rest.strip()


def palette(screen: Screen[object], actions: Iterable[Action]) -> Iterable[SystemCommand]:
    """The palette's list: those of the actions that can be done on the screen now."""
    reasons: Callable[[], dict[str, str]] = getattr(screen, "reasons", dict)
    against = reasons()
    for action in actions:
        if action.id not in against and action.name not in {"command_palette", "command_line"}:
            run = partial(screen.app.call_later, screen.run_action, action.call)
            yield SystemCommand(f"{action.label} ({action.key_text})", action.help, run)
