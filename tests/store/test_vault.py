"""The vault: sealed, whole after any kill, honest about a lost key, and gentle with what lay open before."""

from __future__ import annotations

import random
import signal
import stat
import time
from dataclasses import replace
from pathlib import Path

import pytest

from mediadl.errors import VaultLocked
from mediadl.models import Session
from mediadl.paths import Home
from mediadl.security.cookies import Cookie, render
from mediadl.store import copies, sessions
from mediadl.store.database import Database
from mediadl.store.vault import Login, Vault
from store.making import finish, first_line, python

LATER = 4_102_444_800.0
HOSTS = ("instagram.com",)


def cookie(name: str, value: str, expires_at: float = LATER) -> Cookie:
    return Cookie(".instagram.com", True, "/", True, expires_at, name, value, False)


def row(account: str = "bob", imported_at: float = 1.0) -> Session:
    return Session("instagram", account, "", 0, None, imported_at, "")


LOGIN = Login((cookie("sessionid", "very-secret"), cookie("mid", "m")), HOSTS, "bob", "open sesame")


def put(database: Database, home: Home, login: Login = LOGIN, session: Session | None = None) -> Session:
    with database.write() as tx:
        return Vault(home).put(tx, session or row(), login)


def stored(database: Database, account: str = "bob") -> Session:
    found = sessions.get(database.read(), "instagram", account)
    assert found is not None
    return found


def values(database: Database, home: Home) -> dict[str, str]:
    return {c.name: c.value for c in Vault(home).open(database.read(), stored(database)).cookies}


def test_a_login_comes_back_as_it_was_and_its_row_says_what_it_is(home: Home, database: Database) -> None:
    put(database, home)

    assert Vault(home).open(database.read(), stored(database)) == LOGIN
    assert (stored(database).cookies, stored(database).expires_at, stored(database).has_password) == (
        2,
        LATER,
        True,
    )
    assert stored(database).sealed_with == Vault(home).key_id() != ""


def test_no_file_and_no_backup_holds_a_value(home: Home, database: Database, tmp_path: Path) -> None:
    put(database, home)
    copies.copy(database.read(), tmp_path / "backup.db")
    database.checkpoint(truncate=True)

    for path in [*home.root.rglob("*"), tmp_path / "backup.db"]:
        if path.is_file():
            written = path.read_bytes()
            assert b"very-secret" not in written, path
            assert b"open sesame" not in written, path


def test_nothing_of_a_login_shows_in_what_is_printed_of_it() -> None:
    assert "secret" not in repr(LOGIN)
    assert "sesame" not in repr(LOGIN)


def test_a_lost_key_locks_and_the_key_put_back_opens(home: Home, database: Database) -> None:
    put(database, home)
    kept = home.session_key.read_bytes()
    home.session_key.unlink()

    with pytest.raises(VaultLocked, match="is missing"):
        Vault(home).open(database.read(), stored(database))
    home.session_key.write_bytes(b"0" * 64)
    with pytest.raises(VaultLocked, match="another key"):
        Vault(home).open(database.read(), stored(database))
    home.session_key.write_bytes(kept)
    assert Vault(home).open(database.read(), stored(database)) == LOGIN


def test_what_was_sealed_for_one_account_does_not_open_for_another(home: Home, database: Database) -> None:
    put(database, home)
    with database.write() as tx:
        tx.execute("UPDATE sessions SET account = 'ada'")

    with pytest.raises(VaultLocked, match="damaged"):
        Vault(home).open(database.read(), stored(database, "ada"))


def test_jars_that_lie_open_are_sealed_and_deleted(home: Home, database: Database) -> None:
    jar = home.sessions / "instagram-x.txt"
    jar.write_text(render(LOGIN.cookies))
    with database.write() as tx:
        sessions.put(tx, replace(row(), file=jar.name, cookies=2, expires_at=LATER))
    before = values(database, home)

    assert Vault(home).seal_plain(database) == 1
    assert Vault(home).seal_plain(database) == 0

    assert values(database, home) == before == {"sessionid": "very-secret", "mid": "m"}
    assert (stored(database).file, stored(database).imported_at) == ("", 1.0)
    assert not jar.exists()
    assert stat.S_IMODE(home.session_key.stat().st_mode) == 0o600


