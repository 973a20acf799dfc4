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
from mediadl.modules.forum.dates import day_order, moment_of
from mediadl.modules.forum.document import Document, attribute, cut, line, readable, select
from mediadl.modules.forum.links import cleaned, same_site
from mediadl.modules.forum.markup import harmless
from mediadl.modules.forum.media import Place, media_of
from mediadl.modules.forum.page import Media, MediaRole, Page, Post
from mediadl.modules.forum.programs.guessing import author_of, date_of, guess_posts
from mediadl.modules.forum.programs.json_program import record, records
from mediadl.modules.forum.programs.program import AUTHOR_ID, SITE_NAME, Clock, HtmlProgram, digest_of
from mediadl.security.text import safe_lines, safe_text

_POSTING = ", ".join(
    f'[itemtype*="schema.org/{kind}"]' for kind in ("DiscussionForumPosting", "Comment", "Answer")
)
_TEXT = '[itemprop="text"], [itemprop="articleBody"]'
_QUOTES = (
    "[class*=quote], [class*=Quote], [class*=signature], [class*=Signature], [data-role*=ignature],"
    " [id*=_signature]"
)
_BOXES = "[class*=attach], fieldset"
_PAGE_TAIL = re.compile(r"^[/?&;]?(?:page|p|pg|start|st|offset)[=/-]?(\d{1,7})/?$", re.IGNORECASE)
_PAGE_WORD = re.compile(r"(?:page|start|offset)[=/-]?$", re.IGNORECASE)
_PAGE_IN = re.compile(r"[/?&;](?:page|pg)[=/-]?(\d{1,7})(?![\d.])", re.IGNORECASE)
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

    def pages(self, doc: Document, address: Address | None) -> tuple[int, int | None]:
        """The number in the address, or in words."""
        number, last = super().pages(doc, address)
        told = _PAGE_IN.search(doc.url)
        return (int(told[1]), last) if told and number == 1 else (number, last)

    def page_words(self, doc: Document) -> str:
        """Anything that is named after pages."""
        named = doc.all(
            "[class*=pagina], [class*=Pagina], [class*=pagenav], [class*=pageNav], [class*=pager]"
        )
        return " ".join(line(node)[:200] for node in named[:6])

    def read(self, doc: Document, clock: Clock) -> Page:
        """Which page is the last one is not known from a guess."""
        page = super().read(doc, clock)
        return dataclasses.replace(page, last_number=None) if page.last_number == page.number else page

    def heading_of(self, doc: Document) -> str:
        """The heading that the page's title begins with: others are the forum's name."""
        title = line(doc.first("title"))
        for node in doc.all("h1, h2, h3"):
            text = line(node)
            if text and title.startswith(text):
                return text
        return safe_text(doc.meta("og:title")) or SITE_NAME.sub("", title) or line(doc.first("h1"))

    def _marked(self, doc: Document, clock: Clock) -> Iterator[Post]:
        for node in doc.all(_POSTING):
            body = next((one for one in select(node, _TEXT) if _owner(one) == node.mem_id), None)
            if body is None:
                continue
            when = node.css_first('[itemprop="dateCreated"], [itemprop="datePublished"], time[datetime]')
            author = node.css_first(
                '[itemprop="author"] [itemprop="name"], [itemprop="author"], [itemprop="name"]'
            )
            exact = attribute(when, "datetime") or attribute(when, "content")
            name = attribute(author, "content") or line(author)
            identity = _identity(node) or _made_up(name, exact, line(body))
            found = AUTHOR_ID.search(attribute(author_of(node, body), "href"))
            who = (name, found[1] if found else "")
            yield self._made(doc, node, body, clock, identity, who, (exact, line(when) or exact))

    def _guessed(self, doc: Document, clock: Clock) -> Iterator[Post]:
        guesses = guess_posts(doc, clock.now)
        held = [_held_in_quotes(guess.body) for guess in guesses]
        # vBulletin 4 writes every post into a blockquote
        quotes = "" if held.count(0.0) <= 0.2 * len(held) and max(held, default=0.0) >= 0.9 else "blockquote"
        dates = [date_of(guess.node, guess.body, clock.now) for guess in guesses]
        if clock.day_first is None:
            clock = Clock(clock.now, day_order(shown for _, shown in dates))
        for guess, when in zip(guesses, dates, strict=True):
            link = author_of(guess.node, guess.body)
            found = AUTHOR_ID.search(attribute(link, "href"))
            author = (line(link), found[1] if found else "")
            yield self._made(doc, guess.node, guess.body, clock, guess.id, author, when, quotes)

    def _made(
        self,
        doc: Document,
        node: LexborNode,
        body: LexborNode,
        clock: Clock,
        identity: str,
        author: tuple[str, str],
        when: tuple[str, str],
        quotes: str = "blockquote",
    ) -> Post:
        exact, shown = when
        number = self.number_of(node)
        _cut_quotes(node, body, quotes)
        self.clean(node, body)
        boxes = [box for box in select(node, _BOXES) if box.mem_id != body.mem_id and not _within(body, box)]
        media = media_of(body, boxes, Place(doc.base, doc.url))
        html_left = harmless(body, doc.base)
        cut(box for box in boxes if len(line(box)) < len(line(body)))
        text = readable(body)
        return Post(
            id=identity,
            number=number,
            author=safe_text(author[0]),
            author_id=author[1],
            posted_at=moment_of(exact or shown, now=clock.now, day_first=clock.day_first),
            raw_date=shown or exact,
            url=f"{doc.url.partition('#')[0]}#{safe_text(attribute(node, 'id')) or identity}",
            text=text,
            html=html_left,
            media=media,
            digest=digest_of(text, media),
        )


