"""The archive: identities already fetched."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from mediadl.models import Identity
from mediadl.store import archive
from mediadl.store.database import Database
from store.making import NOW, scratch

_identities = st.builds(
    Identity, st.sampled_from(["a", "b"]), st.text("01é\"'\\%", max_size=3), st.integers(0, 2)
)


def test_fetched_files_are_known(database: Database) -> None:
    one, other = Identity("s", "1"), Identity("s", "1", 1)
    with database.write() as tx:
        archive.add(tx, one, 5, NOW)
        archive.add(tx, one, 6, NOW + 1)

        assert archive.known(tx, [one, other]) == {one}
        assert archive.known(tx, []) == set()
        assert tx.execute("SELECT download_id, at FROM archive").fetchall() == [(6, NOW + 1)]


def test_imports_count_what_was_new_and_change_nothing_known(database: Database) -> None:
    one, other = Identity("s", "1"), Identity("s", "2")
    with database.write() as tx:
        archive.add(tx, one, 5, NOW)

        assert archive.add_many(tx, [one, other, other], NOW + 1) == 1
        assert archive.add_many(tx, [], NOW) == 0
        assert tx.execute("SELECT download_id FROM archive ORDER BY media_id").fetchall() == [(5,), (None,)]


def test_forgotten_files_are_fetched_again(database: Database) -> None:
    with database.write() as tx:
        archive.add_many(tx, [Identity("s", "1", n) for n in range(3)], NOW)

        assert archive.forget(tx, [Identity("s", "1", 0), Identity("s", "9")]) == 1
        assert archive.forget_post(tx, "s", "1") == 2
        assert archive.count(tx) == 0


def test_lists_are_by_site_and_page(database: Database) -> None:
    with database.write() as tx:
        archive.add_many(tx, [Identity(site, str(n)) for site in "ba" for n in range(3)], NOW)

        assert [str(i) for i in archive.list(tx, "b")] == ["b:0:0", "b:1:0", "b:2:0"]
        assert [str(i) for i in archive.list(tx, offset=2, limit=2)] == ["a:2:0", "b:0:0"]
        assert (archive.count(tx), archive.count(tx, "a"), archive.count(tx, "c")) == (6, 3, 0)


@settings(max_examples=60, deadline=None)
@given(st.sets(_identities), st.sets(_identities))
def test_known_is_what_is_in_both(fetched: set[Identity], asked: set[Identity]) -> None:
    connection = scratch()
    archive.add_many(connection, fetched, NOW)

    assert archive.known(connection, asked) == fetched & asked
    connection.close()


def test_joined_names_are_all_known_and_lead_to_the_same_download(database: Database) -> None:
    strong, weak, unknown = Identity("s", "42"), Identity("s", "code", 1), Identity("s", "other")
    with database.write() as tx:
        archive.add(tx, weak, 7, NOW)

        archive.join(tx, (strong, weak), NOW + 1)
        archive.join(tx, (unknown,), NOW + 1)

        assert archive.known(tx, [strong, weak, unknown]) == {strong, weak}
        rows = tx.execute("SELECT DISTINCT download_id FROM archive").fetchall()
        assert rows == [(7,)]
