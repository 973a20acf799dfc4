"""Reads cookies with suspicion, in whatever form people bring them: a cookies.txt, JSON of an extension, a header."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mediadl.errors import InvalidInput
from mediadl.security.cookies import HOW, Cookie, expiry, parse

MAX_FILE_BYTES = 10_000_000
_MOST = 20_000
"""No browser holds more cookies for one site; a longer list is something else."""
_LONGEST_VALUE = 16_384
_LONGEST_AGENT = 400
_AGENT = re.compile(r"^[A-Za-z][A-Za-z0-9._-]*/[\x20-\x7e]+$")
_BAD = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_DOMAIN = re.compile(r"^\.?[\w-]+(\.[\w-]+)*$")
_NAME = re.compile(r"^[^\s=;,\"\\]+$")
_COOKIE_LINE = re.compile(r"^\s*(?:cookie\s*:\s*)?(?=\S*=)(.+)$", re.IGNORECASE)
_COOKIE_HEADER = re.compile(r"^\s*cookie\s*:\s*(.*)$", re.IGNORECASE)
_AGENT_HEADER = re.compile(r"^\s*user-agent\s*:\s*(.*)$", re.IGNORECASE)
_CURL = re.compile(r"^\s*curl(\.exe)?\s", re.IGNORECASE)
_CURL_HEADER = re.compile(r"""(?:-H|--header|-b|--cookie|-A|--user-agent)\s+\$?(['"])(.*?)(?<!\\)\1""")
_CURL_FLAG = re.compile(r"^(-b|--cookie|-A|--user-agent)")
_NETSCAPE = re.compile(r"^\S+[ \t]+(TRUE|FALSE)[ \t]+\S+[ \t]+(TRUE|FALSE)[ \t]", re.IGNORECASE)
_PASTE_HOW = (
    "Paste a request's Cookie header (browser, F12, Network), the JSON of a cookie extension, or cookies.txt."
)


@dataclass(frozen=True, slots=True)
class Paste:
    """What was found."""

    cookies: tuple[Cookie, ...]
    user_agent: str = ""
    """Of the browser, where the text has it."""


def is_user_agent(text: str) -> bool:
    """Whether a text is what a browser calls itself; engines take some other words for orders."""
    return bool(_AGENT.match(text)) and len(text) <= _LONGEST_AGENT


def read_file(raw: bytes, hosts: Sequence[str], *, secure: bool = True) -> Paste:
    """The cookies of a file: cookies.txt, or the JSON that extensions export.

    Raises:
        InvalidInput: neither, with the reason in one line.
    """
    text = _text(raw)
    if text.lstrip().startswith(("{", "[")):
        return Paste(tuple(_from_json(text, hosts, secure=secure)))
    if text.lstrip().startswith("<"):
        raise InvalidInput("the file is a web page, not a cookies.txt", next_step=HOW)
    found = parse(text)
    if not found:
        raise InvalidInput("the file holds no cookies", next_step=HOW)
    return Paste(tuple(found))


def read_paste(text: str | bytes, hosts: Sequence[str], *, secure: bool = True) -> Paste:
    """The cookies of a pasted text: a `Cookie:` header (alone, among others, in a curl command), JSON, Netscape lines.

    A header names no domain: its cookies become those of the first of `hosts`. `secure`: they are for https only.

    Raises:
        InvalidInput: none of these.
    """
    text = _text(text if isinstance(text, bytes) else text.encode("utf-8", "replace"))
    stripped = text.strip()
    if not stripped:
        raise InvalidInput("nothing was pasted", next_step=_PASTE_HOW)
    if stripped.startswith(("{", "[")):
        return Paste(tuple(_from_json(stripped, hosts, secure=secure)))
    if _CURL.match(stripped):
        return _from_curl(stripped, hosts, secure=secure)
    lines = stripped.splitlines()
    if any(_NETSCAPE.match(line.removeprefix("#HttpOnly_")) for line in lines):
        return Paste(tuple(parse("\n".join(map(_tabbed, lines)))))
    return _from_headers(lines, hosts, secure=secure)


def _text(raw: bytes) -> str:
    if len(raw) > MAX_FILE_BYTES:
        raise InvalidInput("the file is too large for cookies", next_step=HOW)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput("the file is not text, so it is no cookies.txt", next_step=HOW) from error


def _tabbed(line: str) -> str:
    """A Netscape line whose tabs a terminal turned into spaces."""
    if "\t" in line or (line.startswith("#") and not line.startswith("#HttpOnly_")):
        return line
    return "\t".join(line.split(None, 6))


def _from_headers(lines: Sequence[str], hosts: Sequence[str], *, secure: bool) -> Paste:
    agent = next((match[1].strip() for line in lines if (match := _AGENT_HEADER.match(line))), "")
    named = [match[1] for line in lines if (match := _COOKIE_HEADER.match(line))]
    if not named and len(lines) > 1 and agent:
        raise InvalidInput("these headers have no Cookie line", next_step=_PASTE_HOW)
    values = named or [match[1] for line in lines if (match := _COOKIE_LINE.match(line))]
    if not values or (not named and len(values) != len(lines)):
        raise InvalidInput("this is no Cookie header, no JSON and no cookies.txt", next_step=_PASTE_HOW)
    return Paste(tuple(_pairs("; ".join(values), hosts, secure=secure)), _agent(agent))


def _from_curl(text: str, hosts: Sequence[str], *, secure: bool) -> Paste:
    agent, values = "", []
    for match in _CURL_HEADER.finditer(text):
        flag, value = _CURL_FLAG.match(match[0]), match[2]
        if flag and flag[1] in {"-b", "--cookie"}:
            values.append(value)
        elif flag:
            agent = value
        elif header := _COOKIE_HEADER.match(value):
            values.append(header[1])
        elif header := _AGENT_HEADER.match(value):
            agent = header[1].strip()
    if not values:
        raise InvalidInput("this curl command sends no cookies", next_step=_PASTE_HOW)
    return Paste(tuple(_pairs("; ".join(values), hosts, secure=secure)), _agent(agent))


def _pairs(header: str, hosts: Sequence[str], *, secure: bool) -> Iterable[Cookie]:
    found: dict[str, Cookie] = {}
    for pair in header.split(";"):
        name, equals, value = pair.strip().partition("=")
        if not name and not equals:
            continue
        if not equals:
            raise InvalidInput("a part of the Cookie header has no name", next_step=_PASTE_HOW)
        found[name.strip()] = _checked(
            Cookie(f".{hosts[0]}", True, "/", secure, 0.0, name.strip(), value.strip(), False), len(found) + 1
        )
    if not found:
        raise InvalidInput("the Cookie header is empty", next_step=_PASTE_HOW)
    return found.values()


def _from_json(text: str, hosts: Sequence[str], *, secure: bool) -> list[Cookie]:
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("this looks like JSON and is none", next_step=_PASTE_HOW) from error
    if isinstance(record, Mapping) and isinstance(record.get("cookies"), list):
        record = record["cookies"]
    elif isinstance(record, Mapping) and record and all(isinstance(value, str) for value in record.values()):
        record = [{"name": name, "value": value} for name, value in record.items()]
    if not isinstance(record, list) or not record:
        raise InvalidInput("the JSON holds no list of cookies", next_step=_PASTE_HOW)
    if len(record) > _MOST:
        raise InvalidInput(f"more than {_MOST} cookies", next_step=_PASTE_HOW)
    return [_from_record(n, one, hosts, secure=secure) for n, one in enumerate(record, 1)]


def _from_record(n: int, record: Any, hosts: Sequence[str], *, secure: bool) -> Cookie:
    """A cookie as the extensions 'Cookie-Editor' and 'EditThisCookie', and browser drivers, write it."""
    if not isinstance(record, Mapping):
        raise InvalidInput(f"entry {n} is no cookie", next_step=_PASTE_HOW)
    lower = {str(key).lower(): value for key, value in record.items()}
    name = lower.get("name", lower.get("name raw"))
    value = lower.get("value", lower.get("content raw"))
    if not isinstance(name, str) or not isinstance(value, str | int | float) or isinstance(value, bool):
        raise InvalidInput(f"entry {n} has no name and value", next_step=_PASTE_HOW)
    domain = lower.get("domain") or lower.get("host") or f".{hosts[0]}"
    path = lower.get("path")
    only = lower.get("hostonly")
    domain = str(domain).strip().lower()
    if only is False and not domain.startswith("."):
        domain = f".{domain}"
    return _checked(
        Cookie(
            domain,
            domain.startswith("."),
            path if isinstance(path, str) and path.startswith("/") else "/",
            _flag(lower.get("secure"), default=secure),
            _when(lower),
            name,
            str(value),
            _flag(lower.get("httponly"), default=False),
        ),
        n,
    )


def _when(record: Mapping[str, Any]) -> float:
    if record.get("session") is True:
        return 0.0
    for key in ("expirationdate", "expires", "expiry", "expiration"):
        value = record.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            try:
                return expiry(float(value))
            except OverflowError:
                return 0.0
        if isinstance(value, str) and value:
            return _moment(value)
    return 0.0


def _moment(text: str) -> float:
    from datetime import UTC, datetime

    try:
        return expiry(float(text))
    except ValueError:
        pass
    try:
        when = datetime.fromisoformat(text)
        return expiry((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return 0.0


def _flag(value: object, *, default: bool) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value.strip().lower() in {"true", "1", "yes"}
    return default


def _checked(cookie: Cookie, n: int) -> Cookie:
    """A cookie that fits into the file and a header.

    Raises:
        InvalidInput: it does not; its value is not told.
    """
    texts = (cookie.domain, cookie.path, cookie.name, cookie.value)
    if any(_BAD.search(text) for text in texts) or len(cookie.value) > _LONGEST_VALUE:
        raise InvalidInput(f"cookie {n} holds what no cookie can", next_step=_PASTE_HOW)
    if not _DOMAIN.match(cookie.domain) or not _NAME.match(cookie.name):
        raise InvalidInput(f"cookie {n} has no proper name or domain", next_step=_PASTE_HOW)
    return cookie


def _agent(text: str) -> str:
    return text if is_user_agent(text) else ""


def read_path(path: Path, hosts: tuple[str, ...], *, secure: bool) -> Paste:
    """The cookies in a file that somebody named.

    Raises:
        InvalidInput: it cannot be read, or has nothing of the kind.
    """
    path = path.expanduser()
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise InvalidInput(
            f"cannot read {path}: {error.strerror or error}", next_step="Check the path."
        ) from error
    try:
        return read_file(raw, hosts, secure=secure)
    except InvalidInput as error:
        raise InvalidInput(f"{path}: {error.message}", next_step=error.next_step) from error
