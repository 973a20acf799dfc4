"""Discourse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from mediadl.modules.forum.dates import moment_of
from mediadl.modules.forum.page import Page, Post, ThreadLink
from mediadl.modules.forum.programs.json_program import JsonProgram, identity_of, own, record, records, whole
from mediadl.modules.forum.programs.program import Clock
from mediadl.modules.web import Answer
from mediadl.security.text import safe_text

AT_ONCE = 20
"""Posts asked for in one request, as the program's own pages do."""


class Discourse(JsonProgram):
    """The first answer has all ids and the first posts; the others are asked for by id."""

    software = "discourse"
    title = "Discourse"
    cookie = "_t"
    markers = (
        'meta[name="generator"][content^="Discourse"]',
        "meta[name=discourse_theme_id], meta[name=discourse-base-uri]",
        "#data-discourse-setup, discourse-assets",
    )
    signs = ("data-discourse-",)
    drop = (
        "aside.quote, img.emoji, aside.onebox img, .meta, .lightbox-wrapper .meta, .cooked-selection-barrier"
    )
    login = ".login-button"
    logout = "#current-user"

    def knows(self, data: Any, answer: Answer) -> bool:
        """A thread, some of its posts, or a list of threads."""
        return isinstance(record(data).get("post_stream"), dict) or isinstance(
            record(data).get("topic_list"), dict
        )

    def read_json(self, data: Any, answer: Answer, clock: Clock) -> Page:
        """One answer as a page; posts that the reader may not see are left out."""
        if "topic_list" in data:
            return self._board(data, answer)
        stream = record(data.get("post_stream"))
        address = self.address(answer)
        thread_id = identity_of(data.get("id")) or (address.id if address else "")
        parts = urlsplit(answer.url)
        base = address.base if address else f"{parts.scheme}://{parts.netloc}"
        slug = identity_of(data.get("slug")) or "-"
        posts: dict[str, Post] = {}
        for one in records(stream.get("posts")):
            identity = identity_of(one.get("id"))
            if identity and not one.get("hidden") and not one.get("deleted_at") and identity not in posts:
                posts[identity] = self._post(one, identity, answer, f"{base}/t/{slug}/{thread_id}", clock)
        given = stream.get("stream")
        all_ids = tuple(filter(None, map(identity_of, given))) if isinstance(given, list) else ()
        here = {identity_of(one.get("id")) for one in records(stream.get("posts"))}
        missing = [identity for identity in all_ids if identity not in here]
        return Page(
            url=answer.url,
            software=self.software,
            thread_id=thread_id,
            title=safe_text(data.get("title")),
            number=2 if urlsplit(answer.url).path.endswith("/posts.json") else 1,
            posts=tuple(posts.values()),
            further=posts_addresses(base, thread_id, missing),
            logged_in=True if answer.headers.get("x-discourse-username") else None,
            login_url=f"{base}{self.login_path}",
            post_ids=all_ids,
        )

    def _post(self, one: dict[str, Any], identity: str, answer: Answer, thread: str, clock: Clock) -> Post:
        number = whole(one.get("post_number"))
        return self.post(
            str(one.get("cooked") or ""),
            answer,
            identity=identity,
            number=number,
            author=one.get("username"),
            author_id=identity_of(one.get("user_id")),
            posted_at=moment_of(str(one.get("created_at") or ""), now=clock.now),
            raw_date=one.get("created_at"),
            url=f"{thread}/{number}" if number else thread,
        )

    def _board(self, data: dict[str, Any], answer: Answer) -> Page:
        """A list of threads; more of it is named in the answer, as an address for people."""
        listed = record(data["topic_list"])
        address = self.address(answer)
        parts = urlsplit(answer.url)
        base = address.base if address else f"{parts.scheme}://{parts.netloc}"
        threads = {
            identity: ThreadLink(
                f"{base}/t/{identity_of(one.get('slug')) or '-'}/{identity}",
                identity,
                safe_text(one.get("title")),
            )
            for one in records(listed.get("topics"))
            if (identity := identity_of(one.get("id")))
        }
        more = own(listed.get("more_topics_url"), answer)
        if more and ".json" not in more:
            path, mark, query = more.partition("?")
            more = f"{path}.json{mark}{query}"
        return Page(
            url=answer.url,
            software=self.software,
            threads=tuple(threads.values()),
            further=(more,) if more and more != answer.url else (),
            login_url=f"{base}{self.login_path}",
        )


def posts_addresses(base: str, thread_id: str, ids: Sequence[str]) -> tuple[str, ...]:
    """Where posts of a thread are asked for by their ids, a few at once."""
    return tuple(
        f"{base}/t/{thread_id}/posts.json?" + "&".join(f"post_ids[]={one}" for one in ids[at : at + AT_ONCE])
        for at in range(0, len(ids), AT_ONCE)
    )
