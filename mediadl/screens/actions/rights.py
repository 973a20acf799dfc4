"""Which right an action needs. Services refuse in the end; here it is decided what is offered at all."""

from __future__ import annotations

from collections.abc import Iterator

from mediadl.screens.actions.model import Scope
from mediadl.security.permissions import Caller, Right

_STEERING = (
    "pause", "cancel", "retry", "remove", "move_top", "move_bottom", "move_up", "move_down", "raise_priority",
    "lower_priority", "set_priority", "clear_completed", "retry_failed", "pause_all", "resume_all",
)  # fmt: skip
_SCHEDULING = ("new", "edit", "duplicate", "fill_gap")
_PLANNING = ("set_time", "run_now", "pause", "remove", "pause_all", "resume_all")

_NEEDS: dict[Scope, dict[Right, tuple[str, ...]]] = {
    Scope.APP: {
        Right.LOGS: ("logs",),
        Right.SETTINGS: ("settings", "change_theme"),
        Right.MACHINE: ("suspend",),
    },
    Scope.DASHBOARD: {
        Right.ADD: ("add",),
        Right.STEER_OWN: ("pause_all", "resume_all"),
        Right.SCHEDULES_OWN: ("run_schedules",),
    },
    Scope.QUEUE: {Right.ADD: ("add",), Right.STEER_OWN: _STEERING, Right.SESSIONS: ("session",)},
    Scope.DETAILS: {
        Right.ADD: ("add_again",),
        Right.STEER_OWN: ("retry", "pause", "cancel", "remove"),
        Right.SESSIONS: ("session",),
        Right.ENGINES: ("update_engines",),
        Right.SETTINGS: ("setting",),
        Right.MACHINE: ("folder",),
    },
    Scope.SCHEDULER: {
        Right.ADD: ("add", "preview"),
        Right.SCHEDULES_OWN: _SCHEDULING,
        Right.STEER_OWN: _PLANNING,
    },
    Scope.SCHEDULE: {
        Right.ADD: ("preview",),
        Right.SCHEDULES_OWN: ("run_now", "pause", "edit", "fill_gap"),
    },
    Scope.HISTORY: {
        Right.ADD: ("add", "again"),
        Right.DELETE_FILES: ("delete",),
        Right.EXPORT: ("export",),
        Right.MACHINE: ("folder", "copy_path"),
    },
    Scope.FILE: {
        Right.ADD: ("again",),
        Right.DELETE_FILES: ("delete",),
        Right.MACHINE: ("folder", "copy_path"),
    },
}


def needs() -> Iterator[tuple[str, Right]]:
    """(action id, right) of every action that not everybody may do."""
    for scope, rights in _NEEDS.items():
        for right, names in rights.items():
            yield from ((f"{scope.value}.{name}", right) for name in names)


def denied(caller: Caller) -> dict[str, str]:
    """What a caller may not do, by action id, and why."""
    why = f"{caller.name} ({caller.role.value}) may not do this."
    return {action_id: why for action_id, right in needs() if not caller.may(right)}