def _identity(node: LexborNode) -> str:
    """A number in one of a post's attributes, or in the anchor it begins with."""
    for name, value in node.attributes.items():
        named = name in {"id", "itemid", "data-content"} or (
            name.startswith("data-") and name.endswith(("id", "pk"))
        )
        if named and (found := re.search(r"(\d{1,20})\D*$", value or "")):
            return found[1]
    for anchor in select(node, "a[id], a[name], [itemprop=url]")[:3]:
        told = attribute(anchor, "id") or attribute(anchor, "name") or attribute(anchor, "href")
        if found := re.search(r"(\d{1,20})\D*$", told):
            return found[1]
    return ""


def _made_up(*what: str) -> str:
    """An id for a post that has none: the same as long as author, date and text are."""
    return digest_of("\n".join(what), ())[:16]


def _owner(node: LexborNode) -> int:
    above = node.parent
    while above is not None and above.is_element_node:
        if "itemscope" in above.attributes and "itemtype" in above.attributes:
            return above.mem_id
        above = above.parent
    return 0


def _within(body: LexborNode, box: LexborNode) -> bool:
    return any(one.mem_id == body.mem_id for one in select(box, "*"))


def _cut_quotes(node: LexborNode, body: LexborNode, quotes: str) -> None:
    """Quotes and signatures, but never what holds the post itself."""
    found = [*select(node, _QUOTES), *select(body, quotes)]
    cut(one for one in found if one.mem_id != body.mem_id and not _within(body, one))


def _held_in_quotes(body: LexborNode) -> float:
    """How much of a text stands in plain blockquotes, at most 1; 0: it has none."""
    plain = [
        one
        for one in select(body, "blockquote")
        if not re.search(r"quote|sign", attribute(one, "class"), re.IGNORECASE)
    ]
    if not plain:
        return 0.0
    other = sum(len(line(one)) for one in select(body, f"{_QUOTES}, {_BOXES}"))
    return max(0.01, max(len(line(one)) for one in plain) / max(1, len(line(body)) - other))


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
        counted = line(link).isdigit()
        stem = here.rstrip("/")
        tail = _PAGE_TAIL.match(url.removeprefix(stem)) if url.startswith(stem) else None
        if tail and int(tail[1]) > 1 and (counted or "page" in url[len(stem) :].lower()):
            found.setdefault(int(tail[1]), url)
        elif _NUMBER.sub("#", url) == skeleton:
            steps = [
                (int(old), int(new.group()), url[: new.start()])
                for old, new in zip(numbers, _NUMBER.finditer(url), strict=True)
                if old != new.group() and len(new.group()) < 10
            ]
            if (
                len(steps) == 1
                and 0 < steps[0][1] - steps[0][0] <= 100
                and (counted or _PAGE_WORD.search(steps[0][2]))
            ):
                found.setdefault(steps[0][1], url)
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
        id=anchor[1] if anchor else _made_up(raw_date, text),
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
