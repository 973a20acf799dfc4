"""The JSON and the pages in which TikTok answers, and its proof-of-work page."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import Any

from fakeweb.messages import Response, set_cookie
from fakeweb.sites.tiktok_posts import (
    RENDITIONS,
    WATERMARKED,
    Post,
    User,
    avatar_url,
    cover_url,
    photo_url,
    video_url,
)

WWW = "https://www.tiktok.com"
PAGE_SIZE = 15
CHAIN_TOKEN = "c2ltdWxhdGVkLWNoYWluLXRva2Vu"
_PUZZLE_SALT = b"simulated salt"
_PUZZLE_ANSWER = 4321


def account(user: User) -> dict[str, Any]:
    """A user as posts and profiles name them."""
    return {
        "id": user.id,
        "uniqueId": user.name,
        "nickname": user.nickname,
        "secUid": user.sec_uid,
        "avatarLarger": avatar_url(user),
        "privateAccount": user.private,
    }


def item(user: User, post: Post) -> dict[str, Any]:
    """A post as its own page and the lists show it."""
    item: dict[str, Any] = {
        "id": post.id,
        "desc": post.caption,
        "createTime": post.created_at,
        "author": account(user),
        "music": {
            "id": post.id,
            "title": "original sound",
            "authorName": user.nickname,
            "duration": 1,
            "playUrl": video_url(post, "music"),
        },
        "stats": {"diggCount": 12, "commentCount": 3, "playCount": 456, "shareCount": 1, "collectCount": "2"},
    }
    if post.sensitive:
        return item | {"isContentClassified": True}
    if post.is_photo:
        images = [
            {"imageURL": {"urlList": [photo_url(post, n)]}, "imageWidth": 360, "imageHeight": 480}
            for n in range(1, post.images + 1)
        ]
        empty = {"id": post.id, "width": 0, "height": 0, "duration": 0, "cover": photo_url(post, 1)}
        return item | {"imagePost": {"images": images}, "video": empty}
    return item | {"video": _video_field(post)}


def _video_field(post: Post) -> dict[str, Any]:
    qualities = [
        {
            "PlayAddr": {
                "DataSize": str(post.video_bytes(quality)),
                "Width": quality.width,
                "Height": quality.height,
                "UrlKey": f"v12044gd{post.id}_{quality.url_key}",
                "UrlList": [video_url(post, quality.key), f"{WWW}/aweme/v1/play/?video_id={post.id}"],
            }
        }
        for quality in RENDITIONS
    ]
    smallest = RENDITIONS[-1]
    return {
        "id": post.id,
        "width": smallest.width,
        "height": smallest.height,
        "duration": max(1, round(post.duration_s)),
        "format": "mp4",
        "cover": cover_url(post),
        "playAddr": video_url(post, smallest.key),
        "downloadAddr": video_url(post, WATERMARKED),
        "bitrateInfo": qualities,
    }


def creator_list(user: User, before_ms: int) -> Response:
    """The posts before a moment, newest first; the first page begins with the pinned ones."""
    pinned = [post for post in user.posts if post.id in user.pinned]
    newest = [post for post in reversed(user.posts) if post not in pinned]
    older = [post for post in newest if post.created_at * 1000 < before_ms]
    listed = [*pinned, *older] if len(older) == len(newest) else older
    page = listed[:PAGE_SIZE]
    more = len(listed) > len(page)
    return Response.json(
        {
            "statusCode": 0,
            "itemList": [item(user, post) for post in page],
            "hasMorePrevious": more,
            "hasMore": more,
            "cursor": str(page[-1].created_at * 1000 if page else before_ms),
        }
    )


def post_list(user: User, cursor: int, order: str) -> Response:
    """The ordered list: 0 newest first, 1 popular (here the same), 2 oldest first."""
    if order == "2":
        left = [post for post in user.posts if post.created_at * 1000 > cursor]
    else:
        left = [post for post in reversed(user.posts) if not cursor or post.created_at * 1000 < cursor]
    page = left[:PAGE_SIZE]
    last = page[-1].created_at * 1000 if page else max(cursor, 1)
    items = [item(user, post) for post in page]
    return Response.json(
        {"statusCode": 0, "itemList": items, "hasMore": len(left) > len(page), "cursor": str(last)}
    )


def story_list(user: User) -> Response:
    """A user's stories, all in one page."""
    items = [item(user, story) for story in user.stories]
    newest = max((story.created_at * 1000 for story in user.stories), default=1)
    return Response.json(
        {
            "statusCode": 0,
            "itemList": items,
            "HasMoreAfter": False,
            "hasMore": False,
            "MaxCursor": str(newest),
        }
    )


def inline(value: Any) -> str:
    """JSON that may stand inside a script element."""
    # A caption with </script> would end the element.
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


def hydrated(scope: dict[str, Any]) -> str:
    """A page with its data in the one script that the engines read."""
    data = inline({"__DEFAULT_SCOPE__": scope})
    script = f'<script id="__UNIVERSAL_DATA_FOR_REHYDRATION__" type="application/json">{data}</script>'
    return f"<!doctype html><html><head><title>TikTok</title></head><body>{script}</body></html>"


def with_cookies(response: Response) -> Response:
    """The same answer, setting the cookies that the CDN asks for."""
    response.headers += [
        set_cookie("tt_chain_token", CHAIN_TOKEN, domain=".tiktok.com", secure=True),
        set_cookie("ttwid", "1%7Csimulated", domain=".tiktok.com", secure=True),
    ]
    return response


def _plain64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def puzzle_page() -> str:
    """The page that wants a proof of work."""
    digest = hashlib.sha256(_PUZZLE_SALT + str(_PUZZLE_ANSWER).encode()).digest()
    puzzle = {"v": {"a": _plain64(_PUZZLE_SALT), "b": "1700000000", "c": _plain64(digest)}, "s": "sig"}
    packed = _plain64(json.dumps(puzzle, separators=(",", ":")).encode()).rstrip("=")
    values = {"cs": packed, "wci": "_wafchallengeid", "rci": "waforiginalreid", "rs": "simulated-request"}
    marks = "".join(f'<p id="{name}" class="{value}"></p>' for name, value in values.items())
    return f"<!doctype html><html><body>Please wait...{marks}</body></html>"


def solved(cookie: str) -> bool:
    """Whether the cookie carries the right answer."""
    try:
        answer = json.loads(base64.b64decode(cookie.strip('"') + "==="))["d"]
        return base64.b64decode(answer) == str(_PUZZLE_ANSWER).encode()
    except (binascii.Error, ValueError, KeyError, TypeError):
        return False
