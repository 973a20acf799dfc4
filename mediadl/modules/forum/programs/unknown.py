"""Pages of programs nobody wrote a reader for: marked-up data where there is some, else a guess."""

from __future__ import annotations

import dataclasses
import html
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from mediadl.modules.forum.addresses import Address, look
from mediadl.modules.forum.dates import moment_of
from mediadl.modules.forum.document import Document, attribute, cut, line, readable, select
from mediadl.modules.forum.links import cleaned, same_site
from mediadl.modules.forum.media import Place, media_of
from mediadl.modules.forum.page import Media, MediaRole, Post
from mediadl.modules.forum.programs.guessing import author_of, date_of, guess_posts
from mediadl.modules.forum.programs.json_program import record, records
from mediadl.modules.forum.programs.program import Clock, HtmlProgram, digest_of
from mediadl.security.text import safe_lines, safe_text

_POSTING = ", ".join(
    f'[itemtype*="schema.org/{kind}"]' for kind in ("DiscussionForumPosting", "Comment", "Answer")
)
_TEXT = '[itemprop="text"], [itemprop="articleBody"]'
_QUOTES = "[class*=quote], [class*=Quote], [class*=signature], [class*=Signature]"
_PAGE_TAIL = re.compile(r"^[/?&;]?(?:page|p|pg|start|st|offset)[=/-]?(\d{1,7})/?$", re.IGNORECASE)
_NUMBER = re.compile(r"\d+")
_URL = re.compile(r"https?://[^\s<>\"')\]]+")


class Unknown(HtmlProgram):
    """Guesses; what it gives is worth a look before it is trusted."""

    software = "unknown"
    title = "unknown software"
    login = 'a[href*="login"], a[href*="signin"], a[href*="sign-in"]'
    logout = 'a[href*="logout"], a[href*="signout"], a[href*="sign-out"], form[action*="logout"]'

    def address(self, doc: Document) -> Address | None:
        """Any program's address will do."""
        return look(doc.url)

    def score(self, doc: Document) -> int:
        """Never chosen by markers."""
        return 0

    def posts(self, doc: Document, address: Address | None, clock: Clock) -> tuple[Post, ...]:
        """Whatever way finds most; the surest one where they are even."""
        linked = tuple(_linked_data(doc, clock))
        marked = tuple(self._marked(doc, clock))
        guessed = () if len(marked) > 1 else tuple(self._guessed(doc, clock))
        best = max((marked, guessed, linked), key=len)
        return _without_furniture(tuple({post.id: post for post in reversed(best)}.values())[::-1])

    def thread_id(self, doc: Document) -> str:
        """The last number in the address's path."""
        numbers = _NUMBER.findall(urlsplit(doc.url).path)
        return numbers[-1][:20] if numbers else ""

    def further(self, doc: Document, number: int) -> tuple[str, ...]:
        """The page's own word, else the nearest address that differs in one higher number."""
        return super().further(doc, number) or tuple(_next_by_number(doc))[:1]

    def threads(self, doc: Document) -> tuple[Any, ...]:
        """Nothing tells a thread's address from others."""
        return ()

    def _marked(self, doc: Document, clock: Clock) -> Iterator[Post]:
        for n, node in enumerate(doc.all(_POSTING), 1):
            body = next((one for one in select(node, _TEXT) if _owner(one) == node.mem_id), None)
            if body is None:
                continue
            when = node.css_first('[itemprop="dateCreated"], [itemprop="datePublished"], time[datetime]')
            author = node.css_first(
                '[itemprop="author"] [itemprop="name"], [itemprop="author"], [itemprop="name"]'
            )
            exact = attribute(when, "datetime") or attribute(when, "content")
            identity = self._identity(node) or str(n)
            name = attribute(author, "content") or line(author)
            yield self._made(doc, node, body, clock, identity, name, (exact, line(when) or exact))

    def _guessed(self, doc: Document, clock: Clock) -> Iterator[Post]:
        for guess in guess_posts(doc, clock.now):
            author = author_of(guess.node, guess.body)
            when = date_of(guess.node, guess.body, clock.now)
            yield self._made(doc, guess.node, guess.body, clock, guess.id, line(author), when)

    def _identity(self, node: LexborNode) -> str:
        for name in ("id", "data-id", "data-post-id", "data-content", "itemid"):
            if found := re.search(r"(\d{1,20})\D*$", attribute(node, name)):
                return found[1]
        return ""

    def _made(
        self,
        doc: Document,
        node: LexborNode,
        body: LexborNode,
        clock: Clock,
        identity: str,
        author: str,
        when: tuple[str, str],
    ) -> Post:
        exact, shown = when
        number = self.number_of(node)
        _cut_quotes(node, body)
        self.clean(node, body)
        boxes = [
            box
            for box in select(node, "[class*=attach], fieldset")
            if box.mem_id != body.mem_id and not _within(body, box)
        ]
        media = media_of(body, boxes, Place(doc.base, doc.url))
        text = readable(body)
        return Post(
            id=identity,
            number=number,
            author=safe_text(author),
            author_id="",
            posted_at=moment_of(exact or shown, now=clock.now, day_first=clock.day_first),
            raw_date=shown or exact,
            url=f"{doc.url.partition('#')[0]}#{safe_text(attribute(node, 'id')) or identity}",
            text=text,
            html=(body.inner_html or "").strip(),
            media=media,
            digest=digest_of(text, media),
        )


