"""Turns the media of a post into files to fetch, jobs to make and links nobody knows."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from mediadl.errors import AddressRefused, InvalidInput
from mediadl.models import FoundItem, Identity, LinkedJob, MediaKind, PostFile, PostFileState
from mediadl.modules import files
from mediadl.modules.base import Task, site_of
from mediadl.modules.forum import addresses
from mediadl.modules.forum.page import Media, MediaRole, Post
from mediadl.modules.web import USER_AGENT, Web
from mediadl.security.text import safe_text
from mediadl.security.urls import refuse_private_host

_ACCOUNTS = re.compile(
    r"(?:Tab|User|Channel|Playlist|Search|Profile)$|^(?:user|artist|search|tag|favorite|collection|model|board"
    r"|channel|subreddit|community|feed|home|following|creator|index|timeline|posts|profile)s?$",
)
"""What engines call addresses that hold everything of somebody: no post means all of it."""

Knows = Callable[[str], str]
"""Tells which engine takes an address, and as what; empty: none."""


@dataclass(slots=True)
class Sorted:
    """What the media of one post come to."""

    files: list[PostFile] = field(default_factory=list)
    items: list[FoundItem] = field(default_factory=list)
    links: list[LinkedJob] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Place:
    """The thread that posts belong to."""

    forum: str
    """Host and folder of the forum: what its own numbers are unique in."""
    site: str
    software: str
    id: str
    title: str
    url: str

    @classmethod
    def of(cls, url: str, software: str, thread_id: str, title: str) -> Place:
        """The place of a thread by its address."""
        found = addresses.look(url, software)
        parts = urlsplit(found.base if found is not None else url)
        folder = parts.path.rstrip("/") if found is not None else ""
        forum = f"{parts.netloc.lower().removeprefix('www.')}{folder}"
        # Folders bear the number: a thread of an unknown program gets one of its address
        number = thread_id or files.stable_id(url).rpartition("-")[2]
        return cls(forum, site_of(url), software, number, safe_text(title), url)


class Sorter:
    """Sorts the media of the posts of one thread."""

    def __init__(self, task: Task, web: Web, place: Place, knows: Knows | None = None) -> None:
        self._task = task
        self._web = web
        self._place = place
        self._knows = knows or engine_for
        self._follow = bool(task.option("linked_jobs", True))
        self._inside = _is_private(place.url)

    def sort(self, post: Post) -> Sorted:
        """What becomes of each file and link of a post."""
        found = Sorted()
        wanted = self._in_time(post.posted_at)
        for media in post.media:
            file = self._file(media)
            if file.state is PostFileState.OPEN and not wanted:
                file = PostFile(
                    file.url, file.role, file.identity, file.name, file.fallback, PostFileState.UNWANTED
                )
            found.files.append(file)
        for n, file in enumerate(found.files, 1):
            if file.state is PostFileState.OPEN and file.identity is not None:
                found.items.append(self._item(file, _facts(post), n, len(found.files)))
            elif file.state is PostFileState.LINKED and wanted:
                found.links.append(self._link(file, post))
        return found

    def owed(self, record: dict[str, Any]) -> FoundItem:
        """The item of a file that an earlier run found and did not get."""
        identity = Identity(str(record["site"]), str(record["media_id"]), int(record["idx"]))
        file = PostFile(
            str(record["url"]), str(record["role"]), identity, str(record["name"]), str(record["fallback"])
        )
        post = {
            "id": record["post"],
            "number": record["number"],
            "author": record["author"],
            "author_id": record["author_id"],
            "posted_at": record["posted_at"],
            "url": record["post_url"],
        }
        return self._item(file, post, int(record["n"]), int(record["n"]))

    def _in_time(self, posted_at: float | None) -> bool:
        if posted_at is None:
            return True
        since, until = self._task.since, self._task.until
        return not ((since is not None and posted_at < since) or (until is not None and posted_at > until))

    def _file(self, media: Media) -> PostFile:
        if not self._inside and _is_private(media.url):
            # Anybody may write posts: they must not send us into the network that we are in
            return PostFile(media.url, media.role.value, None, media.name, state=PostFileState.UNSUPPORTED)
        ours = site_of(media.url) == self._place.site
        if media.role is MediaRole.ATTACHMENT or (media.role is MediaRole.IMAGE and ours):
            identity = Identity(self._place.forum, media.id)
            return PostFile(media.url, media.role.value, identity, media.name)
        if media.role is MediaRole.IMAGE:
            return self._foreign(media)
        return self._elsewhere(media)

    def _foreign(self, media: Media) -> PostFile:
        try:
            identity = files.file_item(media.url).identity
        except InvalidInput:
            return PostFile(media.url, media.role.value, None, media.name, state=PostFileState.UNSUPPORTED)
        fallback = "" if not self._inside and _is_private(media.thumbnail_url) else media.thumbnail_url
        return PostFile(media.url, media.role.value, identity, media.name, fallback)

    def _elsewhere(self, media: Media) -> PostFile:
        """A link or a player: an engine's, a plain file, or nobody's."""
        thread = addresses.kind_of_address(media.url)
        engine = "" if thread else self._knows(media.url)
        if engine and self._follow:
            return PostFile(media.url, media.role.value, None, media.name, state=PostFileState.LINKED)
        if not engine and not thread and files.extension(media.url) in files.KIND_OF:
            return self._foreign(media)
        return PostFile(media.url, media.role.value, None, media.name, state=PostFileState.UNSUPPORTED)

    def _item(self, file: PostFile, post: dict[str, Any], n: int, count: int) -> FoundItem:
        assert file.identity is not None
        ext = files.extension(file.url)
        if ext not in files.KIND_OF:
            ext = files.extension(f"https://name/{file.name}") or ext
        kind = files.KIND_OF.get(ext, MediaKind.OTHER)
        if kind is MediaKind.OTHER and file.role == MediaRole.IMAGE:
            kind = MediaKind.IMAGE
        page_url = str(post["url"] or self._place.url)
        place = self._place
        return FoundItem(
            n=n,
            identity=file.identity,
            url=file.url,
            fallbacks=(file.fallback,) if file.fallback else (),
            headers=self._headers(file.url, page_url),
            ext=ext if ext in files.KIND_OF else "",
            kind=kind,
            posted_at=post["posted_at"],
            source=place.site,
            title=safe_text(file.name) or files.stem(file.url) or place.title,
            page_url=page_url,
            gate=self._gate(file),
            metadata={
                "forum": place.forum,
                "software": place.software,
                "thread": {"id": place.id, "title": place.title, "url": place.url},
                "post": post,
                "file": {"name": file.name or files.stem(file.url), "role": file.role},
                "num": n,
                "count": count,
            },
        )

    def _headers(self, url: str, page_url: str) -> dict[str, str]:
        headers = {"Referer": page_url.partition("#")[0]}
        cookie = self._web.header_for(url)
        if cookie:
            # Some programs tie a login to the browser that shows it
            headers |= {"Cookie": cookie, "User-Agent": self._task.user_agent or USER_AGENT}
        return headers

    def _gate(self, file: PostFile) -> str:
        """What a page in place of the file means; empty for files of other hosts."""
        if file.role != MediaRole.ATTACHMENT and site_of(file.url) != self._place.site:
            return ""
        from mediadl.modules.forum.standing import cookie_words

        account = "the login in use does not do" if self._task.logged_in else "visitors do not see it"
        return (
            f"{self._place.site} gives files to members only; {account}{cookie_words(self._place.software)}"
        )

    def _link(self, file: PostFile, post: Post) -> LinkedJob:
        place = self._place
        context = {
            "forum": place.forum,
            "thread": place.title,
            "thread_url": place.url,
            "post": post.id,
            "author": post.author,
            "posted_at": post.posted_at,
        }
        return LinkedJob(file.url, title=file.name, context=context)


def _is_private(url: str) -> bool:
    """Whether an address names a host of a private network; names that merely lead to one are not known as such."""
    try:
        refuse_private_host(urlsplit(url).hostname or "")
    except (AddressRefused, ValueError):
        return True
    return False


def engine_for(url: str) -> str:
    """The engine that knows this address as one thing, not as the whole of an account."""
    from mediadl.modules.engines import gallerydl, ytdlp

    category, kind = gallerydl.category_of(url), gallerydl.subcategory_of(url)
    if category:
        return "" if _ACCOUNTS.search(kind) else category
    extractor = ytdlp.specific_extractor(url)
    return "" if _ACCOUNTS.search(extractor) else extractor


def _facts(post: Post) -> dict[str, Any]:
    return {
        "id": post.id,
        "number": post.number,
        "author": safe_text(post.author),
        "author_id": post.author_id,
        "posted_at": post.posted_at,
        "url": post.url,
    }
