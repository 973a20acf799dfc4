"""SIGKILL while people sign in and secrets are renewed: what was handed out works, what was used up stays used up."""

from __future__ import annotations

import random
import signal
import time

import pytest

from mediadl.errors import LoginRefused
from mediadl.paths import Home
from mediadl.security.permissions import Role
from mediadl.service import open_services
from service.account_stage import PASSWORD
from store.making import finish, first_line, python

_ROUNDS = 8

_SIGN_IN = """
    import sys
    from pathlib import Path
    from argon2 import PasswordHasher
    from mediadl.paths import Home
    from mediadl.security import passwords
    from mediadl.service import open_services
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    passwords._hasher = lambda: quick
    with open_services(Home(Path(sys.argv[1]))) as services:
        print("ready", flush=True)
        while True:
            for code in services.users.new_recovery_codes("anna"):
                signed = services.logins.sign_in("anna", sys.stdin.readline().strip() or PASSWORD, code,
                    address="192.0.2.1", agent="")
                print("in", code, signed.secret, flush=True)
                fresh = services.logins.renew(signed.secret, address="192.0.2.1", force=True)
                print("new", code, fresh.secret, flush=True)
"""


@pytest.mark.kill
def test_a_kill_leaves_no_half_login_and_no_secret_that_does_not_work(home: Home) -> None:
    chance = random.Random(20261123)
    code = _SIGN_IN.replace("sys.stdin.readline().strip() or PASSWORD", repr(PASSWORD))
    with open_services(home) as services:
        services.users.add("anna", Role.ADMIN, PASSWORD)
        _give_app(services)
        for _ in range(_ROUNDS):
            child = python(code, home.root)
            assert first_line(child) == "ready\n"
            begun = first_line(child)
            time.sleep(chance.uniform(0.02, 0.25))
            child.send_signal(signal.SIGKILL)
            ((_, out, errors),) = finish([child])
            handed = [line.split() for line in (begun + out).splitlines() if len(line.split()) == 3]
            assert handed, errors

            # The last secret that was handed out is known; a renewal that nobody heard of is forgiven
            _, used, secret = handed[-1]
            assert services.logins.caller_of(secret, address="192.0.2.1") is not None
            with pytest.raises(LoginRefused):
                services.logins.sign_in("anna", PASSWORD, used, address="192.0.2.1", agent="")

            read = services.store.read()
            logins = read.execute("SELECT COUNT(*) FROM logins").fetchone()[0]
            lines = read.execute(
                "SELECT COUNT(*) FROM activity_log WHERE action = 'login' AND outcome = 'ok'"
            ).fetchone()[0]
            assert logins == lines
            codes = read.execute("SELECT COUNT(*), SUM(used_at IS NOT NULL) FROM recovery_codes").fetchone()
            assert codes[0] == 10
            assert services.store.check() == []


def _give_app(services: object) -> None:
    """A second factor without waiting for its half minute."""
    from mediadl.service import Services

    assert isinstance(services, Services)
    with services.store.write() as tx:
        tx.execute("UPDATE users SET totp_sealed = x'00'")
