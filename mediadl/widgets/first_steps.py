"""What stands on a screen before anything was ever asked for: the three first things to do."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from mediadl.security.text import safe_text
from mediadl.widgets.columns import clip

_KEY = "bold $text-accent"
_QUIET = "$foreground-muted"
_FOLDER_CELLS = 46


def first_steps(folder: str = "") -> Content:
    """The three first things to do; `folder` is where files go, if it is at hand."""
    where = clip(safe_text(folder), _FOLDER_CELLS) if folder else "the download folder"
    return Content.assemble(
        ("Nothing here yet. Three things to start with:\n\n", "bold"),
        ("1  ", _QUIET), ("a", _KEY), "  add an address: a post, a profile, a video, a file;\n",
        "      or paste one, or many at once, anywhere\n",
        ("2  ", _QUIET), ("i", _KEY), "  on a job that asks for a login: give your cookies\n",
        ("3  ", _QUIET), ("6", _KEY), "  settings: where files go, how they are named\n",
        ("      now: ", _QUIET), (where, _QUIET), "\n\n",
        ("?", _KEY), "  see every key\n",
        ("Closing this screen stops nothing: downloads go on.", _QUIET),
    )  # fmt: skip


class FirstSteps(Static):
    """Says them, in the middle of what room there is."""

    _folder: str | None = None

    def show(self, folder: str = "") -> None:
        """Say them with this folder."""
        if folder != self._folder:
            self._folder = folder
            self.update(first_steps(folder))
