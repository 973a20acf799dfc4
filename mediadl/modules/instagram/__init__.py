"""Instagram: the site itself with an account's session or as a visitor, and viewer sites as ways round it."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from typing import ClassVar

from mediadl.errors import (
    BadContent,
    BudgetSpent,
    DownloadError,
    GeoBlocked,
    InvalidInput,
    LoginNeeded,
    MediaNotFound,
    NetworkFailed,
    Private,
    RateLimited,
    ServerError,
    Unknown,
    Unsupported,
)
from mediadl.modules.base import GALLERYDL, YTDLP, LoginCheck, Module, Reporter, Target, Task, wrong_type
from mediadl.modules.instagram.addresses import ROOT, account_url, is_name, meaning
from mediadl.modules.instagram.identity import media_pk
from mediadl.modules.instagram.options import (
    ADVICE,
    FASTDL,
    IMGINN,
    INSTALOADER,
    OPTIONS,
    ORDERS,
    STORYNAVIGATION,
    TOOLZU,
    VIEWERS,
    VISITORS,
    order,
)
from mediadl.modules.web import Web

_ACCOUNT_TYPES = ("posts", "reels", "stories", "highlights", "tagged", "avatar")
_LISTS = frozenset({"posts", "reels", "tagged"})
_ELSEWHERE = (RateLimited, BudgetSpent, NetworkFailed, ServerError, GeoBlocked, BadContent, Unknown)
"""Trouble between us and one site: another site may answer, the same one should not be pressed."""
_WALKED = "walked"
"""Remembered once a list was walked to its end: from then on a run may stop where everything is known."""


class Instagram(Module):
    """Posts, reels, stories, highlights, tagged posts, profile pictures."""

    name = "instagram"
    title = "Instagram"
    content_types: ClassVar[dict[str, str]] = {
        "posts": "all posts of an account",
        "reels": "all reels of an account",
        "stories": "what an account shows today",
        "highlights": "kept stories of an account",
        "tagged": "posts that tag an account",
        "avatar": "the account's picture",
        "post": "one post",
        "reel": "one reel",
    }
    aliases = ("instagram", "ig")
    needs_login = frozenset(_ACCOUNT_TYPES)
    one_login_try = True
    improvable = frozenset({"post", "reel"})
    advice: ClassVar[str] = ADVICE
    """What a person should know before an account is used here for the first time."""
    rank = 10
    examples = (
        ("https://www.instagram.com/bob/", "posts"),
        ("https://instagram.com/bob?hl=en", "posts"),
        ("https://www.instagram.com/bob/reels/", "reels"),
        ("https://www.instagram.com/bob/tagged/", "tagged"),
        ("https://www.instagram.com/stories/bob/", "stories"),
        ("https://www.instagram.com/stories/bob/3000000000000000001/", "stories"),
        ("https://www.instagram.com/stories/highlights/17900000000000001/", "highlights"),
        ("https://www.instagram.com/s/aGlnaGxpZ2h0OjE3OTAwMDAwMDAwMDAwMDAx?story_media_id=1", "highlights"),
        ("https://www.instagram.com/p/ChunkAjurw/", "post"),
        ("https://www.instagram.com/bob/p/ChunkAjurw/?img_index=2", "post"),
        ("https://www.instagram.com/reel/ChunkAjurw/", "reel"),
        ("instagram:bob", "posts"),
        ("ig:@bob", "posts"),
    )
    options = OPTIONS

    def match(self, url: str, content_type: str = "") -> Target | None:
        """What an Instagram address means."""
        found = meaning(url)
        if found is None:
            return None
        if not found.url:
            return self._account(found.name, content_type or found.kind, url)
        alike = {"post", "posts", "reel", "reels"} if found.kind in {"post", "reel"} else {found.kind}
        if content_type and content_type not in alike:
            raise wrong_type(self, content_type, found.url, (found.kind,))
        return Target(
            self.name, found.url, found.kind, self.name, title=found.name, source=found.source.lower()
        )

    def alias(self, text: str, content_type: str = "") -> Target:
        """`NAME` or `@NAME`: the account."""
        if not is_name(text):
            raise InvalidInput(f"not an Instagram name: {text!r}", next_step="Give it as instagram:NAME.")
        return self._account(text.removeprefix("@"), content_type or "posts", text)

    def backends(self, target: Target) -> tuple[str, ...]:
        """Every way there is, viewer sites that may be switched off among them."""
        return ORDERS[target.content_type]

    def chain(self, task: Task) -> tuple[str, ...]:
        """The ways that are switched on and there, in the user's order."""
        kind = task.target.content_type
        wanted = order(kind, str(task.option(f"order_{kind}", "")))
        found = tuple(name for name in wanted if self._may_be_asked(name, task))
        if not found:
            raise Unsupported(
                f"every way to Instagram's {kind} is switched off: see use_imginn and its like, or stay_logged_out"
            )
        return found

    def newest_first(self, target: Target) -> bool:
        """Grids are, below what is pinned."""
        return target.content_type in _LISTS

    def by_owner(self, backend: str, task: Task, owner_id: str) -> Target | None:
        """gallery-dl asks for an account by its number as well."""
        target = task.target
        is_account = target.url == account_url(target.source, target.content_type)
        if backend != GALLERYDL or not is_account or not owner_id.isdigit():
            return None
        return replace(target, url=account_url(f"id:{owner_id}", target.content_type))

    def uses_login(self, backend: str, task: Task) -> bool:
        """Viewer sites never get a login; nobody does when the user stays logged out."""
        return backend not in VIEWERS and not task.option("stay_logged_out", False)

    def pace(self, backend: str) -> float:
        """Viewer sites keep pauses of their own."""
        return 0.0 if backend in VIEWERS else 1.0

    def open_to_visitors(self, backend: str, target: Target) -> bool:
        """gallery-dl is sent to the login page without one; some things are open through the others."""
        return backend in VIEWERS or target.content_type in VISITORS.get(backend, frozenset())

    def after(
        self, backend: str, error: DownloadError, rest: tuple[str, ...], target: Target
    ) -> tuple[str, ...]:
        """Who is asked next: what is gone or private is confirmed once; a site that wants rest gets it."""
        if isinstance(error, MediaNotFound | Private):
            return rest[:1]
        if isinstance(error, LoginNeeded):
            return rest
        if isinstance(error, _ELSEWHERE):
            return rest if backend in VIEWERS else tuple(name for name in rest if name in VIEWERS)
        return super().after(backend, error, rest, target)

    def check_login(self, web: Web, site: str) -> LoginCheck | None:
        """Ask who is logged in."""
        if site != self.name and not f".{site}".endswith(".instagram.com"):
            return None
        from mediadl.modules.instagram import standing

        return standing.ask(web)

    def run(self, backend: str, task: Task, reporter: Reporter) -> None:
        """List the target."""
        is_list = task.target.content_type in _LISTS
        if is_list and task.memory.get(_WALKED):
            reporter.until_known(int(task.option("stop_after_known", 12)))
        to_the_end = self._ask(backend, task, reporter)
        if not to_the_end and not reporter.stopped():
            reporter.cut_short()
        limited = task.max_items or task.since is not None or task.until is not None
        if is_list and to_the_end and not limited and not reporter.stopped():
            reporter.remember(_WALKED, True, if_complete=True)

    def _ask(self, backend: str, task: Task, reporter: Reporter) -> bool:
        """List the target; True: the list was walked to its end."""
        if backend in {GALLERYDL, YTDLP}:
            from mediadl.modules.instagram import engines

            (engines.by_gallerydl if backend == GALLERYDL else engines.by_ytdlp)(task, reporter)
            return True
        if backend == INSTALOADER:
            from mediadl.modules.instagram import loader

            return loader.by_instaloader(task, reporter)
        if backend in {IMGINN, STORYNAVIGATION}:
            from mediadl.modules.instagram import viewers

            return (viewers.by_imginn if backend == IMGINN else viewers.by_storynavigation)(task, reporter)
        from mediadl.modules.instagram import assisted

        return (assisted.by_fastdl if backend == FASTDL else assisted.by_toolzu)(task, reporter)

    def _may_be_asked(self, backend: str, task: Task) -> bool:
        if backend in VIEWERS:
            return bool(task.option(f"use_{backend}", False))
        if task.option("stay_logged_out", False) and not self.open_to_visitors(backend, task.target):
            return False
        if backend == INSTALOADER:
            return bool(task.option("use_instaloader", True)) and find_spec("instaloader") is not None
        return True

    def _account(self, user: str, content_type: str, asked: str) -> Target:
        if content_type not in _ACCOUNT_TYPES:
            raise wrong_type(self, content_type, asked, _ACCOUNT_TYPES)
        name = user.lower()
        url = account_url(name, content_type)
        return Target(self.name, url, content_type, self.name, title=f"{name} {content_type}", source=name)


__all__ = ["ROOT", "TOOLZU", "Instagram", "media_pk"]
