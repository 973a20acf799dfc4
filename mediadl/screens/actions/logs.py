"""What can be done on the Logs screen and in its dialogs."""

from __future__ import annotations

from collections.abc import Iterable

from mediadl.screens.actions.model import Action, Group, Scope, moves


def _logs() -> Iterable[Action]:
    def action(name: str, label: str, text: str, *keys: str, group: Group, weight: int = 0) -> Action:
        return Action(name, label, text, keys, Scope.LOGS, group, weight)

    lines, view = Group.LINES, Group.VIEW
    yield action("details", "Open", "Show the whole line with everything known about it.", "enter",
                 group=lines, weight=3)  # fmt: skip
    yield action("copy", "Copy line", "Copy the whole line to the clipboard.", "y", group=lines, weight=9)
    yield action(
        "open_job", "Job details", "Show the job that the line is about.", "o", group=lines, weight=6
    )
    yield action("export", "Export", "Write the lines shown by the filter into a new file.", "e",
                 group=lines, weight=10)  # fmt: skip
    yield action("clear", "Clear", "Delete all log files, after one question.", "c", "d", "delete",
                 group=lines, weight=12)  # fmt: skip
    yield action("follow", "Pause/follow", "Stay where you are, or go to the end and follow new lines.", "space",
                 group=view, weight=4)  # fmt: skip
    yield action("filter", "Filter", "Show only lines with these words, while you type.", "/",
                 group=view, weight=5)  # fmt: skip
    yield action("next_level", "Level", "Show only graver lines; after errors, all again.", "f",
                 group=view, weight=7)  # fmt: skip
    yield action("previous_level", "Level back", "Show less grave lines as well.", "F", group=view)
    yield action("module", "Module", "Show only the lines of one part of the program.", "m",
                 group=view, weight=8)  # fmt: skip
    yield action("job", "Only this job", "Show only the lines about this line's job, or about all.", "b",
                 group=view, weight=11)  # fmt: skip
    yield action(
        "job_number", "Job number", "Show only the lines about the job with a number.", "B", group=view
    )
    yield action("range", "Time", "Show only the lines of a span of time.", "t", group=view, weight=13)
    yield action("wrap", "Whole line", "Show the line under the cursor in full below the list.", "w",
                 group=view, weight=14)  # fmt: skip
    yield action("shift_right", "Sideways right", "See more of long messages.", "right", "l", group=view)
    yield action(
        "shift_left", "Sideways left", "Back to the beginning of long messages.", "left", "h", group=view
    )
    yield action("back", "Back", "One step back: words, job, module, time, level; never quits.", "escape",
                 group=view)  # fmt: skip
    yield from moves(Scope.LOGS, "line")


def _dialogs() -> Iterable[Action]:
    lines, move = Group.LINES, Group.MOVE
    line, prompt = Scope.LOG_LINE, Scope.PROMPT
    yield Action("close", "Close", "Back to the list.", ("escape", "enter", "q"), line, lines, 1)
    yield Action("copy", "Copy", "Copy the whole line to the clipboard.", ("y",), line, lines, 2)
    yield Action("open_job", "Job details", "Show the job that it is about.", ("o",), line, lines, 3)
    yield Action("scroll_down", "Down", "One line down.", ("j", "down"), line, move)
    yield Action("scroll_up", "Up", "One line up.", ("k", "up"), line, move)
    yield Action("page_down", "Page down", "One screen down.", ("pagedown", "space"), line, move)
    yield Action("page_up", "Page up", "One screen up.", ("pageup",), line, move)
    yield Action("submit", "OK", "Take what is written.", ("enter",), prompt, lines, 1, priority=True)
    yield Action("close", "Close", "Change nothing.", ("escape",), prompt, lines, 2, priority=True)


ACTIONS: tuple[Action, ...] = (*_logs(), *_dialogs())
