"""StoryNavigation's answers: the newest dozen posts of an account, and its picture. Pure.

Every function takes what the site sent and raises nothing but a `DownloadError`.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

from mediadl.errors import MediaNotFound, SiteChanged
from mediadl.modules.instagram import shape
from mediadl.modules.instagram.identity import media_pk
from mediadl.modules.instagram.media import Account, MediaRef, addresses

ROOT = "https://storynavigation.com"
NEWEST = 12
"""It shows no more posts than these."""
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_MOMENT = re.compile(r"\s*(\d{1,2}) ([A-Za-z]{3,9}) (\d{4}) (\d{1,2}):(\d{2}):(\d{2})\s*\Z")
_LISTS = ("medias", "items", "data", "posts", "result")
_USERS = ("user", "profile", "data", "result")
_PICTURES = (
    "profilePicUrlHd",
    "profilePicUrl",
    "profile_pic_url_hd",
    "profile_pic_url",
    "profilePic",
    "avatar",
)


def account(data: bytes | dict[str, Any], user: str) -> Account:
    """Who `/get-user-profile` is about.

    Raises:
        MediaNotFound: nobody.
        SiteChanged: it is no such answer.
    """
    whole = _parsed(data)
    found = shape.record(whole)
    if found.get("success") is False or shape.text(found.get("error")):
        words = f"{found.get('message', '')} {found.get('error', '')}".lower()
        if "not found" in words or "not exist" in words:
            raise MediaNotFound(f"StoryNavigation knows no account {user}")
        raise SiteChanged(f"StoryNavigation could not do it: {words.strip()[:80] or 'no reason given'}")
    inner = next((shape.record(found, key) for key in _USERS if shape.record(found, key)), found)
    name = shape.text(inner.get("userName") or inner.get("username")).lower()
    if not name:
        raise SiteChanged("StoryNavigation's account came in a shape that is not known")
    pictures = [shape.address(inner.get(key)) for key in _PICTURES]
    urls = addresses(*pictures)
    return Account(
        name,
        shape.text(inner.get("id") or inner.get("pk")),
        private=inner.get("isPrivate") is True or inner.get("is_private") is True,
        posts=shape.count(inner.get("mediaCount", inner.get("media_count"))),
        picture=urls[0] if urls else "",
    )


def posts(data: bytes | dict[str, Any] | list[Any], user: str) -> list[MediaRef]:
    """The files of `/get-user-medias`.

    Of a carousel only the pictures come, so that their places within it are not known.

    Raises:
        SiteChanged: it is no such answer.
    """
    whole = _parsed(data)
    if isinstance(whole, dict):
        whole = next((whole[key] for key in _LISTS if isinstance(whole.get(key), list)), None)
    if not isinstance(whole, list):
        raise SiteChanged("StoryNavigation's posts came in a shape that is not known")
    refs = [ref for one in shape.records(whole) for ref in _post(one, user)]
    if whole and not refs:
        raise SiteChanged("none of StoryNavigation's posts has a file")
    return refs


def moment(written: str) -> float | None:
    """Epoch seconds of a date such as `26 June 2026 18:57:05` (UTC); None when it is none."""
    found = _MOMENT.match(written)
    if found is None:
        return None
    month = next((n for n, name in enumerate(_MONTHS, 1) if name.startswith(found[2].lower())), 0)
    try:
        when = dt.datetime(
            int(found[3]), month, int(found[1]), int(found[4]), int(found[5]), int(found[6]), tzinfo=dt.UTC
        )
    except ValueError:
        return None
    return when.timestamp()


def _post(one: dict[str, Any], user: str) -> list[MediaRef]:
    code = shape.text(one.get("id"))
    kind = shape.text(one.get("type")).lower()
    if not code:
        return []
    common: dict[str, Any] = {
        "code": code,
        "owner": shape.text(one.get("ownerUsername") or shape.record(one, "owner").get("username")).lower()
        or user,
        "taken_at": moment(shape.text(one.get("createdTime"))),
        "caption": shape.text(one.get("caption")),
    }
    if kind == "sidecar":
        slides = one.get("sidecarItems")
        shown = [_of_slide(slide) for slide in slides] if isinstance(slides, list) else []
        return [MediaRef(urls, film, several=True, **common) for urls, film in shown if urls]
    film = kind == "video"
    urls = addresses(shape.address(one.get("videoUrl" if film else "thumbnailUrl")))
    return [MediaRef(urls, film, pk=media_pk(code), **common)] if urls else []


def _of_slide(slide: object) -> tuple[tuple[str, ...], bool]:
    if isinstance(slide, str):
        return addresses(shape.address(slide)), False
    record = shape.record(slide)
    film = addresses(shape.address(record.get("videoUrl")))
    if film:
        return film, True
    return addresses(*(shape.address(record.get(key)) for key in ("thumbnailUrl", "imageUrl", "url"))), False


def _parsed(data: bytes | dict[str, Any] | list[Any]) -> Any:
    if not isinstance(data, bytes):
        return data
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise SiteChanged("StoryNavigation gave no JSON, or only a part of it") from error
