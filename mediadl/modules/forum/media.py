"""From a post's cleaned body to its files and links, the same way for every program."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborNode

from mediadl.models import MediaKind
from mediadl.modules.files import KIND_OF, extension
from mediadl.modules.forum.attachments import attachment
from mediadl.modules.forum.document import ancestors, attribute, classes, line, select
from mediadl.modules.forum.links import cleaned, same_site
from mediadl.modules.forum.page import Media, MediaRole
from mediadl.security.text import safe_text

_SOURCES = ("data-full-image", "data-url", "data-src", "data-lazy-src", "data-original", "src")
_PLAYERS = frozenset({"video", "audio", "source", "iframe", "embed", "object"})
_WANTED = "a, img, video, audio, source, iframe, embed, object, .bbImageWrapper, [data-s9e-mediaembed-iframe]"
_FURNITURE_CLASSES = frozenset(
    {
        "smilie", "smiley", "smilies", "smileys", "emoji", "emoticon", "emoticons", "avatar", "useravatar",
        "inlineimg", "rank", "site-icon", "reaction", "icon-attachment", "mceemoticon", "reaction-sprite",
        "thumbnail-avatar", "quotearrow",
    }
)  # fmt: skip
_FURNITURE_ATTRIBUTES = ("data-emoticon", "data-shortname", "data-emoji", "data-smilie", "data-emoticon-id")
_FURNITURE_PATH = re.compile(
    r"/(?:smil(?:ie|ey)s?|emojis?|emoticons?|ranks?|avatars?|customavatars?|reactions?|attachtypes|twemoji|emojione)/"
    r"|/images/(?:attach|icons|buttons|misc|statusicon|nodes)/|/imageset/|/fugue/|/cache/letter|[?&;]avatar=|/image\.php\?u="
    r"|/post_old\.|icon_post_|/user_avatar/",
    re.IGNORECASE,
)
_EMOJI_HOST = re.compile(
    r"(?:^|\.)(?:twemoji|emojione|joypixels)\b|twemoji|/emoji(?:one)?/|/joypixels/", re.IGNORECASE
)
_SPACER = re.compile(
    r"/(?:spacer|blank|clear|pixel|transparent|1x1|placeholder|lazy(?:load)?|loading)\.(?:gif|png|svg)$",
    re.IGNORECASE,
)
_PAGES_LIKE_FILES = re.compile(
    r"^(?:www\.)?(?:pixhost\.\w+/(?:show|gallery)/|image(?:twist|haha)\.com/|imgspice\.com/|vipr\.im/|imgclick\.net/"
    r"|fappic\.com/|picstate\.com/view/|turboimagehost\.com/|silverpic\.\w+/|imgpv\.com/|[\w.-]+\.wikipedia\.org/wiki/"
    r"|commons\.wikimedia\.org/wiki/|github\.com/.+/blob/)",
    re.IGNORECASE,
)
"""Addresses that end like a file and lead to a page about it."""
_NAME = re.compile(
    r"^(?:(?:file ?name|datei(?:name)?|name|attachment)\s*[:=]\s*)?([^\n/\\:*?\"<>|]{1,200}\.[A-Za-z0-9]{1,5})$",
    re.IGNORECASE,
)
_PLAYER_PAGES = (
    (
        re.compile(r"(?:www\.)?youtube(?:-nocookie)?\.com/(?:embed|v)/([\w-]{11})(?![\w-])"),
        "https://www.youtube.com/watch?v={}",
    ),
    (re.compile(r"player\.vimeo\.com/video/(\d+)"), "https://vimeo.com/{}"),
)
_SHOWN = frozenset({MediaKind.IMAGE, MediaKind.VIDEO, MediaKind.AUDIO})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a body stands: what addresses in it mean."""

    base: str
    """Relative addresses start here."""
    home: str
    """An address of the forum: what is same-site."""


def media_of(body: LexborNode, boxes: Iterable[LexborNode], place: Place) -> tuple[Media, ...]:
    """Files and links of a post in reading order, each once: from the text, then from its attachment boxes.

    Quotes and signatures must be gone from `body`.
    """
    found: dict[str, Media] = {}
    for one in _in_body(body, place):
        _join(found, one)
    for box in boxes:
        for one in _in_box(box, place):
            _join(found, one)
    # A thumbnail that is shown apart from the link to its full file is no file of its own
    known = {one.thumbnail_url for one in found.values() if one.thumbnail_url != one.url}
    return tuple(one for one in found.values() if one.url != one.thumbnail_url or one.url not in known)


