"""Accounts for tests: a clock moved by hand, quick hashes, people of every role."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import pytest
from argon2 import PasswordHasher

from mediadl.paths import Home
from mediadl.security import passwords, totp
from mediadl.security.permissions import Caller, Role, rights_of
from mediadl.service import Services
from mediadl.service.logins import LoginService, SignedIn
from mediadl.service.tokens import TokenService
from mediadl.service.users import UserService

PASSWORD = "correct horse battery"
HERE = "192.0.2.1"


@dataclass
class Hand:
    """A clock."""

    now: float = field(default_factory=time.time)

    def __call__(self) -> float:
        return self.now


class AccountStage:
    """The services of accounts over one data folder, on one clock."""

    def __init__(self, home: Home) -> None:
        self.services = Services(home)
        self.clock = Hand()
        self.users = UserService(self.services, self.clock)
        self.logins = LoginService(self.services, self.clock)
        self.tokens = TokenService(self.services, self.clock)

    def close(self) -> None:
        self.services.close()

    def add(self, name: str, role: Role = Role.USER, password: str = PASSWORD) -> Caller:
        """An account; returns the caller it makes in a browser."""
        made = self.users.add(name, role, password)
        return Caller(made.id, made.name, role, rights_of(role), "browser", HERE)

    def sign_in(
        self, name: str = "anna", password: str = PASSWORD, code: str = "", *, address: str = HERE
    ) -> SignedIn:
        return self.logins.sign_in(name, password, code, address=address, agent="Browser/1")

    def caller_of(self, signed: SignedIn | str) -> Caller | None:
        secret = signed if isinstance(signed, str) else signed.secret
        return self.logins.caller_of(secret, address=HERE)

    def as_(self, caller: Caller) -> Services:
        return self.services.acting_as(caller)

    def turn_on_totp(self, name: str = "anna") -> tuple[bytes, tuple[str, ...]]:
        """Give an account an app; returns the seed and the recovery codes. The next half minute has begun then."""
        import base64

        offer = self.users.offer_totp(name)
        text = offer.seed.replace(" ", "")
        seed = base64.b32decode(text + "=" * (-len(text) % 8))
        codes = self.users.confirm_totp(name, self.code(seed))
        self.clock.now += totp.STEP_S
        return seed, codes

    def code(self, seed: bytes) -> str:
        return totp.code_at(seed, int(self.clock.now // totp.STEP_S))


def hash_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 with little memory: the rules are the same."""
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", lambda: quick)
    passwords._no_hash.cache_clear()
