"""What a program's reader offers, and the work that all programs with HTML pages share."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import ClassVar, Protocol
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from mediadl.modules.forum.addresses import Address, look
from mediadl.modules.forum.dates import day_order, moment_of
from mediadl.modules.forum.document import (
    Document,
    ancestors,
    attribute,
    cut,
    line,
    preferred,
    readable,
    select,
)
from mediadl.modules.forum.links import absolute, cleaned, same_site, without_session
from mediadl.modules.forum.markup import harmless
from mediadl.modules.forum.media import Place, media_of
from mediadl.modules.forum.page import Media, Page, Post, ThreadLink
from mediadl.security.text import safe_text

_LAST_DIGITS = re.compile(r"(\d{1,20})\D*$")
AUTHOR_ID = re.compile(
    r"(?:[?&;](?:u|uid|id|userid)=|(?:^|[/?])(?:members?|profile|users?|u)/(?:[^/?]*\.)?|member\.php\?)(\d{1,20})"
)
"""A member's number in the address of a profile."""
_POST_NUMBER = re.compile(r"^(?:reply\s*)?#\s?([\d,.\u00a0 ]{1,12})$", re.IGNORECASE)
_PAGE_OF = re.compile(r"\bpage\s+(\d{1,7})\s*(?:of|/)\s*(\d{1,7})\b", re.IGNORECASE)
_JUNK = "script, style, template, form, button, input, select, textarea"
SITE_NAME = re.compile(r"\s+[|•·»–—-]\s+[^|•·»–—]{1,80}$")
"""What pages put behind a thread's title."""


@dataclass(frozen=True, slots=True)
class Clock:
    """How dates of a page are read."""

    now: float
    """Epoch seconds: what "today" means."""
    day_first: bool | None = None


class Program(Protocol):
    """A reader for the pages of one forum program."""

    software: str
    title: str
    """For people."""
    cookie: str
    """The cookie that keeps a login, as people look for it; empty: unknown."""

    def score(self, doc: Document) -> int:
        """How much a page looks like this program's."""

    def read(self, doc: Document, clock: Clock) -> Page:
        """The page's posts or threads, and where to go on."""


