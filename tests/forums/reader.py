"""Reads a whole thread with the parsers alone and counts what they found against the truth."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field

import requests

from fakeweb.sites.forums.truth import Thread, youtube_id
from mediadl.modules.forum import reading
from mediadl.modules.forum.page import Page, Post
from mediadl.modules.web import Answer

NOW = 1_700_400_000.0
"""Two days after the last post of the truth."""
_MOST_PAGES = 40
_VIDEO = re.compile(r"(?:/embed/|[?&]v=)([\w-]{11})")


@dataclass
class Found:
    """What was read: posts in order, files by digest, links of other hosts."""

    pages: list[Page] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    links: set[str] = field(default_factory=set)

    @property
    def marks(self) -> list[str]:
        """The words that say which posts these are."""
        return [mark for post in self.posts for mark in re.findall(r"MK-\d{4}", post.text)]

    def score(self, thread: Thread, *, attachments: bool = True) -> tuple[int, list[str], list[str]]:
        """Found, extra and missing; 49, nothing and nothing are wanted of the whole truth."""
        wanted = {
            file.blob().sha256(): file.name
            for file in thread.files()
            if attachments or file.place != "attached"
        }
        links = {youtube_id(link) or link for link in thread.links()}
        extra = [url for digest, url in self.files.items() if digest not in wanted]
        extra += sorted(self.links - links)
        missing = [name for digest, name in wanted.items() if digest not in self.files]
        missing += sorted(links - self.links)
        return len(wanted) + len(links) - len(missing), extra, missing


def ask(client: requests.Session, url: str) -> Answer:
    """What the parsers get."""
    got = client.get(url, timeout=30)
    headers = {name.lower(): value for name, value in got.headers.items()}
    return Answer(got.url, got.status_code, headers, got.content, tuple(hop.url for hop in got.history))


def read_thread(client: requests.Session, url: str, software: str = "", *, own: str = "") -> Found:
    """Every page from the first one on, and the bytes behind every file of it.

    Args:
        client: Goes to the simulated web.
        url: The thread.
        software: What it runs on; empty: found out.
        own: Part of the addresses of files; the rest are links.
    """
    found = Found()
    queue, asked = [reading.first_address(url, software) if software else url], set[str]()
    while queue and len(asked) < _MOST_PAGES:
        address = queue.pop(0)
        if address in asked:
            continue
        asked.add(address)
        page = reading.read(ask(client, address), software, now=NOW)
        known = {post.id for post in found.posts}
        fresh = [post for post in page.posts if post.id not in known]
        if page.posts and not fresh:
            continue
        found.pages.append(page)
        found.posts += fresh
        queue += page.further
    for post in found.posts:
        for media in post.media:
            if own not in media.url and "pictures.example.net" not in media.url:
                video = _VIDEO.search(media.url) if "youtu" in media.url else None
                found.links.add(video[1] if video else media.url)
            else:
                digest = hashlib.sha256(client.get(media.url, timeout=30).content).hexdigest()
                found.files[digest] = media.url
    return found
