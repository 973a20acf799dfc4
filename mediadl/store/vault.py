"""The session vault: what a login is made of, sealed in its row of the database, opened for one use."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from mediadl.errors import InvalidInput, VaultLocked
from mediadl.models import Session
from mediadl.paths import Home
from mediadl.security import cookies, sealing
from mediadl.security.cookies import Cookie
from mediadl.store import sessions
from mediadl.store.database import Database


@dataclass(frozen=True, slots=True)
class Login:
    """What is secret of a session."""

    cookies: tuple[Cookie, ...] = field(default=(), repr=False)
    hosts: tuple[str, ...] = ()
    """Whose cookies it may hold."""
    user: str = ""
    password: str = field(default="", repr=False)


class Vault:
    """The logins of one data folder. Usable from any thread and process: every write is one transaction."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def put(self, tx: sqlite3.Connection, session: Session, login: Login) -> Session:
        """Seal a login over an earlier one of the account; a key is made when there is none. Returns the row.

        Raises:
            VaultLocked: the key named from outside cannot be used; nothing was changed.
        """
        key = sealing.make_key(self._home)
        row = replace(
            session,
            file="",
            cookies=len(login.cookies),
            expires_at=cookies.login_runs_out_at(login.cookies),
            has_password=bool(login.password),
            sealed_with=key.id.hex().upper(),
        )
        sessions.put(tx, row, key.seal(_written(login), _about(session)))
        return row

    def open(self, connection: sqlite3.Connection, session: Session) -> Login:
        """The login of a session.

        Raises:
            VaultLocked: the key is not here, does not fit, or what is sealed is damaged.
        """
        sealed = sessions.sealed(connection, session.site, session.account)
        if sealed:
            return _read(sealing.load_key(self._home).open(sealed, _about(session)))
        return self._plain(session)

    def key_id(self) -> str:
        """Which key is here, as `Session.sealed_with` writes it; empty: none that can be used."""
        try:
            return sealing.load_key(self._home).id.hex().upper()
        except VaultLocked:
            return ""

    def seal_plain(self, database: Database) -> int:
        """Move jars that lie in files, from before there was a vault, into it; returns how many.

        Raises:
            VaultLocked: there is no key to seal them with; they stay where they are.
        """
        moved = 0
        for session in [one for one in sessions.list(database.read()) if one.file]:
            login = self._plain(session)
            with database.write() as tx:
                now = sessions.get(tx, session.site, session.account)
                if now is None or now.file != session.file:
                    continue
                self.put(tx, session, login)
            (self._home.sessions / session.file).unlink(missing_ok=True)
            moved += 1
        return moved

    def merge(
        self,
        tx: sqlite3.Connection,
        session: Session,
        given: Login,
        returned: Iterable[Cookie],
        *,
        changed_at: float,
        now: float,
    ) -> bool:
        """Take over what a job changed in its copy since `session` was read; false when nothing came of it.

        Raises:
            VaultLocked: the vault cannot be opened; nothing was changed.
        """
        current = sessions.get(tx, session.site, session.account)
        if current is None or current.imported_at != session.imported_at:
            return False  # forgotten or imported anew meanwhile: the copy is of another login
        held = self.open(tx, current)
        merged = tuple(
            cookies.merge(
                held.cookies,
                given.cookies,
                returned,
                hosts=held.hosts,
                changed_at=changed_at,
                now=now,
                new_too=bool(held.password),
            )
        )
        if merged == held.cookies:
            return False
        self.put(tx, current, replace(held, cookies=merged))
        return True

    def _plain(self, session: Session) -> Login:
        path = self._home.sessions / session.file
        if not session.file or not path.is_file():
            raise VaultLocked(
                f"the cookies of {session.site} are not here any more", next_step="Import them again."
            )
        try:
            found = cookies.parse(path.read_text("utf-8"))
        except (OSError, ValueError, InvalidInput) as error:
            raise VaultLocked(
                f"the cookies of {session.site} cannot be read", next_step="Import them again."
            ) from error
        return Login(tuple(found), tuple(sorted({cookie.key[0] for cookie in found})))


def _about(session: Session) -> str:
    return f"{session.site}\n{session.account}"


def _written(login: Login) -> bytes:
    return json.dumps(
        {
            "cookies": cookies.to_records(login.cookies),
            "hosts": login.hosts,
            "user": login.user,
            "password": login.password,
        },
        separators=(",", ":"),
    ).encode()


def _read(raw: bytes) -> Login:
    record = json.loads(raw)
    return Login(
        tuple(cookies.from_records(record["cookies"])),
        tuple(record["hosts"]),
        record["user"],
        record["password"],
    )
