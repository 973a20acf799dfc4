"""The one error tree: what went wrong, what it means to a person, and what the program does about it.

MediadlError
├── InvalidInput          not a URL, bad value, unknown option
├── NotFound              no such job, setting, file or command target
├── DatabaseUnusable      newer, corrupt, locked
├── PermissionDenied      role or folder rights
│   └── LoginRefused      name, password or code are not right, or too many tries
├── DaemonUnavailable     the background process cannot be started or reached
├── EngineRefused         a version of an engine was tried and not taken
├── VaultLocked           the sealed cookies cannot be opened
└── DownloadError         everything that can happen to one download (the taxonomy below)

A `DownloadError` class carries its `kind` (the word stored in the database and shown to people) and its `action`; the
pipeline decides from the class alone: retry, wait, next backend, stop, pause the site. Errors cross process borders as
the dictionaries of `to_dict` and `from_dict`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar


class Action(StrEnum):
    """What the pipeline does about a failed try."""

    RETRY = "retry"
    """Try the same backend again after a back-off."""
    NEXT_BACKEND = "next_backend"
    """Ask the next backend of the chain; retry later when none is left and the error can heal."""
    PAUSE_SITE = "pause_site"
    """Let the whole site cool down, then try again; costs no attempt."""
    WAIT = "wait"
    """Wait for a person or a resource (login, free space); costs no attempt."""
    STOP = "stop"
    """Nothing another try could change."""


class MediadlError(Exception):
    """Root of everything mediadl raises on purpose.

    `str(error)` is one line: what happened, to what. `next_step` says what to do about it.
    """

    title: ClassVar[str] = "Failed"
    exit_code: ClassVar[int] = 1
    next_step: str = ""

    def __init__(self, message: str, *, next_step: str | None = None) -> None:
        super().__init__(message)
        if next_step is not None:
            self.next_step = next_step

    @property
    def message(self) -> str:
        """What happened, to what."""
        return str(self.args[0]) if self.args else self.title


class InvalidInput(MediadlError):
    """A value that cannot be used."""

    title = "Invalid input"
    exit_code = 2


class NotFound(MediadlError):
    """Something named by the user does not exist."""

    title = "Not found"
    exit_code = 3


class PermissionDenied(MediadlError):
    """The caller may not do this."""

    title = "Permission denied"
    exit_code = 8


class LoginRefused(PermissionDenied):
    """Nobody was signed in.

    Attributes:
        reason: `wrong`, `code` (a code of the second factor is missing or wrong) or `throttled`.
        retry_after_s: seconds until another try is looked at, if it was throttled.
        needs_code: name and password were right; ask for the code.
    """

    title = "Not signed in"

    def __init__(
        self,
        message: str,
        *,
        reason: str = "wrong",
        retry_after_s: float | None = None,
        needs_code: bool = False,
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.retry_after_s = retry_after_s
        self.needs_code = needs_code


class FolderNotWritable(MediadlError):
    """A folder that must be writable is not."""

    title = "Folder not writable"
    exit_code = 6


class DatabaseUnusable(MediadlError):
    """The database is newer, corrupt, locked or on an unsuitable file system; it was not touched."""

    title = "Database unusable"
    exit_code = 9


class DaemonUnavailable(MediadlError):
    """The background process could not be started or does not answer."""

    title = "Daemon unavailable"
    exit_code = 1


class VaultLocked(MediadlError):
    """The key that the cookies were sealed with is not here, or does not fit."""

    title = "Cookies locked"
    exit_code = 4
    next_step = "Put the key back where it was, or import the cookies again: mediadl session import."


class EngineRefused(MediadlError):
    """A version of an engine was not taken into use; the one before goes on working."""

    title = "Engine not taken"
    exit_code = 1


LONGEST_WAIT_S = 7 * 86_400.0
"""More than a site can ask us to wait."""

STRANDED_S = LONGEST_WAIT_S + 86_400.0
"""A rest that ends later than this was begun while the clock was wrong, and is over."""


class DownloadError(MediadlError):
    """A try to download something failed.

    Attributes:
        kind: the stable word for this class of failure.
        action: what the pipeline does next.
        retry_after_s: seconds the site asked us to wait, if it said.
        status: the HTTP status, if one was involved.
    """

    kind: ClassVar[str] = "unknown"
    title = "Unexpected failure"
    action: ClassVar[Action] = Action.RETRY
    next_step = "Retry it; if it fails again, look at the job's log lines."

    def __init__(
        self,
        message: str,
        *,
        retry_after_s: float | None = None,
        status: int | None = None,
        next_step: str | None = None,
    ) -> None:
        super().__init__(message, next_step=next_step)
        # Whatever a server says, nothing waits for years
        self.retry_after_s = None if retry_after_s is None else min(retry_after_s, LONGEST_WAIT_S)
        self.status = status

    def to_dict(self) -> dict[str, Any]:
        """JSON form for pipes and the database."""
        return {
            "kind": self.kind,
            "message": self.message,
            "status": self.status,
            "retry_after_s": self.retry_after_s,
        }


class Unknown(DownloadError):
    """None of the classes below fits."""


class MediaNotFound(DownloadError):
    """The post, user or file does not exist (any more)."""

    kind = "not_found"
    title = "Not found"
    exit_code = 3
    action = Action.STOP
    next_step = "Check the address; it may have been removed."


class Private(DownloadError):
    """The account or post is private and the session in use may not see it."""

    kind = "private"
    title = "Private"
    exit_code = 4
    action = Action.STOP
    next_step = "Import a session of an account that may see it: mediadl session import."


class LoginNeeded(DownloadError):
    """The site shows this to logged-in accounts only, or the session has died."""

    kind = "login_needed"
    title = "Login needed"
    exit_code = 4
    action = Action.WAIT
    next_step = (
        "Import fresh cookies: mediadl session import SITE cookies.txt; the job then goes on by itself."
    )


class RateLimited(DownloadError):
    """The site told us to slow down."""

    kind = "rate_limited"
    title = "Rate limited"
    exit_code = 5
    action = Action.PAUSE_SITE
    next_step = "Nothing to do: the site cools down and the job goes on by itself."


class SiteRests(DownloadError):
    """The site, or every way to it, is being left alone after it refused."""

    kind = "site_rests"
    title = "Site rests"
    exit_code = 5
    action = Action.RETRY
    next_step = "Nothing to do: the job goes on by itself when the rest is over."


class BudgetSpent(DownloadError):
    """The account has sent as many requests as it may for now."""

    kind = "budget"
    title = "Request budget used up"
    exit_code = 5
    action = Action.RETRY
    next_step = (
        "Nothing to do: it goes on by itself; platforms.instagram_requests_per_hour sets how many there are."
    )


class Challenge(DownloadError):
    """A bot check or checkpoint stands in the way."""

    kind = "challenge"
    title = "Bot check"
    exit_code = 5
    action = Action.NEXT_BACKEND
    next_step = "Open the site in a browser, pass the check, then import its cookies."


class Forbidden(DownloadError):
    """The server refused without saying why."""

    kind = "forbidden"
    title = "Refused by the server"
    exit_code = 5
    action = Action.NEXT_BACKEND
    next_step = "Import a session for this site, or try again later."


class GeoBlocked(DownloadError):
    """Not available in the country of this connection."""

    kind = "geo"
    title = "Not available in your country"
    exit_code = 5
    action = Action.STOP
    next_step = "Set network.proxy to an exit in another country and retry."


class ExpiredLink(DownloadError):
    """A signed media address ran out; listing again gives a fresh one."""

    kind = "expired_link"
    title = "Link expired"
    action = Action.RETRY
    next_step = "Nothing to do: the post is listed again."


class SiteChanged(DownloadError):
    """The site answered in a shape the engine does not know."""

    kind = "site_changed"
    title = "Site changed"
    action = Action.NEXT_BACKEND
    next_step = "Update the engines: mediadl engines update; then retry."


class Unsupported(DownloadError):
    """No engine knows this address."""

    kind = "unsupported"
    title = "Unsupported URL"
    exit_code = 7
    action = Action.NEXT_BACKEND
    next_step = "Give the address of a post, a profile or a media file."


class NoMedia(DownloadError):
    """Everything answered, yet no file was found and none was skipped."""

    kind = "no_media"
    title = "Nothing found"
    action = Action.NEXT_BACKEND
    next_step = "Check that the page shows media; it may need a login."


class NetworkFailed(DownloadError):
    """DNS, connect, reset, time-out: the way to the server broke."""

    kind = "network"
    title = "Network failed"
    action = Action.RETRY
    next_step = "Check the connection; the job retries by itself."


class ProxyFailed(DownloadError):
    """The proxy did not let us through."""

    kind = "proxy"
    title = "Proxy failed"
    action = Action.RETRY
    next_step = "Check network.proxy."


class TlsFailed(DownloadError):
    """The certificate could not be trusted; mediadl never falls back to an unverified connection."""

    kind = "tls"
    title = "Certificate not trusted"
    action = Action.STOP
    next_step = "Check the clock and network.ca_file."


class ServerError(DownloadError):
    """The server failed (5xx)."""

    kind = "server_error"
    title = "Server error"
    action = Action.RETRY
    next_step = "Nothing to do: the job retries by itself."


class TooSlow(DownloadError):
    """The transfer stayed below the minimum speed."""

    kind = "too_slow"
    title = "Too slow"
    action = Action.RETRY
    next_step = "Nothing to do: the job retries by itself."


class BadContent(DownloadError):
    """What arrived is not what was announced: wrong length, HTML for media, broken container."""

    kind = "bad_content"
    title = "Broken or wrong content"
    action = Action.RETRY
    next_step = "Retry it; open the address in a browser to see what the site serves."


class NotMedia(DownloadError):
    """A direct address answered with a page, not with a file."""

    kind = "not_media"
    title = "A page, not a file"
    action = Action.NEXT_BACKEND
    next_step = "Give the address of the file, or of a site an engine knows."


class TooLarge(DownloadError):
    """The file is larger than allowed."""

    kind = "too_large"
    title = "Too large"
    action = Action.STOP
    next_step = "Raise downloads.max_file_bytes and retry."


class AddressRefused(DownloadError):
    """The address leads into a private network and the caller is not trusted with it."""

    kind = "address_refused"
    title = "Address refused"
    exit_code = 2
    action = Action.STOP
    next_step = "Only the local owner may download from private addresses."


class DiskFull(DownloadError):
    """Not enough free space for the file and the reserve."""

    kind = "disk_full"
    title = "Disk full"
    exit_code = 6
    action = Action.WAIT
    next_step = "Free some space or lower downloads.min_free_bytes; the job goes on by itself."


class NotWritable(DownloadError):
    """The download folder cannot be written."""

    kind = "not_writable"
    title = "Folder not writable"
    exit_code = 6
    action = Action.STOP
    next_step = "Check downloads.directory and its rights, then retry."


class NotBetter(DownloadError):
    """What arrived to take a stored file's place is not better, or that file is not as it was stored: it stays."""

    kind = "not_better"
    title = "No better version"
    action = Action.STOP
    next_step = "Nothing to do: the stored file stays as it is."


