"""What modules remember about their sources."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from mediadl.store import memory
from mediadl.store.database import Database
from store.making import NOW, scratch

_values = st.recursive(
    st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def test_a_value_comes_back_for_its_own_source_only(database: Database) -> None:
    with database.write() as tx:
        memory.put(tx, "tiktok", "https://site/@a", "sec_uid", "MS4", NOW)
        memory.put(tx, "tiktok", "https://site/@b", "sec_uid", "other", NOW)

    assert memory.get(database.read(), "tiktok", "https://site/@a") == {"sec_uid": "MS4"}
    assert memory.get(database.read(), "forum", "https://site/@a") == {}


def test_none_forgets_a_value_and_a_newer_one_takes_its_place(database: Database) -> None:
    with database.write() as tx:
        memory.put(tx, "p", "s", "cursor", 1, NOW)
        memory.put(tx, "p", "s", "cursor", 2, NOW + 1)
        memory.put(tx, "p", "s", "gone", "x", NOW)
        memory.put(tx, "p", "s", "gone", None, NOW + 1)

    assert memory.get(database.read(), "p", "s") == {"cursor": 2}


def test_a_source_that_is_forgotten_has_nothing_left(database: Database) -> None:
    with database.write() as tx:
        memory.put(tx, "p", "s", "a", 1, NOW)
        memory.put(tx, "p", "s", "b", 2, NOW)

        assert memory.forget(tx, "p", "s") == 2
        assert memory.get(tx, "p", "s") == {}


@settings(max_examples=50, deadline=None)
@given(value=_values)
def test_any_json_value_survives(value: object) -> None:
    connection = scratch()

    memory.put(connection, "p", "s", "k", value, NOW)

    assert memory.get(connection, "p", "s") == {"k": value}
    connection.close()
