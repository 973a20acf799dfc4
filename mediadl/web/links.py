"""Addresses that a page may be asked to open or to go to."""

from __future__ import annotations

import re

_STORED_FILE = re.compile(r"/media/[0-9]{1,18}")
_OF_THE_WEB = re.compile(r"https?://[^/\s\\]", re.IGNORECASE)
_OWN_PAGE = re.compile(r"/(?:account|add(?:\?[!-~]{0,4096})?)?")


def may_open(url: str) -> bool:
    """Whether an address is of the web or a stored file; nothing that could run in the page."""
    return _STORED_FILE.fullmatch(url) is not None or _OF_THE_WEB.match(url) is not None


def own_page(path: str) -> str:
    """The path, if it leads to a page of this server, else the first page; never another server."""
    return path if _OWN_PAGE.fullmatch(path) else "/"
