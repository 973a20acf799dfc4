"""Any other address: whichever engine knows the site, then whatever the page itself shows.

Who is asked first: the engine with an extractor made for the site. When both have one, yt-dlp (it chooses qualities and
merges streams), except where pictures are the point. Pages nobody knows are probed for a plain file, then searched for
videos (yt-dlp's generic extractor), then for pictures (gallery-dl's).
"""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import urlsplit

from mediadl import errors
from mediadl.errors import DownloadError
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

PROBE = "probe"
YTDLP_PAGE = "yt-dlp page"
GALLERYDL_PAGE = "gallery-dl page"

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
        return (GALLERYDL, YTDLP, PROBE, YTDLP_PAGE, GALLERYDL_PAGE)

    def chain(self, task: Task) -> tuple[str, ...]:
        """The backends for this address, as the engines' own patterns tell."""
        from mediadl.modules.engines import gallerydl, ytdlp

        url = task.target.url
        category = gallerydl.category_of(url)
        extractor = ytdlp.specific_extractor(url)
        known: tuple[str, ...] = ()
        if category and extractor:
            known = (GALLERYDL, YTDLP) if category in IMAGES_FIRST else (YTDLP, GALLERYDL)
        elif category:
            known = (GALLERYDL,)
        elif extractor:
            known = (YTDLP,)
        return (*known, PROBE, YTDLP_PAGE, GALLERYDL_PAGE)

    def run(self, backend: str, task: Task, reporter: Reporter) -> None:
        """List the page with one backend."""
        url = task.target.url
        if backend == PROBE:
            self._probe(task, reporter)
        elif backend in {YTDLP, YTDLP_PAGE}:
            from mediadl.modules.engines import ytdlp

            ytdlp.run(task, reporter, ie="Generic" if backend == YTDLP_PAGE else None)
        else:
            from mediadl.modules.engines import gallerydl

            prefix = "generic:" if backend == GALLERYDL_PAGE else ""
            gallerydl.run(task, prefix + url, reporter)

    def goes_on(self, backend: str, error: DownloadError, target: Target) -> bool:
        """A known site's verdict counts; a search of the page may always be followed by another one."""
        if backend == PROBE:
            return not isinstance(
                error, errors.MediaNotFound | errors.RateLimited | errors.TlsFailed | errors.AddressRefused
            )
        if backend == YTDLP_PAGE and isinstance(error, errors.PostprocessFailed):
            return False
        return super().goes_on(backend, error, target)

    def _probe(self, task: Task, reporter: Reporter) -> None:
        """Report the address itself when the server says it is a file."""
        from mediadl.modules.engines import ytdlp

        head = ytdlp.head(task, task.target.url, reporter)
        if not head.is_file:
            raise errors.NotMedia(f"{task.target.site} answers with a page")
        reporter.found(files.file_item(head.url, ext=head.ext, size_bytes=head.size_bytes))
