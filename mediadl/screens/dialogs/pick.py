"""The preview: what an address would give, with ticks; Enter adds exactly the ticked ones."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static

from mediadl.errors import MediadlError
from mediadl.models import Identity, MediaKind
from mediadl.screens.actions import Scope, bindings, hints
from mediadl.security.text import safe_text
from mediadl.widgets import amounts
from mediadl.widgets.key_bar import KeyBar
from mediadl.widgets.messages import Newest
from mediadl.widgets.tick_list import TickList, TickRow

if TYPE_CHECKING:
    from mediadl.service.preview import Listed, Look, Outcome

Picked = tuple[tuple[Identity, ...], ...]
"""Each item by all its names."""


class PickDialog(ModalScreen[Picked | None], inherit_bindings=False):
    """Lists in a thread; the answer is what was ticked, or `None`."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.PICK,)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.PICK, modal=True)]
    AUTO_FOCUS = "TickList"
    CSS_PATH = "add_more.tcss"

    class Arrived(Newest):
        """Items were found, or something is to be told."""

    def __init__(self, look: Look, *, adds: bool = True) -> None:
        """`adds`: what is ticked is the answer; else it is only looked at."""
        super().__init__()
        self._look = look
        self._adds = adds
        self._new: deque[Listed] = deque()
        self._items: dict[int, Listed] = {}
        self._note = ""
        self._outcome: Outcome | None = None
        self._trouble: MediadlError | None = None
        self._stopping = False
        self.list = TickList(id="items")
        self._strip = Static("", id="about", markup=False)
        self._summary = Static("", id="pick-summary", markup=False)
        self._keys = KeyBar(id="pick-keys")

    @property
    def listing(self) -> bool:
        """Whether there may be more."""
        return self._outcome is None and self._trouble is None

    def compose(self) -> ComposeResult:
        """List, what is known of the line under the cursor, how far it is, keys."""
        with Vertical(id="pick", classes="dialog") as box:
            box.border_title = "Preview"
            yield self.list
            yield self._strip
            yield self._summary
            yield self._keys

    def on_mount(self) -> None:
        """Begin to list."""
        self.app.run_worker(self._list, thread=True, group="queries", name="preview", exit_on_error=False)
        self._show()

    def on_unmount(self) -> None:
        """Nobody looks any more."""
        self._look.stop()

    def _list(self) -> None:
        """Thread: list to the end."""
        try:
            self._outcome = self._look.run(self._heard, self._told)
        except MediadlError as error:
            self._trouble = error
        self.post_message(self.Arrived())

    def _heard(self, listed: Listed) -> None:
        # Thread
        self._new.append(listed)
        self.post_message(self.Arrived())

    def _told(self, note: str) -> None:
        # Thread
        self._note = note
        self.post_message(self.Arrived())

    def on_pick_dialog_arrived(self) -> None:
        """Show what came."""
        fresh = [self._new.popleft() for _ in range(len(self._new))]
        if fresh:
            self._items.update({one.number: one for one in fresh})
            self.list.append_rows([_row(one) for one in fresh])
        self._show()

    def on_tick_list_changed(self) -> None:
        """Count again."""
        self._show()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Tell more of this one."""
        event.stop()
        self._show()

    def _show(self) -> None:
        row = self.list.current
        self._strip.update(_about(self._items[row.number]) if row is not None else "")
        self._summary.update(self._said())
        against = {"pick.submit": ""} if not self.list.ticked or not self._adds else {}
        if not self._adds:
            against |= {"pick.tick": "", "pick.all": ""}
        self._keys.show(hints(self.SCOPES, against, modal=True))

    def _said(self) -> Content:
        trouble = self._trouble or (self._outcome.trouble if self._outcome is not None else None)
        if trouble is not None and not self._items:
            said = f"✗ {safe_text(trouble.message)}. {trouble.next_step}"
            return Content.styled(said, "$text-error")
        accepted = sum(one.accepted for one in self._items.values())
        parts = [f"{len(self._items)} listed", f"{accepted} accepted"]
        parts += (
            [f"{len(self.list.ticked)} ticked"] if self._adds else [f"{len(self._items) - accepted} left out"]
        )
        if self.listing:
            lead = "Stopping …" if self._stopping else "Listing …"
            parts = [lead, *parts, safe_text(self._note, limit=60)]
        elif trouble is not None:
            parts.append(f"✗ ended early: {safe_text(trouble.message)}")
        elif self._outcome is not None:
            parts += _ending(self._outcome)
        return Content(" · ".join(part for part in parts if part))

    # Actions

    def action_submit(self) -> None:
        """Take exactly the ticked ones."""
        ticked = self.list.ticked
        if not self._adds:
            self.notify("This is what a run would do: Esc goes back.", timeout=4)
            return
        if not ticked:
            self.notify("Tick something first: Space.", timeout=4)
            return
        self.dismiss(tuple(self._items[number].names for number in ticked))

    def action_close(self) -> None:
        """Stop listing; then: add nothing."""
        if self.listing and not self._stopping:
            self._stopping = True
            self._look.stop()
            self._show()
        else:
            self.dismiss(None)

    def action_tick(self) -> None:
        """Set or take a tick."""
        if self._adds:
            self.list.toggle()

    def action_all(self) -> None:
        """Tick everything, or nothing when everything is ticked."""
        if self._adds:
            self.list.tick_all(on=len(self.list.ticked) < len(self.list.rows))

    def action_cursor_down(self) -> None:
        """Next item."""
        self.list.action_cursor_down()

    def action_cursor_up(self) -> None:
        """The item before."""
        self.list.action_cursor_up()

    def action_page_down(self) -> None:
        """One screen down."""
        self._step(self.list.size.height)

    def action_page_up(self) -> None:
        """One screen up."""
        self._step(-self.list.size.height)

    def action_half_down(self) -> None:
        """Half a screen down."""
        self._step(self.list.size.height // 2)

    def action_half_up(self) -> None:
        """Half a screen up."""
        self._step(-(self.list.size.height // 2))

    def action_top(self) -> None:
        """First item."""
        self.list.action_first()

    def action_bottom(self) -> None:
        """Last item."""
        self.list.action_last()

    def _step(self, lines: int) -> None:
        if self.list.highlighted is not None:
            last = len(self.list.rows) - 1
            self.list.highlighted = max(0, min(self.list.highlighted + lines, last))


def _row(one: Listed) -> TickRow:
    return TickRow(
        one.number, safe_text(one.title) or safe_text(one.names[0].id), _facts(one), safe_text(one.why)
    )


def _facts(one: Listed) -> str:
    kind = "" if one.kind is MediaKind.OTHER else one.kind.value
    parts = [kind, amounts.span(one.duration_s), amounts.size(one.size_bytes)]
    return "  ".join(part for part in parts if part)


def _about(one: Listed) -> Content:
    day = time.strftime("%Y-%m-%d", time.gmtime(one.posted_at)) if one.posted_at is not None else ""
    verdict = f"✗ {safe_text(one.why)}" if one.why else "✓ accepted"
    facts = [verdict, day, *_facts(one).split("  "), safe_text(one.source)]
    return Content.assemble(
        safe_text(one.title) or safe_text(one.names[0].id),
        "\n",
        (" · ".join(part for part in facts if part), "$foreground-muted"),
    )


def _ending(outcome: Outcome) -> list[str]:
    said = [f"{outcome.unreadable} unreadable"] if outcome.unreadable else []
    if outcome.more:
        said.append("there may be more")
    if outcome.said and not outcome.items:
        said.append(safe_text(outcome.said))
    elif not outcome.items:
        said.append("nothing found")
    return said
