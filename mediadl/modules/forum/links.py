"""Addresses in posts: made absolute, freed of sessions and of the masks that forums put over links to other sites."""

from __future__ import annotations

import base64
import binascii
import functools
import re
from urllib.parse import quote, unquote, urljoin, urlsplit

from mediadl.errors import InvalidInput
from mediadl.modules.base import site_of
from mediadl.security.urls import clean_url

_SAFE = "%/:=&?~#+!$,;'@()*[]|"
"""What may stand in an address as it is; everything else is percent-encoded."""
_NOT_WEB = re.compile(
    r"^\s*(?:data|blob|javascript|mailto|tel|about|magnet|irc|ftp|file|xmpp|skype):", re.IGNORECASE
)
_BLANKS = re.compile(r"[\t\r\n\f\v\x00-\x1f\x7f]+")
_SESSION = re.compile(r"^(?:sid|s|phpsessid|sesskey|sessionid|jsessionid)$", re.IGNORECASE)
_SESSION_VALUE = re.compile(r"^(?:[0-9a-f]{24,64}|)$", re.IGNORECASE)
_MASK_STEP = re.compile(
    r"^(?:link-confirmation|redirect(?:or|ion|-to)?|proxy|out|outgoing|go|goto|away|leave|leaving|exit|external"
    r"|externallink|link|linkfilter|linkout|url|anonym\w*)(?:\.(?:php|html?|aspx?))?$",
    re.IGNORECASE,
)
_MASK_HOST = re.compile(
    r"^(?:(?:www\.)?(?:anonym\w*|anon|nullrefer|dereferer|blankrefer|hiderefer|href)\.[a-z]{2,18})$"
)
_MASK_QUERY = re.compile(
    r"(?:^|[&;])(?:controller|do|action|app)=(?:redirect|outgoing|linkout|embed)(?:$|[&;])"
)
_EMBEDDED = re.compile(r"https?(?::|%3a)(?:/|%2f){2}.+", re.IGNORECASE)
_BASE64 = re.compile(r"^[A-Za-z0-9_+/-]{12,4096}={0,2}$")
_MAX_MASKS = 3


def absolute(href: str | None, base: str) -> str:
    """The http(s) address that `href` on a page at `base` leads to, without its fragment; empty when there is none."""
    text = _BLANKS.sub("", (href or "").strip())
    if not text or text.startswith("#") or len(text) > 8192 or _NOT_WEB.match(text):
        return ""
    try:
        joined = urljoin(base, text).partition("#")[0]
        parts = urlsplit(joined)
        if not parts.hostname or not re.fullmatch(r"[\w.:%-]+", parts.hostname):
            return ""
        tail = quote(joined.partition("://")[2], safe=_SAFE, errors="replace")
        return clean_url(f"{parts.scheme.lower()}://{tail}")
    except (InvalidInput, ValueError):
        return ""


def same_site(url: str, other: str) -> bool:
    """Whether two addresses belong to one forum: one host, a host below the other, or two below one domain."""
    a, b = site_of(url), site_of(other)
    if not a or not b:
        return False
    if a == b or a.endswith("." + b) or b.endswith("." + a):
        return True
    above_a, above_b = a.partition(".")[2], b.partition(".")[2]
    first, dot, last = above_a.rpartition(".")
    # Two names below co.uk have nothing in common
    return bool(dot) and above_a == above_b and not last.isdigit() and (len(first) > 3 or len(last) > 2)


def pairs(query: str) -> list[tuple[str, str]]:
    """Names and values of a query in their order, still encoded; SMF separates them by `;`."""
    return [
        (name, value) for part in re.split(r"[&;]", query) if part for name, _, value in [part.partition("=")]
    ]


def parameter(query: str, name: str) -> str:
    """The decoded value of one parameter; empty when it is not there."""
    return next((unquote(value) for key, value in pairs(query) if key.lower() == name), "")


def without(url: str, names: frozenset[str]) -> str:
    """The address without these parameters (names in lower case), the others and their separators as they were."""
    path, mark, query = url.partition("?")
    if not mark:
        return url
    kept = ""
    for part in re.findall(r"[&;]?[^&;]+", query):
        if part.lstrip("&;").partition("=")[0].lower() not in names:
            kept += part if kept else part.lstrip("&;")
    return f"{path}?{kept}" if kept else path


def without_session(url: str, home: str = "") -> str:
    """The address without session ids; at the forum at `home` whatever stands in such a parameter is one."""
    if ";jsessionid=" in url.lower():
        url = re.sub(r";jsessionid=[\w.!-]*", "", url, flags=re.IGNORECASE)
    query = url.partition("?")[2]
    if not query:
        return url
    own = bool(home) and same_site(url, home)
    gone = frozenset(
        name.lower()
        for name, value in pairs(query)
        if _SESSION.match(name) and (own or _SESSION_VALUE.match(value))
    )
    return without(url, gone) if gone else url


def unmask(url: str) -> str:
    """Where a redirect page of a forum would lead in the end; the address itself when it is none."""
    for _ in range(_MAX_MASKS):
        inner = _inner(url)
        if not inner or inner == url:
            break
        url = inner
    return url


@functools.lru_cache(maxsize=1024)
def cleaned(href: str, base: str) -> str:
    """Absolute, unmasked and without session: the form in which addresses are kept; empty when unusable."""
    url = absolute(href, base)
    return without_session(unmask(url), base) if url else ""


def _inner(url: str) -> str:
    """What one mask hides; empty when there is no mask or nothing usable behind it."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return ""
    masked_host = bool(_MASK_HOST.match(host))
    steps = [step for step in parts.path.split("/") if step]
    masked = (
        masked_host
        or any(_MASK_STEP.match(step) for step in steps)
        or bool(_MASK_QUERY.search(parts.query.lower()))
        or any(_MASK_STEP.match(step) for step in re.split(r"[/&;]", parts.query)[:3] if "=" not in step)
    )
    if not masked:
        return ""
    for _, value in pairs(parts.query):
        if found := _decoded(value):
            # A value that is not encoded may hold the separators of this query
            return absolute(_whole(found, value, parts.query), url)
    if embedded := _EMBEDDED.match(parts.query):
        return absolute(unquote(embedded[0]) if "%3a" in embedded[0][:9].lower() else embedded[0], url)
    after = re.search(r"/(https?(?::|%3a)/{1,2}.+)$", parts.path, re.IGNORECASE)
    if after and (masked_host or len(steps) > 1):
        inner = unquote(after[1]) if "%3a" in after[1][:9].lower() else after[1]
        inner = re.sub(r"^(https?):/(?!/)", r"\1://", inner)
        return absolute(inner + (f"?{parts.query}" if parts.query else ""), url)
    return ""


def _whole(found: str, value: str, query: str) -> str:
    """A plain address in a query goes on to the query's end when it has a query of its own."""
    if found != value or "?" not in value:
        return found
    tail = query[query.index(value) :]
    return re.sub(r"[&;](?:hash|key|csrfKey|return_error|_xf\w+)=[^&;]*", "", tail)


def _decoded(value: str) -> str:
    """The address in a parameter's value: as it is, percent-encoded (once or twice) or base64; empty: none."""
    text = value
    for _ in range(3):
        if re.match(r"https?://[^/\s]", text, re.IGNORECASE):
            return text
        if text.startswith("//") and "." in text:
            return "https:" + text
        undone = unquote(text)
        if undone == text:
            break
        text = undone
    if not _BASE64.match(text):
        return ""
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        raw = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""
    return raw.strip() if re.match(r"https?://[^/\s]", raw.strip(), re.IGNORECASE) else ""
