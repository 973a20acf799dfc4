"""Imginn's pages and answers: accounts, lists of posts, single posts, stories. Pure.

Every function takes what the site sent and raises nothing but a `DownloadError`. A page counts only when its anchors
are there; without items it must say itself that there are none.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from mediadl.errors import MediaNotFound, Private, SiteChanged
from mediadl.modules.instagram import shape
from mediadl.modules.instagram.media import Account, MediaRef, Page, addresses

ROOT = "https://imginn.com"
_POST = re.compile(r"^(?:https://imginn\.com)?/p/([A-Za-z0-9_-]{5,60})/?")
_HIGHLIGHT = re.compile(r"^(?:https://imginn\.com)?/highlights/(\d{5,30})/?")
_PRIVATE = re.compile(r"\b(?:this )?account is private\b", re.IGNORECASE)
_EMPTY = re.compile(r"\bno (?:posts|stories|highlights|reels|results)\b", re.IGNORECASE)
_MISSING = re.compile(r"\b(?:content|page|user) not found\b|\buser does not exist\b", re.IGNORECASE)
_FILM = re.compile(r"\.(?:mp4|mov|webm)(?:[?#]|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Card:
    """A post in a grid: enough to open it."""

    code: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A page of an account."""

    account: Account
    cards: tuple[Card, ...]
    user_id: str
    """For the list's further pages; empty: there are none."""
    cursor: str
    empty: bool
    """The page says itself that it has nothing."""


def grid(data: bytes | str, user: str) -> Grid:
    """An account's page of posts, reels or tagged posts.

    Raises:
        MediaNotFound: it says that there is no such account.
        Private: it says so in the place of the posts.
        SiteChanged: its anchors are gone, or it shows nothing and does not say why.
    """
    page = _page(data)
    found = page.css_first(".userinfo")
    area = _area(page)
    said = area.text(separator=" ") if area is not None else ""
    if found is None:
        if _MISSING.search(_body_text(page)):
            raise MediaNotFound(f"Imginn knows no account {user}")
        raise SiteChanged("Imginn's page has no account in it")
    cards = tuple(_cards(area)) if area is not None else ()
    if not cards and _PRIVATE.search(said):
        raise Private(f"{user} is private")
    if not cards and _MISSING.search(said):
        raise MediaNotFound(f"Imginn finds no content of {user}")
    more = page.css_first(".load-more")
    account = _account(found, user)
    empty = not cards and (bool(_EMPTY.search(said)) or (area is not None and account.posts == 0))
    if not cards and not empty:
        raise SiteChanged("Imginn's page shows no posts and does not say why")
    return Grid(account, cards, _attribute(more, "data-id"), _attribute(more, "data-cursor"), empty)


def posts(data: bytes | dict[str, Any]) -> Page:
    """One page of the list `/api/posts/` or `/api/tagged`; addresses are previews where `needs_page` says so.

    Raises:
        SiteChanged: it is no such answer.
    """
    whole = _parsed(data)
    items = whole.get("items") if isinstance(whole, dict) else None
    if not isinstance(items, list) or whole.get("code", 200) not in {200, "200"}:
        raise SiteChanged("Imginn's list came in a shape that is not known")
    refs = [ref for one in shape.records(items) for ref in _listed(one)]
    if items and not refs:
        raise SiteChanged("none of the posts in Imginn's list has a file")
    cursor = shape.text(whole.get("cursor"))
    goes_on = whole.get("hasNext") is True and cursor not in {"", "None", "null"}
    return Page(tuple(refs), cursor if goes_on else "")


def needs_page(refs: list[MediaRef]) -> bool:
    """Whether the files of one listed post are known only to its own page: videos, and several files."""
    return len(refs) != 1 or (refs[0].is_video and not _FILM.search(refs[0].urls[0]))


def post(data: bytes | str, code: str) -> list[MediaRef]:
    """The files of a post's own page.

    Raises:
        MediaNotFound: it says that there is no such post.
        SiteChanged: its anchors are gone, or it has no file.
    """
    page = _page(data)
    body = page.css_first(".page-post")
    if body is None:
        if _MISSING.search(_body_text(page)):
            raise MediaNotFound(f"Imginn finds no post {code}")
        raise SiteChanged("Imginn's page has no post in it")
    found = [_medium(wrap) for wrap in body.css(".media-wrap")]
    files = [(urls, film) for urls, film in found if urls]
    if not files:
        raise SiteChanged("Imginn's page of the post has no file")
    text = body.css_first(".desc")
    owner = body.css_first("[data-username]") or body.css_first(".author, .username")
    return [
        MediaRef(
            urls,
            film,
            code=code,
            slide=number if len(found) > 1 else 0,
            owner=_attribute(owner, "data-username").lower(),
            taken_at=shape.moment(_attribute(body, "data-created")),
            caption=text.text(separator="\n").strip() if text is not None else "",
        )
        for number, (urls, film) in enumerate(found, 1)
        if urls
    ]


