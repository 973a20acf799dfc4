"""What can be done on the Queue screen."""

from __future__ import annotations

from collections.abc import Iterable

from mediadl.screens.actions.model import Action, Group, Scope, moves


def _queue() -> Iterable[Action]:
    def action(name: str, label: str, text: str, *keys: str, group: Group, weight: int = 0) -> Action:
        return Action(name, label, text, keys, Scope.QUEUE, group, weight)

    jobs, select, view = Group.JOBS, Group.SELECT, Group.VIEW
    yield action("add", "Add", "Add one or many addresses; pasting one anywhere does the same.", "a",
                 group=jobs, weight=1)  # fmt: skip
    yield action("details", "Details", "Show items, log and, if it failed, why and what helps.", "enter",
                 group=jobs, weight=3)  # fmt: skip
    yield action("pause", "Pause/resume", "Hold the job and keep its bytes, or let it go on.", "p",
                 group=jobs, weight=4)  # fmt: skip
    yield action("cancel", "Cancel", "End the job; it can be retried.", "c", "x", group=jobs, weight=6)
    yield action("retry", "Retry", "Try an ended job again, or start a waiting one now.", "r",
                 group=jobs, weight=5)  # fmt: skip
    yield action("remove", "Remove", "Take the job out of the list; its files stay; u brings it back.", "d", "delete",
                 group=jobs, weight=8)  # fmt: skip
    yield action("move_top", "Start next", "Move to the top of its priority.", "K", group=jobs, weight=13)
    yield action("move_bottom", "Start last", "Move to the bottom of its priority.", "J", group=jobs)
    yield action("move_up", "Earlier", "Move one place up.", "ctrl+up", group=jobs)
    yield action("move_down", "Later", "Move one place down.", "ctrl+down", group=jobs)
    yield action(
        "raise_priority", "Priority up", "Give it a higher priority.", "+", "=", group=jobs, weight=12
    )
    yield action("lower_priority", "Priority down", "Give it a lower priority.", "-", group=jobs)
    yield action(
        "set_priority", "Priority…", "Choose the priority of the job or of all marked ones.", "L", group=jobs
    )
    yield action("session", "Import cookies", "Give the site a login: take a cookies.txt, then go on.", "i",
                 group=jobs, weight=5)  # fmt: skip
    yield action("copy", "Copy link", "Copy the address to the clipboard.", "y", group=jobs)
    yield action("clear_completed", "Clear completed", "Take every completed job out of the list; files stay.", "C",
                 group=jobs)  # fmt: skip
    yield action("retry_failed", "Retry all failed", "Try every failed job again.", "R", group=jobs)
    yield action("pause_all", "Pause all", "Hold every job; planned ones keep their time.", "P", group=jobs)
    yield action("resume_all", "Resume all", "Let every held job go on.", "O", group=jobs)
    yield action("mark", "Mark", "Mark or unmark the job and go down.", "space", group=select, weight=9)
    yield action("mark_range", "Range", "Begin a range here; again to take it.", "v", group=select)
    yield action("mark_all", "All/none", "Mark every job shown, or none.", "*", group=select)
    words = (
        "Show only jobs with these words; -word leaves out; site: platform: status: type: reason: via: id: ask for"
        " one field, as in site:tiktok -status:done."
    )
    yield action("filter", "Filter", words, "/", group=view, weight=7)
    yield action("next_status", "Status", "Show the next status that has jobs.", "f", group=view, weight=10)
    yield action("previous_status", "Status back", "Show the status before.", "F", group=view)
    yield action("sort", "Sort", "Choose the order of the list.", "s", group=view, weight=11)
    yield action("reverse", "Reverse", "Turn the order round.", "S", group=view)
    yield action("back", "Back", "One step back: range, marks, filter; never quits.", "escape", group=view)
    yield from moves(Scope.QUEUE, "job")


ACTIONS: tuple[Action, ...] = tuple(_queue())
