"""What is not a database of ours is refused, and not one byte of it changes."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from mediadl.errors import DatabaseUnusable
from mediadl.paths import Home
from mediadl.store import inspection
from mediadl.store.database import Database
from mediadl.store.migrations import APPLICATION_ID, VERSION
from store.making import add, contents, finish, plain, python


def _filled(home: Home) -> None:
    with Database.open(home) as database, database.write() as tx:
        add(tx, 2000)


def _newer(home: Home) -> None:
    _filled(home)
    connection = plain(home)
    connection.execute(f"PRAGMA user_version={VERSION + 1}")
    connection.close()


def _newer_with_log(home: Home) -> None:
    _filled(home)
    code = """
    import os, sqlite3, sys
    connection = sqlite3.connect(sys.argv[1], isolation_level=None)
    connection.execute(f"PRAGMA user_version={sys.argv[2]}")
    os.kill(os.getpid(), 9)
    """
    finish([python(code, home.database, VERSION + 1)])


def _cut_short(home: Home) -> None:
    _filled(home)
    with home.database.open("r+b") as file:
        file.truncate(home.database.stat().st_size // 2)


def _damaged_page(home: Home) -> None:
    _filled(home)
    with home.database.open("r+b") as file:
        file.seek(4096 * 10)
        file.write(b"\xff" * 4096)


def _damaged_schema(home: Home) -> None:
    _filled(home)
    with home.database.open("r+b") as file:
        file.seek(100)
        file.write(b"\x00" * 3000)


def _emptied(home: Home) -> None:
    _filled(home)
    with home.database.open("r+b") as file:
        file.truncate(0)


def _emptied_with_log(home: Home) -> None:
    _newer_with_log(home)
    with home.database.open("r+b") as file:
        file.truncate(0)


def _gone_with_log(home: Home) -> None:
    _newer_with_log(home)
    home.database.unlink()


def _text(home: Home) -> None:
    home.database.write_text("not a database, but long enough to have a header" * 10)


def _short(home: Home) -> None:
    home.database.write_bytes(b"SQLite format 3\x00")


def _of_another_program(home: Home) -> None:
    connection = plain(home)
    connection.execute("PRAGMA application_id=1234")
    connection.execute("CREATE TABLE downloads(id)")
    connection.close()


def _of_something_else(home: Home) -> None:
    connection = plain(home)
    connection.execute("CREATE TABLE recipes(id)")
    connection.close()


def _of_something_else_in_wal_mode(home: Home) -> None:
    connection = plain(home)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE recipes(id)")
    connection.close()


def _older_tool_damaged(home: Home) -> None:
    connection = plain(home)
    connection.execute("CREATE TABLE download_queue(id INTEGER PRIMARY KEY, url TEXT)")
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO download_queue(url) VALUES (?)", [("x" * 300,)] * 500)
    connection.execute("COMMIT")
    connection.close()
    with home.database.open("r+b") as file:
        file.seek(4096 * 5)
        file.write(b"\xee" * 4096)


@pytest.mark.parametrize(
    "spoil",
    [
        _newer,
        _newer_with_log,
        _cut_short,
        _damaged_page,
        _damaged_schema,
        _emptied,
        _emptied_with_log,
        _gone_with_log,
        _text,
        _short,
        _of_another_program,
        _of_something_else,
        _of_something_else_in_wal_mode,
        _older_tool_damaged,
    ],
)
def test_an_unusable_database_is_refused_and_left_as_it_is(home: Home, spoil: Callable[[Home], None]) -> None:
    spoil(home)
    before = contents(home.root)

    for _ in range(2):
        with pytest.raises(DatabaseUnusable) as caught:
            Database.open(home)

    assert contents(home.root) == before
    assert caught.value.exit_code == 9
    assert caught.value.next_step
    assert "\n" not in caught.value.message


def test_a_newer_database_says_which_schema_it_has(home: Home) -> None:
    _newer(home)

    with pytest.raises(DatabaseUnusable, match=f"newer mediadl .schema {VERSION + 1}"):
        Database.open(home)


def test_a_running_program_keeps_a_damaged_page_from_no_one(home: Home) -> None:
    _filled(home)
    with Database.open(home) as database:
        with home.database.open("r+b") as file:
            file.seek(4096 * 3)
            file.write(b"\xff" * (home.database.stat().st_size - 4096 * 3))

        with pytest.raises(DatabaseUnusable, match="damaged"), database.write() as tx:
            tx.execute("UPDATE download_queue SET title = 'x'")


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "9p"])
def test_network_file_systems_are_refused(home: Home, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    _pretend_mounts(monkeypatch, home.root, kind)

    with pytest.raises(DatabaseUnusable, match=kind):
        Database.open(home)

    assert not home.database.exists()


def test_local_file_systems_are_fine(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend_mounts(monkeypatch, home.root, "ext4")

    Database.open(home).close()


def test_the_header_is_read_as_sqlite_writes_it(home: Home) -> None:
    _filled(home)
    header = home.database.read_bytes()[:100]

    assert struct.unpack_from(">I", header, 68)[0] == APPLICATION_ID
    assert inspection.inspect(home) == inspection.Finding(inspection.State.CURRENT, VERSION, warm=False)


def test_a_database_without_tables_counts_as_new(home: Home) -> None:
    connection = sqlite3.connect(home.database)
    connection.execute("VACUUM")
    connection.execute("PRAGMA user_version=0")
    connection.execute("CREATE TABLE t(x)")
    connection.execute("DROP TABLE t")
    connection.commit()
    connection.close()

    with Database.open(home) as database, database.write() as tx:
        assert add(tx) == [1]


def _pretend_mounts(monkeypatch: pytest.MonkeyPatch, folder: Path, kind: str) -> None:
    device = folder.stat().st_dev
    line = f"36 35 {device >> 8 & 0xFFF}:{device & 0xFF} / /data rw shared:1 - {kind} server:/data rw\n"
    real = Path.read_text

    def read_text(self: Path, *arguments: object, **options: object) -> str:
        return line if self.name == "mountinfo" else real(self, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "read_text", read_text)
