"""How accounts, tokens, logins and activity are written as JSON: stable keys, nothing secret."""

from __future__ import annotations

from typing import Any

from mediadl.models.accounts import Activity, ApiToken, SignIn, User
from mediadl.service.records import iso


def user(found: User) -> dict[str, Any]:
    """An account."""
    return {
        "id": found.id,
        "name": found.name,
        "role": found.role,
        "enabled": found.disabled_at is None,
        "has_password": found.has_password,
        "two_factor": found.has_totp,
        "recovery_codes": found.recovery_codes,
        "logins": found.logins,
        "created_at": iso(found.created_at),
        "password_at": iso(found.password_at),
        "last_login_at": iso(found.last_login_at),
        "last_login_from": found.last_login_from,
    }


def login(found: SignIn) -> dict[str, Any]:
    """A place where somebody is signed in."""
    return {
        "id": found.id,
        "user_id": found.user_id,
        "via": found.via,
        "address": found.address,
        "agent": found.agent,
        "created_at": iso(found.created_at),
        "used_at": iso(found.used_at),
        "expires_at": iso(found.expires_at),
    }


def token(found: ApiToken) -> dict[str, Any]:
    """A token, without its secret."""
    return {
        "id": found.id,
        "name": found.name,
        "user_id": found.user_id,
        "user": found.user or "owner",
        "scopes": list(found.scopes),
        "created_at": iso(found.created_at),
        "expires_at": iso(found.expires_at),
        "used_at": iso(found.used_at),
        "used_from": found.used_from,
    }


def act(found: Activity) -> dict[str, Any]:
    """A line of the activity log."""
    return {
        "id": found.id,
        "at": iso(found.at),
        "user_id": found.user_id,
        "who": found.who,
        "via": found.via,
        "address": found.address,
        "action": found.action,
        "target": found.target,
        "outcome": found.outcome,
    }
