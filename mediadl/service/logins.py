"""Signing in: the first administrator, passwords and codes, what a cookie stands for, and how tries are slowed down.

Nothing is ever locked: failures make the next try wait, per account and address, so that nobody can shut an owner out.
An address the account was signed in to from before is not held up by what others try.
"""

from __future__ import annotations

import builtins
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mediadl.errors import InvalidInput, LoginRefused, VaultLocked
from mediadl.models.accounts import SignIn
from mediadl.security import one_way, passwords, sealing, throttle, totp
from mediadl.security.permissions import Caller, Right, Role, rights_of
from mediadl.security.text import safe_text
from mediadl.service.account_names import check_name
from mediadl.service.holding import hold_back, take_back
from mediadl.service.rights import Verbs, asks, does, note
from mediadl.store import logins, users

if TYPE_CHECKING:
    from mediadl.service import Services
    from mediadl.store.database import Connection

_FIRST = "first administrator"
_FIRST_CODE_S = 86_400.0
_FIRST_CODE_TRIES = 10
_TOUCH_EVERY_S = 30.0
_FORMER_GOOD_S = 30.0
"""How long the secret of before a renewal is still taken: requests that were under way bear it."""
_RENEW_EVERY_S = 900.0
_LIMITS_KEPT_S = 5.0
_LONGEST_NAME = 256


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A login that was made or renewed."""

    secret: str = field(repr=False)
    """What the cookie holds; only here and there."""
    caller: Caller
    expires_at: float
    idle_s: float
    """It ends earlier when it is not used for so long."""


class LoginService(Verbs):
    """Who is signed in. Verbs that let somebody in are for the process that serves, not for callers."""

    def __init__(self, services: Services, clock: Callable[[], float] = time.time) -> None:
        self._services = services
        self._clock = clock
        self._limits_kept = (0.0, 0.0)
        self._limits_until = 0.0

    # The first administrator

    @asks(Right.MACHINE)
    def first_code(self) -> str | None:
        """A fresh code that lets one person become administrator, in place of an earlier one; None: there is one.

        Good for a day and ten tries. Show it in the terminal only.
        """
        store = self._services.store
        if users.any_admin(store.read()):
            return None
        code = one_way.new_code()
        with store.write() as tx:
            logins.put_code(
                tx, _FIRST, one_way.digest(one_way.tidy_code(code)), self._clock() + _FIRST_CODE_S
            )
        return code

    @asks(Right.MACHINE)
    def create_first(self, code: str, name: str, password: str, *, address: str) -> None:
        """Make the first administrator.

        Raises:
            LoginRefused: the code is wrong, used up or run out, or there is an administrator already.
            InvalidInput: the name or the password cannot be used; the code is still good.
        """
        store, now = self._services.store, self._clock()
        self._hold_back("", address)
        word = check_name(name)
        stored = passwords.hash_of(passwords.check_new(password, names=(word,)))
        with store.write() as tx:
            kept = logins.try_code(tx, _FIRST, _FIRST_CODE_TRIES, now)
            given = one_way.digest(one_way.tidy_code(code))
            right = kept is not None and one_way.same(kept, given) and not users.any_admin(tx)
            if right:
                number = users.add(tx, word, Role.ADMIN.value, stored, now)
                logins.drop_code(tx, _FIRST)
                note(tx, "user.first", word, caller=_stranger(word, address, number))
            else:
                note(tx, "user.first", word, "refused", caller=_stranger(word, address))
        if not right:
            raise LoginRefused("that code is not right, or not good any more", reason="code")
        self._forgive("", address)

    # In

    @asks(Right.MACHINE)
    def sign_in(self, name: str, password: str, code: str = "", *, address: str, agent: str) -> SignedIn:
        """Sign somebody in.

        Raises:
            LoginRefused: name and password do not fit together, a code is needed or wrong, or there were too many
                tries.
        """
        store = self._services.store
        folded = users.fold(name[:_LONGEST_NAME])
        found = users.credentials(store.read(), folded)
        self._hold_back(folded, address, found)
        # A name nobody has, a shut account and a wrong password cost the same and say the same
        right = passwords.matches(found.password_hash if found else "", password)
        if found is None or found.disabled or not right:
            self._refused(name, address, found)
            raise LoginRefused("name or password is not right")
        if found.totp_sealed is not None and not code.strip():
            self._forgive(folded, address)
            raise LoginRefused("the code of your app is needed", reason="code", needs_code=True)
        made = self._enter(found, code, address, agent)
        if made is None:
            self._refused(name, address, found)
            raise LoginRefused("that code is not right", reason="code", needs_code=True)
        if passwords.is_outdated(found.password_hash):
            fresh = passwords.hash_of(password)
            with store.write() as tx:
                users.rehash(tx, found.user_id, found.password_hash, fresh)
        return made

    @asks(Right.MACHINE)
    def is_admin_password(self, password: str) -> bool:
        """Whether a password is that of an administrator's account; for the lock of the terminal."""
        stored = users.admin_hashes(self._services.store.read())
        return any(passwords.matches(one, password) for one in stored or [""])

    @asks(Right.MACHINE)
    def has_admin(self) -> bool:
        """Whether an administrator's account exists that can sign in."""
        return users.any_admin(self._services.store.read())

    # While signed in

    @asks(Right.MACHINE)
    def caller_of(self, secret: str, *, address: str) -> Caller | None:
        """Whom a cookie stands for; None: nobody (wrong, ended, not used for too long, account shut)."""
        found = self._find(secret)
        if found is None:
            return None
        now = self._clock()
        if now - found.used_at >= _TOUCH_EVERY_S or found.address != address:
            with self._services.store.write(durable=False) as tx:
                logins.touch(tx, found.id, safe_text(address, limit=64), now)
        return _caller(found, address)

    @asks(Right.MACHINE)
    def still_valid(self, session_id: str) -> Caller | None:
        """The caller a login makes as things stand now; None once it ended. Does not count as use."""
        found = logins.by_id(self._services.store.read(), session_id)
        return None if found is None or not self._is_open(found) else _caller(found, found.address)

    @asks(Right.MACHINE)
    def keep(self, session_id: str) -> None:
        """Note that a login is in use, by a terminal or socket that stays open between requests."""
        found = logins.by_id(self._services.store.read(), session_id)
        now = self._clock()
        if found is not None and self._is_open(found) and now - found.used_at >= _TOUCH_EVERY_S:
            with self._services.store.write(durable=False) as tx:
                logins.touch(tx, found.id, found.address, now)

    @asks(Right.MACHINE)
    def renew(self, secret: str, *, address: str, force: bool = False) -> SignedIn | None:
        """Put a new secret in place of this one, when it is a quarter of an hour old or with `force`.

        None: nobody's, or not due yet. The old one is taken for 30 s more; who comes with it later than that has
        stolen it or was stolen from, and the login ends.
        """
        found = self._find(secret)
        if found is None:
            return None
        now = self._clock()
        if not force and now - found.renewed_at < _RENEW_EVERY_S:
            return None
        fresh = one_way.new_secret()
        with self._services.store.write() as tx:
            if not logins.renew(tx, found.id, one_way.digest(secret), one_way.digest(fresh), now):
                return None
        return SignedIn(fresh, _caller(found, address), found.expires_at, self._limits()[0])

    # Out

    @does(Right.ACCOUNT_OWN, "login.end")
    def sign_out(self, session_id: str) -> bool:
        """End a login of one's own; false when it had ended already.

        Raises:
            PermissionDenied: it is another's.
        """
        return self._end(session_id)

    @asks(Right.ACCOUNT_OWN)
    def sessions(self, user: str = "") -> builtins.list[SignIn]:
        """Where an account (empty: one's own; of the machine's owner: all) is signed in, used last first.

        Raises:
            PermissionDenied: another's, without the right to manage accounts.
        """
        read, caller = self._services.store.read(), self.caller
        number = users.named(read, user).id if user else caller.user_id
        if number != caller.user_id or number is None:
            caller.require(Right.USERS, "see the logins of others")
        idle_s, _ = self._limits()
        now = self._clock()
        return [
            one for one in logins.of_user(read, number) if one.expires_at > now and now - one.used_at < idle_s
        ]

    @does(Right.ACCOUNT_OWN, "login.revoke")
    def revoke(self, session_id: str) -> bool:
        """End a login somewhere else; open terminals and sockets of it end with it. False: it had ended already.

        Raises:
            PermissionDenied: another's, without the right to manage accounts.
        """
        return self._end(session_id)

    def _end(self, session_id: str) -> bool:
        with self._services.store.write() as tx:
            found = logins.by_id(tx, session_id)
            if found is None:
                return False
            if found.user_id != self.caller.user_id:
                self.caller.require(Right.USERS, "end the login of another")
            return logins.end(tx, session_id)

    # Parts

    def _limits(self) -> tuple[float, float]:
        """How long a login may rest, and last."""
        now = time.monotonic()
        if now >= self._limits_until:
            try:
                security = self._services.inner.settings.values().security
            except InvalidInput:
                from mediadl.settings.accounts import Security

                security = Security()  # a broken file must not shut everybody out, nor let anybody stay
            self._limits_kept = security.session_idle_s, security.session_max_s
            self._limits_until = now + _LIMITS_KEPT_S
        return self._limits_kept

    def _is_open(self, found: logins.Standing) -> bool:
        now = self._clock()
        idle_s, max_s = self._limits()
        left_s = min(found.expires_at - now, max_s)
        return not found.disabled and left_s > 0 and now - found.used_at < idle_s

    def _find(self, secret: str) -> logins.Standing | None:
        if not one_way.is_secret(secret):
            return None
        store = self._services.store
        digest = one_way.digest(secret)
        found = logins.by_secret(store.read(), digest)
        if found is None:
            found = logins.by_former_secret(store.read(), digest)
            if found is None:
                return None
            if self._clock() - found.renewed_at > _FORMER_GOOD_S:
                with store.write() as tx:
                    logins.end(tx, found.id)
                    note(tx, "login.reused", found.name, "refused", caller=_caller(found, found.address))
                return None
        return found if self._is_open(found) else None

    def _enter(self, found: users.Credentials, code: str, address: str, agent: str) -> SignedIn | None:
        """Make the login, with the code used up in the same transaction; None: the code is not right."""
        now = self._clock()
        idle_s, max_s = self._limits()
        secret = one_way.new_secret()
        place = safe_text(address, limit=64)
        login = SignIn(
            one_way.new_name(),
            found.user_id,
            "browser",
            place,
            safe_text(agent, limit=200),
            now,
            now,
            now + max_s,
        )
        caller = Caller(
            found.user_id,
            found.name,
            Role(found.role),
            rights_of(Role(found.role)),
            "browser",
            address,
            login.id,
        )
        with self._services.store.write() as tx:
            if found.totp_sealed is not None and not self._use_code(tx, found, code, now):
                return None
            now_there = users.credentials(tx, users.fold(found.name))
            if now_there is None or now_there.disabled or now_there.password_hash != found.password_hash:
                return None  # changed while the password was looked at
            logins.prune(tx, now - idle_s, now)
            logins.prune_failures(tx, now - throttle.FORGET_S)
            logins.add(tx, login, one_way.digest(secret))
            logins.know_place(tx, found.user_id, place, now)
            users.note_login(tx, found.user_id, place, now)
            take_back(tx, users.fold(found.name), address, all_of_it=True)
            note(tx, "login", found.name, caller=caller)
        return SignedIn(secret, caller, login.expires_at, idle_s)

    def _use_code(self, tx: Connection, found: users.Credentials, code: str, now: float) -> bool:
        """Whether a code of the app, or a recovery code, is right; it is used up by that."""
        if totp.tidy(code):
            try:
                key = sealing.load_key(self._services.home)
                seed = key.open(found.totp_sealed or b"", f"totp\n{found.user_id}")
            except VaultLocked as error:
                raise LoginRefused(
                    "codes cannot be checked: the key of the data folder is not here", reason="code"
                ) from error
            step = totp.matching_step(seed, code, now, found.totp_step)
            return step is not None and users.use_step(tx, found.user_id, step)
        digest = one_way.digest(one_way.tidy_code(code))
        return users.use_recovery_code(tx, found.user_id, digest, now)

    def _hold_back(self, folded: str, address: str, found: users.Credentials | None = None) -> None:
        number = found.user_id if found is not None else None
        hold_back(self._services.store, folded, address, self._clock(), number)

    def _forgive(self, folded: str, address: str) -> None:
        """Take back what `_hold_back` counted, for a try that was right."""
        with self._services.store.write(durable=False) as tx:
            take_back(tx, folded, address)

    def _refused(self, name: str, address: str, found: users.Credentials | None) -> None:
        # A name nobody has may be a password typed into the wrong field: it is not written down
        told = found.name if found else "unknown name"
        with self._services.store.write(durable=False) as tx:
            note(
                tx,
                "login",
                told,
                "refused",
                caller=_stranger(told, address, found.user_id if found else None),
            )


def _caller(found: logins.Standing, address: str) -> Caller:
    role = Role(found.role)
    return Caller(found.user_id, found.name, role, rights_of(role), found.via, address, found.id)


def _stranger(name: str, address: str, user_id: int | None = None) -> Caller:
    return Caller(user_id, name, Role.VIEWER, frozenset(), "browser", address)
