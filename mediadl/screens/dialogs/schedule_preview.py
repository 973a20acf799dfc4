"""What a run of a schedule would fetch: which source, then its list with the rule that decided about each item."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mediadl.errors import MediadlError
from mediadl.screens.notices import notify_error
from mediadl.security.text import safe_text
from mediadl.widgets import plan_text

if TYPE_CHECKING:
    from textual.app import App

    from mediadl.models.schedules import Schedule
    from mediadl.service import Services
    from mediadl.service.preview import Look

_AT_ONCE = 20
"""Sources that are prepared together; of more one is chosen first."""


def preview(app: App[Any], services: Services, what: Schedule | Mapping[str, Any]) -> None:
    """Ask for the source where there are several, then list. `what`: a kept schedule, or what one is told."""
    told = what if isinstance(what, Mapping) else what.spec
    words: Sequence[str] = told.get("sources") or ()
    if len(words) > _AT_ONCE:
        _choose(
            app,
            [plan_text.source_word(word) for word in words],
            lambda n: _prepare(app, services, {**told, "sources": [words[n]]}),
        )
    else:
        _prepare(app, services, what if isinstance(what, Mapping) else what.id)


def _prepare(app: App[Any], services: Services, what: int | Mapping[str, Any]) -> None:
    def work() -> None:
        try:
            looks = services.schedules.looks(what)
        except MediadlError as error:
            notify_error(app, error)
            return
        names = [_name(one.word, one.content_type) for one, _ in looks]
        app.call_later(_choose, app, names, lambda n: _show(app, looks[n][1]))

    app.run_worker(work, thread=True, group="queries", exit_on_error=False)


def _choose(app: App[Any], names: Sequence[str], then: Callable[[int], None]) -> None:
    """Ask for one of several; of one there is no question."""
    from mediadl.screens.dialogs.menu import Choice, MenuDialog

    if not names:
        app.notify("There is no source to look at.", timeout=4)
        return
    if len(names) == 1:
        then(0)
        return

    def chosen(number: str | None) -> None:
        if number is not None:
            then(int(number))

    app.push_screen(MenuDialog("Preview of", [Choice(str(n), name) for n, name in enumerate(names)]), chosen)


def _show(app: App[Any], look: Look) -> None:
    from mediadl.screens.dialogs.pick import PickDialog

    app.push_screen(PickDialog(look, adds=False))


def _name(word: str, content_type: str) -> str:
    return " ".join(filter(None, (plan_text.source_word(word), safe_text(content_type))))
