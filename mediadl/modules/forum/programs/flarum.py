"""Flarum."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, urlsplit

from mediadl.modules.forum.addresses import FLARUM_LIST
from mediadl.modules.forum.dates import moment_of
from mediadl.modules.forum.document import Document
from mediadl.modules.forum.links import parameter
from mediadl.modules.forum.page import Page, Post, ThreadLink
from mediadl.modules.forum.programs.json_program import JsonProgram, identity_of, own, record, records, whole
from mediadl.modules.forum.programs.program import Clock
from mediadl.modules.web import Answer
from mediadl.security.text import safe_text

_PER_PAGE = 20
_USER = re.compile(r"\"session\":\{\"userId\":(\d+)")


class Flarum(JsonProgram):
    """JSON:API: posts are `data`, their authors and the thread are `included`."""

    software = "flarum"
    title = "Flarum"
    cookie = "flarum_remember"
    markers = (
        "#flarum-content",
        "#flarum-loading, #flarum-json-payload, #flarum-loading-error",
        "#app-navigation",
    )
    signs = ("flarum.core", "flarum.boot")
    drop = "blockquote, .PostMention-preview, img.emoji"

    def knows(self, data: Any, answer: Answer) -> bool:
        """Posts, or a list of threads; an empty list is told by its address."""
        given = record(data).get("data")
        if not isinstance(given, list):
            return False
        kinds = {str(one.get("type")) for one in records(given)}
        path = urlsplit(answer.url).path
        return bool(kinds & {"posts", "discussions"}) or path.endswith(("/api/posts", "/api/discussions"))

    def read(self, doc: Document, clock: Clock) -> Page:
        """The shell tells in its payload who reads."""
        page = super().read(doc, clock)
        found = _USER.search(doc.source)
        if found is None:
            return page
        import dataclasses

        return dataclasses.replace(page, logged_in=found[1] != "0")

    def read_json(self, data: Any, answer: Answer, clock: Clock) -> Page:
        """One answer as a page."""
        base = answer.url.partition("/api/")[0]
        included = {
            (str(one.get("type")), str(one.get("id"))): record(one.get("attributes"))
            for one in records(data.get("included"))
        }
        thread_id = _thread(data, answer)
        posts: dict[str, Post] = {}
        for one in records(data.get("data")):
            identity, attributes = identity_of(one.get("id")), record(one.get("attributes"))
            hidden = attributes.get("isHidden") or attributes.get("contentType", "comment") != "comment"
            if one.get("type") == "posts" and identity and not hidden and identity not in posts:
                posts[identity] = self._post(
                    one, attributes, answer, f"{base}/d/{thread_id}", included, clock
                )
        threads = {
            identity: ThreadLink(
                f"{base}/d/{identity_of(attributes.get('slug')) or identity}",
                identity,
                safe_text(attributes.get("title")),
            )
            for one in records(data.get("data"))
            if one.get("type") == "discussions" and (identity := identity_of(one.get("id")))
            for attributes in [record(one.get("attributes"))]
        }
        offset = (
            whole(
                parameter(urlsplit(answer.url).query.replace("%5B", "[").replace("%5D", "]"), "page[offset]")
            )
            or 0
        )
        more = own(record(data.get("links")).get("next"), answer)
        title = included.get(("discussions", thread_id), {}).get("title")
        return Page(
            url=answer.url,
            software=self.software,
            thread_id=thread_id,
            title=safe_text(title),
            number=offset // _PER_PAGE + 1,
            posts=tuple(posts.values()),
            further=(more,) if more and more != answer.url else (),
            threads=tuple(threads.values()),
            login_url=f"{base}{self.login_path}",
        )

    def _post(
        self,
        one: dict[str, Any],
        attributes: dict[str, Any],
        answer: Answer,
        thread: str,
        included: dict[tuple[str, str], dict[str, Any]],
        clock: Clock,
    ) -> Post:
        user = record(record(record(one.get("relationships")).get("user")).get("data"))
        names = included.get(("users", str(user.get("id"))), {})
        number = whole(attributes.get("number"))
        return self.post(
            str(attributes.get("contentHtml") or ""),
            answer,
            identity=identity_of(one.get("id")),
            number=number,
            author=names.get("username") or names.get("displayName"),
            author_id=identity_of(user.get("id")),
            posted_at=moment_of(str(attributes.get("createdAt") or ""), now=clock.now),
            raw_date=attributes.get("createdAt"),
            url=f"{thread}/{number}" if number else thread,
        )


def _thread(data: dict[str, Any], answer: Answer) -> str:
    """The thread's id: asked for in the address, else named by a post."""
    query = unquote(urlsplit(answer.url).query)
    if found := re.search(r"filter\[discussion\]=(\d+)", query):
        return found[1]
    for one in records(data.get("data")):
        link = record(record(record(one.get("relationships")).get("discussion")).get("data"))
        if found_id := identity_of(link.get("id")):
            return found_id
    return ""


def page_address(base: str, thread_id: str, known: int) -> str:
    """Where the posts behind the first `known` ones are asked for."""
    return FLARUM_LIST.format(base=base, id=thread_id, offset=known)
