"""Toasts: what happened, why, and what to do next. Never markup, never a traceback."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mediadl import logs
from mediadl.errors import MediadlError
from mediadl.security.text import safe_lines, safe_text

if TYPE_CHECKING:
    from textual.app import App

log = logs.get_logger("screens")


def notify_error(app: App[Any], error: BaseException) -> None:
    """Tell of a failure; callable from any thread."""
    title, text = error_text(error)
    if not isinstance(error, MediadlError):
        log.error("unexpected failure in a screen: %s", type(error).__name__, exc_info=error)
    app.notify(text, title=title, severity="error", timeout=10, markup=False)


def error_text(error: BaseException) -> tuple[str, str]:
    """Title and text of a failure for people."""
    if isinstance(error, MediadlError):
        lines = [error.message, error.next_step]
        return error.title, safe_lines("\n".join(line for line in lines if line), limit=600)
    what = safe_text(error, limit=200) or "no details"
    return (
        "Unexpected failure",
        f"{type(error).__name__}: {what}\nNothing is lost. Details: mediadl logs --level error",
    )
