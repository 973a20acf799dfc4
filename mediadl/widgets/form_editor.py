"""A form: the list of fields, and one editor that is laid over the value being changed."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container
from textual.widgets import Input

from mediadl.widgets.form_list import FormList

_OUT_OF_VIEW = -5


class FormEditor(Input):
    """The one field in which something is typed; its screen decides about Enter, Tab and Esc."""


class FormFields(FormList):
    """The list of a form; tells it when other lines are in view."""

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The editor goes along."""
        super().watch_scroll_y(old_value, new_value)
        if isinstance(self.parent, Form):
            self.parent.place_editor()


class Form(Container):
    """Fields and editor."""

    DEFAULT_CSS = """
    Form { height: 1fr; layers: base editor; }
    Form FormEditor { layer: editor; position: absolute; display: none; height: 1; border: none; padding: 0; }
    Form FormEditor.-open { display: block; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self.fields = FormFields(id="fields")
        self.editor = FormEditor(compact=True, id="editor")
        self.editing = ""
        """Id of the field whose value is being typed; empty: none."""

    def compose(self) -> ComposeResult:
        """List and editor."""
        yield self.fields
        yield self.editor

    @property
    def text(self) -> str:
        """What has been typed."""
        return self.editor.value

    def edit(self, row_id: str, text: str, *, secret: bool = False, hint: str = "") -> None:
        """Let the value of a field be typed, beginning with `text`."""
        self.fields.move_to(row_id)
        self.editing = row_id
        self.editor.password = secret
        self.editor.placeholder = hint
        self.editor.value = text
        self.editor.cursor_position = len(text)
        self.editor.add_class("-open")
        self.place_editor()
        self.editor.focus()

    def end_edit(self) -> None:
        """Take the editor away and give the keys back to the list."""
        if self.editing:
            self.editing = ""
            self.fields.focus()
            self.editor.remove_class("-open")
            self.editor.value = ""

    def place_editor(self) -> None:
        """Lay the editor over the value; out of view with it."""
        if not self.editing:
            return
        region = self.fields.value_region(self.editing)
        if region is None:
            self.editor.styles.offset = (0, _OUT_OF_VIEW)
        else:
            self.editor.styles.offset = (region.x, region.y)
            self.editor.styles.width = region.width

    def on_resize(self) -> None:
        """The value is somewhere else."""
        self.call_after_refresh(self.place_editor)
