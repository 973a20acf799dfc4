"""Which other addresses among the formats of a video can take the place of the chosen one. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

_SAME = ("width", "height", "vcodec", "acodec", "tbr")
_MOST_FALLBACKS = 4
_MOST_OTHERS = 2

Cookie = Callable[[str], Any]
"""The `Cookie` header that an address gets."""


def fallbacks(info: Mapping[str, Any], cookie: Cookie) -> tuple[str, ...]:
    """Other addresses of the very same rendition that the same headers may be shown to."""
    url, size = str(info["url"]), info.get("filesize")
    if not size:
        return ()
    same = []
    for other in info.get("formats") or ():
        other_url = str(other.get("url") or "")
        if (
            other_url != url
            and other.get("filesize") == size
            and all(other.get(name) == info.get(name) for name in _SAME)
            and cookie(other_url) == cookie(url)
        ):
            same.append(other_url)
    return tuple(same[:_MOST_FALLBACKS])


def others(info: Mapping[str, Any], cookie: Cookie) -> tuple[str, ...]:
    """Other renditions with sound, not larger than the chosen one and never marked, the best first."""
    url = str(info["url"])
    same = {url, *fallbacks(info, cookie)}
    found = [
        other_url
        for other in reversed(info.get("formats") or ())
        if (other_url := str(other.get("url") or "")) not in same
        and other_url.startswith(("http://", "https://"))
        and has_sound(other)
        and other.get("vcodec") not in {None, "none"}
        and (other.get("height") or 0) <= (info.get("height") or 0)
        and "watermark" not in str(other.get("format_note") or "")
        and cookie(other_url) == cookie(url)
    ]
    return tuple(dict.fromkeys(found))[:_MOST_OTHERS]


def has_sound(rendition: Mapping[str, Any]) -> bool:
    """Whether sound is announced."""
    return rendition.get("acodec") not in {None, "none"}
