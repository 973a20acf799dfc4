"""A thread as people read it, and as programs do: the page, the sidecar of a post, the record of the thread. Pure.

Everything in a thread was written by strangers. The page holds escaped text and links to files beside it: no markup of
theirs, no script, nothing that is loaded from elsewhere.
"""

from __future__ import annotations

import html
import json
import os
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from mediadl.models import PostFileState, Thread
from mediadl.security.text import safe_lines, safe_text
from mediadl.store.thread_posts import KeptFile, KeptPost

_STYLE = (
    "body{max-width:50rem;margin:1rem auto;padding:0 1rem;font:1rem/1.5 system-ui,sans-serif}"
    "article{border-top:1px solid #8888;padding:.5rem 0}header{opacity:.8}"
    "p{white-space:pre-wrap;overflow-wrap:anywhere}"
    "img{max-width:100%;max-height:20rem;display:block;margin:.3rem 0}.gone{opacity:.6}"
    "@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}a{color:#8bf}}"
)
_POLICY = "default-src 'none'; img-src 'self' file: data:; media-src 'self' file:; style-src 'unsafe-inline'"
_ADDRESS = re.compile(r"https?://[^\s<>\"']{1,2000}")
_STATES = {
    PostFileState.OPEN: "not there yet",
    PostFileState.LINKED: "a job of its own",
    PostFileState.UNSUPPORTED: "nobody knows this link",
    PostFileState.UNWANTED: "left out",
    PostFileState.GIVEN_UP: "could not be had",
}


def page_mark(thread: Thread) -> str:
    """What tells this thread's page from any other file."""
    return f'<meta name="mediadl-thread" content="{html.escape(thread.url)}">'


def page(thread: Thread, posts: Iterable[KeptPost], folder: str) -> Iterator[str]:
    """The page, piece by piece. `folder`: where it will lie; files are linked from there."""
    title = html.escape(safe_text(thread.title) or thread.url)
    yield (
        f'<!DOCTYPE html>\n<html><head><meta charset="utf-8">{page_mark(thread)}\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f'<meta name="viewport" content="width=device-width">\n<title>{title}</title>\n<style>{_STYLE}</style></head>\n'
        f"<body><h1>{title}</h1>\n<p>{_link(thread.url)} · {html.escape(thread.software)} · {thread.posts} posts</p>\n"
    )
    unsupported: list[str] = []
    for kept in posts:
        yield _article(kept, folder)
        unsupported += [f.file.url for f in kept.files if f.file.state is PostFileState.UNSUPPORTED]
    if unsupported:
        found = "".join(f"<li>{_link(url)}</li>\n" for url in dict.fromkeys(unsupported))
        yield f"<h2>Links that nobody knows</h2>\n<ul>\n{found}</ul>\n"
    yield "</body></html>\n"


def post_mark(thread: Thread, post_id: str) -> str:
    """What tells a post's sidecar from any other file."""
    return f'"mediadl_post": {json.dumps(f"{thread.url}#{post_id}", ensure_ascii=False)}'


def sidecar(thread: Thread, kept: KeptPost) -> str:
    """The JSON of one post."""
    post = kept.post
    record = {
        "forum": thread.site,
        "software": thread.software,
        "thread": {"id": thread.thread_id, "title": thread.title, "url": thread.url},
        "post": {
            "id": post.id,
            "number": post.number,
            "author": post.author,
            "author_id": post.author_id,
            "date": _iso(post.posted_at),
            "raw_date": post.raw_date,
            "page": kept.page,
            "url": post.url,
            "text": post.text,
            "html": post.html,
            "first_seen": _iso(kept.first_seen_at),
            "edited": _iso(kept.edited_at),
            "gone": _iso(kept.gone_at),
        },
        "files": [_file_record(found) for found in kept.files],
    }
    text = json.dumps(record, ensure_ascii=False, indent=2)
    return "{\n  " + post_mark(thread, post.id) + "," + text[1:] + "\n"


def thread_mark(thread: Thread) -> str:
    """What tells a thread's record from any other file."""
    return f'"mediadl_thread": {json.dumps(thread.url, ensure_ascii=False)}'


def record(thread: Thread) -> str:
    """The JSON of the thread as a whole."""
    facts = {
        "forum": thread.site,
        "software": thread.software,
        "id": thread.thread_id,
        "title": thread.title,
        "pages": thread.pages,
        "posts": thread.posts,
        "files": thread.files,
        "linked_jobs": thread.linked,
        "newest_post": _iso(thread.newest_post_at),
    }
    return "{\n  " + thread_mark(thread) + "," + json.dumps(facts, ensure_ascii=False, indent=2)[1:] + "\n"


def _article(kept: KeptPost, folder: str) -> str:
    post = kept.post
    written = _day(post.posted_at) or html.escape(safe_text(post.raw_date))
    number = f"#{post.number}" if post.number is not None else html.escape(safe_text(post.id))
    notes = [
        word for word, at in (("edited", kept.edited_at), ("removed from the forum", kept.gone_at)) if at
    ]
    head = " · ".join(
        filter(None, (number, f"<b>{html.escape(safe_text(post.author))}</b>", written, *notes))
    )
    source = f' · <a href="{html.escape(post.url)}">post</a>' if _is_web(post.url) else ""
    body = _ADDRESS.sub(_linked, html.escape(safe_lines(post.text), quote=False))
    files = "".join(_file(found, folder) for found in kept.files)
    mark = ' class="gone"' if kept.gone_at else ""
    identity = html.escape(f"post-{safe_text(post.id)}")
    return (
        f'<article id="{identity}"{mark}><header>{head}{source}</header>\n<p>{body}</p>\n{files}</article>\n'
    )


def _file(found: KeptFile, folder: str) -> str:
    file = found.file
    if not found.path:
        state = "" if file.state is PostFileState.STORED else f" ({_STATES[file.state]})"
        return f"<div>{_link(file.url)}{state}</div>\n"
    where = quote(os.path.relpath(found.path, folder))
    name = html.escape(safe_text(os.path.basename(found.path)))  # noqa: PTH119
    if found.mime.startswith("image/") and found.mime != "image/svg+xml":
        return f'<a href="{where}"><img src="{where}" alt="{name}" loading="lazy"></a>\n'
    return f'<div><a href="{where}">{name}</a></div>\n'


def _linked(match: re.Match[str]) -> str:
    if "…" in match[0] or "..." in match[0]:
        return match[0]  # the forum shortened it: it leads nowhere, its whole self stands below the post
    # The text is escaped by now but for its quotes, which the pattern does not take
    return f'<a href="{match[0]}" rel="noreferrer">{match[0]}</a>'


def _link(url: str) -> str:
    shown = html.escape(safe_text(url))
    return f'<a href="{shown}" rel="noreferrer">{shown}</a>' if _is_web(url) else shown


def _is_web(url: str) -> bool:
    return url.startswith(("http://", "https://"))


def _file_record(found: KeptFile) -> dict[str, Any]:
    file = found.file
    return {
        "file": os.path.basename(found.path),  # noqa: PTH119
        "url": file.url,
        "kind": file.role,
        "state": file.state.value,
        "name": file.name,
        "bytes": found.size_bytes or None,
        "type": found.mime,
        "sha256": found.sha256,
    }


def _iso(at: float | None) -> str | None:
    return (
        None
        if at is None
        else datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    )


def _day(at: float | None) -> str:
    return "" if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
