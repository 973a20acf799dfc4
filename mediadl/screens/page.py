"""What every main screen has: header, its own middle, keys; reading in threads; a view that is remembered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar, cast

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.screen import Screen

from mediadl.events import Event
from mediadl.screens.actions import Keymap, Scope, hints
from mediadl.screens.notices import notify_error
from mediadl.screens.pages import PLACES
from mediadl.widgets.empty_note import SmallNote
from mediadl.widgets.key_bar import KeyBar
from mediadl.widgets.line import Line
from mediadl.widgets.messages import Newest
from mediadl.widgets.status_header import StatusHeader, Totals
from mediadl.workers.queries import LatestQuery

if TYPE_CHECKING:
    from mediadl.service import Services

Q = TypeVar("Q")
A = TypeVar("A")


class Program(Protocol):
    """What a page asks of the app around it."""

    totals: Totals
    keymap: Keymap

    def reasons(self) -> dict[str, str]:
        """Why actions of the app cannot be done now, by action id."""

    def add(self, text: str = "") -> None:
        """Open the add dialog, filled with `text`."""

    def remember(self, page: Page) -> None:
        """Take down how a page is looked at; the next start shows it so."""

    def take_theme(self, name: str) -> None:
        """Show a theme that is kept already."""

    def offer_undo(self, text: str, undo: Callable[[], str], *, quiet: bool = False) -> None:
        """Say what was done, and let `u` take it back for a few seconds; `quiet`: the screen says it already.

        `undo` runs in a thread and returns what it did, in words; it may raise `MediadlError`.
        """


class Page(Screen[None], inherit_bindings=False):
    """A main screen, one per mode of the app. Subclasses give the middle (`body`) and what is read for it."""

    PLACE: ClassVar[str]
    """Its word in `screens.pages`, such as `queue`."""
    SCOPES: ClassVar[tuple[Scope, ...]]
    """Scopes of its actions: its own first, `APP` last."""
    REFRESH_S: ClassVar[float] = 2.0
    """How often `ask` is called although nothing happened; 0: never."""

    class Answered(Newest):
        """A thread answered a question."""

        def __init__(self, use: Callable[[Any], None], answer: object) -> None:
            super().__init__()
            self.use = use
            self.answer = answer

        def can_replace(self, message: Message) -> bool:
            """Whether it answers the same kind of question."""
            return isinstance(message, type(self)) and message.use == self.use

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services
        # Kept by name: what is heard while the screen comes or goes must find them
        self._header = StatusHeader([(known.name, known.title) for known in PLACES])
        self._keys = KeyBar(id="keys")
        self._readers: list[tuple[str, LatestQuery[Any, Any]]] = []

    def compose(self) -> ComposeResult:
        """Header, middle, keys."""
        with Vertical(id=self.PLACE, classes="page"):
            yield self._header
            yield from self.body()
            yield self._keys
        yield SmallNote(id="small")

    # What a subclass gives

    def body(self) -> ComposeResult:
        """The middle."""
        raise NotImplementedError

    def ask(self) -> None:
        """Read again what is shown; called when it is shown, when something happened, and every `REFRESH_S`."""

    def hear(self, happened: Sequence[Event]) -> None:
        """The database changed; only called while the page is in front."""
        del happened
        self.ask()

    def reasons(self) -> dict[str, str]:
        """Why actions cannot be done now, by action id; those that can are missing."""
        return self.program.reasons()

    def key_lead(self) -> str:
        """A word before the keys on what they apply to, such as `3 marked`."""
        return ""

    def filter_by(self, words: str) -> None:
        """Show only what has these words; a page without a filter has nothing to do."""
        del words

    def view_state(self) -> dict[str, Any]:
        """How it is looked at (filter, order, place), in JSON's types; kept for the next start."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Look at it as before; called once, before it is shown. Whatever makes no sense is left out."""

    async def leave_guard(self) -> bool:
        """Whether it may be left now; a page with unsaved changes, or under a dialog with some, asks first."""
        for screen in reversed(self.app.screen_stack[1:]):
            guard = getattr(screen, "leave_guard", None)
            if guard is not None and not await guard():
                return False
        return True

    # What a subclass uses

    @property
    def program(self) -> Program:
        """The app."""
        return cast("Program", self.app)

    @property
    def in_front(self) -> bool:
        """Whether it is the page that is shown, maybe under a dialog."""
        return self.is_attached and self in self.app.screen_stack

    def reads(self, name: str, answer: Callable[[Q], A], use: Callable[[A], None]) -> LatestQuery[Q, A]:
        """A reader with a thread of its own, for `__init__`; ends with the page.

        Args:
            name: of the worker.
            answer: reads, in the thread.
            use: shows, on the loop.
        """

        def publish(found: A) -> None:
            self.post_message(self.Answered(use, found))

        def trouble(error: Exception) -> None:
            notify_error(self.app, error)

        reader: LatestQuery[Q, A] = LatestQuery(answer, publish, trouble)
        self._readers.append((name, reader))
        return reader

    def refused(self, name: str) -> bool:
        """Whether an action cannot be done now; says why."""
        reason = self.reasons().get(f"{self.SCOPES[0].value}.{name}", "")
        if reason:
            self.notify(reason, severity="warning", timeout=4, markup=False)
        return bool(reason)

    def refresh_keys(self) -> None:
        """Show the keys that do something now."""
        found = hints(self.SCOPES, self.reasons(), keymap=self.program.keymap)
        self._keys.show(found, lead=self.key_lead())

    def show_totals(self, totals: Totals) -> None:
        """The totals of the whole program changed."""
        self._header.show(self.PLACE, totals)

    def work(self, work: Callable[[], None], *, group: str = "verbs") -> None:
        """Run something in a thread; what it raises becomes a toast."""
        # On the app: its worker handler catches what nobody expected
        self.app.run_worker(work, thread=True, group=group, exit_on_error=False)

    # Life

    def on_mount(self) -> None:
        """Start the threads."""
        for name, reader in self._readers:
            self.app.run_worker(reader.run, thread=True, group="queries", name=name, exit_on_error=False)
        self.show_totals(self.program.totals)
        self.refresh_keys()
        self.call_after_refresh(self.ask)
        if self.REFRESH_S:
            self.set_interval(self.REFRESH_S, self._ask_in_front)

    def on_screen_resume(self) -> None:
        """It is shown again."""
        self.show_totals(self.program.totals)
        self.ask()

    def on_unmount(self) -> None:
        """Let the threads end; the app no longer knows its screens when it is told."""
        self.program.remember(self)
        for _, reader in self._readers:
            reader.stop()

    def _ask_in_front(self) -> None:
        if self.in_front:
            self.ask()

    def on_page_answered(self, message: Answered) -> None:
        """Show what was read."""
        message.stop()
        message.use(message.answer)

    async def on_line_clicked(self, message: Line.Clicked) -> None:
        """Something on a line was clicked: a key of the footer, a number of the header, a tab."""
        message.stop()
        await self.run_action(message.action.removeprefix("screen."))

    def action_show_status(self, word: str) -> None:
        """A number of the header was clicked: those jobs, on the Queue."""
        self.app.call_later(self.app.run_action, f"show_status('{word}')")
