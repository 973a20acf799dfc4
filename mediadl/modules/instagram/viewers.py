"""Instagram through Imginn and StoryNavigation: pages and lists asked for with the job's transport, gently."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlencode

from mediadl.errors import (
    Forbidden,
    LoginNeeded,
    MediaNotFound,
    NoMedia,
    Private,
    SiteChanged,
    Unsupported,
)
from mediadl.modules.base import Reporter, Task
from mediadl.modules.instagram import addresses, imginn, storynavigation
from mediadl.modules.instagram.listing import Listing
from mediadl.modules.instagram.media import MediaRef
from mediadl.modules.instagram.options import IMGINN, STORYNAVIGATION
from mediadl.modules.instagram.pauses import Pauses
from mediadl.modules.web import Answer

_MOST_PAGES = 2000
_SITES = {IMGINN: "Imginn", STORYNAVIGATION: "StoryNavigation"}
_AVERAGE_PAUSE_S = {IMGINN: 5.5, STORYNAVIGATION: 7.5}


@dataclass(slots=True)
class Visit:
    """One target at one viewer site."""

    task: Task
    reporter: Reporter
    backend: str
    pauses: Pauses
    listing: Listing

    @classmethod
    def begin(cls, backend: str, task: Task, reporter: Reporter, referer: str) -> Visit:
        """A visit with the pauses that the user wants."""
        average_s = float(task.option(f"pause_{backend}_s", _AVERAGE_PAUSE_S[backend]))
        pauses = Pauses(average_s, reporter, _SITES[backend])
        return cls(task, reporter, backend, pauses, Listing(task, reporter, backend, {"Referer": referer}))

    def ask(self, send: Callable[[], Answer]) -> Answer:
        """One request; a refusal is an error, and never one about Instagram's login.

        Raises:
            DownloadError: no answer, or a refusal.
        """
        self.pauses.before_next()
        answer = send()
        trouble = answer.trouble()
        if isinstance(trouble, LoginNeeded):
            raise Forbidden(trouble.message, status=answer.status, retry_after_s=trouble.retry_after_s)
        if trouble is not None:
            raise trouble
        return answer

    def get(self, url: str) -> Answer:
        """Ask for a page."""
        return self.ask(lambda: self.task.web.get(url))

    def nothing(self, why: str) -> None:
        """The site says plainly that there is nothing."""
        self.reporter.empty(f"{_SITES[self.backend]}: {why}")


def by_imginn(task: Task, reporter: Reporter) -> bool:
    """List the target at Imginn; True: the list was walked to its end.

    Raises:
        DownloadError: it could not be done.
    """
    visit = Visit.begin(IMGINN, task, reporter, f"{imginn.ROOT}/")
    kind, user = task.target.content_type, task.target.source
    if kind in {"post", "reel"}:
        code = addresses.post_code(task.target.url)
        if not code:
            raise Unsupported("Imginn needs the address of the post itself, not a shared one")
        visit.listing.take(_opened(visit, code))
        return True
    if kind == "stories":
        return _imginn_stories(visit, user)
    if kind == "highlights":
        return _imginn_highlights(visit, user)
    folder = {"reels": "/reels", "tagged": "/tagged"}.get(kind, "")
    grid = imginn.grid(visit.get(f"{imginn.ROOT}{folder}/{quote(user)}/").body, user)
    if kind == "avatar":
        if not grid.account.picture:
            raise SiteChanged("Imginn's page has no profile picture")
        return visit.listing.take([MediaRef((grid.account.picture,), owner=user, part="avatar")])
    reporter.owner(grid.user_id, grid.account.name, of_all=True)
    if grid.empty:
        visit.nothing(f"{user} has no {kind}")
        return True
    if kind == "reels":
        reporter.log("info", "Imginn lists only the newest reels of an account")
        for card in grid.cards:
            if not visit.listing.take(_one_of_many(visit, card.code)):
                break
        return False
    return _imginn_posts(visit, grid)


def _imginn_posts(visit: Visit, grid: imginn.Grid) -> bool:
    """Walk the list from its first page; a cursor is never taken elsewhere."""
    tagged = visit.task.target.content_type == "tagged"
    if not grid.user_id:
        # A short list has no button for more: what the page shows is all of it
        return all(visit.listing.take(_one_of_many(visit, card.code)) for card in grid.cards)
    path = "/api/tagged" if tagged else "/api/posts/"
    cursor, asked = "", set[str]()
    for _ in range(_MOST_PAGES):
        query = {"id": grid.user_id, "cursor": cursor}
        if not tagged:
            query |= {"username": grid.account.name, "verified": "", "hl": "en"}
        page = imginn.posts(visit.get(f"{imginn.ROOT}{path}?{urlencode(query)}").body)
        if not page.refs and not cursor:
            raise SiteChanged("Imginn's list is empty although its page shows posts")
        for post in _by_post(page.refs):
            if not visit.listing.take(_complete(visit, post)):
                return False
        asked.add(cursor)
        cursor = page.cursor
        if not cursor or cursor in asked:
            return not cursor
    return False


def _by_post(refs: tuple[MediaRef, ...]) -> list[list[MediaRef]]:
    posts: dict[str, list[MediaRef]] = {}
    for ref in refs:
        posts.setdefault(ref.unit, []).append(ref)
    return list(posts.values())


def _complete(visit: Visit, post: list[MediaRef]) -> list[MediaRef]:
    """The files of a listed post, from its own page where the list has previews only."""
    of_another = post[0].owner not in {"", visit.task.target.source}
    if of_another and visit.task.target.content_type != "tagged":
        return post
    if not visit.task.option("imginn_open_posts", True) or not imginn.needs_page(post):
        return post
    return _one_of_many(visit, post[0].code, post[0])


def _one_of_many(visit: Visit, code: str, listed: MediaRef | None = None) -> list[MediaRef]:
    """The files of a post of a list; a post that is gone or cannot be read is its own failure, not the list's.

    Raises:
        DownloadError: the site does not want to be asked any more.
    """
    try:
        return _opened(visit, code, listed)
    except (MediaNotFound, SiteChanged) as error:
        visit.reporter.item_failed(error, identity=str(listed.names[0]) if listed and listed.names else "")
        return []


def _opened(visit: Visit, code: str, listed: MediaRef | None = None) -> list[MediaRef]:
    """The files on a post's own page, with what the list knew besides."""
    found = imginn.post(visit.get(f"{imginn.ROOT}/p/{quote(code)}/").body, code)
    if listed is None:
        return found
    return [imginn.described(ref, listed) for ref in found]


