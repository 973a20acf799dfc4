"""Keys for programs: made once, shown once, taken back at any time. They act for their account, within their scopes."""

from __future__ import annotations

import builtins
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from mediadl.errors import InvalidInput, NotFound
from mediadl.models.accounts import ApiToken
from mediadl.security import one_way
from mediadl.security.permissions import Caller, Right, Role, check_scopes, rights_of
from mediadl.security.text import safe_text
from mediadl.service.rights import Verbs, asks, does
from mediadl.store import tokens, users

if TYPE_CHECKING:
    from mediadl.service import Services

SESSION = "token-"
"""What `Caller.session_id` of a token begins with; its number follows."""

_TOUCH_EVERY_S = 60.0
_LONGEST_NAME = 80
_MOST = 100
"""Tokens one account may have."""


class TokenService(Verbs):
    """The API tokens of one data folder."""

    def __init__(self, services: Services, clock: Callable[[], float] = time.time) -> None:
        self._services = services
        self._clock = clock

    @does(Right.TOKENS_OWN, "token.create")
    def create(
        self, name: str, scopes: Sequence[str], expires_at: float | None = None, *, user: str = ""
    ) -> tuple[str, ApiToken]:
        """Make a token; returns the secret, which is shown this once, and what is kept of it.

        Args:
            name: what it is for, in the user's words.
            scopes: what it may do, of `permissions.SCOPES`.
            expires_at: when it ends by itself; None: never.
            user: whose it is; empty: the caller's own.

        Raises:
            InvalidInput: no such scope, a time that has passed, or no name.
            NotFound: no such account.
            PermissionDenied: for somebody else, without the right to.
        """
        word = safe_text(name).strip()
        if not word or len(word) > _LONGEST_NAME:
            raise InvalidInput("a token needs a name", next_step="Say what it is for, such as phone.")
        now = self._clock()
        if expires_at is not None and expires_at <= now:
            raise InvalidInput("that time has passed", next_step="Give a time to come, such as 90d.")
        kept = check_scopes(scopes)
        caller = self.caller
        owner = caller.user_id
        if user:
            owner = users.named(self._services.store.read(), user).id
            if owner != caller.user_id:
                caller.require(Right.TOKENS_ALL, "make tokens for others")
        elif owner is None:
            caller.require(Right.MACHINE, "make tokens of the machine's owner")
            if "schedules" in kept:
                raise InvalidInput(
                    "a token for schedules needs an account", next_step="Say whose it is: --user NAME."
                )
        secret = one_way.new_token()
        made = ApiToken(0, owner, user or caller.name, word, kept, now, expires_at, None, "")
        with self._services.store.write() as tx:
            if sum(token.user_id == owner for token in tokens.list(tx)) >= _MOST:
                raise InvalidInput(f"{_MOST} tokens are the most", next_step="Take one back first.")
            number = tokens.add(tx, made, one_way.digest(secret))
        return secret, replace(made, id=number)

    @asks(Right.TOKENS_OWN)
    def list(self) -> builtins.list[ApiToken]:
        """The caller's tokens; of everybody for who may see those."""
        found = tokens.list(self._services.store.read())
        caller = self.caller
        return found if caller.may(Right.TOKENS_ALL) else [t for t in found if t.user_id == caller.user_id]

    @does(Right.TOKENS_OWN, "token.revoke")
    def revoke(self, token_id: int) -> ApiToken:
        """Take a token back; it stops working at once.

        Raises:
            NotFound: there is none of that number, or it is another's.
        """
        found = next((token for token in self.list() if token.id == token_id), None)
        if found is None:
            raise NotFound(f"No token {token_id}", next_step="See the numbers with mediadl token list.")
        with self._services.store.write() as tx:
            tokens.remove(tx, token_id)
        return found

    @asks(Right.MACHINE)
    def caller_of(self, secret: str, *, address: str) -> Caller | None:
        """Whom a secret from a request acts for; None: nobody (wrong, run out, taken back, account shut)."""
        if not one_way.is_token(secret):
            return None
        store = self._services.store
        bearer = tokens.bearer(store.read(), one_way.digest(secret))
        caller = self._caller(bearer, address)
        if caller is not None and bearer is not None:
            now = self._clock()
            used_at = bearer.token.used_at
            if used_at is None or now - used_at >= _TOUCH_EVERY_S or bearer.token.used_from != address:
                with store.write(durable=False) as tx:
                    tokens.touch(tx, bearer.token.id, safe_text(address, limit=64), now)
        return caller

    @asks(Right.MACHINE)
    def still_valid(self, session_id: str) -> Caller | None:
        """The caller a token of this `session_id` makes now; None once it is revoked, run out, its account shut."""
        number = session_id.removeprefix(SESSION)
        if number == session_id or not number.isdecimal() or len(number) > 18:
            return None
        return self._caller(tokens.bearer_of(self._services.store.read(), int(number)), "")

    def _caller(self, bearer: tokens.Bearer | None, address: str) -> Caller | None:
        if bearer is None or bearer.disabled:
            return None
        token = bearer.token
        if token.expires_at is not None and token.expires_at <= self._clock():
            return None
        role = Role(bearer.role) if bearer.role else Role.ADMIN
        rights = rights_of(role, token.scopes)
        if token.user_id is None:
            # What runs later, as the machine's owner would, is not told from afar
            rights -= {Right.SCHEDULES_OWN, Right.SCHEDULES_ALL}
        return Caller(
            token.user_id,
            token.user or "owner",
            role,
            rights,
            "api",
            address,
            f"{SESSION}{token.id}",
        )
