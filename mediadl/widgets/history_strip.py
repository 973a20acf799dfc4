"""The stored file under the cursor, in two lines: its title and address, its facts and path."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from mediadl.models import Download
from mediadl.security.text import safe_text
from mediadl.widgets import history_text
from mediadl.widgets.columns import clip


class HistoryStrip(Static):
    """Two lines below the list."""

    _said = Content("")

    def show(self, download: Download | None) -> None:
        """Say it; nothing for no file."""
        content = Content("") if download is None else self._lines(download, max(self.size.width - 2, 10))
        # Its height is fixed: nothing around it moves
        if content != self._said:
            self._said = content
            self.update(content, layout=False)

    @staticmethod
    def _lines(download: Download, width: int) -> Content:
        title = clip(history_text.title(download), max(width // 2, 10))
        address = clip(safe_text(download.url), max(width - len(title) - 2, 0))
        facts = f"{history_text.measures(download)} · {history_text.origin(download)}"
        path = clip(safe_text(download.path, limit=4096), max(width - len(facts) - 2, width // 3))
        second = clip(f"{facts}  {path}", width)
        return Content.assemble(
            (title, "bold"), "  ", (address, "$foreground-muted"), "\n", (second, "$foreground-muted")
        )
