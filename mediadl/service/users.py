"""Accounts: who there is, what they are for, their passwords and second factors."""

from __future__ import annotations

import builtins
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mediadl.errors import InvalidInput, LoginRefused, NotFound
from mediadl.models.accounts import User
from mediadl.security import one_way, passwords, sealing, throttle, totp
from mediadl.security.permissions import Right, Role
from mediadl.service.account_names import check_name
from mediadl.service.holding import hold_back, take_back
from mediadl.service.rights import Verbs, asks, does
from mediadl.store import logins, tokens, users

if TYPE_CHECKING:
    from mediadl.service import Services
    from mediadl.store.database import Connection

RECOVERY_CODES = 10


@dataclass(frozen=True, slots=True)
class Offer:
    """A second factor that is not in force before a code of it was given."""

    user: str
    seed: str = field(repr=False)
    """For typing into an app."""
    uri: str = field(repr=False)
    """For a QR code."""


class UserService(Verbs):
    """The accounts of one data folder."""

    def __init__(self, services: Services, clock: Callable[[], float] = time.time) -> None:
        self._services = services
        self._clock = clock

    @asks(Right.USERS)
    def list(self) -> builtins.list[User]:
        """All accounts by name."""
        return users.list(self._services.store.read())

    @asks(Right.USERS)
    def get(self, name: str) -> User:
        """One account.

        Raises:
            NotFound: there is none of that name.
        """
        return users.named(self._services.store.read(), name)

    @asks(Right.ACCOUNT_OWN)
    def me(self) -> User | None:
        """The caller's own account; None: the owner of the machine's."""
        number = self.caller.user_id
        return None if number is None else users.get(self._services.store.read(), number)

    @does(Right.USERS, "user.add")
    def add(self, name: str, role: Role, password: str) -> User:
        """Make an account.

        Raises:
            InvalidInput: the name is taken or cannot be one, or the password cannot be used.
        """
        word = check_name(name)
        stored = passwords.hash_of(passwords.check_new(password, names=(word,)))
        with self._services.store.write() as tx:
            users.add(tx, word, role.value, stored, self._clock())
        return self._named(word)

    @does(Right.USERS, "user.password")
    def set_password(self, name: str, password: str) -> User:
        """Give an account a new password; it is signed out everywhere.

        Raises:
            NotFound: no such account.
            InvalidInput: the password cannot be used.
        """
        found = self._another(name)
        stored = passwords.hash_of(
            passwords.check_new(password, with_code=found.has_totp, names=(found.name,))
        )
        with self._services.store.write() as tx:
            users.set_password(tx, found.id, stored, self._clock())
            logins.end_all(tx, found.id)
            logins.forgive_account(tx, throttle.account_key(users.fold(found.name)))
        return self._named(name)

    @does(Right.ACCOUNT_OWN, "account.password", tells=False)
    def change_own_password(self, password: str, new_password: str) -> None:
        """Change the caller's password; every other login of theirs ends.

        Raises:
            LoginRefused: the password of now is wrong.
            InvalidInput: the new one cannot be used.
        """
        found = self._own()
        self._prove(found, password)
        stored = passwords.hash_of(
            passwords.check_new(new_password, with_code=found.has_totp, names=(found.name,))
        )
        with self._services.store.write() as tx:
            users.set_password(tx, found.id, stored, self._clock())
            logins.end_all(tx, found.id, besides=self.caller.session_id)

    @does(Right.USERS, "user.role")
    def set_role(self, name: str, role: Role) -> User:
        """Change what an account is for; it acts at once, and signs it out everywhere.

        Raises:
            NotFound: no such account.
            InvalidInput: nobody would be left who can manage accounts in a browser.
        """

        def change(tx: Connection, found: User) -> None:
            if role is not Role.ADMIN:
                _keep_an_admin(tx, found)
            if found.role != role.value:
                users.set_role(tx, found.id, role.value)
                logins.end_all(tx, found.id)

        return self._change(name, change)

    @does(Right.USERS, "user.enable")
    def enable(self, name: str) -> User:
        """Let an account sign in again, without waits from before.

        Raises:
            NotFound: no such account.
        """

        def change(tx: Connection, found: User) -> None:
            users.set_disabled(tx, found.id, None)
            logins.forgive_account(tx, throttle.account_key(users.fold(found.name)))

        return self._change(name, change)

    @does(Right.USERS, "user.disable")
    def disable(self, name: str) -> User:
        """Shut an account: it is signed out everywhere, and its tokens stop working.

        Raises:
            NotFound: no such account.
            InvalidInput: it is the last administrator, or one's own.
        """

        def change(tx: Connection, found: User) -> None:
            self._refuse_own(found)
            _keep_an_admin(tx, found)
            if found.disabled_at is None:
                users.set_disabled(tx, found.id, self._clock())
            logins.end_all(tx, found.id)

        return self._change(name, change)

    @does(Right.USERS, "user.remove")
    def remove(self, name: str) -> User:
        """Delete an account with its logins and tokens; its jobs and files become the machine owner's.

        Raises:
            NotFound: no such account.
            InvalidInput: it is the last administrator, or one's own.
        """
        with self._services.store.write() as tx:
            found = users.named(tx, name)
            self._refuse_own(found)
            _keep_an_admin(tx, found)
            logins.end_all(tx, found.id)
            tokens.remove_of(tx, found.id)
            users.remove(tx, found.id)
        return found

    # The second factor

    @does(Right.USERS, "user.2fa.offer")
    def offer_totp(self, name: str) -> Offer:
        """Make a seed for an account's app; it is in force once `confirm_totp` was given a code of it.

        Raises:
            NotFound: no such account.
            VaultLocked: the key that seals it cannot be used.
        """
        return self._offer(self._another(name))

    @does(Right.USERS, "user.2fa.on")
    def confirm_totp(self, name: str, code: str) -> tuple[str, ...]:
        """Put the seed into force that was offered; returns fresh recovery codes, which are shown this once.

        Raises:
            NotFound: no such account.
            InvalidInput: nothing was offered, or the code is not of it.
        """
        return self._confirm(self._another(name), code)

    @does(Right.USERS, "user.2fa.codes")
    def new_recovery_codes(self, name: str) -> tuple[str, ...]:
        """Fresh recovery codes in place of all there were.

        Raises:
            NotFound: no such account.
            InvalidInput: it has no second factor.
        """
        return self._recovery(self._another(name))

    @does(Right.USERS, "user.2fa.off")
    def drop_totp(self, name: str) -> User:
        """Do without an account's second factor; it is signed out everywhere.

        Raises:
            NotFound: no such account.
        """

        def change(tx: Connection, found: User) -> None:
            self._refuse_own(found)
            users.drop_totp(tx, found.id)
            logins.end_all(tx, found.id)

        return self._change(name, change)

    @does(Right.ACCOUNT_OWN, "account.2fa.offer", tells=False)
    def offer_own_totp(self, password: str) -> Offer:
        """As `offer_totp`, for the caller's own account.

        Raises:
            LoginRefused: the password is wrong.
            VaultLocked: the key that seals it cannot be used.
        """
        found = self._own()
        self._prove(found, password)
        return self._offer(found)

    @does(Right.ACCOUNT_OWN, "account.2fa.on", tells=False)
    def confirm_own_totp(self, code: str) -> tuple[str, ...]:
        """As `confirm_totp`, for the caller's own account.

        Raises:
            InvalidInput: nothing was offered, or the code is not of it.
        """
        return self._confirm(self._own(), code)

    @does(Right.ACCOUNT_OWN, "account.2fa.codes", tells=False)
    def new_own_recovery_codes(self, password: str) -> tuple[str, ...]:
        """As `new_recovery_codes`, for the caller's own account.

        Raises:
            LoginRefused: the password is wrong.
            InvalidInput: it has no second factor.
        """
        found = self._own()
        self._prove(found, password)
        return self._recovery(found)

    @does(Right.ACCOUNT_OWN, "account.2fa.off", tells=False)
    def drop_own_totp(self, password: str) -> None:
        """Do without one's own second factor; every other login ends.

        Raises:
            LoginRefused: the password is wrong.
        """
        found = self._own()
        self._prove(found, password)
        with self._services.store.write() as tx:
            users.drop_totp(tx, found.id)
            logins.end_all(tx, found.id, besides=self.caller.session_id)

    # Parts

    def _named(self, name: str) -> User:
        return users.named(self._services.store.read(), name)

    def _another(self, name: str) -> User:
        """An account that is not the caller's: one's own takes the password, which a stolen cookie does not bring."""
        found = self._named(name)
        self._refuse_own(found)
        return found

    def _own(self) -> User:
        found = None
        if self.caller.user_id is not None:
            found = users.get(self._services.store.read(), self.caller.user_id)
        if found is None:
            raise NotFound("the owner of the machine has no account here", next_step="See mediadl user list.")
        return found

    def _prove(self, found: User, password: str) -> None:
        """Ask for the password again before something that a stolen cookie must not be enough for."""
        store, folded, address = self._services.store, users.fold(found.name), self.caller.address
        hold_back(store, folded, address, self._clock(), found.id)
        known = users.credentials(store.read(), found.name)
        if not passwords.matches(known.password_hash if known else "", password):
            raise LoginRefused("the password is not right")
        with store.write(durable=False) as tx:
            take_back(tx, folded, address)

    def _refuse_own(self, found: User) -> None:
        if found.id == self.caller.user_id:
            raise InvalidInput(
                "that is your own account",
                next_step="Change it on your account page, or at the terminal, or let another administrator do it.",
            )

    def _change(self, name: str, change: Callable[[Connection, User], None]) -> User:
        with self._services.store.write() as tx:
            change(tx, users.named(tx, name))
        return self._named(name)

    def _offer(self, found: User) -> Offer:
        seed = totp.new_seed()
        key = sealing.make_key(self._services.home)
        with self._services.store.write() as tx:
            users.offer_totp(tx, found.id, key.seal(seed, _about(found)))
        return Offer(found.name, totp.to_words(seed), totp.uri(seed, found.name))

    def _confirm(self, found: User, code: str) -> tuple[str, ...]:
        with self._services.store.write() as tx:
            sealed = users.offered_totp(tx, found.id)
            if sealed is None:
                raise InvalidInput("no app is waiting to be confirmed", next_step="Begin anew.")
            seed = sealing.load_key(self._services.home).open(sealed, _about(found))
            step = totp.matching_step(seed, code, self._clock())
            if step is None:
                raise InvalidInput(
                    "that is not the code of now",
                    next_step="Check the clocks of both devices and give the newest code.",
                )
            users.take_totp(tx, found.id, step)
            logins.end_all(tx, found.id, besides=self.caller.session_id)
            return _fresh_codes(tx, found.id)

    def _recovery(self, found: User) -> tuple[str, ...]:
        if not found.has_totp:
            raise InvalidInput(f"{found.name} has no second factor", next_step="Set one up first.")
        with self._services.store.write() as tx:
            return _fresh_codes(tx, found.id)


def _fresh_codes(tx: Connection, user_id: int) -> tuple[str, ...]:
    codes = tuple(one_way.new_code() for _ in range(RECOVERY_CODES))
    users.put_recovery_codes(tx, user_id, (one_way.digest(one_way.tidy_code(code)) for code in codes))
    return codes


def _keep_an_admin(tx: Connection, found: User) -> None:
    """Refuse what would leave nobody to manage accounts in a browser."""
    if (
        found.role == Role.ADMIN.value
        and found.disabled_at is None
        and not users.any_admin(tx, besides=found.id)
    ):
        raise InvalidInput(
            f"{found.name} is the last administrator", next_step="Make another one first: mediadl user add."
        )


def _about(found: User) -> str:
    return f"totp\n{found.id}"