def _imginn_stories(visit: Visit, user: str) -> bool:
    refs = imginn.stories(visit.get(f"{imginn.ROOT}/stories/{quote(user)}/").body, user)
    wanted = addresses.story_id(visit.task.target.url)
    if wanted:
        refs = [ref for ref in refs if any(name.id == wanted for name in ref.names)]
        if not refs:
            raise NoMedia("Imginn does not show this story")
    if not refs:
        visit.nothing(f"{user} has no stories now")
    visit.listing.take(refs)
    return True


def _imginn_highlights(visit: Visit, user: str) -> bool:
    one = addresses.highlight_id(visit.task.target.url)
    if not one and not user:
        raise Unsupported("Imginn needs the highlight's own address")
    ids = [one] if one else imginn.highlights(visit.get(f"{imginn.ROOT}/stories/{quote(user)}/").body)
    if not ids:
        raise SiteChanged("Imginn shows no highlights and does not say why")
    for found in ids:
        body = visit.get(f"{imginn.ROOT}/highlights/{found}/").body
        if not visit.listing.take(imginn.stories(body, user, part="highlight")):
            return False
    return True


def by_storynavigation(task: Task, reporter: Reporter) -> bool:
    """List the newest posts of the target at StoryNavigation; False: never the whole list.

    Raises:
        DownloadError: it could not be done.
    """
    root, user = storynavigation.ROOT, task.target.source
    visit = Visit.begin(STORYNAVIGATION, task, reporter, f"{root}/")
    visit.get(f"{root}/user/{quote(user)}")
    token = unquote(task.web.cookie("XSRF-TOKEN", f"{root}/"))
    if not token:
        raise SiteChanged("StoryNavigation gave no token with its page")

    def post(path: str, fields: dict[str, Any]) -> bytes:
        headers = {
            "X-XSRF-TOKEN": token,
            "Referer": f"{root}/user/{quote(user)}",
            "Accept": "application/json",
        }
        return visit.ask(lambda: task.web.post(f"{root}{path}", json=fields, headers=headers)).body

    account = storynavigation.account(post("/get-user-profile", {"userName": user}), user)
    if task.target.content_type == "avatar":
        if not account.picture:
            raise SiteChanged("StoryNavigation's account has no picture")
        return visit.listing.take([MediaRef((account.picture,), owner=user, part="avatar")])
    if account.private:
        raise Private(f"{user} is private")
    refs = storynavigation.posts(post("/get-user-medias", {"user_name": user}), user)
    if not refs:
        if account.posts != 0:
            raise SiteChanged("StoryNavigation shows no posts and does not say why")
        visit.nothing(f"{user} has no posts")
    if account.posts is None or account.posts > storynavigation.NEWEST:
        reporter.log("warning", f"StoryNavigation shows only the newest {storynavigation.NEWEST} posts")
    visit.listing.take(refs)
    return False
