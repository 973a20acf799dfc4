"""Any other address: whichever engine knows the site, then whatever the page itself shows.

Who is asked first: the engine with an extractor made for the site. When both have one, yt-dlp (it chooses qualities and
merges streams), except where pictures are the point. What nobody knows may be a file itself; else the page is searched
for videos (yt-dlp's generic extractor), then for pictures (gallery-dl's).
"""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlsplit

from mediadl.errors import DownloadError, LoginNeeded
from mediadl.modules import files
from mediadl.modules.base import (
    GALLERYDL,
    YTDLP,
    Module,
    Reporter,
    Target,
    Task,
    site_of,
    wrong_type,
)

YTDLP_PAGE = "yt-dlp page"
GALLERYDL_PAGE = "gallery-dl page"

_NEWEST_FIRST = frozenset({"videos", "shorts", "streams"})
"""Tabs of a channel at YouTube."""

IMAGES_FIRST = frozenset({
    "500px", "artstation", "bluesky", "deviantart", "discord", "flickr", "furaffinity", "imgur", "imgbb",
    "itaku", "mastodon", "newgrounds", "pinterest", "pixiv", "reddit", "skeb", "slideshare", "tumblr",
    "twitter", "vsco", "weibo", "weverse",
})  # fmt: skip
"""Sites known to both engines where gallery-dl comes first, by its name for them."""


class Generic(Module):
    """Everything else behind http or https."""

    name = "generic"
    title = "Any site"
    content_types: ClassVar[dict[str, str]] = {"page": "everything on one page"}
    examples = (
        ("https://videos.example.org/watch/1", "page"),
        ("https://www.youtube.com/watch?v=aaaaaaaaaaa", "page"),
        ("https://example.org/", "page"),
    )
    rank = 100

    def match(self, url: str, content_type: str = "") -> Target | None:
        """Any http or https address."""
        parts = urlsplit(url)
        if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
            return None
        if content_type not in {"", "page", "file"}:
            raise wrong_type(self, content_type, url, ("page",))
        site = site_of(url)
        return Target(self.name, url, "page", site, title=files.stem(url) or site, source=site)

    def backends(self, target: Target) -> tuple[str, ...]:
        """All that may be asked; the runner knows the order."""
        return (GALLERYDL, YTDLP, YTDLP_PAGE, GALLERYDL_PAGE)

    def newest_first(self, target: Target) -> bool:
        """Only where a list is known to be: a playlist may grow at its end."""
        parts = urlsplit(target.url)
        tab = parts.path.rstrip("/").rpartition("/")[2]
        return site_of(target.url) in {"youtube.com", "m.youtube.com"} and tab in _NEWEST_FIRST

    def chain(self, task: Task) -> tuple[str, ...]:
        """The backends for this address, as the engines' own patterns tell."""
        from mediadl.modules.engines import gallerydl, ytdlp

        url = task.target.url
        category = gallerydl.category_of(url)
        extractor = ytdlp.specific_extractor(url)
        known: tuple[str, ...]
        if category and extractor:
            known = (GALLERYDL, YTDLP) if category in IMAGES_FIRST else (YTDLP, GALLERYDL)
        elif category:
            known = (GALLERYDL,)
        elif extractor:
            known = (YTDLP,)
        else:
            return (YTDLP_PAGE, GALLERYDL_PAGE)
        # The pictures on a known site's page are its logos and advertisements when its engine gave up
        return (*known, YTDLP_PAGE)

    def goes_on(self, backend: str, error: DownloadError, target: Target) -> bool:
        """Where gallery-dl wants a login, a video may still be open to visitors."""
        if isinstance(error, LoginNeeded) and backend == GALLERYDL:
            from mediadl.modules.engines import ytdlp

            return bool(ytdlp.specific_extractor(target.url))
        return super().goes_on(backend, error, target)

    def run(self, backend: str, task: Task, reporter: Reporter) -> None:
        """List the page with one backend."""
        if backend in {YTDLP, YTDLP_PAGE}:
            from mediadl.modules.engines import ytdlp

            search = ytdlp.run if backend == YTDLP else ytdlp.run_page
            search(task, reporter, ytdlp.Hooks(title=_title))
        else:
            from mediadl.modules.engines import gallerydl

            prefix = "generic:" if backend == GALLERYDL_PAGE else ""
            gallerydl.run(task, prefix + task.target.url, reporter)


def _title(info: dict[str, Any]) -> str:
    """yt-dlp numbers the videos of a page even when there is one only."""
    title = str(info.get("title") or info.get("id") or "")
    return title if info.get("playlist_index") else title.removesuffix(" (1)")
