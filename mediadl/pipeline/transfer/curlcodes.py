"""What libcurl's result codes mean in our taxonomy."""

from __future__ import annotations

from mediadl.errors import DownloadError, NetworkFailed, ProxyFailed, TlsFailed, TooLarge, Unsupported
from mediadl.pipeline.protocol import NetworkOptions

_PROXY = frozenset({5, 97})
_TLS = frozenset({53, 54, 58, 59, 60, 64, 66, 77, 80, 82, 83, 90, 91, 98})
_UNSUPPORTED = frozenset({1, 3, 4})
_SSL_CONNECT = 35
_REFUSED = frozenset({7, 52})
WRITE_ERROR = 23
_TOO_LARGE = 63
_BROKEN_HANDSHAKE = ("reset", "closed", "eof", "syscall", "timed out", "broken pipe")

_WORDS = {
    6: "the name cannot be resolved",
    7: "no connection",
    18: "the body ended early",
    28: "timed out",
    52: "an empty answer",
    55: "sending failed",
    56: "receiving failed",
    92: "an HTTP/2 stream broke",
}


class SinkFailed(DownloadError):
    """The body could not be written; the file's own error says why."""


class Refused(NetworkFailed):
    """The host took no connection, or dropped it without a word."""


class BodyTooLong(TooLarge):
    """The body went on beyond the cap that was set for it."""


def to_error(code: int, detail: str, name: str, network: NetworkOptions) -> DownloadError:
    """The failure that a result code stands for; `name` is what was asked for, without secrets."""
    # libcurl's own words, without the wrapper's frame; they name hosts but no query
    words = detail.partition("curl: (")[2].partition(") ")[2].partition(". See http")[0].strip()
    said = _WORDS.get(code) or words or f"curl error {code}"
    lowered = words.lower()
    if code == WRITE_ERROR:
        return SinkFailed(f"{name}: the body could not be written")
    if code == _TOO_LARGE:
        return BodyTooLong(f"{name} is larger than allowed")
    if code in _PROXY or (code == 7 and network.proxy) or "proxy" in lowered or "connect tunnel" in lowered:
        return ProxyFailed(f"{name}: {words or said}")
    if code in _TLS or (code == _SSL_CONNECT and not any(word in lowered for word in _BROKEN_HANDSHAKE)):
        return TlsFailed(f"{name}: {words or said}")
    if code in _UNSUPPORTED:
        return Unsupported(f"{name}: {words or said}")
    refused = code in _REFUSED or (code in {_SSL_CONNECT, 56} and "reset" in lowered)
    return (Refused if refused else NetworkFailed)(f"{name}: {said}")
