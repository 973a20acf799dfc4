"""The nouns of accounts: users, their logins, API tokens, and who did what. Nothing secret is in any of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class User:
    """An account."""

    id: int
    name: str
    role: str
    """A word of `security.permissions.Role`."""
    has_password: bool
    """Without one nobody signs in; an administrator gives one."""
    has_totp: bool
    """An app's code is asked for as well."""
    recovery_codes: int
    """How many are left."""
    created_at: float
    password_at: float | None
    """When the password was set."""
    disabled_at: float | None
    """None: it may sign in."""
    last_login_at: float | None
    last_login_from: str
    logins: int = 0
    """How many are open."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """One place where somebody is signed in."""

    id: str
    """Not secret."""
    user_id: int
    via: str
    address: str
    agent: str
    """What the browser says of itself."""
    created_at: float
    used_at: float
    expires_at: float
    """Ends at the latest then, or when it is not used for a while."""


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A key for programs; the key itself is shown once, when it is made."""

    id: int
    user_id: int | None
    """None: the owner of the machine's account."""
    user: str
    name: str
    scopes: tuple[str, ...]
    created_at: float
    expires_at: float | None
    used_at: float | None
    used_from: str


@dataclass(frozen=True, slots=True)
class Activity:
    """One line of who did what from where."""

    id: int
    at: float
    user_id: int | None
    who: str
    via: str
    address: str
    action: str
    target: str
    outcome: str
    """`ok`, `refused` or `failed`."""
