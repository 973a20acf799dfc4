"""NodeBB."""

from __future__ import annotations

import html
import re
from typing import Any

from mediadl.modules.forum.dates import moment_of
from mediadl.modules.forum.page import Page, Post, ThreadLink
from mediadl.modules.forum.programs.json_program import JsonProgram, identity_of, record, records, whole
from mediadl.modules.forum.programs.program import Clock
from mediadl.modules.web import Answer
from mediadl.security.text import safe_text


class NodeBB(JsonProgram):
    """Every page for people has an answer for scripts below `/api`."""

    software = "nodebb"
    title = "NodeBB"
    cookie = "express.sid"
    markers = (
        "body[class*=template-topic], body[class*=template-category], body[class*=template-]",
        "script#ajaxify-data",
        "[component=topic], [component=category]",
        "[component=post][data-pid]",
        'link[href*="nodebb"], script[src*="nodebb"]',
    )
    signs = ("relative_path", "NodeBB")
    drop = "blockquote, img.emoji, .post-signature, [component='post/signature']"
    login = 'a[href$="/login"]'
    logout = "[component='user/logout'], form[action$='/logout']"

    def knows(self, data: Any, answer: Answer) -> bool:
        """A topic or a category."""
        given = record(data)
        return (isinstance(given.get("posts"), list) and "tid" in given) or (
            isinstance(given.get("topics"), list) and "cid" in given
        )

    def read_json(self, data: Any, answer: Answer, clock: Clock) -> Page:
        """One answer as a page."""
        address = self.address(answer)
        base = address.base if address else answer.url.partition("/api/")[0]
        pages = record(data.get("pagination"))
        number, last = whole(pages.get("currentPage")) or 1, whole(pages.get("pageCount"))
        topic = identity_of(data.get("tid")) if isinstance(data.get("posts"), list) else ""
        path = f"{base}/api/topic/{topic}" if topic else f"{base}/api/category/{identity_of(data.get('cid'))}"
        posts: dict[str, Post] = {}
        for one in records(data.get("posts")):
            identity = identity_of(one.get("pid"))
            if identity and not one.get("deleted") and identity not in posts:
                posts[identity] = self._post(one, identity, answer, base, clock)
        threads = {
            identity: ThreadLink(
                f"{base}/topic/{one.get('slug') if _is_slug(one.get('slug')) else identity}",
                identity,
                safe_text(one.get("titleRaw") or html.unescape(str(one.get("title") or ""))),
            )
            for one in records(data.get("topics"))
            if (identity := identity_of(one.get("tid"))) and not one.get("deleted")
        }
        logged_in = data.get("loggedIn")
        return Page(
            url=answer.url,
            software=self.software,
            thread_id=topic,
            title=safe_text(
                data.get("titleRaw") or data.get("name") or html.unescape(str(data.get("title") or ""))
            ),
            number=number,
            last_number=max(number, last) if last else None,
            posts=tuple(posts.values()),
            further=(f"{path}?page={number + 1}",) if last and number < last else (),
            threads=() if topic else tuple(threads.values()),
            logged_in=logged_in if isinstance(logged_in, bool) else None,
            login_url=f"{base}{self.login_path}",
        )

    def _post(self, one: dict[str, Any], identity: str, answer: Answer, base: str, clock: Clock) -> Post:
        user = record(one.get("user"))
        raw = one.get("timestampISO") or one.get("timestamp")
        index = whole(one.get("index"))
        return self.post(
            str(one.get("content") or ""),
            answer,
            identity=identity,
            number=index + 1 if index is not None else None,
            author=user.get("username") or user.get("displayname"),
            author_id=identity_of(one.get("uid") or user.get("uid")),
            posted_at=moment_of(str(raw or ""), now=clock.now),
            raw_date=raw,
            url=f"{base}/post/{identity}",
        )


def _is_slug(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\d+/[^\s/?#<>\"]{1,300}", value) is not None
