"""Takes a cookies.txt for a site, and lets a job that waits for it go on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from mediadl.errors import MediadlError
from mediadl.models import Job, JobStatus
from mediadl.screens.actions import Scope, bindings, hints
from mediadl.screens.job_verbs import JobVerbs
from mediadl.screens.notices import notify_error
from mediadl.security.text import safe_text
from mediadl.service.sessions import DEFAULT_ACCOUNT
from mediadl.widgets.amounts import plural
from mediadl.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from mediadl.service import Services
    from mediadl.service.sessions import Imported


def import_for(app: App[Any], services: Services, verbs: JobVerbs, job: Job) -> None:
    """Ask for cookies for the job's site; a failed job is tried again with them."""

    def imported(found: Imported | None) -> None:
        tell(app, found)
        if found is not None and job.status is JobStatus.FAILED:
            verbs.retry([job.id], job)

    app.push_screen(SessionDialog(services, job.url, name=job.site), imported)


def tell(app: App[Any], found: Imported | None) -> None:
    """Say what was taken from a file."""
    if found is None:
        return
    session = found.session
    text = f"{plural(session.cookies, 'cookie')} for {session.site}"
    if found.expired:
        text += f"\nRun out already: {safe_text(found.expired)}"
    app.notify(text, title="Session imported", markup=False, timeout=5)


class SessionDialog(ModalScreen["Imported | None"], inherit_bindings=False):
    """Asks for a file; the answer is what was taken from it."""

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
        self._site = Input(placeholder="site, such as instagram or forum.example", id="site", compact=True)
        self._field = Input(placeholder="path of cookies.txt", id="cookies-path", compact=True)
        self._keys = KeyBar(id="session-keys")
        self._working = False

    def compose(self) -> ComposeResult:
        """Explanation, field, keys."""
        with Vertical(id="session", classes="dialog") as box:
            box.border_title = "Import cookies"
            yield Static(
                f"{safe_text(self._name) or 'A site'} wants a login. Log in with a browser, export its cookies as"
                " cookies.txt (Netscape format), and give the file here. A spare account is safer than your own.",
                id="session-text",
                markup=False,
            )
            if not self._address:
                yield self._site
            yield self._field
            yield self._keys

    def on_mount(self) -> None:
        """Show the keys."""
        self._keys.show(hints(self.SCOPES, {}))

    def action_submit(self) -> None:
        """Take the file."""
        path = self._field.value.strip()
        site = self._address or self._site.value.strip()
        if not site:
            self._site.focus()
            return
        if not path:
            self._field.focus()
            return
        if self._working:
            return
        self._working = True

        def work() -> None:
            try:
                found = self._services.sessions.import_file(site, Path(path).expanduser(), self._account)
            except MediadlError as error:
                self.app.call_later(self._refused, error)
            else:
                self.app.call_later(self.dismiss, found)

        self.app.run_worker(work, thread=True, group="verbs", exit_on_error=False)

    def _refused(self, error: MediadlError) -> None:
        self._working = False
        notify_error(self.app, error)

    def action_close(self) -> None:
        """Import nothing."""
        self.dismiss(None)
