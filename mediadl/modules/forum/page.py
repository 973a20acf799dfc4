"""What one page of a forum says, whatever program made it: posts, their media, and where to go on."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class MediaRole(StrEnum):
    """How a file hangs on its post."""

    ATTACHMENT = "attachment"
    """Uploaded to the forum itself."""
    IMAGE = "image"
    """Shown in the text; full size where the page names it."""
    EMBED = "embed"
    """A player of another site: for an engine."""
    LINK = "link"
    """A plain link to another site, which an engine may know."""


@dataclass(frozen=True, slots=True)
class Media:
    """One file or host link of a post."""

    url: str
    """Absolute, unmasked, without session ids; the full file, not its thumbnail."""
    role: MediaRole
    id: str
    """Stable within the forum: the attachment's id, else the cleaned address."""
    name: str = ""
    """File name as the page tells it; empty: the server may know."""
    thumbnail_url: str = ""
    """Last resort when the full file is gone."""


@dataclass(frozen=True, slots=True)
class Post:
    """One post, quotes and signature taken out."""

    id: str
    number: int | None
    author: str
    author_id: str
    posted_at: float | None
    raw_date: str
    """As the page writes it; what "today" means is known only when it is read."""
    url: str
    text: str
    html: str
    """The cleaned body."""
    media: tuple[Media, ...] = ()
    digest: str = ""
    """Changes when text or media change, not with view counters."""


@dataclass(frozen=True, slots=True)
class ThreadLink:
    """A thread on a board's page."""

    url: str
    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a thread or of a board."""

    url: str
    software: str
    """Such as `xenforo2`, `phpbb3`; `unknown`: guessed."""
    thread_id: str = ""
    title: str = ""
    number: int = 1
    last_number: int | None = None
    """None: the page does not tell."""
    posts: tuple[Post, ...] = ()
    further: tuple[str, ...] = ()
    """Addresses to read after this one, in order; programs with numbered pages name one, JSON programs may name all."""
    threads: tuple[ThreadLink, ...] = ()
    """Of a board's page."""
    logged_in: bool | None = None
    """None: the page does not tell."""
    login_url: str = ""
    """Where this page lets people log in; empty: unknown."""
    post_ids: tuple[str, ...] = field(default_factory=tuple)
    """All ids of the thread, where one answer names them (Discourse); empty elsewhere."""
