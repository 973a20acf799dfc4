"""What can be done while a schedule is told: in its editor, in the helper for its rule, where its sources are typed."""

from __future__ import annotations

from collections.abc import Iterable

from mediadl.screens.actions.model import Action, Group, Scope, moves


def _editor() -> Iterable[Action]:
    def action(name: str, label: str, text: str, *keys: str, group: Group, weight: int = 0) -> Action:
        return Action(name, label, text, keys, Scope.EDITOR, group, weight)

    change, program = Group.CHANGE, Group.PROGRAM
    yield action("edit", "Change", "Type, switch or choose another value.", "enter", group=change, weight=3)
    yield action(
        "switch", "Switch", "Turn it on or off, or take the next choice.", "space", group=change, weight=6
    )
    yield action(
        "reset", "Reset", "Take it back to what it is when nothing is told.", "r", group=change, weight=7
    )
    yield action("save", "Save", "Keep the schedule.", "ctrl+s", group=program, weight=1)
    yield action(
        "close", "Close", "Back; asks first when something was changed.", "escape", group=program, weight=2
    )
    yield action("preview", "Preview", "List what a run would fetch, and what it would leave out.", "ctrl+l",
                 group=change, weight=5)  # fmt: skip
    yield action("sources", "Sources", "Type or paste what is looked at.", "s", group=change, weight=8)
    yield action("rule", "Repeat", "Choose when it is looked at.", "w", group=change, weight=9)
    yield action("next_field", "Next field", "Keep what was typed and go on.", "tab", group=Group.MOVE)
    yield action(
        "previous_field", "Previous field", "Keep what was typed and go back.", "shift+tab", group=Group.MOVE
    )
    yield from moves(Scope.EDITOR, "field")


def _rule() -> Iterable[Action]:
    program = Group.PROGRAM
    yield Action("submit", "Take", "Take this rule.", ("enter",), Scope.RULE, program, 1, priority=True)
    yield Action(
        "close", "Close", "Leave the rule as it was.", ("escape",), Scope.RULE, program, 2, priority=True
    )
    yield Action("next_preset", "Other rule", "Hourly, daily, weekly, monthly, a cron line, a span, adaptive.",
                 ("ctrl+n",), Scope.RULE, program, 3, priority=True)  # fmt: skip
    yield Action("next_field", "Next field", "The field after this one.", ("tab",), Scope.RULE, program, 4)
    yield Action("previous_field", "Previous field", "The one before.", ("shift+tab",), Scope.RULE, program)


def _sources() -> Iterable[Action]:
    program = Group.PROGRAM
    yield Action("submit", "Take", "Look at these.", ("enter",), Scope.SOURCES, program, 1, priority=True)
    yield Action("new_line", "New line", "One more.", ("ctrl+j",), Scope.SOURCES, program, 3, priority=True)
    yield Action("close", "Close", "Leave the sources as they were.", ("escape",), Scope.SOURCES, program, 2,
                 priority=True)  # fmt: skip


ACTIONS: tuple[Action, ...] = (*_editor(), *_rule(), *_sources())
