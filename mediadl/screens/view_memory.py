"""What is remembered of the screens from one start to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mediadl import logs
from mediadl.screens.pages import PLACES

if TYPE_CHECKING:
    from mediadl.screens.page import Page
    from mediadl.service.views import ViewService

log = logs.get_logger("screens")


class ViewMemory:
    """The views of all pages, seen or not; on the loop."""

    def __init__(self, views: ViewService) -> None:
        self._views = views
        loaded = views.load()
        place = loaded.get("place")
        pages = loaded.get("pages")
        self.place: str = place if place in {known.name for known in PLACES} else ""
        """The page in front."""
        self._pages: dict[str, Any] = pages if isinstance(pages, dict) else {}
        self._saved = self._content()

    def recall(self, page: Page) -> Page:
        """Let a new page be looked at as before."""
        state = self._pages.get(page.PLACE)
        if isinstance(state, dict):
            page.restore(state)
        return page

    def note(self, page: Page) -> None:
        """Take down how a page is looked at now."""
        self._pages[page.PLACE] = page.view_state()

    def save(self) -> None:
        """Write it down if it changed."""
        content = self._content()
        if content == self._saved:
            return
        try:
            self._views.save(content)
        except OSError as error:
            log.warning("the view could not be saved: %s", error.strerror)
        self._saved = content

    def _content(self) -> dict[str, Any]:
        return {"place": self.place, "pages": dict(self._pages)}
