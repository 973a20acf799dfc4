"""What an engine's exception or message means: the one table from their words to our taxonomy.

Exceptions are told apart by their attributes and class names along the chain of causes, so that no engine is imported
here and a new engine version does not break it. Where only words are left, `TEXTS` decides, first match first.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import errno
import re
from collections.abc import Iterator
from typing import Any

from mediadl import errors
from mediadl.errors import DownloadError
from mediadl.security.redact import redact
from mediadl.security.text import safe_text

_I = re.IGNORECASE

TEXTS: tuple[tuple[re.Pattern[str], type[DownloadError]], ...] = tuple(
    (re.compile(pattern, _I), cls)
    for pattern, cls in (
        # Disk and rights come first: their text is often wrapped in something else
        (r"no space left on device|errno 28\b|disk quota exceeded", errors.DiskFull),
        (r"permission denied: |read-only file system|errno (?:13|30)\b", errors.NotWritable),
        # The way to the server
        (r"certificate[ _]verify[ _]failed|certificateverifyerror|self[- ]signed certificate|certificate has expired"
         r"|ssl certificate problem|hostname .{0,80}doesn'?t match|curl: \(60\)", errors.TlsFailed),
        (r"proxyerror|cannot connect to proxy|unable to connect to proxy|tunnel connection failed|socks\w* "
         r"(?:error|proxy)|407 proxy|curl: \((?:5|97)\)|connect tunnel failed", errors.ProxyFailed),
        (r"is a private address|address refused", errors.AddressRefused),
        # Rate limits and bot checks
        (r"http error 429|'429 |too many requests|rate[- ]?limit|please wait a few minutes|try again later",
         errors.RateLimited),
        (r"sign in to confirm you.{0,3}re not a bot|captcha|cloudflare|ddos-guard|bot (?:check|detection)|solve js challenge"
         r"|javascript challenge|redirect to challenge page|checkpoint_required|challenge_required"
         r"|universal data for rehydration|failed to retrieve rehydration data|unable to extract secondary user id"
         r"|got error: \d+ bytes read|unexpected response from webpage request", errors.Challenge),
        # Who may see it
        (r"not available (?:in|from) your (?:country|location|region)|geo[- ]?(?:restrict|block)|region[- ]locked"
         r"|blocked (?:it )?in your country|status code 10231|available in .{1,200}\. ?you might want to use a vpn",
         errors.GeoBlocked),
        (r"(?:account|profile|video|post)s? (?:is|are) (?:likely )?(?:either )?private|private (?:video|account|profile)"
         r"|do not have permission to view this post|posts are private|status code (?:10216|10222)", errors.Private),
        (r"log ?in (?:is )?(?:required|for access|needed|or sign ?up)|login (?:is )?required|requiring login|need to log ?in"
         r"|redirect to (?:login|home) page|registered users|account credentials|authentication required"
         r"|use --cookies|--username and --password|sign in to (?:confirm your age|view|continue)|cookies (?:are )?needed"
         r"|insufficient privileges|members[- ]only|invalid login|authorizationerror|authrequired|authenticationerror"
         r"|unable to extract lsd token|you may need cookies|http error 401|'401 |not logged in", errors.LoginNeeded),
        # Gone
        (r"http error (?:404|410)|'(?:404|410) |could not be found|has been (?:removed|deleted)|no longer (?:available|exists)"
         r"|does(?: not|n'?t) exist|not available$|status code (?:10204|10221|10404)|is unavailable|video unavailable"
         r"|account .{0,40}terminated|ip address is blocked from accessing this post|requested \w+ not available"
         r"|not found", errors.MediaNotFound),
        (r"http error 451|'451 ", errors.GeoBlocked),
        (r"http error 403|'403 |forbidden|access denied", errors.Forbidden),
        (r"http error 5\d\d|'5\d\d |internal server error|bad gateway|service unavailable", errors.ServerError),
        # Post-processing
        (r"ffmpeg|ffprobe|postprocess|post-process|conversion failed|merging of multiple formats", errors.PostprocessFailed),
        # Nothing there
        (r"unsupported url|no suitable extractor|noextractorerror|is not a valid url", errors.Unsupported),
        (r"no (?:video|media)s? (?:formats )?(?:found|in this post)|there(?:'s| is) no video|does not have any videos"
         r"|no results for|requested format is not available|not have any (?:videos|posts)|no media|only images are available",
         errors.NoMedia),
        (r"drm protected|known to use drm|is drm", errors.Unsupported),
        # Broken transfers
        (r"content too short|bytes read, \d+ more expected|did not get any data blocks|downloaded file is empty",
         errors.NetworkFailed),
        (r"timed? ?out|connection (?:reset|refused|aborted|broken|error)|remote end closed|name or service not known"
         r"|temporary failure in name resolution|failed to resolve|getaddrinfo failed|network is unreachable|no route to host"
         r"|max retries exceeded|transporterror|incompleteread|connectionerror|unable to download (?:data|webpage|json)"
         r"|curl: \((?:6|7|18|28|35|52|55|56|92)\)|ssl: |eof occurred", errors.NetworkFailed),
        # The site speaks another language now
        (r"failed to parse (?:json|xml)|unable to extract|keyerror|could not extract|jsondecodeerror|unable to parse"
         r"|unexpected error occurred|failed to extract|expecting value|indexerror|attributeerror|typeerror|valueerror",
         errors.SiteChanged),
    )
)  # fmt: skip
"""(pattern, class), searched in this order."""

_BY_CLASS: dict[str, type[DownloadError]] = {
    "GeoRestrictedError": errors.GeoBlocked,
    "UnsupportedError": errors.Unsupported,
    "NoExtractorError": errors.Unsupported,
    "CertificateVerifyError": errors.TlsFailed,
    "SSLCertVerificationError": errors.TlsFailed,
    "ProxyError": errors.ProxyFailed,
    "ProxyConnectionError": errors.ProxyFailed,
    "ChallengeError": errors.Challenge,
    "AuthRequired": errors.LoginNeeded,
    "AuthorizationError": errors.LoginNeeded,
    "AuthenticationError": errors.LoginNeeded,
    "CookieLoadError": errors.LoginNeeded,
    "NotFoundError": errors.MediaNotFound,
    "UserNotLive": errors.NoMedia,
    "FFmpegPostProcessorError": errors.PostprocessFailed,
    "PostProcessingError": errors.PostprocessFailed,
    "IncompleteRead": errors.NetworkFailed,
    "ContentTooShortError": errors.NetworkFailed,
    "ChunkedEncodingError": errors.NetworkFailed,
    "ConnectTimeout": errors.NetworkFailed,
    "ReadTimeout": errors.NetworkFailed,
    "ConnectionError": errors.NetworkFailed,
    "TransportError": errors.NetworkFailed,
    "SSLError": errors.NetworkFailed,
    "NameResolutionError": errors.NetworkFailed,
}
_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})
_NO_WRITE = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_OUR_BUGS = (TypeError, AttributeError, NameError, ImportError, RecursionError, AssertionError)
_PARSE_FAILURES = (KeyError, IndexError, ValueError)
_NOISE = re.compile(
    r"\x1b\[[0-9;]*m|^ERROR: |;? ?please report this issue on .*|\. ?Confirm you are on the latest version.*"
    r"|\. Please run gallery-dl again .*|\(caused by .*$",
    _I | re.DOTALL,
)


def from_exception(error: BaseException, what: str = "") -> DownloadError:
    """The class of failure an engine's exception means.

    `what` names the thing asked for, without secrets.
    """
    links = list(_chain(error))
    for link in links:
        if isinstance(link, DownloadError):
            return link
    text = _message(error) or type(error).__name__
    for link in links:
        found = _from_link(link, what, text)
        if found is not None:
            return found
    # Words come before the vaguer kinds of exception: a wrapped OSError says less than its text
    everything = " | ".join(filter(None, (_message(link) for link in links)))
    cls = _by_text(everything)
    if cls is None and any(isinstance(link, OSError) for link in links):
        cls = errors.NetworkFailed
    if cls is None or cls is errors.SiteChanged:
        if any(isinstance(link, _OUR_BUGS) for link in links):
            cls = errors.EngineBroken
        elif cls is None and any(isinstance(link, _PARSE_FAILURES) for link in links):
            cls = errors.SiteChanged
    return (cls or errors.Unknown)(_line(text, what))


def from_text(text: str, what: str = "") -> DownloadError | None:
    """The class of failure an engine's message means; None when the words tell nothing."""
    cls = _by_text(text)
    return cls(_line(_clean(text), what)) if cls else None