def _join(found: dict[str, Media], new: Media) -> None:
    """One file once; whoever comes later may know its name or its full address."""
    old = found.get(new.id)
    if old is None:
        found[new.id] = new
        return
    only_small = bool(old.thumbnail_url) and old.url == old.thumbnail_url
    better = new if only_small and new.url != new.thumbnail_url else old
    thumbnail = old.thumbnail_url or new.thumbnail_url
    found[new.id] = replace(
        better, name=old.name or new.name, thumbnail_url=thumbnail if thumbnail != better.url else ""
    )


def _in_body(body: LexborNode, place: Place) -> Iterator[Media]:
    within_links: set[int] = set()
    for node in select(body, _WANTED):
        if node.mem_id in within_links:
            continue
        if node.tag == "a":
            inner = select(node, "img, .bbImageWrapper, video, iframe")
            one, used = _link(node, inner, place)
            if used:
                within_links.update(child.mem_id for child in inner)
            if one is not None:
                yield one
        elif attribute(node, "data-s9e-mediaembed-iframe"):
            yield from _s9e(node, place)
        elif node.tag == "img":
            yield from filter(None, (_picture(node, place),))
        elif node.tag in _PLAYERS:
            yield from filter(None, (_player(node, place),))
        elif not select(node, "img"):
            # A wrapper whose picture is written by a script
            yield from filter(None, (_file(cleaned(attribute(node, "data-src"), place.base), node, place),))


def _in_box(box: LexborNode, place: Place) -> Iterator[Media]:
    """Uploads only: a box has other links, too."""
    links = [box] if box.tag == "a" else select(box, "a[href]")
    covered: set[int] = set()
    for node in links:
        inner = select(node, "img")
        covered.update(child.mem_id for child in inner)
        one, _ = _link(node, inner, place)
        if one is not None and one.role is MediaRole.ATTACHMENT:
            yield one
    for node in select(box, "img, video, audio, source"):
        if node.mem_id not in covered:
            one = _picture(node, place) if node.tag == "img" else _player(node, place)
            if one is not None and attachment(one.url) is not None:
                yield replace(one, role=MediaRole.ATTACHMENT)


def _link(node: LexborNode, inner: list[LexborNode], place: Place) -> tuple[Media | None, bool]:
    """What a link gives, and whether it stands for the pictures in it."""
    url = ""
    for source in ("data-full-image", "href", "data-url"):
        url = cleaned(attribute(node, source), place.base)
        if url:
            break
    pictures = [child for child in inner if not _is_furniture(child, place)]
    if not url:
        return None, False
    own = same_site(url, place.home)
    upload = attachment(url) if own else None
    thumbnail = _source(pictures[0], place) if pictures else ""
    if upload is not None:
        if upload.thumbnail and thumbnail and not attachment(thumbnail):
            return None, False
        return _upload(url, node, pictures, place, thumbnail), True
    kind = KIND_OF.get(extension(url))
    named_page = _PAGES_LIKE_FILES.match(url.partition("://")[2])
    if kind is not None and not named_page:
        role = MediaRole.IMAGE if pictures else MediaRole.ATTACHMENT if own else MediaRole.LINK
        return Media(url, role, url, _name(node, pictures, url), thumbnail if thumbnail != url else ""), True
    if own:
        return None, False  # a page of the forum: the picture itself counts
    if pictures and any(child.tag in _PLAYERS for child in pictures):
        return None, False
    return Media(url, MediaRole.LINK, url, "", thumbnail), True


def _upload(
    url: str, node: LexborNode, pictures: list[LexborNode], place: Place, thumbnail: str = ""
) -> Media | None:
    """A file of the forum itself."""
    found = attachment(url)
    if found is None:
        return None
    name = _name(node, pictures, "") or safe_text(found.name)
    full = found.url
    small = full if found.thumbnail else thumbnail or (url if "-resized." in url else "")
    identity = found.id or _file_id([node, *pictures]) or full
    return Media(
        full,
        MediaRole.ATTACHMENT,
        identity,
        name or _from_url(full),
        small if found.thumbnail or small != full else "",
    )


def _file_id(nodes: list[LexborNode]) -> str:
    """Invision's number of an upload, which its address does not have."""
    for node in nodes:
        if found := re.search(r"(\d{1,20})$", attribute(node, "data-fileid")):
            return found[1]
    return ""


def _picture(node: LexborNode, place: Place) -> Media | None:
    return None if _is_furniture(node, place) else _file(_source(node, place), node, place)


