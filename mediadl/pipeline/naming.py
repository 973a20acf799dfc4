"""Makes folder and file names from the template: safe on every file system, short enough in bytes, never outside.

A template is a relative pattern such as `{platform}/{source}/{date}_{id}_{title}`. `/` separates folders; an empty
field takes a neighbouring `_`, `-` or blank with it; `{title:40}` allows 40 characters, `{index:03}` pads with
zeros; `{{` and `}}` are braces. The extension is not part of it: the content decides.
"""

from __future__ import annotations

import difflib
import hashlib
import re
import string
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime

from mediadl.errors import InvalidInput
from mediadl.models import FoundItem, Identity, MediaKind
from mediadl.pipeline import posts
from mediadl.security.text import safe_text

FIELDS = {
    "platform": "Site as mediadl calls it",
    "source": "Account, channel or host",
    "date": "Day it was posted (UTC), 2026-05-17",
    "time": "Time it was posted (UTC), 093000",
    "year": "Year it was posted",
    "month": "Month it was posted, 05",
    "day": "Day of the month, 17",
    "id": "The site's id of the post",
    "index": "Number of the file within the post, from 1",
    "title": "Title or first line of the text",
    "job": "Number of the job",
    "content_type": "posts, stories, reels …",
    "kind": "image, video, audio …",
    **posts.FIELDS,
}
"""Every field of a template with what it means."""

MAX_NAME_BYTES = 200
"""Longest stem or folder name, whatever the file system allows: other systems and archives allow less."""

SUFFIX_BYTES = 32
"""Room that a stem leaves for the longest of ` (99)`, `.f137`, extension, `.json` and `.part` together."""

DEFAULT_NAME_MAX = 255
DEFAULT_PATH_MAX = 4096
_LEAST_BYTES = 24
_HASH_CHARS = 8

_WHOLE = frozenset({"id", "thread_id", "post"})
_GIVE_WAY = ("title", "name", "thread", "author", "source", "content_type", "platform")
_SEPARATORS = " _-"
_NOT_WORD = re.compile(r"[^A-Za-z0-9._]+")
_BLANKS = re.compile(r"\s+")
_PATH_CHARS = re.compile(r'[/\\:*?"<>|]')
_REPLACED_RUN = re.compile(r"_{2,}")
_RESERVED = re.compile(r"^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])$")
_BLANK_LETTERS = dict.fromkeys(map(ord, "\u115f\u1160\u3164\uffa0\u2800"), " ")
"""Letters that paint nothing."""


@dataclass(frozen=True, slots=True)
class NamePlan:
    """Where a file goes, without its extension."""

    folder: str
    """Relative folder; empty: the download folder itself."""
    names: tuple[str, ...]
    """Stems to try in this order; the last one is the item's alone."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of a template: literal text, then perhaps a field."""

    literal: str
    field: str = ""
    width: int = 0


_Template = tuple[tuple[_Part, ...], ...]
"""Parts per path component."""


def plan(
    template: str,
    item: FoundItem,
    *,
    platform: str,
    job_id: int,
    content_type: str = "",
    several: bool | None = None,
    name_max: int = DEFAULT_NAME_MAX,
    path_max: int = DEFAULT_PATH_MAX,
    root: str = "",
) -> NamePlan:
    """Folder and candidate stems of an item.

    `several` says whether the post has more than one file (None: as far as index and metadata tell); then the file's
    number is added when the template has no `{index}`. `name_max` and `path_max` are the limits of the file system
    that holds `root`, in bytes.

    Raises:
        InvalidInput: a bad template, or `root` is too deep to hold any name.
    """
    components = _with_index(_parse(template), _several(item) if several is None else several)
    values = _values(item, platform, job_id, content_type)
    limit = _limit(len(components), name_max, path_max, root)
    mark = "_" + hashlib.sha256(str(item.identity).encode("utf-8", "replace")).hexdigest()[:_HASH_CHARS]
    *folders, last = components
    folder = "/".join(filter(None, (_component(parts, values, limit) for parts in folders)))
    stem = _component(last, values, limit) or _safe(values["id"], limit) or "file"
    short = _component(last, values, limit - len(mark)) or _safe(values["id"], limit - len(mark)) or "file"
    return NamePlan(folder, (stem, short + mark))


def check(template: str) -> None:
    """Refuse a template that cannot be used.

    Raises:
        InvalidInput: names the field or the place.
    """
    _parse(template)


def preview(template: str) -> str:
    """Path an invented item would get, with an extension.

    Raises:
        InvalidInput: a bad template.
    """
    made = plan(template, _SAMPLE, platform="instagram", job_id=12, content_type="posts", several=False)
    return "/".join(filter(None, (made.folder, f"{made.names[0]}.{_SAMPLE.ext}")))


