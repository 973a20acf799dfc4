"""Takes secrets out of text and URLs before they reach a log, the database or a screen."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_SECRET_WORD = (
    r"(?:token|sig|signature|secret|password|passwd|pwd|auth|authorization|session|sessionid|csrf\w*|key|apikey|api_key"
    r"|access_token|x-amz-[\w-]+|policy|hdnea|hmac|otp|cookie|_nc_\w+|oh|oe|tk|expire|expires|credential)"
)
_SECRET_PARAM = re.compile(rf"^{_SECRET_WORD}$", re.IGNORECASE)
_URL = re.compile(r"\b(https?|socks[45]h?)://[^\s\"'<>\\]+", re.IGNORECASE)
_HEADER = re.compile(
    r"\b(authorization|proxy-authorization|cookie|set-cookie|x-csrf\w*)(['\"]?\s*[:=]\s*)[^\r\n]+",
    re.IGNORECASE,
)
_PAIR = re.compile(rf"(?<![\w-])({_SECRET_WORD})(['\"]?\s*[=:]\s*['\"]?)([^\s&;,'\"]+)", re.IGNORECASE)
HIDDEN = "[hidden]"


def redact_url(url: str) -> str:
    """The URL without user:password, fragment and the values of secret-looking parameters."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return HIDDEN
    if ":" in host:
        host = f"[{host}]"
    user = f"{HIDDEN}@" if parts.username or parts.password else ""
    query = parts.query
    if query:
        pairs = [
            (k, HIDDEN if _SECRET_PARAM.match(k) else v) for k, v in parse_qsl(query, keep_blank_values=True)
        ]
        query = urlencode(pairs, safe="[]:/,@")
    return urlunsplit((parts.scheme, user + host + port, parts.path, query, ""))


def redact(text: str) -> str:
    """The text with secrets replaced: headers, `name=value` pairs, credentials and signatures in URLs."""
    hidden = _HEADER.sub(lambda m: f"{m[1]}{m[2]}{HIDDEN}", text)
    hidden = _URL.sub(lambda m: redact_url(m[0]), hidden)
    return _PAIR.sub(lambda m: m[0] if m[3].startswith(HIDDEN) else f"{m[1]}{m[2]}{HIDDEN}", hidden)
