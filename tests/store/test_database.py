"""Opening with care, one transaction at a time, checkpoints, copies, closing."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from mediadl.errors import DatabaseUnusable, FolderNotWritable, InvalidInput, MediadlError, NotFound
from mediadl.paths import Home
from mediadl.store import jobs, journal
from mediadl.store.connection import StoreConnection, connect_for_looking
from mediadl.store.database import Database
from mediadl.store.locks import Gate
from mediadl.store.migrations import APPLICATION_ID, VERSION
from store.making import add, contents, finish, plain, python


def test_new_database_is_ours_private_and_in_wal_mode(home: Home) -> None:
    Database.open(home).close()

    connection = plain(home)
    found = [
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("application_id", "user_version", "journal_mode")
    ]
    connection.close()
    assert found == [APPLICATION_ID, VERSION, "wal"]
    assert home.database.stat().st_mode & 0o777 == 0o600


def test_open_without_create_refuses_a_missing_database(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        Database.open(Home(tmp_path / "none"), create=False)

    assert not (tmp_path / "none").exists()


def test_open_creates_nothing_but_the_database(home: Home) -> None:
    Database.open(home).close()

    assert {"media_downloader.db"} == set(contents(home.root))


def test_a_file_where_the_folder_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(FolderNotWritable) as caught:
        Database.open(Home(tmp_path / "file"))

    assert caught.value.exit_code == 6


def test_pragmas_that_keep_commits_are_on(database: Database) -> None:
    with database.write(durable=False) as tx:
        relaxed = tx.execute("PRAGMA synchronous").fetchone()[0]
    read = {
        name: database.read().execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("synchronous", "foreign_keys", "wal_autocheckpoint", "journal_size_limit")
    }

    assert read == {
        "synchronous": 2,
        "foreign_keys": 1,
        "wal_autocheckpoint": 0,
        "journal_size_limit": 64 << 20,
    }
    assert relaxed == 1


def test_write_commits_at_the_end_of_the_block(database: Database, home: Home) -> None:
    with database.write() as tx:
        add(tx, 3)

    other = plain(home)
    assert other.execute("SELECT COUNT(*) FROM download_queue").fetchone() == (3,)
    other.close()


def test_write_rolls_back_when_the_block_fails(database: Database) -> None:
    with pytest.raises(KeyboardInterrupt), database.write() as tx:
        add(tx, 3)
        raise KeyboardInterrupt

    assert jobs.counts(database.read()).total == 0
    assert journal.last_id(database.read()) == 0


def test_read_inside_write_sees_what_was_written(database: Database) -> None:
    with database.write() as tx:
        (job_id,) = add(tx)

        assert jobs.get(database.read(), job_id).id == job_id


def test_write_inside_write_is_refused_instead_of_waiting_forever(database: Database) -> None:
    with database.write(), pytest.raises(RuntimeError), database.write():
        pass

    with database.write() as tx:
        assert add(tx) == [1]


def test_data_version_changes_when_another_thread_commits(database: Database) -> None:
    before = database.data_version()

    thread = threading.Thread(target=_add_one, args=(database,))
    thread.start()
    thread.join()

    assert before != database.data_version()


def test_data_version_stands_still_without_commits(database: Database) -> None:
    assert database.data_version() == database.data_version()


def test_threads_write_one_after_the_other_and_lose_nothing(database: Database) -> None:
    def work() -> None:
        for _ in range(25):
            _add_one(database)
        database.close_thread()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert jobs.counts(database.read()).total == 200


def test_connections_of_ended_threads_are_closed(database: Database) -> None:
    for _ in range(5):
        thread = threading.Thread(target=database.read)
        thread.start()
        thread.join()

    assert len(database._all) == 2


def test_connections_of_ended_threads_are_closed_inside_a_transaction_too(database: Database) -> None:
    thread = threading.Thread(target=database.read)
    thread.start()
    thread.join()
    database.close_thread()

    with database.write(durable=False) as tx:
        add(tx)
        assert jobs.counts(database.read()).total == 0

    assert jobs.counts(database.read()).total == 1


def test_closing_does_not_wait_for_a_frozen_writer(
    database: Database, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mediadl.store.database._CLOSE_PATIENCE_S", 0.05)
    _add_one(database)
    frozen = Gate(home.write_gate)

    with frozen.held():
        database.close()

    assert jobs.counts(database.read()).total == 1


def test_a_database_left_by_us_is_not_read_through_again(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Path] = []

    def look(path: Path) -> StoreConnection:
        looked.append(path)
        return connect_for_looking(path)

    monkeypatch.setattr("mediadl.store.inspection.connect_for_looking", look)
    for _ in range(3):
        with Database.open(home) as database:
            _add_one(database)
    assert looked == []
    with Database.open(home) as database:
        _add_one(database)
        database.checkpoint(truncate=True)
        Database.open(home).close()
    assert looked == []

    other = plain(home)
    other.execute("UPDATE download_queue SET title = 'changed by hand'")
    other.close()
    Database.open(home).close()
    Database.open(home).close()

    assert looked == [home.database]


def test_a_forked_child_may_not_use_the_parents_database(home: Home) -> None:
    code = """
    import os, sys
    from pathlib import Path
    from mediadl.paths import Home
    from mediadl.store.database import Database
    database = Database.open(Home(Path(sys.argv[1])))
    if os.fork():
        os._exit(os.waitstatus_to_exitcode(os.wait()[1]))
    database.close_thread()
    try:
        database.read()
    except RuntimeError:
        os._exit(7)
    os._exit(0)
    """

    ((status, _, errors),) = finish([python(code, home.root)])

    assert status == 7, errors


@pytest.mark.parametrize("how", ["deleted", "replaced"])
def test_a_database_that_was_taken_away_takes_no_writes(database: Database, home: Home, how: str) -> None:
    _add_one(database)
    if how == "deleted":
        home.database.unlink()
    else:
        home.database.rename(home.root / "old.db")
        home.database.write_bytes((home.root / "old.db").read_bytes())

    with pytest.raises(DatabaseUnusable), database.write() as tx:
        add(tx)
    with pytest.raises(DatabaseUnusable):
        database.data_version()
    with pytest.raises(DatabaseUnusable):
        database.checkpoint()


def test_checkpoint_moves_everything_and_truncate_cuts_the_log(database: Database, home: Home) -> None:
    _add_one(database)
    log = home.database.with_name("media_downloader.db-wal")
    assert log.stat().st_size > 0

    assert database.checkpoint()
    assert log.stat().st_size > 0
    assert database.checkpoint(truncate=True)
    assert log.stat().st_size == 0


def test_truncate_gives_up_while_a_reader_is_in_the_middle(database: Database, home: Home) -> None:
    with database.write() as tx:
        add(tx, 3)
    reader = plain(home)
    cursor = reader.execute("SELECT id FROM download_queue")
    cursor.fetchone()
    _add_one(database)

    assert not database.checkpoint(truncate=True)

    cursor.close()
    reader.close()
    assert database.checkpoint(truncate=True)


def test_a_closed_database_leaves_no_log_behind_ten_thousand_jobs(home: Home) -> None:
    with Database.open(home) as database, database.write() as tx:
        add(tx, 10_000)

    assert {"media_downloader.db"} == set(contents(home.root))


def test_ten_thousand_jobs_are_moved_out_of_the_log_though_another_has_it_open(home: Home) -> None:
    with Database.open(home) as idle:
        with Database.open(home) as database, database.write() as tx:
            add(tx, 10_000)

        waiting = idle.read().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        assert home.database.stat().st_size > 4_000_000
        assert waiting[1] == waiting[2]


def test_a_log_of_someone_who_died_is_read(home: Home) -> None:
    code = """
    import os, sys
    from pathlib import Path
    from mediadl.models import JobRequest
    from mediadl.paths import Home
    from mediadl.store import jobs
    from mediadl.store.database import Database
    database = Database.open(Home(Path(sys.argv[1])))
    with database.write() as tx:
        jobs.add(tx, [JobRequest("u", "direct", "s")], max_attempts=1, now=1.0)
    os.kill(os.getpid(), 9)
    """
    ((status, _, errors),) = finish([python(code, home.root)])
    assert status == -9, errors

    with Database.open(home) as database:
        assert jobs.counts(database.read()).total == 1


def test_backup_is_complete_private_and_opens(database: Database, tmp_path: Path) -> None:
    with database.write() as tx:
        add(tx, 5)
    other = Home(tmp_path / "other").create()

    database.backup(other.database)

    assert other.database.stat().st_mode & 0o777 == 0o600
    with Database.open(other) as copied:
        assert jobs.counts(copied.read()).total == 5
        assert copied.check() == []


def test_backup_refuses_a_name_that_is_taken(database: Database, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("mine")

    with pytest.raises(InvalidInput):
        database.backup(taken)

    assert taken.read_text() == "mine"


def test_info_counts_rows_and_names_the_schema(database: Database) -> None:
    with database.write() as tx:
        add(tx, 2)

    info = database.info()

    assert info["rows"]["download_queue"] == 2
    assert (info["schema"], info["sqlite"]) == (VERSION, sqlite3.sqlite_version)


def test_a_program_that_holds_the_database_without_the_gate_is_told_of(
    database: Database, home: Home
) -> None:
    other = plain(home)
    other.execute("BEGIN IMMEDIATE")
    database.read().execute("PRAGMA busy_timeout=10")

    with pytest.raises(DatabaseUnusable, match="locked") as caught, database.write():
        pass

    assert caught.value.exit_code == 9
    other.close()
    _add_one(database)


def _add_one(database: Database) -> None:
    with database.write() as tx:
        add(tx)


def test_closing_ends_what_another_thread_reads(home: Home) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    database = Database.open(home)
    reading = threading.Event()
    ended: list[BaseException] = []

    def read() -> None:
        connection = database.read()
        connection.set_progress_handler(reading.set, 1000)
        try:
            connection.execute(endless)
        except (MediadlError, sqlite3.Error) as error:
            ended.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    assert reading.wait(30)
    database.close()
    thread.join(30)

    assert not thread.is_alive()
    assert ended