def _file(url: str, node: LexborNode, place: Place) -> Media | None:
    """A picture or a recording shown in the text."""
    if not url:
        return None
    if same_site(url, place.home) and attachment(url) is not None:
        small = cleaned(attribute(node, "src"), place.base)
        return _upload(url, node, [node], place, small if small != url else "")
    small = cleaned(attribute(node, "src"), place.base) if node.tag == "img" else ""
    return Media(
        url,
        MediaRole.IMAGE,
        url,
        _name(node, [node], url),
        small if small not in {url, ""} and not _spacer(small) else "",
    )


def _player(node: LexborNode, place: Place) -> Media | None:
    raw = next(
        (
            attribute(node, name)
            for name in ("data-embed-src", "data-src", "src", "data")
            if attribute(node, name)
        ),
        "",
    )
    url = cleaned(raw, place.base)
    if not url:
        return None
    if KIND_OF.get(extension(url)) in _SHOWN or (attachment(url) and same_site(url, place.home)):
        return _file(url, node, place)
    if node.tag in {"iframe", "embed", "object"}:
        return None if same_site(url, place.home) else _embed(url)
    return _file(url, node, place)


def _s9e(node: LexborNode, place: Place) -> Iterator[Media]:
    """XenForo writes the attributes of a player as a JSON list: name, value, name, value."""
    try:
        given = json.loads(attribute(node, "data-s9e-mediaembed-iframe"))
    except (ValueError, RecursionError):
        return
    if not isinstance(given, list):
        return
    values = {str(name): str(value) for name, value in zip(given[::2], given[1::2], strict=False)}
    url = cleaned(values.get("data-src") or values.get("src") or "", place.base)
    if url:
        yield _embed(url)


def _embed(url: str) -> Media:
    """A player; by the address of its page where that follows from the player's, so that a link to it is the same."""
    for pattern, page in _PLAYER_PAGES:
        if found := pattern.match(url.partition("://")[2]):
            url = page.format(found[1])
    return Media(url, MediaRole.EMBED, url)


def _source(node: LexborNode, place: Place) -> str:
    """The fullest address of a picture that is one; empty: none."""
    nodes = [node]
    wrapper = next((one for one in ancestors(node) if "bbimagewrapper" in classes(one)), None)
    if wrapper is not None:
        nodes.append(wrapper)
    for name in _SOURCES:
        for one in nodes:
            url = cleaned(attribute(one, name), place.base)
            if url and not _spacer(url):
                return url
    return ""


def _spacer(url: str) -> bool:
    return bool(_SPACER.search(url.partition("?")[0]))


def _is_furniture(node: LexborNode, place: Place) -> bool:
    """Smilies, avatars, ranks, icons, pixels: what a page shows and nobody posted."""
    if node.tag != "img":
        return False
    attributes = node.attributes
    if any(name in attributes for name in _FURNITURE_ATTRIBUTES) or classes(node) & _FURNITURE_CLASSES:
        return True
    if attributes.get("width") in {"0", "1"} or attributes.get("height") in {"0", "1"}:
        return True
    url = _source(node, place)
    if not url:
        return "bbimage" not in classes(node)
    named = url.partition("://")[2]
    upload = attachment(url) if same_site(url, place.home) else None
    if upload is not None and upload.id:
        return False
    if same_site(url, place.home):
        return bool(_FURNITURE_PATH.search(named))
    return bool(_EMOJI_HOST.search(named)) or "gravatar.com/" in named


def _name(node: LexborNode, pictures: Iterable[LexborNode], url: str) -> str:
    """The file name that a page tells: in titles, in the text, at last in the address."""
    candidates = [
        attribute(node, name)
        for name in ("download", "data-filename", "data-file-name", "title", "data-title")
    ]
    candidates += [line(node), *_named_beside(node)]
    for picture in pictures:
        candidates += [attribute(picture, "title"), attribute(picture, "alt")]
    for text in candidates:
        for one in text.splitlines():
            if found := _NAME.match(safe_text(one).strip()):
                return found[1].strip()
    return _from_url(url) if url else ""


def _named_beside(node: LexborNode) -> Iterator[str]:
    """XenForo's list names the file next to the link around its picture."""
    row = next((one for one in ancestors(node) if one.tag == "li"), None)
    for one in select(row or node, ".file-name, .filename"):
        yield from (attribute(one, "title"), line(one))


def _from_url(url: str) -> str:
    """The last step of an address when it looks like a file's name."""
    name = safe_text(unquote(urlsplit(url).path.rpartition("/")[2]))
    return name if extension(url) in KIND_OF else ""