_SAMPLE = FoundItem(
    n=1,
    identity=Identity("instagram", "DKx3mPqs7Yw"),
    ext="jpg",
    kind=MediaKind.IMAGE,
    posted_at=1_779_006_600.0,
    source="lena.outdoors",
    title="Morning light over the harbour",
)


def _parse(template: str) -> _Template:
    if not template.strip() or template.startswith("/") or template.rstrip().endswith("/"):
        raise InvalidInput(
            f"name template {template!r} must be a relative path that ends with a file name",
            next_step="Give a pattern such as {platform}/{source}/{date}_{id}_{title}.",
        )
    components: list[list[_Part]] = [[]]
    try:
        pieces = list(string.Formatter().parse(template))
    except ValueError as error:
        raise InvalidInput(
            f"name template {template!r}: {error}", next_step="Write {{ and }} for braces."
        ) from error
    for literal, name, spec, conversion in pieces:
        *whole, rest = [_PATH_CHARS.sub("_", _visible(text)) for text in literal.split("/")]
        for text in whole:
            components[-1].append(_Part(text))
            components.append([])
        if name is None:
            components[-1].append(_Part(rest))
        else:
            components[-1].append(_Part(rest, _field(name, conversion), _width(name, spec or "")))
    parsed = tuple(tuple(parts) for parts in components if any(p.literal or p.field for p in parts))
    if any(_is_dots(parts) for parts in parsed):
        raise InvalidInput(
            f"name template {template!r} must not contain '.' or '..' as a folder",
            next_step="Files always stay inside the download folder.",
        )
    if not parsed or not any(part.field for part in parsed[-1]):
        raise InvalidInput(
            f"name template {template!r} gives every file the same name",
            next_step="Put a field such as {id} into its last part.",
        )
    return parsed


def _is_dots(parts: tuple[_Part, ...]) -> bool:
    return not any(p.field for p in parts) and "".join(p.literal for p in parts).strip() in {".", ".."}


def _field(name: str, conversion: str | None) -> str:
    if name == "ext":
        raise InvalidInput(
            "the name template has {ext}, but the extension is added by itself", next_step="Leave {ext} out."
        )
    if name not in FIELDS or conversion:
        close = difflib.get_close_matches(name, FIELDS, n=1)
        hint = f"Did you mean {{{close[0]}}}? " if close else ""
        raise InvalidInput(
            f"the name template has no field {{{name}}}", next_step=f"{hint}Fields: {', '.join(FIELDS)}."
        )
    return name


def _width(name: str, spec: str) -> int:
    if spec and not (spec.isascii() and spec.isdigit() and 0 < int(spec) <= 999):
        raise InvalidInput(
            f"{{{name}:{spec}}} in the name template: after the colon goes a number from 1 to 999",
            next_step="{title:40} allows 40 characters, {index:03} pads with zeros.",
        )
    return int(spec or 0)


def _several(item: FoundItem) -> bool:
    count = item.metadata.get("count")
    # TikTok's photo posts have numbers but no count
    is_photo = item.metadata.get("post_type") == "image" and bool(item.metadata.get("num"))
    return _number(item) > 1 or (isinstance(count, int) and count > 1) or is_photo


def _number(item: FoundItem) -> int:
    """Which file of its post it is, from 1. Where every file has an id of its own, only the engine's number tells."""
    num = item.metadata.get("num")
    if item.identity.index == 0 and isinstance(num, int) and 0 < num < 100_000:
        return num
    return item.identity.index + 1


def _with_index(components: _Template, several: bool) -> _Template:
    if not several or any(part.field == "index" for parts in components for part in parts):
        return components
    *folders, last = components
    return (*folders, (*last, _Part("_", "index", 2)))


