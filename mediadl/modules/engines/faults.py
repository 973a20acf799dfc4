"""What an engine's exception or message means: the one table from their words to our taxonomy.

Exceptions are told apart by their attributes and class names along the chain of causes, so that no engine is imported
here and a new engine version does not break it. Where only words are left, the table in `fault_words` decides, first
match first.
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
from mediadl.modules.engines.fault_words import WORDS
from mediadl.security.redact import redact
from mediadl.security.text import safe_text

_I = re.IGNORECASE

_TEXTS = tuple((re.compile("|".join(words), _I), cls) for cls, words in WORDS)
"""Class of failure and the words that mean it, searched in this order."""
_PLAIN_WORDS = tuple(
    (re.compile(pattern, _I), plain)
    for pattern, plain in (
        (
            r"IP address is blocked from accessing this post",
            "the post is gone, or TikTok hides it from this connection; a try later, or from elsewhere, tells which",
        ),
        (
            r"tiktok\.com/.{1,200}: Requested \w+ not available",
            "the post is gone, or TikTok hides it from this connection; a try later, or from elsewhere, tells which",
        ),
        (r"status code 10231", "the post is not shown in this region"),
        (r"local variable 'page'", "Instagram did not give the profile page: too many requests"),
        (r"(?:checkpoint|challenge)_required", "the site wants to check the account: open it in a browser"),
        (r"feedback_required", "the site has restricted the account: let it rest, then open it in a browser"),
    )
)
"""Where an engine's words mislead."""
_NOISE_PARTS = (
    r"\x1b\[[0-9;]*m",
    r"^ERROR: ",
    r"\.? ?Use --(?:cookies|username).*",
    r"\.? ?If you are able to get the channel_id.*",
    r"\. Consider adding --.*",
    r"[;.]? ?please report this issue on .*",
    r"\. ?Confirm you are on the latest version.*",
    r"\. Please run gallery-dl again .*",
    r"\(caused by .*$",
    r" See https://curl\.se/.*",
)
_NOISE = re.compile("|".join(_NOISE_PARTS), _I | re.DOTALL)
_BODIES: tuple[tuple[re.Pattern[str], type[DownloadError]], ...] = (
    (re.compile(r"wait a few minutes|rate_?limit", _I), errors.RateLimited),
    (re.compile(r"_cf_chl_opt|_wafchallengeid|waforiginalreid", _I), errors.Challenge),
    (re.compile(r"(?:login|checkpoint|challenge|feedback)_required|require_login", _I), errors.LoginNeeded),
)
"""What the page of a refusal says when the status says something else."""
_BODY_CHARS = 4000
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
    "AbortDownloadException": errors.LoginNeeded,
    "BadResponseException": errors.SiteChanged,
    "IPhoneSupportDisabledException": errors.EngineBroken,
    "InvalidArgumentException": errors.Unsupported,
    "LoginException": errors.LoginNeeded,
    "LoginRequiredException": errors.LoginNeeded,
    "PostChangedException": errors.SiteChanged,
    "PrivateProfileNotFollowedException": errors.Private,
    "ProfileHasNoPicsException": errors.NoMedia,
    "ProfileNotExistsException": errors.MediaNotFound,
    "QueryReturnedBadRequestException": errors.Forbidden,
    "QueryReturnedForbiddenException": errors.Forbidden,
    "QueryReturnedNotFoundException": errors.MediaNotFound,
    "TooManyRequestsException": errors.RateLimited,
}
"""Engines' exception classes that say enough by themselves."""
_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})
_NO_WRITE = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_OUR_BUGS = (TypeError, AttributeError, NameError, ImportError, RecursionError, AssertionError)
_PARSE_FAILURES = (KeyError, IndexError, ValueError)


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
    # "Use --cookies" is noise to people, but it says that a login is missing
    everything = " | ".join(filter(None, (_said(link) for link in links)))
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
            elif chosen is errors.LoginNeeded:
                # gallery-dl also says so of bans and captchas
                chosen = _by_text(_message(link), only=(errors.RateLimited, errors.Challenge)) or chosen
            return chosen(_line(text, what))
    return None


def _from_status(link: BaseException, status: int, what: str, text: str) -> DownloadError:
    headers = _headers(link)
    wait = retry_after(headers.get("retry-after"))
    for pattern, cls in _BODIES:
        if status < 500 and pattern.search(_body(link)):
            return cls(_line(text, what), status=status, retry_after_s=wait)
    if type(link).__name__ == "ChallengeError" or headers.get("cf-mitigated") == "challenge":
        return errors.Challenge(_line(text, what), status=status, retry_after_s=wait)
    if status == 400:
        return errors.Forbidden(_line(text, what), status=status, retry_after_s=wait)
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


def _body(link: BaseException) -> str:
    """The beginning of what came with a refusal, where the engine has read it."""
    text = getattr(getattr(link, "response", None), "text", None)
    return text[:_BODY_CHARS] if isinstance(text, str) else ""


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
    return _clean(_said(error))


def _said(error: BaseException) -> str:
    for name in ("orig_msg", "msg", "message"):
        value = getattr(error, name, None)
        if isinstance(value, str) and value:
            return value
    return str(error)


def _clean(text: str) -> str:
    return _NOISE.sub("", text).strip()


def _line(text: str, what: str) -> str:
    for pattern, plain in _PLAIN_WORDS:
        if pattern.search(text):
            text = plain
    line = safe_text(redact(text), limit=300) or "no message"
    subject = safe_text(what, limit=200)
    return f"{line} ({subject})" if subject and subject not in line else line


def _by_text(text: str, only: tuple[type[DownloadError], ...] = ()) -> type[DownloadError] | None:
    for pattern, cls in _TEXTS:
        if (not only or cls in only) and pattern.search(text):
            return cls
    return None
