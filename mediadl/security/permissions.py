"""Who may do what: roles, rights, and the caller every verb asks. Pure; nothing here reads or writes anything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from mediadl.errors import InvalidInput, PermissionDenied


class Role(StrEnum):
    """What an account is for."""

    ADMIN = "admin"
    """Everything but what needs the machine itself."""
    USER = "user"
    """Adds jobs; sees and changes what is their own."""
    VIEWER = "viewer"
    """Sees everything that was downloaded, changes nothing."""


class Right(StrEnum):
    """One kind of act. A verb names the one it needs."""

    LOOK = "look"
    """What every signed-in person may see: platforms, figures, how the program does."""
    SEE_OWN = "see_own"
    """Jobs and files of one's own."""
    SEE_ALL = "see_all"
    """Jobs and files of everybody."""
    ADD = "add"
    """Add jobs, look at what an address would give."""
    STEER_OWN = "steer_own"
    """Pause, cancel, retry, move jobs of one's own."""
    STEER_ALL = "steer_all"
    DELETE_FILES = "delete_files"
    """Delete stored files and records, of those one may steer."""
    EXPORT = "export"
    SCHEDULES_OWN = "schedules_own"
    SCHEDULES_ALL = "schedules_all"
    FOLDERS = "folders"
    """Name any file or folder of the machine. No account has it: it would reach beyond the program."""
    ARCHIVE = "archive"
    SESSIONS = "sessions"
    """Logins of sites."""
    SETTINGS = "settings"
    ENGINES = "engines"
    LOGS = "logs"
    DAEMON = "daemon"
    DATABASE = "database"
    USERS = "users"
    """Accounts, their roles and logins."""
    ACTIVITY = "activity"
    """Who did what from where."""
    ACCOUNT_OWN = "account_own"
    """One's own password, second factor and logins."""
    TOKENS_OWN = "tokens_own"
    TOKENS_ALL = "tokens_all"
    MACHINE = "machine"
    """What only whoever sits at the machine may: open files there, serve, sign others in. No account has it."""


_EVERYONE = frozenset({Right.LOOK, Right.SEE_OWN, Right.ACCOUNT_OWN, Right.TOKENS_OWN})

ROLE_RIGHTS: dict[Role, frozenset[Right]] = {
    Role.VIEWER: _EVERYONE | {Right.SEE_ALL},
    Role.USER: _EVERYONE
    | {Right.ADD, Right.STEER_OWN, Right.DELETE_FILES, Right.EXPORT, Right.SCHEDULES_OWN},
    Role.ADMIN: frozenset(Right) - {Right.MACHINE, Right.FOLDERS},
}
"""What each role may; a right that is not listed is denied."""

SCOPES: dict[str, frozenset[Right]] = {
    "read": frozenset({Right.LOOK, Right.SEE_OWN, Right.SEE_ALL}),
    "add": frozenset({Right.LOOK, Right.ADD}),
    "steer": frozenset({Right.LOOK, Right.SEE_OWN, Right.SEE_ALL, Right.STEER_OWN, Right.STEER_ALL}),
    "files": frozenset({Right.LOOK, Right.SEE_OWN, Right.SEE_ALL, Right.DELETE_FILES, Right.EXPORT}),
    "schedules": frozenset({Right.LOOK, Right.SCHEDULES_OWN, Right.SCHEDULES_ALL}),
    "settings": frozenset({Right.LOOK, Right.SETTINGS, Right.SESSIONS, Right.ENGINES, Right.DAEMON}),
    "logs": frozenset({Right.LOOK, Right.LOGS, Right.ACTIVITY}),
    "all": ROLE_RIGHTS[Role.ADMIN] - {Right.TOKENS_OWN, Right.TOKENS_ALL, Right.ACCOUNT_OWN, Right.USERS},
}
"""What a token may be made for. None of them lets a token make tokens or change accounts."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who asks for something, and what they may."""

    user_id: int | None
    """None: the owner of the machine's account."""
    name: str
    role: Role
    rights: frozenset[Right] = field(repr=False)
    """Of the role, narrowed by a token's scopes."""
    via: str
    """`terminal`, `browser` or `api`."""
    address: str = ""
    session_id: str = ""
    """Not secret: names the login, for listing and revoking."""

    def may(self, right: Right) -> bool:
        """Whether the caller has a right."""
        return right in self.rights

    def require(self, right: Right, what: str = "") -> None:
        """Nothing, if the caller has the right; `what` says in words what was asked.

        Raises:
            PermissionDenied: the caller has not.
        """
        if right not in self.rights:
            raise PermissionDenied(
                f"{self.name} ({self.role.value}) may not {what or right.value.replace('_', ' ')}",
                next_step="Ask an administrator, or sign in with another account.",
            )

    @property
    def local(self) -> bool:
        """Whether private addresses may be reached: only by the machine's owner at the terminal."""
        return self.via == "terminal" and self.user_id is None

    @property
    def sees_all(self) -> bool:
        """Whether jobs and files of others are shown too."""
        return Right.SEE_ALL in self.rights


OWNER = Caller(None, "owner", Role.ADMIN, frozenset(Right), "terminal")
"""Whoever may read the data folder may do everything: the file system has decided."""


def rights_of(role: Role, scopes: Iterable[str] | None = None) -> frozenset[Right]:
    """The rights of a role; with `scopes`, only those of them that a token for these has."""
    rights = ROLE_RIGHTS[role]
    if scopes is None:
        return rights
    granted: frozenset[Right] = frozenset()
    for scope in scopes:
        granted |= SCOPES.get(scope, frozenset())
    return rights & granted


def check_scopes(scopes: Iterable[str]) -> tuple[str, ...]:
    """The scopes as they are kept: known words, each once, in the order of `SCOPES`.

    Raises:
        InvalidInput: none, or one that does not exist.
    """
    asked = {scope.strip().lower() for scope in scopes} - {""}
    known = ", ".join(SCOPES)
    if unknown := sorted(asked - SCOPES.keys()):
        raise InvalidInput(f"no scope {unknown[0][:40]!r}", next_step=f"Scopes: {known}.")
    if not asked:
        raise InvalidInput("a token needs a scope", next_step=f"Scopes: {known}.")
    return tuple(scope for scope in SCOPES if scope in asked)
