"""The sources of a schedule: typed or pasted, each checked while typing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Static

from mediadl.screens.actions import Scope, bindings, hints
from mediadl.screens.dialogs.add_fields import AddressArea
from mediadl.screens.notices import notify_error
from mediadl.security.text import safe_lines
from mediadl.widgets.add_preview import preview_lines
from mediadl.widgets.amounts import count, plural
from mediadl.widgets.key_bar import KeyBar
from mediadl.widgets.line import Line
from mediadl.widgets.messages import Newest
from mediadl.workers.queries import LatestQuery

if TYPE_CHECKING:
    from mediadl.service import Services
    from mediadl.service.intake import Preview

_MOST_CHARS = 400_000
_MANY_LINES = 50
"""From so many on, typing has to pause before they are looked at again."""
_PAUSE_S = 0.2


@dataclass(frozen=True, slots=True)
class _Checked:
    text: str
    found: Sequence[Preview]


class SourcesDialog(ModalScreen["list[str] | None"], inherit_bindings=False):
    """Its answer is the sources, `None` for no change."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.SOURCES,)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.SOURCES)]
    AUTO_FOCUS = "AddressArea"
    CSS_PATH = "schedule.tcss"

    class Checked(Newest):
        """A text was looked at."""

        def __init__(self, checked: _Checked) -> None:
            super().__init__()
            self.checked = checked

    def __init__(
        self,
        services: Services,
        sources: Sequence[str],
        *,
        platform: str = "",
        content_types: Sequence[str] = (),
    ) -> None:
        """`platform`, `content_types`: what the schedule says of all its sources."""
        super().__init__()
        self._area = AddressArea(
            safe_lines("\n".join(sources), limit=_MOST_CHARS),
            id="source-text",
            compact=True,
            show_line_numbers=False,
        )
        self._summary = Static("", id="source-summary", markup=False)
        self._found = Static("", id="source-found", markup=False)
        self._keys = KeyBar(id="source-keys")
        self._checked: _Checked | None = None
        self._submit_when_checked = False
        self._pausing: Timer | None = None
        self._checks: LatestQuery[str, _Checked] = LatestQuery(
            lambda text: _Checked(text, _look(services, text, platform, tuple(content_types))),
            lambda checked: self._post(self.Checked(checked)),
            lambda error: notify_error(self.app, error),
        )

    def compose(self) -> ComposeResult:
        """Field, what each word is, keys."""
        with Vertical(id="sources", classes="dialog") as box:
            box.border_title = "Sources"
            yield self._area
            yield self._summary
            with VerticalScroll(id="source-scroll", can_focus=False):
                yield self._found
            yield self._keys

    def on_mount(self) -> None:
        """Start checking."""
        self.app.run_worker(
            self._checks.run, thread=True, group="queries", name="sources", exit_on_error=False
        )
        self._area.move_cursor(self._area.document.end)
        self._keys.show(hints(self.SCOPES, {}))
        self._show()
        self._checks.ask(self._area.text)

    def on_unmount(self) -> None:
        """Stop checking."""
        self._checks.stop()

    def _post(self, message: Message) -> None:
        # Thread of the checks
        self.post_message(message)

    def on_text_area_changed(self) -> None:
        """Look while typing."""
        if self._pausing is not None:
            self._pausing.stop()
            self._pausing = None
        if self._area.document.line_count > _MANY_LINES:
            self._pausing = self.set_timer(_PAUSE_S, self._check_now)
        else:
            self._check_now()

    def _check_now(self) -> None:
        self._pausing = None
        self._checks.ask(self._area.text)

    def on_paste(self, event: events.Paste) -> None:
        """Pasted beside the field: into the field."""
        event.stop()
        if self.focused is not self._area:
            self.call_after_refresh(self._area.insert, safe_lines(event.text, limit=_MOST_CHARS))
            self._area.focus()

    def on_sources_dialog_checked(self, message: Checked) -> None:
        """Show what was found."""
        if message.checked.text != self._area.text:
            return
        self._checked = message.checked
        self._show()
        if self._submit_when_checked:
            self._submit_when_checked = False
            self.action_submit()

    def _show(self) -> None:
        found = self._checked.found if self._checked else ()
        self._summary.update(_summary(found), layout=False)
        self._found.update(preview_lines(found))

    async def on_line_clicked(self, message: Line.Clicked) -> None:
        """A key of the footer was clicked."""
        message.stop()
        await self.run_action(message.action.removeprefix("screen."))

    # Actions

    def action_submit(self) -> None:
        """Take them, when all can be looked at."""
        checked = self._checked
        if checked is None or checked.text != self._area.text:
            self._submit_when_checked = True
            self._check_now()
            return
        bad = [one for one in checked.found if one.error]
        if bad:
            said = f"Line {bad[0].line}: {bad[0].error}\n{bad[0].next_step}"
            self.notify(said, title=_not_usable(len(bad)), severity="warning", markup=False, timeout=6)
        elif not checked.found:
            self.notify("Type or paste a source first.", severity="warning", timeout=4)
        else:
            self.dismiss(list(dict.fromkeys(one.text for one in checked.found)))

    def action_new_line(self) -> None:
        """Another line."""
        self._area.insert("\n")
        self._area.focus()

    def action_close(self) -> None:
        """Change nothing."""
        self.dismiss(None)


def _look(services: Services, text: str, platform: str, content_types: tuple[str, ...]) -> list[Preview]:
    from mediadl.service import schedule_form

    return schedule_form.look_at(services, text, platform, content_types)


def _not_usable(number: int) -> str:
    return f"{plural(number, 'source')} cannot be looked at"


def _summary(found: Sequence[Preview]) -> Content:
    """The whole text in one line."""
    if not found:
        words = "Addresses, or instagram:NAME; one per line."
        return Content.styled(words, "$foreground-muted")
    bad = sum(1 for one in found if one.error)
    parts = [(f"✓ {plural(len(found) - bad, 'source')}", "bold $text-success")] if bad < len(found) else []
    if bad:
        parts.append(("   " if parts else "", ""))
        parts.append((f"✗ {count(bad)} not usable", "bold $text-error"))
    return Content.assemble(*parts)
