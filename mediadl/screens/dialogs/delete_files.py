"""Asks what is to be deleted of some files: files and records, one of both, and whether they may be fetched again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from mediadl.models import Amount
from mediadl.screens.actions import Scope, bindings, hints
from mediadl.widgets.amounts import plural, size
from mediadl.widgets.key_bar import KeyBar
from mediadl.widgets.line import Line, Piece


@dataclass(frozen=True, slots=True)
class DeleteChoice:
    """What is to go."""

    files: bool
    record: bool
    forget: bool


_WAYS = (
    ("both", "b", "file and record", "The file is deleted from the disk; this cannot be undone."),
    ("record", "r", "record only", "The file stays where it is; u brings the record back."),
    ("file", "f", "file only", "The record stays and says that the file is missing; this cannot be undone."),
)
_AGAIN = "may be fetched again"
_NOT_AGAIN = "Jobs pass over what was fetched before, also when its file is gone."
_MAY = "The next job that finds it fetches it again."


class DeleteFilesDialog(ModalScreen[DeleteChoice | None], inherit_bindings=False):
    """One question about any number of files; the answer is `None` when all is to stay."""

    CSS_PATH = "delete_files.tcss"
    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.DELETE_FILES,)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.DELETE_FILES, modal=True)]
    AUTO_FOCUS = ""

    def __init__(self, amount: Amount, title: str = "") -> None:
        """`title`: of the file, when it is about one."""
        super().__init__()
        self._amount = amount
        self._title = title
        self._way = 0
        self._forget = False
        self._lines = [Line(id=f"delete-{name}") for name, *_ in _WAYS]
        self._again = Line(id="delete-again")
        self._meaning = Static("", id="delete-meaning", markup=False)
        self._keys = KeyBar(id="delete-keys")

    def compose(self) -> ComposeResult:
        """Question, the three ways, the archive, what it means, keys."""
        number = plural(self._amount.files, "file")
        with Vertical(id="delete-files", classes="dialog"):
            yield Static(
                Content.styled(f"Delete {number} ({size(self._amount.size_bytes)})?", "bold"), id="question"
            )
            if self._title:
                yield Static(Content(self._title), id="delete-title", markup=False)
            yield from self._lines
            yield self._again
            yield self._meaning
            yield self._keys

    def on_mount(self) -> None:
        """Show what is chosen."""
        self._keys.show(hints(self.SCOPES, {}, modal=True))
        self._show()

    def _show(self) -> None:
        for n, (line, (name, key, words, _)) in enumerate(zip(self._lines, _WAYS, strict=True)):
            style = "bold" if n == self._way else ""
            sign = "●" if n == self._way else "○"
            line.put([Piece(f"{sign} {words}", style, 0, name, lead=key)])
        sign = "[x]" if self._forget else "[ ]"
        self._again.put([Piece(f"{sign} {_AGAIN}", "bold" if self._forget else "", 0, "forget", lead="a")])
        means = f"{_WAYS[self._way][3]}\n{_MAY if self._forget else _NOT_AGAIN}"
        self._meaning.update(Content(means))

    async def on_line_clicked(self, message: Line.Clicked) -> None:
        """A choice or a key was clicked."""
        message.stop()
        await self.run_action(message.action.removeprefix("screen."))

    def _choose(self, way: int) -> None:
        self._way = way % len(_WAYS)
        self._show()

    def action_next(self) -> None:
        """The next way."""
        self._choose(self._way + 1)

    def action_previous(self) -> None:
        """The way before."""
        self._choose(self._way - 1)

    def action_both(self) -> None:
        """Files and records."""
        self._choose(0)

    def action_record(self) -> None:
        """Records only."""
        self._choose(1)

    def action_file(self) -> None:
        """Files only."""
        self._choose(2)

    def action_forget(self) -> None:
        """Whether they may be fetched again."""
        self._forget = not self._forget
        self._show()

    def action_confirm(self) -> None:
        """Do it."""
        way = _WAYS[self._way][0]
        self.dismiss(DeleteChoice(files=way != "record", record=way != "file", forget=self._forget))

    def action_close(self) -> None:
        """Keep everything."""
        self.dismiss(None)
