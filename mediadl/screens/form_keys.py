"""Moving around in a form: the same keys do the same in every dialog that is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mediadl.widgets.form_editor import Form


class FormKeys:
    """Mixin of a screen: the actions of group `MOVE`, done to the fields of `form` while nothing is typed."""

    form: Form
    """The form that the keys move in."""

    def leave_field(self) -> bool:
        """Keep what was typed; False: it cannot be taken, typing goes on."""
        raise NotImplementedError

    def action_next_field(self) -> None:
        """Keep what was typed and go to the next field."""
        if self.leave_field():
            self.form.fields.move_by(1)

    def action_previous_field(self) -> None:
        """Keep what was typed and go to the field before."""
        if self.leave_field():
            self.form.fields.move_by(-1)

    def action_cursor_down(self) -> None:
        """Next field."""
        self._move_by(1)

    def action_cursor_up(self) -> None:
        """The field before."""
        self._move_by(-1)

    def action_page_down(self) -> None:
        """One screen down."""
        self._page(1)

    def action_page_up(self) -> None:
        """One screen up."""
        self._page(-1)

    def action_half_down(self) -> None:
        """Half a screen down."""
        self._page(0.5)

    def action_half_up(self) -> None:
        """Half a screen up."""
        self._page(-0.5)

    def action_top(self) -> None:
        """First field."""
        self._move_by(-len(self.form.fields.field_ids))

    def action_bottom(self) -> None:
        """Last field."""
        self._move_by(len(self.form.fields.field_ids))

    def _move_by(self, fields: int) -> None:
        if not self.form.editing:
            self.form.fields.focus()
            self.form.fields.move_by(fields)

    def _page(self, screens: float) -> None:
        if not self.form.editing:
            self.form.fields.focus()
            self.form.fields.page(screens)
