"""What can be done to stored files: open, delete, fetch again, export. Long work runs in threads and can be stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from mediadl.errors import MediadlError
from mediadl.models import Amount, Download, HistoryQuery, MediaKind
from mediadl.screens.notices import notify_error
from mediadl.security.text import safe_lines, safe_text
from mediadl.widgets.amounts import count, plural, size

if TYPE_CHECKING:
    from mediadl.screens.dialogs.delete_files import DeleteChoice
    from mediadl.screens.page import Page
    from mediadl.service import Services
    from mediadl.service.history_removal import Deleted

_TELL_S = 0.2
_NAMED = 3

PICTURED = frozenset({MediaKind.IMAGE, MediaKind.VIDEO})
"""Kinds that can be shown in a terminal."""


class HistoryVerbs:
    """The verbs on stored files. Each returns at once."""

    def __init__(self, page: Page, services: Services, tell: Callable[[str], object]) -> None:
        """`tell` shows how far a long piece of work is; an empty text: it has ended. Called on the loop."""
        self._page = page
        self._services = services
        self._tell = tell
        self._stop = threading.Event()
        self.busy = ""
        """What is at work, in words; empty: nothing."""

    def stop(self) -> None:
        """Give up what is at work; what is done by then stays done."""
        self._stop.set()

    # One file

    def open(self, download: Download, *, folder: bool, otherwise: Callable[[], object]) -> None:
        """Show a file or its folder with the desktop, in a browser in a tab; else call `otherwise`, on the loop."""
        from mediadl.service import desktop

        app = self._page.app
        if app.is_web and not folder:
            app.open_url(f"/media/{download.id}")
            return
        if app.is_web or not desktop.has_desktop():
            otherwise()
            return
        path = Path(download.path)

        def work() -> None:
            try:
                (desktop.open_folder if folder else desktop.open_file)(path)
            except MediadlError as error:
                notify_error(app, error)

        self._page.work(work)

    # Many files

    def delete(self, ids: list[int], choice: DeleteChoice, done: Callable[[], object]) -> None:
        """Delete as chosen; `done` is called on the loop when records are gone."""
        history = self._services.history

        def work(progress: Callable[[int, int], None]) -> None:
            found = history.delete(
                ids,
                files=choice.files,
                record=choice.record,
                forget=choice.forget,
                progress=progress,
                stop=self._stop.is_set,
            )
            self._say_deleted(found, choice)
            self._page.app.call_later(done)

        self._run("Deleting", work)

    def again(self, ids: list[int]) -> None:
        """Queue their pages once more."""
        app = self._page.app

        def work() -> None:
            try:
                found = self._services.history.redownload(ids)
            except MediadlError as error:
                notify_error(app, error)
                return
            if found.job_ids:
                app.notify(f"Added {plural(len(found.job_ids), 'job')}", timeout=3, markup=False)
            if found.refused:
                why = safe_text(found.refusals[0][1], limit=200)
                said = f"{plural(found.refused, 'file')}: {why}"
                app.notify(said, title="Not fetched again", severity="warning", timeout=8, markup=False)

        self._page.work(work)

    def export(self, query: HistoryQuery, path: str) -> None:
        """Write a list into a new file; in a browser the browser saves it."""
        from mediadl.screens.dialogs.export import form_of

        history, app = self._services.history, self._page.app
        if app.is_web:
            self._run("Exporting", lambda progress: self._hand_over(query, path, progress))
            return
        target = Path(path).expanduser()

        def work(progress: Callable[[int, int], None]) -> None:
            number = history.export_file(
                query, target, form_of(path), lambda done: progress(done, 0), self._stop.is_set
            )
            said = f"{plural(number, 'file')}\n{safe_text(target, limit=300)}"
            app.notify(said, title="Exported", timeout=6, markup=False)

        self._run("Exporting", work)

    def _hand_over(self, query: HistoryQuery, path: str, progress: Callable[[int, int], None]) -> None:
        from tempfile import TemporaryFile

        from mediadl.screens.dialogs.export import form_of

        # The driver reads it part by part as the browser takes it, and closes it at the end
        stream = TemporaryFile("w+", encoding="utf-8", newline="")  # noqa: SIM115
        self._services.history.export(
            query, stream, form_of(path), lambda done: progress(done, 0), self._stop.is_set
        )
        app = self._page.app
        app.call_later(lambda: app.deliver_text(stream, save_filename=Path(path).name))

    def _run(self, word: str, work: Callable[[Callable[[int, int], None]], None]) -> None:
        """Run one long piece of work in a thread, telling how far it is."""
        app = self._page.app
        self._stop.clear()
        self.busy = word
        told_at = time.monotonic()

        def progress(done: int, of: int) -> None:
            nonlocal told_at
            if (now := time.monotonic()) - told_at >= _TELL_S:
                told_at = now
                all_of = f" of {count(of)}" if of else ""
                app.call_later(self._tell, f"{word}: {count(done)}{all_of} files")

        def thread() -> None:
            try:
                work(progress)
            except MediadlError as error:
                notify_error(app, error)
            finally:
                self.busy = ""
                app.call_later(self._tell, "")
                app.call_later(self._page.ask)

        self._page.work(thread)

    def _say_deleted(self, found: Deleted, choice: DeleteChoice) -> None:
        page = self._page
        said = []
        if found.files:
            said.append(f"Deleted {plural(found.files, 'file')} ({size(found.size_bytes)})")
        if found.records and not choice.files:
            said.append(f"Took {plural(found.records, 'record')} out of the history")
        if found.missing:
            said.append(_named(f"{plural(found.missing, 'file')} had gone already", found.missing_paths))
        if found.kept:
            kept, history = found.kept, self._services.history
            page.program.offer_undo(
                "\n".join(said), lambda: f"Brought back {plural(history.restore(kept), 'record')}"
            )
        elif said:
            page.app.notify("\n".join(said), timeout=6, markup=False)
        if found.refused:
            why = [f"{one.path}: {one.reason}" for one in found.refusals]
            page.app.notify(
                _named(f"{plural(found.refused, 'file')} stayed, with their records", why),
                title="Not deleted", severity="warning", timeout=12, markup=False,
            )  # fmt: skip


def _named(head: str, lines: list[str]) -> str:
    more = [f"and {count(len(lines) - _NAMED)} more"] if len(lines) > _NAMED else []
    return safe_lines(
        "\n".join([head, *(safe_text(line, limit=160) for line in lines[:_NAMED]), *more]), limit=900
    )


def question_title(amount: Amount, download: Download | None) -> str:
    """What the question about deleting says of a single file."""
    from mediadl.screens.dialogs.file_details import heading

    return heading(download) if download is not None and amount.files == 1 else ""
