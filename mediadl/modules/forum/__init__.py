"""Forums: threads with their posts, files and links; boards with their threads. One walk for every program."""

from __future__ import annotations

import re
from typing import ClassVar
from urllib.parse import urlsplit

from mediadl.errors import DownloadError, InvalidInput, NoMedia, Unsupported
from mediadl.modules.base import LoginCheck, Module, Option, Reporter, Target, Task, site_of, wrong_type
from mediadl.modules.web import Web

PAGES = "pages"
"""The one backend: the forum's own pages."""

_HINT = re.compile(
    r"/(?:threads?|topics?|t|d|c|forums?|boards?|category|categories)[/.?-]|(?:show|view)(?:thread|topic)|(?:thread|forum)-\d"
    r"|forumdisplay|viewforum|index\.php|/f\d+/|[?&;](?:topic|board|threads?|tid|fid)[=/]",
    re.IGNORECASE,
)
"""What every known shape has: most addresses need no closer look."""


class Forum(Module):
    """Threads and boards of the usual forum programs, and of others as far as their pages can be guessed."""

    name = "forum"
    title = "Forum"
    content_types: ClassVar[dict[str, str]] = {
        "thread": "all posts of a thread",
        "board": "all threads of a board",
    }
    aliases = ("forum",)
    rank = 60
    successor = "generic"
    keeps_own_place = True
    name_template = "{site}/{thread} [{thread_id}]/{date}_{post}_{index:02}_{author}_{name}"
    examples = (
        ("https://forum.example.org/threads/holiday-pictures.123/", "thread"),
        ("https://forum.example.org/threads/holiday-pictures.123/page-4#post-99", "thread"),
        ("https://board.example.org/viewtopic.php?f=2&t=345", "thread"),
        ("https://board.example.org/showthread.php?t=678", "thread"),
        ("https://board.example.org/index.php?topic=12.0", "thread"),
        ("https://talk.example.org/t/holiday-pictures/42", "thread"),
        ("https://forum.example.org/forums/pictures.7/", "board"),
        ("forum:https://any.example.org/whatever/55", "thread"),
    )
    options = (
        Option("watch", bool, False, "Watch", "Look at the thread again and again, and take what is new."),
        Option(
            "expire_days", int, 30, "Watch until", "Days without a post after which it is no longer watched; 0: never.",
            0, 3650,
        ),
        Option(
            "check_every_h", float, 0.0, "Check every", "Hours between two checks; 0: as often as the thread needs.",
            0, 8760,
        ),
        Option("pause_s", float, 1.5, "Pause", "Seconds between two pages, a little more or less.", 0, 600),
        Option("max_pages", int, 5000, "Most pages", "Pages of one thread or board that are read at most.", 1, 100_000),
        Option(
            "post_sidecars", str, "files", "Posts as JSON", "Text and facts of posts with files, of all, or of none.",
            choices=("files", "all", "off"),
        ),
        Option("thread_page", bool, True, "Readable page", "Write each thread down as one page beside its files."),
        Option("linked_jobs", bool, True, "Follow links", "Make jobs of links that other platforms or engines know."),
        Option("software", str, "", "Program", "Name of the forum's program, such as phpbb3; empty: find out."),
    )  # fmt: skip

    def match(self, url: str, content_type: str = "") -> Target | None:
        """What an address means by its shape alone; any address where a thread or a board is asked for."""
        if content_type in self.content_types:
            return self._target(url, content_type)
        if content_type or not _HINT.search(url):
            return None
        from mediadl.modules.forum import addresses

        kind = addresses.kind_of_address(url)
        return self._target(url, "board" if kind == "board" else "thread") if kind else None

    def take(self, url: str, content_type: str = "") -> Target | None:
        """Any address: the person knows better than its shape."""
        if content_type and content_type not in self.content_types:
            raise wrong_type(self, content_type, url, tuple(self.content_types))
        return self.match(url, content_type) or self._target(url, "thread")

    def alias(self, text: str, content_type: str = "") -> Target:
        """`forum:URL`: any address."""
        from mediadl.security.urls import clean_url

        target = self.take(clean_url(text), content_type)
        if target is None:
            raise InvalidInput(f"not an address: {text!r}", next_step="Give it as forum:https://…")
        return target

    def backends(self, target: Target) -> tuple[str, ...]:
        """The forum's own pages; what turns out to be no forum goes on with the generic module."""
        return (PAGES,)

    def goes_on(self, backend: str, error: DownloadError, target: Target) -> bool:
        """Only where the page is no forum's: engines would take its logos for media."""
        return isinstance(error, NoMedia | Unsupported)

    def open_to_visitors(self, backend: str, target: Target) -> bool:
        """No: visitors see the posts of many forums, but not their files."""
        return False

    def check_login(self, web: Web, site: str) -> LoginCheck | None:
        """Look at the front page of a host: the pages of most programs tell whom they were made for."""
        if site == self.name or "." not in site:
            return None
        from mediadl.modules.forum import standing

        return standing.of_host(web, site)

    def run(self, backend: str, task: Task, reporter: Reporter) -> None:
        """Read the thread or the board."""
        from mediadl.modules.forum import walk

        walk.run(task, reporter)

    def _target(self, url: str, kind: str) -> Target | None:
        parts = urlsplit(url)
        if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
            return None
        from mediadl.modules.forum import addresses

        found = addresses.look(url)
        # The address of a post becomes its thread's where it names both; else the page itself tells
        clean = found.url if found is not None and found.kind != "post" else addresses.thread_url(url)
        slug = found.slug.strip("-./") if found is not None else ""
        return Target(self.name, clean, kind, site_of(url), title=slug.replace("-", " "), source=site_of(url))
