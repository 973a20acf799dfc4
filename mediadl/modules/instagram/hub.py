"""What the sites of the FastDL family answer to their own pages: posts, stories, highlights, single posts. Pure.

One parser serves all of them; they are one failure domain. Every function takes what the browser received, bytes or
already parsed, and raises nothing but a `DownloadError`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from mediadl.errors import (
    Challenge,
    DownloadError,
    GeoBlocked,
    MediaNotFound,
    SiteChanged,
    from_status,
)
from mediadl.modules.instagram import nodes, shape
from mediadl.modules.instagram.media import Account, MediaRef, Page, addresses

SITES = (
    "fastdl.app", "sssinstagram.com", "igram.world", "anonyig.com", "storiesig.info", "gramsnap.com", "picuki.site",
)  # fmt: skip
_NO_MORE = frozenset({"", "None", "null", "undefined"})
_NOT_THERE = ("not found", "not exist", "no such user")


@dataclass(frozen=True, slots=True)
class Bubble:
    """A highlight of an account."""

    id: str
    title: str
    files: int | None = None


def trouble(status: int, data: bytes | dict[str, Any]) -> DownloadError | None:
    """What a refusal means; None when it is an answer. The status alone proves nothing."""
    body = _loose(data)
    code = shape.text(body.get("code")).upper()
    if code.startswith("REQUEST_SIGNATURE_"):
        return SiteChanged("the site refuses what its own page signed", status=status)
    if code == "CAPTCHA_REQUIRED" or (status == 422 and "challenge" in body):
        return Challenge("the site wants to see that a person asks", status=status)
    if status == 451:
        return GeoBlocked("the site is refused in this jurisdiction", status=status)
    if status >= 400:
        return from_status(status, "the viewer site")
    if body.get("success") is False:
        words = f"{body.get('response_type', '')} {body.get('message', '')}".strip().lower()
        if any(word in words for word in _NOT_THERE):
            return MediaNotFound("the viewer site finds no such account or post")
        return SiteChanged(f"the viewer site could not do it: {words[:80] or 'no reason given'}")
    return None


def account(data: bytes | dict[str, Any]) -> Account:
    """Who an answer of `userInfo` is about.

    Raises:
        MediaNotFound: nobody.
        SiteChanged: it is no such answer.
    """
    result = _result(data)
    if result in ([], {}, None):
        raise MediaNotFound("the viewer site knows no such account")
    first = shape.records(result)[:1] or [shape.record(result)]
    user = shape.record(first[0], "user")
    name = shape.text(user.get("username")).lower()
    if not name:
        raise SiteChanged("the account came in a shape that is not known")
    picture = shape.address(shape.record(user, "hd_profile_pic_url_info").get("url"))
    return Account(
        name,
        shape.text(user.get("pk") or user.get("id")),
        private=user.get("is_private") is True,
        posts=shape.count(user.get("media_count")),
        picture=picture or shape.address(user.get("profile_pic_url")),
    )


def posts(data: bytes | dict[str, Any]) -> Page:
    """One page of `postsV2` or `posts`.

    Raises:
        SiteChanged: it is neither.
    """
    result = _result(data)
    if isinstance(result, list):
        given, cursor = shape.records(result), ""
    else:
        whole = shape.record(result)
        edges = whole.get("edges", whole.get("items"))
        if not isinstance(edges, list):
            raise SiteChanged("the posts came in a shape that is not known")
        given = [shape.record(edge, "node") or edge for edge in shape.records(edges)]
        cursor = _cursor(whole)
    refs = [ref for node in given for ref in nodes.of_any(node)]
    if given and not refs:
        raise SiteChanged("none of the posts has a file")
    return Page(tuple(refs), cursor)


def stories(data: bytes | dict[str, Any], *, part: str = "story") -> list[MediaRef]:
    """The items of `stories` or `highlightStories`.

    Raises:
        SiteChanged: it is neither.
    """
    result = _result(data)
    if not isinstance(result, list):
        raise SiteChanged("the stories came in a shape that is not known")
    refs = [ref for node in shape.records(result) for ref in nodes.of_app(node, part=part)]
    if result and not refs:
        raise SiteChanged("none of the stories has a file")
    return refs


def highlights(data: bytes | dict[str, Any]) -> list[Bubble]:
    """The bubbles of `highlights`.

    Raises:
        SiteChanged: it is no such answer.
    """
    result = _result(data)
    if not isinstance(result, list):
        raise SiteChanged("the highlights came in a shape that is not known")
    found = [
        Bubble(
            shape.text(one.get("id")).removeprefix("highlight:"),
            shape.text(one.get("title")),
            shape.count(one.get("media_count")),
        )
        for one in shape.records(result)
    ]
    found = [bubble for bubble in found if bubble.id]
    if result and not found:
        raise SiteChanged("none of the highlights has an id")
    return found


def converted(data: bytes | dict[str, Any] | list[Any]) -> list[MediaRef]:
    """The files of one post, as `convert` gives it: one object, or one per slide.

    Raises:
        SiteChanged: it is no such answer.
    """
    whole = _parsed(data)
    parts = shape.records(whole) if isinstance(whole, list) else [shape.record(whole)]
    found: list[MediaRef] = []
    for number, part in enumerate(parts, 1):
        ref = _converted(part, number if len(parts) > 1 else 0)
        if ref is not None:
            found.append(ref)
    if not found:
        raise SiteChanged("the post came in a shape that is not known")
    return found


def _converted(part: dict[str, Any], slide: int) -> MediaRef | None:
    meta = shape.record(part, "meta")
    files = shape.records(part.get("url"))
    urls = addresses(
        shape.address(part.get("hd")),
        *(shape.address(one.get("url")) for one in files[:1]),
        shape.address(part.get("sd")),
    )
    if not urls:
        return None
    ext = shape.text(files[0].get("ext") or files[0].get("type")).lower() if files else ""
    return MediaRef(
        urls,
        is_video=ext in {"mp4", "video"}
        or bool(shape.address(part.get("hd")) or shape.address(part.get("sd"))),
        code=shape.text(meta.get("shortcode")),
        slide=slide,
        owner=shape.text(meta.get("username")).lower(),
        taken_at=shape.moment(meta.get("taken_at")),
        caption=shape.text(meta.get("title")),
    )


def _cursor(whole: dict[str, Any]) -> str:
    info = shape.record(whole, "page_info")
    if info and info.get("has_next_page") is not True:
        return ""
    cursor = shape.text(info.get("end_cursor") or whole.get("next_max_id"))
    return "" if cursor in _NO_MORE else cursor


def _result(data: bytes | dict[str, Any]) -> Any:
    whole = _parsed(data)
    failed = trouble(200, whole) if isinstance(whole, dict) else None
    if failed is not None:
        raise failed
    if not isinstance(whole, dict) or "result" not in whole:
        raise SiteChanged("the viewer site gave no result")
    return whole["result"]


def _parsed(data: bytes | dict[str, Any] | list[Any]) -> Any:
    if not isinstance(data, bytes):
        return data
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise SiteChanged("the viewer site gave no JSON, or only a part of it") from error


def _loose(data: bytes | dict[str, Any]) -> dict[str, Any]:
    try:
        return shape.record(_parsed(data))
    except DownloadError:
        return {}