def retry_after(value: str | None, now: float | None = None) -> float | None:
    """Seconds of a Retry-After header, given as number or as HTTP date."""
    if not value:
        return None
    text = value.strip()
    if re.fullmatch(r"\d{1,9}(?:\.\d+)?", text):
        return float(text)
    try:
        when = email.utils.parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=dt.UTC)
    base = now if now is not None else dt.datetime.now(dt.UTC).timestamp()
    return max(0.0, when.timestamp() - base)


def _from_link(link: BaseException, what: str, text: str) -> DownloadError | None:
    status = _status(link)
    if status is not None and status >= 400:
        return _from_status(link, status, what, text)
    if isinstance(link, OSError) and link.errno in _NO_SPACE:
        return errors.DiskFull(_line(_message(link), what))
    if isinstance(link, OSError) and link.errno in _NO_WRITE and link.filename:
        return errors.NotWritable(_line(_message(link), what))
    for cls in type(link).__mro__:
        if cls.__name__ in _BY_CLASS:
            chosen = _BY_CLASS[cls.__name__]
            if chosen is errors.NetworkFailed or chosen is errors.ProxyFailed:
                # An SSL error or a connection error often hides a certificate or a proxy
                chosen = _by_text(_message(link), only=(errors.TlsFailed, errors.ProxyFailed)) or chosen
            return chosen(_line(text, what))
    return None


