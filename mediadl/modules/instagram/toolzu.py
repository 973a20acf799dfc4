"""Toolzu's cards, as they stand in the user's own browser. Pure.

A card tells neither id, text nor date: a file is known by the name of its asset at the CDN.
"""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser, LexborNode

from mediadl.errors import SiteChanged
from mediadl.modules.instagram import shape
from mediadl.modules.instagram.media import MediaRef, addresses

ROOT = "https://toolzu.com"
TOOLS = {"posts": "profile", "avatar": "instadp", "post": "photo", "reel": "video"}
"""Content type → the tool that gives it."""
FORM = "#downloader-form"
FIELD = "#instagramdownloaderform-search"
RESULTS = "#ajax-results"
NEXT = "#viewer-next"


def cards(data: bytes | str, owner: str, *, part: str = "post") -> list[MediaRef]:
    """The files in the place of the results; empty while there is none yet.

    Raises:
        SiteChanged: the place is not there, or its cards are not as known.
    """
    page = LexborHTMLParser(data.decode("utf-8", "replace") if isinstance(data, bytes) else data)
    results = page.css_first(RESULTS)
    if results is None:
        raise SiteChanged("Toolzu's page has no place for results")
    found = results.css(".download-card")
    refs = [ref for card in found if (ref := _card(card, owner, part)) is not None]
    if found and not refs:
        raise SiteChanged("none of Toolzu's cards has a file")
    return refs


def _card(card: LexborNode, owner: str, part: str) -> MediaRef | None:
    link = card.css_first("a[download][href]") or card.css_first("a[download]")
    urls = addresses(shape.address((link.attributes.get("href") or "") if link is not None else ""))
    if not urls:
        return None
    film = card.css_first(".fa-play-circle") is not None
    return MediaRef(urls, film, owner=owner, part=part)
