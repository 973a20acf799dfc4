"""How sites answer, a line each: sign, word, site, and why or since when."""

from __future__ import annotations

import time
from collections.abc import Sequence

from textual.content import Content
from textual.widget import Widget

from mediadl.models import Health, SiteHealth
from mediadl.security.text import safe_text
from mediadl.widgets import job_text
from mediadl.widgets.amounts import plural, span
from mediadl.widgets.columns import clip, pad
from mediadl.widgets.when import ago

GLYPHS: dict[Health, str] = {Health.OK: "✓", Health.TROUBLE: "▲", Health.BLOCKED: "✗"}
"""One cell per state; the word always stands beside it."""

_STYLES: dict[Health, str] = {
    Health.OK: "$text-success",
    Health.TROUBLE: "bold $text-warning",
    Health.BLOCKED: "bold $text-error",
}
_STATE_CELLS = 9
_SITE_CELLS = (14, 26)


def reason(site: SiteHealth, now: float) -> str:
    """The one thing worth knowing of a site: why it does not answer, or when it did last."""
    if site.health is Health.OK:
        last = ago(site.last_success_at, now)
        return f"last success {last}" if last else "nothing wrong so far"
    pieces = []
    if site.cooldown_until is not None:
        pieces.append(f"rests {span(site.cooldown_until - now)}")
    if site.reason:
        pieces.append(job_text.reason_title(site.reason))
    if site.failures:
        pieces.append(f"{plural(site.failures, 'error')} in a row" if site.failures > 1 else "1 error")
    last = ago(site.last_success_at, now)
    pieces.append(f"last success {last}" if last else "no success yet")
    return " · ".join(pieces)


def line(site: SiteHealth, now: float, width: int) -> Content:
    """A site in `width` cells."""
    state = f"{GLYPHS[site.health]} {site.health.value}"
    low, high = _SITE_CELLS
    room = max(low, min(high, width // 3))
    name = "".join(text for text, _ in pad([(safe_text(site.site) or "unknown", "")], room))
    rest = clip(reason(site, now), max(width - _STATE_CELLS - 1 - room - 1, 0))
    return Content.assemble(
        (f"{state:<{_STATE_CELLS}} ", _STYLES[site.health]), (name, "bold"), " ", (rest, "$foreground-muted")
    )


class PlatformHealth(Widget):
    """The sites, those in trouble first, as many as there is room for."""

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._sites: Sequence[SiteHealth] = ()
        self._now = 0.0
        self._painted: Content | None = None

    def show(self, sites: Sequence[SiteHealth], now: float | None = None) -> None:
        """Show these; nothing is painted when the words are the same as before."""
        self._sites, self._now = sites, time.time() if now is None else now
        if self.is_attached and self._text() != self._painted:
            self.refresh()

    @property
    def text(self) -> str:
        """What it says, for tests and the curious."""
        return str(self._text())

    def render(self) -> Content:
        """Title and lines."""
        self._painted = self._text()
        return self._painted

    def _text(self) -> Content:
        width, room = self.size.width, max(self.size.height - 1, 0)
        ill = sum(1 for site in self._sites if site.health is not Health.OK)
        head = f"Sites  {ill} not well" if ill else "Sites"
        lines = [Content.styled(head, "bold $foreground-muted")]
        if not self._sites:
            lines.append(Content.styled("No site was asked yet.", "$foreground-muted"))
        shown = self._sites if len(self._sites) <= room else self._sites[: max(room - 1, 1)]
        lines += [line(site, self._now, width) for site in shown]
        if len(shown) < len(self._sites):
            lines.append(Content.styled(f"… and {len(self._sites) - len(shown)} more", "$foreground-muted"))
        return Content("\n").join(lines[: self.size.height or None])
