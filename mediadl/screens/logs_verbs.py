"""What can be done to a line of the log, and to the log."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from mediadl.errors import InvalidInput
from mediadl.logs import Extent, LogQuery
from mediadl.logs.browser import LogTally
from mediadl.screens.job_verbs import JobVerbs
from mediadl.screens.logs_query import export_name
from mediadl.screens.page import Page
from mediadl.security.text import safe_text
from mediadl.widgets.amounts import plural, size
from mediadl.widgets.log_text import whole

if TYPE_CHECKING:
    from mediadl.models import Job
    from mediadl.service import Services
    from mediadl.widgets.log_view import LogTable


class LogVerbs(Page, inherit_bindings=False):
    """The verbs; the screen that builds on it says which lines are shown."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.query_of_lines = LogQuery()
        """Which lines are asked for."""
        self.tally = LogTally()
        """What the log holds."""

    @property
    def table(self) -> LogTable:
        """The list."""
        raise NotImplementedError

    def prompt(
        self,
        title: str,
        text: str,
        value: str,
        check: Callable[[str], object],
        use: Callable[[str | None], None],
    ) -> None:
        """Ask for one text; `use` gets it, or None."""
        from mediadl.screens.logs_dialogs import PromptDialog

        self.app.push_screen(PromptDialog(title, text, value, check), use)

    # The line

    def action_details(self) -> None:
        """Show the line under the cursor in full."""
        from mediadl.screens.logs_dialogs import LogLineDialog

        row = self.table.current
        if self.refused("details") or row is None:
            return
        job_id = row.line.job

        def closed(answer: str | None) -> None:
            if answer == "open_job" and job_id is not None:
                self._open_job(job_id)

        self.app.push_screen(LogLineDialog(row.line), closed)

    def action_copy(self) -> None:
        """Copy the whole line."""
        row = self.table.current
        if not self.refused("copy") and row is not None:
            text = whole(row.line)
            self.app.copy_to_clipboard(text)
            self.notify(safe_text(text, limit=200), title="Copied", timeout=3, markup=False)

    def action_open_job(self) -> None:
        """Show the job that the line is about."""
        row = self.table.current
        if not self.refused("open_job") and row is not None and row.line.job is not None:
            self._open_job(row.line.job)

    def _open_job(self, job_id: int) -> None:
        def work() -> None:
            self.app.call_later(self._show_job, self._services.queue.get(job_id))

        self.work(work, group="queries")

    def _show_job(self, job: Job) -> None:
        from mediadl.screens.dialogs.details import DetailsDialog

        verbs = JobVerbs(self.app, self._services, self.ask)
        self.app.push_screen(DetailsDialog(self._services, job, verbs), lambda _: self.ask())

    # The log

    def action_export(self) -> None:
        """Write the lines asked for into a new file."""
        if self.refused("export"):
            return
        suggestion = str(Path("~") / export_name(time.time()))
        text = "A new file for the lines shown. JSON lines; plain text when its name ends in .txt."

        def chosen(path: str | None) -> None:
            if path:
                self._export(self.query_of_lines, Path(path).expanduser())

        self.prompt("Export", text, suggestion, _need_path, chosen)

    def _export(self, query: LogQuery, path: Path) -> None:
        def work() -> None:
            number = self._services.logs.save(query, path)
            self.app.notify(
                f"{plural(number, 'line')} in {safe_text(path)}", title="Exported", timeout=6, markup=False
            )

        self.notify("Writing the lines…", timeout=2)
        self.work(work)

    def action_clear(self) -> None:
        """Delete the log, after one question."""
        if self.refused("clear"):
            return

        def work() -> None:
            self.app.call_later(self._confirm_clear, self._services.logs.extent())

        self.work(work, group="queries")

    def _confirm_clear(self, extent: Extent) -> None:
        from mediadl.screens.dialogs.confirm import ConfirmDialog

        lines = plural(self.tally.lines, "line")
        if self.tally.searched < 1:
            lines = f"more than {lines}"
        text = f"{lines} in {plural(extent.files, 'file')}, {size(extent.size_bytes)}. This cannot be taken back."

        def decided(yes: bool | None) -> None:
            if yes:
                self.work(self._clear)

        self.app.push_screen(ConfirmDialog("Delete the whole log?", text, yes="Delete"), decided)

    def _clear(self) -> None:
        # Thread
        number = self._services.logs.clear()
        self.app.notify(f"Deleted {plural(number, 'file')}", title="Log", timeout=4, markup=False)


def _need_path(text: str) -> None:
    if not text or text.endswith("/"):
        raise InvalidInput("no file name", next_step="Give the path of a new file.")
