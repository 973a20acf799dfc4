"""The lock screen: hides everything until the right password is typed. Shown by whoever has a `Gate`."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import partial
from typing import ClassVar, Protocol

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from mediadl.errors import MediadlError
from mediadl.screens.actions import Scope, bindings, hints
from mediadl.screens.notices import error_text
from mediadl.security.text import safe_text
from mediadl.widgets.key_bar import KeyBar

LOCKED_TITLE = "mediadl · locked"
"""What the terminal's title says meanwhile."""

_FREE_TRIES = 3
_LONGEST_WAIT_S = 60.0
_LONGEST_PASSWORD = 1024


class Gate(Protocol):
    """What knows the password."""

    def check(self, password: str) -> bool:
        """Whether it is right. Called in a thread, one call at a time; may be slow.

        Raises:
            MediadlError: it cannot be told.
        """


class Tries:
    """How long to wait before the next try: not after the first few, then twice as long each time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wrong = 0
        self._until = 0.0

    @property
    def wait_s(self) -> float:
        """Seconds until another try is allowed."""
        return max(0.0, self._until - self._clock())

    def wrong(self) -> None:
        """Another try failed."""
        self._wrong += 1
        if self._wrong >= _FREE_TRIES:
            self._until = self._clock() + min(2.0 ** (self._wrong - _FREE_TRIES), _LONGEST_WAIT_S)


class LockScreen(ModalScreen[bool], inherit_bindings=False):
    """Covers everything; the answer comes when it is unlocked. Only its own keys work."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.LOCK,)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.LOCK)]
    AUTO_FOCUS = "#password"
    LOCKED = True
    """The app asks nothing and shows no toast over it."""
    CSS = """
    LockScreen { align: center middle; background: $background; }
    LockScreen Toast { display: none; }
    #lock { width: 56; max-width: 95%; padding: 1 2; }
    #lock Input { background: $background; border: none; height: 1; padding: 0 1; margin: 1 0; }
    #lock #lock-told { height: 2; }
    """

    def __init__(self, gate: Gate, *, why: str = "", clock: Callable[[], float] = time.monotonic) -> None:
        """`why` is said above the field, such as that nobody was here for a while."""
        super().__init__()
        self._gate = gate
        self._why = safe_text(why) or "This screen is locked. Downloads go on."
        self._tries = Tries(clock)
        self._told = Static("", id="lock-told", markup=False)
        self._field = Input(
            password=True, placeholder="password", id="password", compact=True, max_length=_LONGEST_PASSWORD
        )
        self._keys = KeyBar(id="lock-keys")
        self._checking = False

    def compose(self) -> ComposeResult:
        """What it is, the field, what happened, keys."""
        with Vertical(id="lock", classes="dialog") as box:
            box.border_title = "mediadl"
            yield Static(self._why, id="lock-why", markup=False)
            yield self._field
            yield self._told
            yield self._keys

    def on_mount(self) -> None:
        """Say nothing in the title either."""
        self._keys.show(hints(self.SCOPES, {}))
        name: Callable[[str], None] | None = getattr(self.app, "name_terminal", None)
        if name is not None:
            name(LOCKED_TITLE)

    def on_paste(self, event: events.Paste) -> None:
        """What is pasted beside the field goes nowhere."""
        event.stop()

    def _say(self, text: str, style: str) -> None:
        self._told.update(Content.styled(text, style), layout=False)

    def action_unlock(self) -> None:
        """Try the password, with the letters that are still on their way to the field."""
        self._field.call_later(self._unlock)

    def _unlock(self) -> None:
        password = self._field.value
        if self._checking or not password:
            return
        wait_s = self._tries.wait_s
        if wait_s > 0:
            self._say(f"⚠ Too many tries. Wait {math.ceil(wait_s)} s.", "$text-warning")
            return
        self._checking = True
        self._field.value = ""
        self._say("Checking …", "$foreground-muted")
        self.app.run_worker(
            partial(self._check, password), thread=True, group="lock", name="lock", exit_on_error=False
        )

    def _check(self, password: str) -> None:
        # Thread
        try:
            right = self._gate.check(password)
        except MediadlError as error:
            self.app.call_later(self._failed, error)
        else:
            self.app.call_later(self._checked, right)

    def _failed(self, error: MediadlError) -> None:
        self._checking = False
        title, text = error_text(error)
        self._say(f"✗ {title}: {text}", "$text-error")

    def _checked(self, right: bool) -> None:
        self._checking = False
        if right:
            self.dismiss(True)
            return
        self._tries.wrong()
        self._say("✗ That is not the password.", "$text-error")

    def action_clear(self) -> None:
        """Begin again."""
        self._field.value = ""
        self._say("", "")

    def action_leave(self) -> None:
        """Quit; downloads go on."""
        self.app.exit(0)