class PostprocessFailed(DownloadError):
    """Merging or embedding failed; the source is kept."""

    kind = "postprocess"
    title = "Post-processing failed"
    action = Action.RETRY
    next_step = "Run mediadl doctor to check ffmpeg, then retry."


class EngineBroken(DownloadError):
    """The engine itself crashed or could not be started."""

    kind = "engine_broken"
    title = "Engine crashed"
    action = Action.NEXT_BACKEND
    next_step = "Update the engines: mediadl engines update; then retry. mediadl doctor shows what is wrong."


class Incomplete(DownloadError):
    """Some items of the job were stored, others failed."""

    kind = "incomplete"
    title = "Some items failed"
    action = Action.RETRY
    next_step = "Retry it: only the missing items are fetched."


class Interrupted(DownloadError):
    """The process that worked on it died; nothing is lost."""

    kind = "interrupted"
    title = "Interrupted"
    action = Action.RETRY
    next_step = "Nothing to do: the job goes on by itself."


KINDS: dict[str, type[DownloadError]] = {
    cls.kind: cls
    for cls in (
        Unknown, MediaNotFound, Private, LoginNeeded, RateLimited, SiteRests, BudgetSpent, Challenge, Forbidden,
        GeoBlocked, ExpiredLink, SiteChanged, Unsupported, NoMedia, NetworkFailed, ProxyFailed, TlsFailed, ServerError,
        TooSlow, BadContent, NotMedia, TooLarge, AddressRefused, DiskFull, NotWritable, NotBetter, PostprocessFailed,
        EngineBroken, Incomplete, Interrupted,
    )
}  # fmt: skip
"""Every class of download failure by its word."""


def from_dict(record: dict[str, Any]) -> DownloadError:
    """The error that `to_dict` made; an unknown kind becomes `Unknown`."""
    cls = KINDS.get(str(record.get("kind")), Unknown)
    return cls(
        str(record.get("message") or cls.title),
        retry_after_s=record.get("retry_after_s"),
        status=record.get("status"),
    )


def from_status(status: int, what: str, retry_after_s: float | None = None) -> DownloadError:
    """The class of failure an HTTP status means. `what` names the thing asked for, without secrets."""
    message = f"HTTP {status} for {what}"
    cls: type[DownloadError]
    if status in {404, 410}:
        cls = MediaNotFound
    elif status == 401:
        cls = LoginNeeded
    elif status == 403:
        cls = Forbidden
    elif status == 407:
        cls = ProxyFailed
    elif status == 429:
        cls = RateLimited
    elif status == 451:
        cls = GeoBlocked
    elif status >= 500:
        # A 503 with Retry-After is a rate limit in other words
        cls = RateLimited if status == 503 and retry_after_s else ServerError
    else:
        cls = BadContent
    return cls(message, status=status, retry_after_s=retry_after_s)