def _limit(count: int, name_max: int, path_max: int, root: str) -> int:
    """Bytes for each component, so that both the name and the whole path fit."""
    room = path_max - 1 - len(root.encode("utf-8", "surrogateescape")) - SUFFIX_BYTES - count
    limit = min(MAX_NAME_BYTES, name_max - SUFFIX_BYTES, room // count)
    if limit < _LEAST_BYTES:
        raise InvalidInput(
            "the download folder lies so deep, or the name template has so many folders, that no name fits",
            next_step="Choose a shorter path or pattern.",
        )
    return limit


def _values(item: FoundItem, platform: str, job_id: int, content_type: str) -> dict[str, str]:
    """Text of every field, cleaned but not yet cut."""
    posted = _moment(item.posted_at)
    return {
        "platform": _name(platform),
        "source": _name(item.folder or item.source),
        "date": f"{posted:%Y-%m-%d}" if posted else "",
        "time": f"{posted:%H%M%S}" if posted else "",
        "year": f"{posted:%Y}" if posted else "",
        "month": f"{posted:%m}" if posted else "",
        "day": f"{posted:%d}" if posted else "",
        "id": _name(item.identity.id),
        "index": str(_number(item)),
        "title": _title(item.title),
        "job": str(job_id),
        "content_type": _name(content_type),
        "kind": item.kind.value,
        **{name: _title(text) for name, text in posts.words(item).items()},
    }


def _moment(at: float | None) -> datetime | None:
    if at is None:
        return None
    try:
        return datetime.fromtimestamp(at, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _name(text: str) -> str:
    """A word that must stay what it is: an id, an account."""
    return _BLANKS.sub(" ", _PATH_CHARS.sub("_", _visible(text))).strip()


def _title(text: str) -> str:
    """Free text: what had to be replaced may shrink, dots and blanks at the end say nothing."""
    return _REPLACED_RUN.sub("_", _name(text)).strip(" ._")


def _visible(text: str) -> str:
    """NFC text without controls, bidi marks, invisible formatting or exotic blanks; blanks at the ends stay."""
    if text.isascii() and text.isprintable():
        return text
    clean = safe_text(text, limit=4096).translate(_BLANK_LETTERS)
    clean = "".join(c for c in clean if unicodedata.category(c) not in {"Cf", "Cs", "Cc"})
    return unicodedata.normalize("NFC", clean)


def _component(parts: tuple[_Part, ...], values: dict[str, str], limit: int) -> str:
    """One folder name or stem of at most `limit` bytes; empty when every field in it is.

    What is too long gives way in this order: title, source, the other words, so that the id stays whole. Without
    an id in it, it is cut at its end and gets a mark, so that two long ones never become the same.
    """
    fields = [part.field for part in parts if part.field]
    given = {name: values[name] for name in fields}
    if "id" in fields and _is_said_by(given["id"], given.get("title", "")):
        given["title"] = ""
    for name in _GIVE_WAY if _WHOLE.intersection(fields) else ():
        excess = _size(_safe(_render(parts, given))) - limit
        if excess <= 0:
            break
        if given.get(name):
            share = -(-excess // fields.count(name))
            given[name] = _cut(given[name], max(0, _size(given[name]) - share)).rstrip(" ._")
    return _safe(_render(parts, given), limit)


def _is_said_by(media_id: str, title: str) -> bool:
    """Whether an id made from the file's name says the title already."""
    word = _NOT_WORD.sub("-", title).strip("-").casefold()
    return bool(word) and media_id.casefold().startswith(word)


def _render(parts: tuple[_Part, ...], values: dict[str, str]) -> str:
    """The text of a component; an empty field goes with the separator before it, at the start the one after it."""
    text = ""
    gap = False
    for part in parts:
        literal = part.literal.lstrip(_SEPARATORS) if gap and not text else part.literal
        gap = bool(part.field) and not values[part.field]
        text += literal.rstrip(_SEPARATORS) if gap else literal
        if part.field and not gap:
            text += _sized(part, values[part.field])
    return text


def _sized(part: _Part, value: str) -> str:
    if part.field == "index":
        return value.rjust(part.width, "0")
    return _cut_characters(value, part.width).rstrip(" .") if part.width else value


def _safe(text: str, limit: int | None = None) -> str:
    """A path component that no system takes for something else; at most `limit` bytes."""
    name = unicodedata.normalize("NFC", _BLANKS.sub(" ", text)).strip()
    if not name:
        return ""
    if not name.strip(". "):
        return "_"
    bare = name.rstrip(". ")
    if bare != name:
        name = bare + "_"
    if name[0] in "-.":
        name = "_" + name
    if _RESERVED.match(name.partition(".")[0].rstrip().casefold()):
        name = "_" + name
    if limit is not None and _size(name) > limit:
        mark = "_" + hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:_HASH_CHARS]
        name = _cut(name, limit - len(mark)).rstrip(" .") + mark
    return name


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def _cut(text: str, limit: int) -> str:
    """The longest beginning of at most `limit` bytes that ends between two visible characters."""
    raw = text.encode("utf-8", "replace")
    if len(raw) <= limit:
        return text
    return _cut_characters(text, len(raw[:limit].decode("utf-8", "ignore")))


def _cut_characters(text: str, count: int) -> str:
    """The first `count` code points, fewer when that would split a visible character."""
    if count >= len(text):
        return text
    while count > 0 and _extends(text, count):
        count -= 1
    return text[:count]


def _extends(text: str, at: int) -> bool:
    """Whether the code point at `at` belongs to the one before it."""
    char = text[at]
    code = ord(char)
    if 0x1F1E6 <= code <= 0x1F1FF:  # half a flag
        run = 0
        while run < at and 0x1F1E6 <= ord(text[at - 1 - run]) <= 0x1F1FF:
            run += 1
        return run % 2 == 1
    return (
        unicodedata.category(char) in {"Mn", "Mc", "Me"}
        or 0x1F3FB <= code <= 0x1F3FF  # skin tones
        or 0x1160 <= code <= 0x11FF  # vowels and finals of decomposed Hangul
        or 0xD7B0 <= code <= 0xD7FB
    )
