"""What a run of a schedule would fetch: which source, then its list with the rule that decided about each item."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mediadl.errors import MediadlError
from mediadl.screens.notices import notify_error
from mediadl.security.text import safe_text
from mediadl.widgets import plan_text

if TYPE_CHECKING:
    from textual.app import App

    from mediadl.service import Services
    from mediadl.service.preview import Look


def preview(app: App[Any], services: Services, what: int | Mapping[str, Any]) -> None:
    """Ask for the source where there are several, then list. `what`: a schedule's number, or what one is told."""

    def work() -> None:
        try:
            looks = services.schedules.looks(what)
        except MediadlError as error:
            notify_error(app, error)
            return
        named = [(_name(one.word, one.content_type), look) for one, look in looks]
        app.call_later(_choose, app, named)

    app.run_worker(work, thread=True, group="queries", exit_on_error=False)


def _choose(app: App[Any], looks: list[tuple[str, Look]]) -> None:
    from mediadl.screens.dialogs.menu import Choice, MenuDialog

    if not looks:
        app.notify("There is no source to look at.", timeout=4)
        return
    if len(looks) == 1:
        _show(app, looks[0][1])
        return
    choices = [Choice(str(n), name) for n, (name, _look) in enumerate(looks)]

    def chosen(number: str | None) -> None:
        if number is not None:
            _show(app, looks[int(number)][1])

    app.push_screen(MenuDialog("Preview of", choices), chosen)


def _show(app: App[Any], look: Look) -> None:
    from mediadl.screens.dialogs.pick import PickDialog

    app.push_screen(PickDialog(look, adds=False))


def _name(word: str, content_type: str) -> str:
    return " ".join(filter(None, (plan_text.source_word(word), safe_text(content_type))))
