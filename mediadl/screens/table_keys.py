"""Moving around in a table: the same keys do the same on every screen that has one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mediadl.widgets.window_table import WindowTable


class TableKeys:
    """Mixin of a screen: the actions of group `MOVE`, done to `table`."""

    @property
    def table(self) -> WindowTable[Any]:
        """The table that the keys move in."""
        raise NotImplementedError

    def action_cursor_down(self) -> None:
        """Next row."""
        self.table.focus()
        self.table.move_by(1)

    def action_cursor_up(self) -> None:
        """Previous row."""
        self.table.focus()
        self.table.move_by(-1)

    def action_page_down(self) -> None:
        """One screen down."""
        self.table.page(1)

    def action_page_up(self) -> None:
        """One screen up."""
        self.table.page(-1)

    def action_half_down(self) -> None:
        """Half a screen down."""
        self.table.page(0.5)

    def action_half_up(self) -> None:
        """Half a screen up."""
        self.table.page(-0.5)

    def action_top(self) -> None:
        """First row."""
        self.table.move(0)

    def action_bottom(self) -> None:
        """Last row."""
        self.table.move(self.table.total - 1)