def test_a_jar_that_is_gone_is_told(home: Home, database: Database) -> None:
    with database.write() as tx:
        sessions.put(tx, replace(row(), file="gone.txt"))

    with pytest.raises(VaultLocked, match="not here any more"):
        Vault(home).open(database.read(), stored(database))


# Flowing back


def merge(
    database: Database, home: Home, session: Session, *returned: Cookie, changed_at: float = 10.0
) -> bool:
    with database.write() as tx:
        return Vault(home).merge(tx, session, LOGIN, returned, changed_at=changed_at, now=100.0)


def test_newer_values_of_a_job_are_sealed_again(home: Home, database: Database) -> None:
    lent = put(database, home)

    assert merge(database, home, lent, cookie("sessionid", "renewed", LATER + 5), cookie("mid", "m"))

    assert values(database, home) == {"sessionid": "renewed", "mid": "m"}
    assert stored(database).expires_at == LATER + 5
    assert Vault(home).open(database.read(), stored(database)).password == "open sesame"


def test_the_same_values_write_nothing(home: Home, database: Database) -> None:
    lent = put(database, home)
    before = sessions.sealed(database.read(), "instagram", "bob")

    assert not merge(database, home, lent, *LOGIN.cookies)

    assert sessions.sealed(database.read(), "instagram", "bob") == before


def test_a_copy_from_before_a_fresh_import_is_worth_nothing(home: Home, database: Database) -> None:
    lent = put(database, home)
    put(database, home, replace(LOGIN, cookies=(cookie("sessionid", "fresh"),)), row(imported_at=2.0))

    assert not merge(database, home, lent, cookie("sessionid", "stale"))

    assert values(database, home) == {"sessionid": "fresh"}


def test_a_login_that_was_forgotten_meanwhile_does_not_come_back(home: Home, database: Database) -> None:
    lent = put(database, home)
    with database.write() as tx:
        sessions.remove(tx, "instagram", "bob")

    assert not merge(database, home, lent, cookie("sessionid", "renewed"))

    assert sessions.list(database.read()) == []


def test_of_two_jobs_the_newest_value_wins_whoever_ends_last(home: Home, database: Database) -> None:
    lent = put(database, home)

    merge(database, home, lent, cookie("sessionid", "later"), changed_at=20.0)
    merge(database, home, lent, cookie("sessionid", "earlier"), cookie("mid", "n"), changed_at=15.0)

    assert values(database, home) == {"sessionid": "later", "mid": "n"}


# Killed at any moment

_WRITE = """
    import itertools, sys
    from dataclasses import replace
    from pathlib import Path
    from mediadl.models import Session
    from mediadl.paths import Home
    from mediadl.security.cookies import Cookie
    from mediadl.store import sessions
    from mediadl.store.database import Database
    from mediadl.store.vault import Login, Vault
    home = Home(Path(sys.argv[1]))
    names = [f"c{n}" for n in range(40)]
    def jar(generation):
        ends, value = 4102444800.0 + generation, f"g{generation}"
        return tuple(Cookie(".instagram.com", True, "/", True, ends, name, value, False) for name in names)
    with Database.open(home) as database:
        vault = Vault(home)
        print("ready", flush=True)
        for generation in itertools.count(int(sys.argv[2])):
            with database.write() as tx:
                session = Session("instagram", "bob", "", 0, None, float(generation), "")
                lent = vault.put(tx, session, Login(jar(generation), ("instagram.com",)))
            with database.write() as tx:
                assert vault.merge(
                    tx, lent, Login(jar(generation)), jar(generation + 1), changed_at=1.0, now=1.0
                )
"""


@pytest.mark.kill
def test_a_killed_writer_leaves_the_old_login_or_the_new_one(home: Home) -> None:
    rng = random.Random(seed := random.randrange(10**6))
    seen = set()
    for start in range(12):
        child = python(_WRITE, home.root, start * 1000)
        assert first_line(child) == "ready\n"
        time.sleep(rng.uniform(0.0, 0.12))
        child.send_signal(signal.SIGKILL)
        finish([child])
        with Database.open(home) as database:
            if not sessions.list(database.read()):
                continue
            found = values(database, home)
            (generation,) = {int(value.removeprefix("g")) for value in found.values()}
            assert len(found) == stored(database).cookies == 40, seed
            assert stored(database).expires_at is None or stored(database).imported_at in {
                generation,
                generation - 1,
            }
            seen.add(generation)
    assert len(seen) > 3, seed