def _owner(node: LexborNode) -> int:
    above = node.parent
    while above is not None and above.is_element_node:
        if "itemscope" in above.attributes and "itemtype" in above.attributes:
            return above.mem_id
        above = above.parent
    return 0


def _within(body: LexborNode, box: LexborNode) -> bool:
    return any(one.mem_id == body.mem_id for one in select(box, "*"))


def _cut_quotes(node: LexborNode, body: LexborNode) -> None:
    """Quotes and signatures, but never what holds the post itself (vBulletin 4 writes into a blockquote)."""
    length = len(line(body))
    for quote in select(node, f"blockquote, {_QUOTES}"):
        if quote.parent is None or quote.mem_id == body.mem_id or _within(body, quote):
            continue
        if quote.tag != "blockquote" or len(line(quote)) < 0.9 * length:
            cut([quote])


def _without_furniture(posts: tuple[Post, ...]) -> tuple[Post, ...]:
    """A picture that hangs on three posts or more is the forum's."""
    seen = Counter(one.id for post in posts for one in post.media if one.role is not MediaRole.LINK)
    common = {identity for identity, times in seen.items() if times >= 3}
    if not common:
        return posts
    kept = []
    for post in posts:
        media = tuple(one for one in post.media if one.id not in common)
        kept.append(dataclasses.replace(post, media=media, digest=digest_of(post.text, media)))
    return tuple(kept)


def _next_by_number(doc: Document) -> Iterator[str]:
    here = doc.url.partition("#")[0]
    skeleton, numbers = _NUMBER.sub("#", here), _NUMBER.findall(here)
    found: dict[int, str] = {}
    for link in doc.all("a[href]")[:4000]:
        url = cleaned(attribute(link, "href"), doc.base)
        if not url or url == here or not same_site(url, here):
            continue
        tail = (
            _PAGE_TAIL.match(url.removeprefix(here.rstrip("/"))) if url.startswith(here.rstrip("/")) else None
        )
        if tail and int(tail[1]) > 1:
            found.setdefault(int(tail[1]), url)
        elif _NUMBER.sub("#", url) == skeleton:
            differing = [
                (old, new) for old, new in zip(numbers, _NUMBER.findall(url), strict=True) if old != new
            ]
            ahead = len(differing) == 1 and 0 < int(differing[0][1]) - int(differing[0][0]) <= 100
            if ahead and line(link).strip().isdigit():
                found.setdefault(int(differing[0][1]), url)
    if found:
        yield found[min(found)]


def _linked_data(doc: Document, clock: Clock) -> Iterator[Post]:
    """Posts in JSON-LD: plain text and pictures, no files."""
    for script in doc.all('script[type="application/ld+json"]')[:20]:
        try:
            data = json.loads(script.text_content or script.text())
        except (ValueError, RecursionError):
            continue
        for top in records(data if isinstance(data, list) else record(data).get("@graph") or [data]):
            main = record(top.get("mainEntity")) or top
            if main.get("@type") not in {"DiscussionForumPosting", "Question", "SocialMediaPosting"}:
                continue
            comments = main.get("comment") or main.get("suggestedAnswer") or []
            for n, one in enumerate(
                [main, *records(comments if isinstance(comments, list) else [comments])], 1
            ):
                post = _from_linked(doc, one, n, clock)
                if post is not None:
                    yield post


def _from_linked(doc: Document, one: dict[str, Any], n: int, clock: Clock) -> Post | None:
    text = safe_lines(
        html.unescape(re.sub(r"<[^>]{0,2000}>", " ", str(one.get("text") or one.get("articleBody") or "")))
    )
    images = one.get("image") or []
    found: dict[str, Media] = {}
    for image in images if isinstance(images, list) else [images]:
        url = cleaned(str(image.get("url") or "") if isinstance(image, dict) else str(image), doc.base)
        if url:
            found[url] = Media(url, MediaRole.IMAGE, url)
    for raw in _URL.findall(text)[:200]:
        url = cleaned(raw.rstrip(".,;:!?"), doc.base)
        if url and not same_site(url, doc.url):
            found.setdefault(url, Media(url, MediaRole.LINK, url))
    if not text and not found:
        return None
    raw_date = safe_text(one.get("datePublished") or one.get("dateCreated"))
    url = cleaned(str(one.get("url") or ""), doc.base)
    anchor = re.search(r"(\d{1,20})\D*$", str(one.get("url") or one.get("@id") or "")) if n > 1 else None
    media = tuple(found.values())
    return Post(
        id=anchor[1] if anchor else str(n),
        number=n,
        author=safe_text(record(one.get("author")).get("name")),
        author_id="",
        posted_at=moment_of(raw_date, now=clock.now),
        raw_date=raw_date,
        url=url if url and same_site(url, doc.url) else doc.url,
        text=text,
        html=html.escape(text),
        media=media,
        digest=digest_of(text, media),
    )
