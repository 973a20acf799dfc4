"""What surrounds a gallery-dl extractor while it works: its log, its pauses."""

from __future__ import annotations

import datetime as dt
import logging
import re
import time
from collections.abc import Callable
from typing import Any

from mediadl import errors
from mediadl.errors import DownloadError
from mediadl.modules.base import Reporter, Task
from mediadl.modules.engines import faults
from mediadl.modules.engines.kept_page import as_response
from mediadl.security.redact import redact_url

_LONGEST_WAIT_S = 30.0
"""A longer wait is for the queue: the job gives its place away."""
_LONGEST_RETRY_PAUSE_S = 5.0
_TOO_MANY = 429
_LOST = re.compile(r": Skipping post$")
"""Said in passing, yet a post without its media (TikTok, when it wants a login)."""
_DECIDED = (errors.MediaNotFound, errors.Private, errors.LoginNeeded, errors.GeoBlocked)
_VAGUE = (errors.Unknown, errors.SiteChanged, errors.EngineBroken)


class Fatal(Exception):
    """Something that the rest of a listing would meet as well."""

    def __init__(self, error: DownloadError) -> None:
        super().__init__(error.message)
        self.error = error


class SessionLog(logging.LoggerAdapter):  # type: ignore[type-arg]
    """An extractor's log: errors are failures, because gallery-dl logs where others raise."""

    def __init__(self, logger: Any, reporter: Reporter, failed: Callable[[DownloadError], None]) -> None:
        super().__init__(logging.getLogger("mediadl.gallery-dl"), {})
        self._name = getattr(logger, "name", "")
        self._reporter = reporter
        self._failed = failed
        self._cause: BaseException | None = None
        self.last_failure: DownloadError | None = None
        """The last error not yet told; what comes next decides whether it concerns one item or the whole."""
        self.last_warning: DownloadError | None = None

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802 - the name is logging's
        """Everything may come; the job's log decides."""
        return True

    def traceback(self, error: BaseException) -> None:
        """gallery-dl calls this with the exception that its next line is about."""
        self._cause = error

    def log(self, level: int, msg: object, *args: object, **kwargs: Any) -> None:
        """One line of the engine."""
        text = self._text(msg, args)
        word = logging.getLevelName(level).lower()
        if text and level > logging.DEBUG:
            self._reporter.log(word if level >= logging.WARNING else "info", f"{self._name}: {text}")
        if level >= logging.ERROR or _LOST.search(text):
            self._on_error(text)
        elif level >= logging.WARNING:
            self.last_warning = faults.from_text(text) or self.last_warning

    def flush(self) -> None:
        """The listing went on after an error: it concerned one item only."""
        failure, self.last_failure = self.last_failure, None
        self._cause = None
        if failure is not None:
            self._failed(failure)

    def explain(self, error: BaseException, what: str) -> DownloadError:
        """The class of an exception; when it says little, what the log said before it counts."""
        failure = faults.from_exception(error, what)
        if isinstance(failure, errors.Challenge) and isinstance(self.last_failure, _DECIDED):
            # The page had no data because there is no such account, not because of a check
            return self.last_failure
        # An engine that stumbles over a missing variable has logged before why it is missing
        clear = not isinstance(failure, _VAGUE)
        if clear and not isinstance(error, NameError):
            return failure
        if self._cause is not None and self._cause is not error:
            earlier = faults.from_exception(self._cause, what)
            if not isinstance(earlier, _VAGUE):
                return earlier
        return failure if clear else self.last_failure or failure

    def _on_error(self, text: str) -> None:
        cause, self._cause = self._cause, None
        failure = faults.from_exception(cause, "") if cause is not None else None
        if failure is None or isinstance(failure, _VAGUE):
            failure = faults.from_text(text) or failure or errors.Unknown(text)
        self.flush()
        if isinstance(failure, errors.RateLimited | errors.DiskFull):
            raise Fatal(failure)
        self.last_failure = failure

    def _text(self, msg: object, args: tuple[object, ...]) -> str:
        try:
            return str(msg) % args if args else str(msg)
        except (TypeError, ValueError):
            return f"{msg} {args}"


class Gate:
    """Stands before every request of a listing, redirects and retries included; shut after the first refusal."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self.refusal: DownloadError | None = None
        """Why nothing more is asked for; extractors go on after many a failure."""

    def guard(self, extr: Any) -> None:
        """Stand before the requests of one extractor, once it has a session."""
        extr.initialize()
        session = extr.session
        if getattr(session, "mediadl_gate", None) is self:
            return
        session.mediadl_gate = self
        send = session.send

        def guarded(request: Any, **options: Any) -> Any:
            if self.refusal is not None:
                raise self.refusal
            asked = str(request.url), self._task.logged_in
            if request.method == "GET" and asked in self._task.pages:
                return as_response(self._task.pages.pop(asked), request)
            try:
                self._task.pace.wait(str(request.url))
            except DownloadError as error:
                self.refusal = error
                raise
            answer = send(request, **options)
            if answer.status_code == _TOO_MANY:
                self.refusal = errors.from_status(
                    _TOO_MANY,
                    redact_url(str(request.url)),
                    faults.retry_after(answer.headers.get("retry-after")),
                )
            return answer

        session.send = guarded


def pace(extr: Any, reporter: Reporter) -> None:
    """Let an extractor's pauses be seen, and hand the long ones to the queue."""

    def sleep(seconds: float, reason: str) -> None:
        if reason == "retry":
            seconds = min(seconds, _LONGEST_RETRY_PAUSE_S)
        if seconds > 1:
            reporter.working(waiting_s=seconds, note=f"pause ({reason})")
        time.sleep(max(0.0, seconds))

    def wait(
        seconds: float | None = None,
        until: Any = None,
        adjust: float = 1.0,
        reason: str = "rate limit",
    ) -> None:
        if not seconds and until is not None:
            moment = (
                until.replace(tzinfo=dt.UTC).timestamp() if isinstance(until, dt.datetime) else float(until)
            )
            seconds = moment - time.time()
        pause = float(seconds or 0) + adjust
        if pause > _LONGEST_WAIT_S:
            raise errors.RateLimited(f"the site asks to wait ({reason})", retry_after_s=pause)
        sleep(pause, reason)

    extr.sleep = sleep
    extr.wait = wait