def _from_status(link: BaseException, status: int, what: str, text: str) -> DownloadError:
    headers = _headers(link)
    wait = retry_after(headers.get("retry-after"))
    if type(link).__name__ == "ChallengeError" or headers.get("cf-mitigated") == "challenge":
        return errors.Challenge(_line(text, what), status=status, retry_after_s=wait)
    return errors.from_status(status, what or _subject(link) or "the page", wait)


def _status(link: BaseException) -> int | None:
    status = getattr(link, "status", None)
    if isinstance(status, int) and not isinstance(status, bool) and hasattr(link, "response"):
        return status
    code = getattr(getattr(link, "response", None), "status_code", None)
    return code if isinstance(code, int) else None


def _headers(link: BaseException) -> dict[str, str]:
    headers: Any = getattr(getattr(link, "response", None), "headers", None)
    try:
        return {str(k).lower(): str(v) for k, v in headers.items()}
    except AttributeError:
        return {}


def _subject(link: BaseException) -> str:
    url = getattr(getattr(link, "response", None), "url", None)
    return redact(str(url).partition("?")[0]) if url else ""


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and everything that led to it, outermost first."""
    todo: list[BaseException] = [error]
    seen: set[int] = set()
    while todo:
        link = todo.pop(0)
        if id(link) in seen or len(seen) > 50:
            continue
        seen.add(id(link))
        yield link
        info = getattr(link, "exc_info", None)
        inner = [info[1]] if isinstance(info, tuple) and len(info) == 3 else []
        inner += [getattr(link, "cause", None), getattr(link, "reason", None), link.__cause__]
        if not link.__suppress_context__:
            inner.append(link.__context__)
        inner += link.args[:2]
        todo += [x for x in inner if isinstance(x, BaseException)]


def _message(error: BaseException) -> str:
    for name in ("orig_msg", "msg", "message"):
        value = getattr(error, name, None)
        if isinstance(value, str) and value:
            return _clean(value)
    return _clean(str(error))


def _clean(text: str) -> str:
    return _NOISE.sub("", text).strip()


def _line(text: str, what: str) -> str:
    line = safe_text(redact(text), limit=300) or "no message"
    return f"{line} ({what})" if what and what not in line else line


def _by_text(text: str, only: tuple[type[DownloadError], ...] = ()) -> type[DownloadError] | None:
    for pattern, cls in TEXTS:
        if (not only or cls in only) and pattern.search(text):
            return cls
    return None
