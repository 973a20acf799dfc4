"""Takes cookies for a site, from a file, a browser or a paste, and lets a job that waits for it go on."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from textual import events
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from mediadl.errors import MediadlError
from mediadl.models import Job, JobStatus
from mediadl.screens.actions import Scope, bindings, hints
from mediadl.screens.job_verbs import JobVerbs
from mediadl.screens.notices import notify_error
from mediadl.security.text import safe_text
from mediadl.service.sessions import DEFAULT_ACCOUNT, Extras
from mediadl.widgets.amounts import plural
from mediadl.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from mediadl.service import Services
    from mediadl.service.sessions import Imported, Tested

_COOKIES = re.compile(r"^\s*(cookie\s*:|curl(\.exe)?\s|[\[{])|^[^\s/=;]+=[^;]*;", re.IGNORECASE)
"""How a paste begins that holds cookies and is no path."""


def _is_over() -> Callable[[], bool]:
    """Whether the app ends and the worker that asks should."""
    worker = get_current_worker()
    return lambda: worker.is_cancelled


def _is_cookies(text: str) -> bool:
    """Whether a paste holds cookies, and not a path or a name."""
    return "\n" in text.strip() or bool(_COOKIES.search(text))


def import_for(app: App[Any], services: Services, verbs: JobVerbs, job: Job) -> None:
    """Ask for cookies for the job's site; a failed job is tried again with them."""

    def imported(found: Imported | None) -> None:
        tell(app, services, found)
        if found is not None and job.status is JobStatus.FAILED:
            verbs.retry([job.id], job)

    app.push_screen(SessionDialog(services, job.url, name=job.site), imported)


def tell(app: App[Any], services: Services, found: Imported | None) -> None:
    """Say what was taken, then ask the site whether the login works and say that."""
    if found is None:
        return
    session = found.session
    text = f"{plural(session.cookies, 'cookie')} for {session.site}"
    if found.expired:
        text += f"\nRun out already: {safe_text(found.expired)}"
    severity: Literal["information", "warning"] = "information"
    if found.warning:
        severity = "warning"
        text += f"\n{safe_text(found.warning)}"
    app.notify(text, title="Session imported", severity=severity, markup=False, timeout=5)
    if found.advice:
        app.notify(
            safe_text(found.advice), title="Good to know", severity="warning", markup=False, timeout=12
        )

    def work() -> None:
        try:
            tested = services.sessions.test(session.site, session.account, _is_over())
        except MediadlError as error:
            app.call_later(notify_error, app, error)
            return
        app.call_later(_tell_test, app, tested)

    app.run_worker(work, thread=True, group="session-test", exit_on_error=False)


def _tell_test(app: App[Any], tested: Sequence[Tested]) -> None:
    for one in tested:
        if one.works is None and one.error is None:
            continue  # nobody can tell; the next job shows
        refused = one.works is False
        words = safe_text(f"{one.session.site}: {one.words}", limit=300)
        title = "Login refused" if refused else "Login tested"
        app.notify(
            words, title=title, severity="error" if refused else "information", markup=False, timeout=6
        )


class PlainField(Input):
    """A field of one line; cookies that are pasted into it by mistake go where they belong."""

    def __init__(self, *, placeholder: str, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(placeholder=placeholder, id=id, compact=True)

    def _on_paste(self, event: events.Paste) -> None:
        if _is_cookies(event.text):
            event.prevent_default()
            event.stop()
            self.screen.query_one(SecretField).take(event.text)


class SecretField(Input):
    """Takes a path or a name as any field; cookies that are pasted are kept, and only counted on the screen."""

    def __init__(self, *, placeholder: str, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(placeholder=placeholder, id=id, compact=True)
        self._hint = placeholder
        self._pasted = ""

    @property
    def said(self) -> str:
        """What was given."""
        return self._pasted or self.value

    def _on_paste(self, event: events.Paste) -> None:
        if _is_cookies(event.text):
            event.prevent_default()
            event.stop()
            self.take(event.text)

    def take(self, text: str) -> None:
        """Keep cookies that were pasted."""
        self._pasted = text = text.strip()
        self.value = ""
        self.placeholder = f"● {plural(len(text), 'character')} pasted, not shown; Backspace takes them away"

    async def _on_key(self, event: events.Key) -> None:
        if self._pasted and (event.is_printable or event.key in {"backspace", "delete"}):
            self._pasted = ""
            self.placeholder = self._hint
            if not event.is_printable:
                event.prevent_default()
                event.stop()


class SessionDialog(ModalScreen["Imported | None"], inherit_bindings=False):
    """Asks where the cookies are; the answer is what was taken from there."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.SESSION,)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.SESSION)]
    AUTO_FOCUS = "Input"

    def __init__(
        self, services: Services, address: str = "", *, name: str = "", account: str = DEFAULT_ACCOUNT
    ) -> None:
        """`address` is a page of the site, or its word; empty: it is asked for. `name` is what people call it."""
        super().__init__()
        self._services = services
        self._address = address
        self._name = name or address
        self._account = account
        self._site = PlainField(placeholder="site, such as instagram or forum.example", id="site")
        self._field = SecretField(
            placeholder="cookies.txt, firefox, chrome, or paste the cookies", id="cookies-path"
        )
        self._name_field = PlainField(placeholder="account, if there are several", id="account")
        self._keys = KeyBar(id="session-keys")
        self._working = False

    def compose(self) -> ComposeResult:
        """Explanation, field, keys."""
        with Vertical(id="session", classes="dialog") as box:
            box.border_title = "Import cookies"
            yield Static(
                f"{safe_text(self._name) or 'A site'} wants a login. Log in with a browser, then give its cookies"
                " here: a cookies.txt, the name of a browser on this machine (firefox:PROFILE), or paste a request's"
                " Cookie header or an extension's JSON. A spare account is safer than your own.",
                id="session-text",
                markup=False,
            )
            if not self._address:
                yield self._site
            yield self._field
            if not self._address:
                yield self._name_field
            yield self._keys

    def on_mount(self) -> None:
        """Show the keys."""
        self._keys.show(hints(self.SCOPES, {}))

    def action_submit(self) -> None:
        """Take them."""
        said = self._field.said.strip()
        site = self._address or self._site.value.strip()
        if not site:
            self._site.focus()
            return
        if not said:
            self._field.focus()
            return
        if self._working:
            return
        self._working = True
        extras = Extras(self._name_field.value.strip() or self._account)

        def work() -> None:
            try:
                found = self._services.sessions.import_said(site, said, extras, _is_over())
            except MediadlError as error:
                self.app.call_later(self._refused, error)
            else:
                self.app.call_later(self.dismiss, found)

        self.app.run_worker(work, thread=True, group="verbs", exit_on_error=False)

    def _refused(self, error: MediadlError) -> None:
        self._working = False
        notify_error(self.app, error)

    def action_next_field(self) -> None:
        """Next field."""
        self.focus_next()

    def action_previous_field(self) -> None:
        """Field before."""
        self.focus_previous()

    def action_close(self) -> None:
        """Import nothing."""
        self.dismiss(None)
