"""Asks for a new file to write a list into."""

from __future__ import annotations

import time
from pathlib import Path

from mediadl.errors import InvalidInput
from mediadl.screens.logs_dialogs import PromptDialog
from mediadl.service.history import ExportFormat
from mediadl.widgets.amounts import plural

_BY_SUFFIX = {".csv": ExportFormat.CSV, ".json": ExportFormat.JSON, ".jsonl": ExportFormat.JSON}


class ExportDialog(PromptDialog):
    """The answer is the path as typed, or `None`."""

    CSS_PATH = "export.tcss"

    def __init__(self, number: int) -> None:
        today = time.strftime("%Y-%m-%d")
        super().__init__(
            f"Export {plural(number, 'file')}",
            "Name a new file: .csv for spreadsheets, .json for one JSON object per line.",
            f"~/mediadl-history-{today}.csv",
            form_of,
        )


def form_of(path: str) -> ExportFormat:
    """How a file of this name is written.

    Raises:
        InvalidInput: the name does not say, or cannot be.
    """
    try:
        Path(path).expanduser()
    except RuntimeError as error:
        raise InvalidInput("there is no such user", next_step="Give another folder.") from error
    form = _BY_SUFFIX.get(Path(path).suffix.lower()) if path and not path.endswith("/") else None
    if form is None:
        raise InvalidInput("not a name of a file", next_step="End it with .csv or .json.")
    return form
