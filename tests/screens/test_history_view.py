"""What the History screen reads: first rows at once, the whole list once, fresh when files come or go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from mediadl.models import HistoryQuery, HistorySort
from mediadl.screens.history_view import HistoryQuestion, HistoryReader, HistoryView
from mediadl.service import Services
from mediadl.widgets.window import Place
from terminal.history_page import fill

TOP = Place(0, 20, 0, None)
LARGE = HistoryQuery(min_size_bytes=2_000_000)
"""10 kB to 30 MB are stored: all but 19 of them."""


@dataclass
class Stage:
    """A reader over a filled history, what it said early, and how often a whole list was read."""

    services: Services
    monkeypatch: pytest.MonkeyPatch
    now: float = 1000.0
    early: list[HistoryView] = field(default_factory=list)
    listings: int = 0
    ids: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ids = fill(self.services, 300)
        real = self.services.history.listing
        self.before_listing: Callable[[], None] = lambda: None

        def listing(query: HistoryQuery, stop: Callable[[], bool] | None = None) -> Any:
            self.listings += 1
            self.before_listing()
            found = real(query, stop)
            return None if found is None else replace(found, read_at=self.now, took_s=0.1)

        self.monkeypatch.setattr(self.services.history, "listing", listing)
        self.reader = HistoryReader(self.services, self.early.append, lambda: self.now)

    def read(self, query: HistoryQuery, place: Place = TOP) -> HistoryView | None:
        self.reader.newest = query
        return self.reader.read(HistoryQuestion(query, place))


@pytest.fixture
def stage(services: Services, monkeypatch: pytest.MonkeyPatch) -> Stage:
    return Stage(services, monkeypatch)


def test_everything_by_any_order_is_paged_without_the_whole_list(stage: Stage) -> None:
    for sort in HistorySort:
        view = stage.read(HistoryQuery(sort=sort), Place(200, 20, 200, None))
        assert view is not None
        assert view.window.total == 300
        assert view.exact
    assert (stage.listings, stage.early) == (0, [])


def test_the_first_rows_come_before_the_whole_list(stage: Stage) -> None:
    view = stage.read(LARGE)

    assert view is not None
    assert (view.window.total, view.exact) == (281, True)
    (early,) = stage.early
    assert (early.window.total, early.exact) == (60, False)
    assert list(early.window.rows)[:40] == list(view.window.rows)[:40]


def test_a_list_of_a_kind_has_its_length_at_once(stage: Stage) -> None:
    from mediadl.models import MediaKind

    stage.read(HistoryQuery(kind=MediaKind.VIDEO, sort=HistorySort.TITLE))

    assert (stage.early[0].window.total, stage.early[0].exact) == (75, True)


def test_a_short_list_is_known_whole_at_once(stage: Stage) -> None:
    stage.read(HistoryQuery(min_size_bytes=29_500_000))

    assert stage.early[0].exact


def test_other_pages_of_a_list_are_read_from_what_is_known(stage: Stage) -> None:
    stage.read(LARGE)
    stage.now += 1.5
    view = stage.read(LARGE, Place(150, 20, 155, None))

    assert view is not None
    assert stage.listings == 1
    assert len(stage.early) == 1
    expected = stage.services.history.page(LARGE, view.window.start, len(view.window.rows))
    assert list(view.window.rows) == expected


def test_the_cursors_file_is_found_wherever_it_is_now(stage: Stage) -> None:
    wanted = stage.ids[50]
    view = stage.read(replace(LARGE, sort=HistorySort.TITLE), Place(0, 20, 3, wanted, follow=True))

    assert view is not None
    assert view.window.rows[view.window.cursor - view.window.start].id == wanted
    assert not stage.early, "the view does not jump"


def test_new_files_are_seen_after_a_while(stage: Stage) -> None:
    stage.read(LARGE)
    with stage.services.store.write() as tx:
        tx.execute("INSERT INTO downloads(path, size_bytes, stored_at) VALUES ('/new', 9000000, 3e9)")
    stage.now += 0.3
    soon = stage.read(LARGE)
    stage.now += 5
    later = stage.read(LARGE)

    assert soon is not None
    assert later is not None
    assert (soon.window.total, later.window.total) == (281, 282)
    assert later.window.rows[0].path == "/new"
    stage.now += 100
    stage.read(LARGE)
    assert stage.listings == 2, "nothing has changed since"


def test_deleted_files_are_gone_at_once(stage: Stage) -> None:
    stage.read(LARGE)
    stage.services.history.delete(stage.ids[-5:], files=False, record=True)

    view = stage.read(LARGE)

    assert view is not None
    assert view.window.total == 276
    assert len({row.id for row in view.window.rows}) == len(view.window.rows) == 40


def test_a_list_nobody_waits_for_is_given_up(stage: Stage) -> None:
    with stage.services.store.write() as tx:
        tx.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)"
            " INSERT INTO downloads(title, path, stored_at, size_bytes) SELECT 'x', '/p/' || i, i, 9000000 FROM n"
        )

    def other() -> None:
        stage.reader.newest = HistoryQuery()

    stage.before_listing = other
    assert stage.read(LARGE) is None


def test_words_and_an_order_that_needs_all_of_them_wait_for_the_whole_list(stage: Stage) -> None:
    view = stage.read(HistoryQuery(search="harbour", sort=HistorySort.TITLE))

    assert view is not None
    assert view.window.total == 300
    assert not stage.early