class HtmlProgram:
    """A program whose pages are read by selectors. Subclasses name them; what is odd about one is a method of its."""

    software: str = ""
    title: str = ""
    cookie: str = ""
    markers: ClassVar[tuple[str, ...]] = ()
    """Selectors; the first weighs two."""
    signs: ClassVar[tuple[str, ...]] = ()
    """Words in the head of the source, or in Set-Cookie."""
    post: ClassVar[str] = ""
    post_id: ClassVar[tuple[tuple[str, str], ...]] = (("", "id"),)
    """Where the id stands: selector within the post (empty: the post itself), attribute; its last digits count."""
    author: ClassVar[str] = ""
    author_name: ClassVar[str] = ""
    """An attribute of the post that names the author."""
    time: ClassVar[str] = ""
    time_attributes: ClassVar[tuple[str, ...]] = ("data-timestamp", "data-time", "datetime", "title")
    body: ClassVar[str] = ""
    drop: ClassVar[str] = ""
    """Quotes, signatures, buttons: cut out of a post before anything is read from its body."""
    boxes: ClassVar[str] = ""
    """Where uploads hang, in a post; in its body they are no part of its text."""
    heading: ClassVar[str] = "h1"
    next: ClassVar[str] = 'link[rel~="next"], a[rel~="next"]'
    current: ClassVar[str] = ""
    """The number of this page."""
    numbers: ClassVar[str] = ""
    """Links whose texts are numbers of pages; the highest is the last page."""
    thread_links: ClassVar[str] = ""
    login: ClassVar[str] = ""
    """Links to where people log in."""
    guest: ClassVar[str] = ""
    """What only visitors see; empty: the links to log in."""
    login_path: ClassVar[str] = ""
    """Below the forum's folder, when no link tells."""
    logout: ClassVar[str] = ""
    """What only people with a login see."""
    permalink: ClassVar[str] = ""
    """Address of a post: `{base}`, `{id}`, `{thread}`."""

    # Recognising

    def score(self, doc: Document) -> int:
        """First marker 2, others 1, posts 2, the shape of the address 1."""
        total = sum(
            2 if n == 0 else 1 for n, marker in enumerate(self.markers) if doc.first(marker) is not None
        )
        head = f"{doc.answer.headers.get('set-cookie', '')}\n{doc.source[:60_000]}"
        total += sum(1 for sign in self.signs if sign in head)
        if total and self.post and doc.first(self.post) is not None:
            total += 2
        elif self.post and doc.first(self.post) is not None:
            total += 1
        return total + (1 if total and self.address(doc) is not None else 0)

    def address(self, doc: Document) -> Address | None:
        """The page's own address, if this program makes such."""
        found = look(doc.url, self.software)
        return found if found is not None and self.software in found.programs else None

    # Reading

    def read(self, doc: Document, clock: Clock) -> Page:
        """Posts, numbers, next page, and what the page says about the reader."""
        address = self.address(doc)
        number, last = self.pages(doc, address)
        posts = self.posts(doc, address, clock)
        threads = () if posts else self.threads(doc)
        further = self.further(doc, number)
        return Page(
            url=without_session(doc.url.partition("#")[0], doc.url),
            software=self.software,
            thread_id=address.id if address and address.kind != "board" else self.thread_id(doc),
            title=self.heading_of(doc),
            number=number,
            last_number=last
            if last is not None and last >= number
            else (number if not further and posts else last),
            posts=posts,
            further=further,
            threads=threads,
            logged_in=self.logged_in(doc),
            login_url=self.login_url(doc, address),
        )

    def posts(self, doc: Document, address: Address | None, clock: Clock) -> tuple[Post, ...]:
        """The posts of a page, each id once."""
        nodes = [(identity, node) for node in doc.all(self.post) if (identity := self.identity(node))]
        if clock.day_first is None:
            order = day_order(self.raw_date(node)[1] for _, node in nodes)
            clock = Clock(clock.now, order)
        found: dict[str, Post] = {}
        for identity, node in nodes:
            if identity not in found:
                post = self.one(doc, address, identity, node, clock)
                if post is not None:
                    found[identity] = post
        return tuple(found.values())

    def one(
        self, doc: Document, address: Address | None, identity: str, node: LexborNode, clock: Clock
    ) -> Post | None:
        """One post; None when it has no body (deleted, hidden)."""
        body = self.body_of(node)
        if body is None:
            return None
        author, author_id = self.author_of(node)
        exact, shown = self.raw_date(node)
        number = self.number_of(node)
        self.clean(node, body)
        boxes = [box for box in select(node, self.boxes) if box.mem_id != body.mem_id]
        media = media_of(body, boxes, Place(doc.base, doc.url))
        html = harmless(body, doc.base)
        cut(select(body, self.boxes))
        text = readable(body)
        return Post(
            id=identity,
            number=number,
            author=author,
            author_id=author_id,
            posted_at=moment_of(exact or shown, now=clock.now, day_first=clock.day_first),
            raw_date=shown or exact,
            url=self.post_url(doc, address, identity),
            text=text,
            html=html,
            media=media,
            digest=digest_of(text, media),
        )

    def identity(self, node: LexborNode) -> str:
        """The post's id; empty when it has none."""
        for selector, name in self.post_id:
            holder = node.css_first(selector) if selector else node
            found = _LAST_DIGITS.search(attribute(holder, name))
            if found:
                return found[1]
        return ""

    def body_of(self, node: LexborNode) -> LexborNode | None:
        """The element that holds what was written."""
        return preferred(node, self.body, text=False)

    def author_of(self, node: LexborNode) -> tuple[str, str]:
        """Name and id of who wrote it."""
        named = preferred(node, self.author)
        name = safe_text(attribute(node, self.author_name)) if self.author_name else ""
        identity = attribute(named, "data-user-id")
        if named is not None and named.tag != "a":
            named = next((one for one in (named, *ancestors(named)) if one.tag == "a"), named)
        if not identity and (found := AUTHOR_ID.search(attribute(named, "href"))):
            identity = found[1]
        return name or line(named), identity if identity not in {"0", ""} else ""

    def raw_date(self, node: LexborNode) -> tuple[str, str]:
        """The date as attributes tell it (empty: they do not), and as the page writes it."""
        when = preferred(node, self.time, text=False)
        exact = next((attribute(when, name) for name in self.time_attributes if attribute(when, name)), "")
        return exact, line(when)

    def number_of(self, node: LexborNode) -> int | None:
        """The post's number in its thread, where a link tells it (`#12`)."""
        for link in select(node, "a"):
            text = link.text(strip=True)
            if "#" in text[:8] and (found := _POST_NUMBER.match(text)):
                digits = re.sub(r"\D", "", found[1])
                return int(digits) if digits else None
        return None

    def clean(self, node: LexborNode, body: LexborNode) -> None:
        """Cut out of a post what nobody wrote there."""
        cut(select(node, self.drop))
        cut(select(body, _JUNK))

    def post_url(self, doc: Document, address: Address | None, identity: str) -> str:
        """A lasting address of one post."""
        if not self.permalink or address is None:
            return f"{without_session(doc.url.partition('#')[0], doc.url)}#{identity}"
        return self.permalink.format(base=address.base, id=identity, thread=address.url)

    def thread_id(self, doc: Document) -> str:
        """The thread's id where the address does not tell: by the canonical link."""
        href = absolute(attribute(doc.first('link[rel="canonical"]'), "href"), doc.base)
        found = look(href, self.software) if href else None
        return (
            found.id
            if found is not None and found.kind == "thread" and self.software in found.programs
            else ""
        )

    def heading_of(self, doc: Document) -> str:
        """The thread's title."""
        root = doc.tree.root
        heading = preferred(root, self.heading) if root is not None else None
        if heading is not None:
            return line(heading)
        title = safe_text(doc.meta("og:title")) or line(doc.first("title"))
        return SITE_NAME.sub("", title)

    # Going on

    def pages(self, doc: Document, address: Address | None) -> tuple[int, int | None]:
        """Number of this page and of the last one."""
        number = as_number(line(doc.first(self.current))) if self.current else None
        given = [found for node in doc.all(self.numbers) if (found := as_number(line(node)))]
        last = max(given, default=None)
        if told := _PAGE_OF.search(self.page_words(doc)):
            number, last = number or int(told[1]), max(last or 0, int(told[2]))
        if number is None:
            number = address.page if address is not None and address.page else 1
        return number, max(last, number) if last is not None else None

    def page_words(self, doc: Document) -> str:
        """Where the page may say "Page 1 of 3"."""
        return ""

    def further(self, doc: Document, number: int) -> tuple[str, ...]:
        """The next page, if it is one: on the same forum, not this one, and never a lower number."""
        for node in doc.all(self.next):
            url = cleaned(attribute(node, "href"), doc.base)
            if not url or not same_site(url, doc.url) or url == doc.url.partition("#")[0]:
                continue
            target = look(url, self.software)
            page = target.page if target is not None else None
            if page is not None and page <= number:
                continue
            return (url,)
        return ()

    def threads(self, doc: Document) -> tuple[ThreadLink, ...]:
        """The threads a board's page lists, each once."""
        found: dict[str, ThreadLink] = {}
        for selector in (self.thread_links, "a[href]"):
            for node in doc.all(selector):
                url = cleaned(attribute(node, "href"), doc.base)
                target = look(url, self.software) if url and same_site(url, doc.url) else None
                text = line(node)
                if (
                    target is None
                    or target.kind != "thread"
                    or self.software not in target.programs
                    or not text
                ):
                    continue
                if target.id not in found and not text.isdigit():
                    found[target.id] = ThreadLink(target.url, target.id, text)
            if found:
                break
        return tuple(found.values())

    # Who is reading

    def logged_in(self, doc: Document) -> bool | None:
        """Whether the page was made for a member; None: it does not tell."""
        if self.logout and doc.first(self.logout) is not None:
            return True
        visitors = self.guest or self.login
        if visitors and doc.first(visitors) is not None:
            return False
        return None

    def login_url(self, doc: Document, address: Address | None) -> str:
        """Where the forum lets people log in."""
        for node in doc.all(self.login):
            url = cleaned(attribute(node, "href") or attribute(node, "action"), doc.base)
            if url and same_site(url, doc.url):
                return url
        if not self.login_path:
            return ""
        parts = urlsplit(doc.url)
        return f"{address.base if address else f'{parts.scheme}://{parts.netloc}'}{self.login_path}"


def as_number(text: str) -> int | None:
    """A page's number in a link's text."""
    digits = text.strip().replace(",", "").replace(".", "")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 8 else None


def digest_of(text: str, media: tuple[Media, ...]) -> str:
    """What changes when a post is edited or gets another file, and not when somebody looks at one."""
    words = "\n".join([" ".join(text.split()), *sorted(one.id for one in media)])
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:32]
