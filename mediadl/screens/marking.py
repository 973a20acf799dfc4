"""Marking rows of a table, and finding out which rows a verb is about: the same on every screen with a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from mediadl.screens.table_keys import TableKeys

if TYPE_CHECKING:
    from textual.app import App

    from mediadl.widgets.window_table import WindowTable

_RANGE_AT_HAND = 2000
"""Rows of a range that are looked for among the loaded ones; more are read."""


class Row(Protocol):
    """What is marked."""

    @property
    def id(self) -> int:
        """Its number."""


R = TypeVar("R", bound=Row)


class Marking(TableKeys, Generic[R]):
    """Mixin of a page whose `table` has marks: the actions of group `SELECT`."""

    if TYPE_CHECKING:
        app: App[Any]

        def refused(self, name: str) -> bool:
            """Whether an action cannot be done now; a page has it."""

    @property
    def table(self) -> WindowTable[R]:
        """The table that has the marks."""
        raise NotImplementedError

    def ids_listed(self) -> Callable[[], Sequence[int]]:
        """Something that reads the numbers of all rows of the list as it is asked for now; called in a thread."""
        raise NotImplementedError

    def action_mark(self) -> None:
        """Mark or unmark and go down; takes a range that is open."""
        if self.table.range_active:
            self.take_range()
        elif not self.refused("mark"):
            self.table.toggle_mark()
            self.table.move_by(1)

    def action_mark_range(self) -> None:
        """Begin a range, or take the open one."""
        if self.table.range_active:
            self.take_range()
        elif not self.refused("mark_range"):
            self.table.start_range()

    def action_mark_all(self) -> None:
        """Mark every row shown, or none."""
        table = self.table
        if table.range_active:
            table.end_range()
        if table.marks:
            table.set_marks(set())
            return
        read = self.ids_listed()
        self.fetch(lambda: set(read()), table.set_marks)

    def take_range(self, then: Callable[[], None] = lambda: None) -> None:
        """Marks the rows of the range, loaded or not, and calls `then`."""
        table = self.table
        span = table.range_rows
        if span is None:
            return
        low, high = span
        rows = [table.row(n) for n in range(low, high + 1)] if high - low < _RANGE_AT_HAND else [None]

        def take(ids: Sequence[int]) -> None:
            table.end_range()
            table.set_marks(table.marks | set(ids))
            then()

        if all(row is not None for row in rows):
            take([row.id for row in rows if row is not None])
        else:
            read = self.ids_listed()
            self.fetch(lambda: read()[low : high + 1], take)

    def fetch(self, read: Callable[[], Any], use: Callable[[Any], None]) -> None:
        """Read in a thread, use on the loop."""

        def work() -> None:
            self.app.call_later(use, read())

        self.app.run_worker(work, thread=True, group="queries", exit_on_error=False)

    def on_targets(
        self, name: str, use: Callable[[list[int], R | None], None], *, keep_marks: bool = False
    ) -> None:
        """Calls `use` with the marked rows, else with the one under the cursor and that row itself."""
        table = self.table

        def use_marks() -> None:
            ids = sorted(table.marks)
            if not keep_marks:
                table.set_marks(set())
            use(ids, None)

        if self.refused(name):
            return
        if table.range_active:
            self.take_range(use_marks)
        elif table.marks:
            use_marks()
        elif table.current is not None:
            table.pin()
            use([table.current.id], table.current)
