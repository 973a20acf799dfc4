"""The actions of the History screen that are about files: the one under the cursor, or those that are marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mediadl.models import Amount, Download
from mediadl.screens.history_verbs import PICTURED, HistoryVerbs, question_title
from mediadl.screens.marking import Marking

if TYPE_CHECKING:
    from mediadl.screens.dialogs.delete_files import DeleteChoice
    from mediadl.screens.history_filter import Look
    from mediadl.screens.page import Program
    from mediadl.service import Services


class HistoryFiles(Marking[Download]):
    """Mixin of the History screen: its actions of group `FILES`."""

    if TYPE_CHECKING:
        verbs: HistoryVerbs
        _services: Services
        _look: Look
        _found: int

        @property
        def program(self) -> Program:
            """The app; a page has it."""

        def ask(self) -> None:
            """Read again; a page has it."""

    def action_details(self) -> None:
        """Show everything about the file under the cursor."""
        from mediadl.screens.dialogs.file_details import FileDetailsDialog

        download = self.table.current
        if self.refused("details") or download is None:
            return
        self.table.pin()

        def answered(name: str | None) -> None:
            if name is not None:
                self._do_to(download, name)

        self.app.push_screen(FileDetailsDialog(self._services, download), answered)

    def _do_to(self, download: Download, name: str) -> None:
        """What was chosen in the details of a file, done to that one, whatever is marked."""
        match name:
            case "open" | "folder":
                self._open(download, folder=name == "folder")
            case "picture":
                self._view(download)
            case "again":
                self.verbs.again([download.id])
            case "delete":
                self._ask_delete([download.id], download)
            case "job":
                self._show_job(download)

    def _show_job(self, download: Download) -> None:
        from mediadl.screens.dialogs.details import DetailsDialog
        from mediadl.screens.job_verbs import JobVerbs

        verbs = JobVerbs(self.app, self._services, self.ask)
        wanted = [download.job_id] if download.job_id is not None else []

        def show(jobs: Sequence[Any]) -> None:
            if jobs:
                self.app.push_screen(DetailsDialog(self._services, jobs[0], verbs))

        self.fetch(lambda: self._services.queue.get_many(wanted), show)

    def action_open(self) -> None:
        """Show the file."""
        download = self.table.current
        if not self.refused("open") and download is not None:
            self._open(download, folder=False)

    def action_folder(self) -> None:
        """Show its folder."""
        download = self.table.current
        if not self.refused("folder") and download is not None:
            self._open(download, folder=True)

    def _open(self, download: Download, *, folder: bool) -> None:
        def otherwise() -> None:
            self._copy(download.path)
            if not folder and download.kind in PICTURED:
                self._view(download)

        self.verbs.open(download, folder=folder, otherwise=otherwise)

    def action_picture(self) -> None:
        """Show its picture."""
        download = self.table.current
        if not self.refused("picture") and download is not None:
            self._view(download)

    def _view(self, download: Download) -> None:
        from mediadl.screens.dialogs.viewer import ViewerDialog

        def step(rows: int) -> Download | None:
            table = self.table
            table.move(table.cursor + rows)
            return table.current

        self.table.pin()
        self.app.push_screen(ViewerDialog(self._services, download, step))

    def action_copy(self) -> None:
        """Copy the address."""
        download = self.table.current
        if not self.refused("copy") and download is not None:
            self._copy(download.url)

    def action_copy_path(self) -> None:
        """Copy the path."""
        download = self.table.current
        if not self.refused("copy_path") and download is not None:
            self._copy(download.path)

    def _copy(self, text: str) -> None:
        from mediadl.screens.dialogs.file_details import copy

        copy(self.app, text)

    def action_delete(self) -> None:
        """Delete files, after one question."""
        self.on_targets("delete", self._ask_delete, keep_marks=True)

    def _ask_delete(self, ids: list[int], download: Download | None) -> None:
        from mediadl.screens.dialogs.delete_files import DeleteFilesDialog

        def decided(choice: DeleteChoice | None) -> None:
            if not self.refused("delete") and choice is not None:
                self.verbs.delete(ids, choice, lambda: self._drop_marks(ids))

        def ask(amount: Amount) -> None:
            if amount.files:
                self.app.push_screen(DeleteFilesDialog(amount, question_title(amount, download)), decided)

        self.fetch(lambda: self._services.history.amount(ids), ask)

    def _drop_marks(self, ids: Sequence[int]) -> None:
        if self.table.marks:
            self.table.set_marks(self.table.marks - set(ids))

    def action_again(self) -> None:
        """Fetch again."""
        self.on_targets("again", lambda ids, _: self.verbs.again(ids))

    def action_export(self) -> None:
        """Write the list into a file."""
        from mediadl.screens.dialogs.export import ExportDialog

        if self.refused("export"):
            return
        query = self._look.query

        def named(path: str | None) -> None:
            if path:
                self.verbs.export(query, path)

        self.app.push_screen(ExportDialog(self._found), named)

    def action_add(self) -> None:
        """Open the add dialog."""
        self.program.add()