def described(ref: MediaRef, listed: MediaRef) -> MediaRef:
    """A file of a post's own page, with what the list knew of the post."""
    return replace(
        ref,
        post=listed.post,
        owner=listed.owner or ref.owner,
        taken_at=ref.taken_at or listed.taken_at,
        caption=ref.caption or listed.caption,
        pinned=listed.pinned,
    )


def stories(data: bytes | str, user: str, *, part: str = "story") -> list[MediaRef]:
    """What a page of stories, or of one highlight, shows; empty when it says that there is nothing.

    Raises:
        MediaNotFound, Private, SiteChanged: as for `grid`.
    """
    page = _page(data)
    area = _area(page)
    if area is None:
        if _MISSING.search(_body_text(page)):
            raise MediaNotFound(f"Imginn knows no account {user}")
        raise SiteChanged("Imginn's page has no place for stories")
    refs: list[MediaRef] = []
    for one in area.css(".item, .media-wrap"):
        urls, film = _medium(one)
        if urls:
            refs.append(
                MediaRef(
                    urls, film, owner=user, taken_at=shape.moment(_attribute(one, "data-created")), part=part
                )
            )
    if refs:
        return refs
    said = area.text(separator=" ")
    if _PRIVATE.search(said):
        raise Private(f"{user} is private")
    if not _EMPTY.search(said):
        raise SiteChanged("Imginn's page shows no stories and does not say why")
    return []


def highlights(data: bytes | str) -> list[str]:
    """The ids of the highlights that a page of stories links to."""
    found = (_HIGHLIGHT.match(_attribute(link, "href")) for link in _page(data).css("a[href]"))
    return list(dict.fromkeys(match[1] for match in found if match))


def _listed(one: dict[str, Any]) -> list[MediaRef]:
    code = shape.text(one.get("code"))
    given = one.get("srcs")
    several = one.get("isSidecar") is True and isinstance(given, list) and len(given) > 1
    shown = given if several and isinstance(given, list) else [one.get("src") or one.get("thumb")]
    owner = shape.record(one, "owner")
    post = shape.text(one.get("id")).partition("_")[0]
    return [
        MediaRef(
            addresses(shape.address(url)),
            is_video=(one.get("isVideo") is True and not several) or bool(_FILM.search(shape.address(url))),
            code=code,
            post=post if post.isdigit() else "",
            slide=number if several else 0,
            owner=shape.text(owner.get("username")).lower(),
            taken_at=shape.moment(one.get("date")),
            caption=shape.text(one.get("alt")),
            pinned=one.get("isPind") is True,
        )
        for number, url in enumerate(shown, 1)
        if code and shape.address(url)
    ]


def _medium(wrap: LexborNode) -> tuple[tuple[str, ...], bool]:
    """The addresses of one medium, and whether it is a video."""
    film = wrap.css_first("video") or wrap.css_first("video source")
    shown = film or wrap.css_first("img")
    link = wrap.css_first(".download[href], .downloads a[href], a[download][href]")
    urls = addresses(
        shape.address(_attribute(shown, "data-src")),
        shape.address(_attribute(shown, "src")),
        shape.address(_attribute(wrap.css_first("video source"), "src")) if film else "",
        shape.address(_attribute(link, "href")),
    )
    if film is None and any(_FILM.search(url) for url in urls):
        return tuple(url for url in urls if _FILM.search(url)), True
    return urls, film is not None


def _cards(area: LexborNode) -> list[Card]:
    cards = []
    for one in area.css(".item"):
        link, picture = one.css_first("a[href]"), one.css_first("img")
        if found := _POST.match(_attribute(link, "href")):
            cards.append(Card(found[1], _attribute(picture, "alt")))
    return cards


def _account(found: LexborNode, user: str) -> Account:
    counter = found.css_first(".counter-item .num")
    picture = found.css_first(".img img")
    urls = addresses(
        shape.address(_attribute(picture, "data-src")), shape.address(_attribute(picture, "src"))
    )
    return Account(
        _attribute(found, "data-name").lower() or user,
        posts=shape.count(counter.text().strip()) if counter is not None else None,
        picture=urls[0] if urls else "",
    )


def _area(page: LexborHTMLParser) -> LexborNode | None:
    """Where posts stand; what an account says of itself stands elsewhere."""
    return page.css_first(".items")


def _body_text(page: LexborHTMLParser) -> str:
    body = page.body
    return body.text(separator=" ")[:20_000] if body is not None else ""


def _page(data: bytes | str) -> LexborHTMLParser:
    return LexborHTMLParser(data.decode("utf-8", "replace") if isinstance(data, bytes) else data)


def _attribute(node: LexborNode | None, name: str) -> str:
    return (node.attributes.get(name) or "") if node is not None else ""


def _parsed(data: bytes | dict[str, Any]) -> Any:
    if not isinstance(data, bytes):
        return data
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise SiteChanged("Imginn gave no JSON, or only a part of it") from error
