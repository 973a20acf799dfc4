"""What the programs share whose threads are read as JSON: the page for people is a shell, posts are HTML in values."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from mediadl.modules.forum.addresses import Address, first_address, look
from mediadl.modules.forum.document import Document, cut, line, readable
from mediadl.modules.forum.links import cleaned, same_site
from mediadl.modules.forum.markup import harmless
from mediadl.modules.forum.media import Place, media_of
from mediadl.modules.forum.page import Page, Post
from mediadl.modules.forum.programs.program import Clock, digest_of
from mediadl.modules.web import Answer
from mediadl.security.text import safe_text

_JUNK = "script, style, template, form, button, input, select, textarea"


class JsonProgram:
    """A program with an interface for its own scripts. A page for people gives a `Page` that only names that."""

    software: str = ""
    title: str = ""
    cookie: str = ""
    markers: ClassVar[tuple[str, ...]] = ()
    signs: ClassVar[tuple[str, ...]] = ()
    drop: ClassVar[str] = ""
    login_path: ClassVar[str] = "/login"
    login: ClassVar[str] = ""
    logout: ClassVar[str] = ""

    def score(self, doc: Document) -> int:
        """First marker 3 (it is the program's own name), others 1, the shape of the address 1."""
        total = sum(
            3 if n == 0 else 1 for n, marker in enumerate(self.markers) if doc.first(marker) is not None
        )
        total += sum(1 for sign in self.signs if sign in doc.source[:60_000])
        address = look(doc.url, self.software)
        return total + (1 if total and address is not None and self.software in address.programs else 0)

    def knows(self, data: Any, answer: Answer) -> bool:
        """Whether a JSON answer is this program's."""
        raise NotImplementedError

    def read_json(self, data: Any, answer: Answer, clock: Clock) -> Page:
        """A JSON answer as a page."""
        raise NotImplementedError

    def read(self, doc: Document, clock: Clock) -> Page:
        """The shell: number 0, no posts, and where the first answer with posts is."""
        address = look(doc.url, self.software)
        known = address is not None and self.software in address.programs
        first = first_address(doc.url, self.software) if known else ""
        logged_in = None
        if self.logout and doc.first(self.logout) is not None:
            logged_in = True
        elif self.login and doc.first(self.login) is not None:
            logged_in = False
        base = address.base if address is not None and known else ""
        return Page(
            url=doc.url.partition("#")[0],
            software=self.software,
            thread_id=address.id if address is not None and known and address.kind == "thread" else "",
            title=safe_text(doc.meta("og:title")) or line(doc.first("h1, title")),
            number=0,
            further=(first,) if first and first != doc.url else (),
            logged_in=logged_in,
            login_url=f"{base}{self.login_path}" if base else "",
        )

    def address(self, answer: Answer) -> Address | None:
        """The address of an answer, if this program makes such."""
        found = look(answer.url, self.software)
        return found if found is not None and self.software in found.programs else None

    def clean(self, doc: Document) -> None:
        """Cut out of a post what nobody wrote there."""
        cut(doc.all(self.drop))
        cut(doc.all(_JUNK))

    def post(
        self,
        html: str,
        answer: Answer,
        *,
        identity: str,
        number: int | None,
        author: object,
        author_id: object,
        posted_at: float | None,
        raw_date: object,
        url: str,
    ) -> Post:
        """A post from its HTML and what the answer says about it."""
        doc = Document(
            Answer(
                answer.url, 200, {"content-type": "text/html; charset=utf-8"}, html.encode("utf-8", "replace")
            )
        )
        self.clean(doc)
        body = doc.tree.body
        media = media_of(body, (), Place(answer.url, answer.url)) if body is not None else ()
        text = readable(body) if body is not None else ""
        return Post(
            id=identity,
            number=number,
            author=safe_text(author),
            author_id=safe_text(author_id),
            posted_at=posted_at,
            raw_date=safe_text(raw_date),
            url=url,
            text=text,
            html=harmless(body, answer.url) if body is not None else "",
            media=media,
            digest=digest_of(text, media),
        )


def records(value: Any) -> list[dict[str, Any]]:
    """The objects in a JSON list; anything else gives none."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def record(value: Any) -> dict[str, Any]:
    """A JSON object; anything else gives an empty one."""
    return value if isinstance(value, dict) else {}


def whole(value: Any) -> int | None:
    """A JSON number or digits as a whole number of at most 18 digits: more fits into no database."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) < 10**18 else None
    return (
        int(value)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19
        else None
    )


def identity_of(value: Any) -> str:
    """An id as text: digits or a short word; empty: none."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return text if re.fullmatch(r"[\w-]{1,64}", text) else ""


def own(url: Any, answer: Answer) -> str:
    """An address that an answer names, if it is one of the same forum; empty: none."""
    found = cleaned(url, answer.url) if isinstance(url, str) else ""
    return found if found and same_site(found, answer.url) else ""
