"""Invision Community 4 and 5."""

from __future__ import annotations

import re
from typing import ClassVar

from selectolax.lexbor import LexborNode

from mediadl.modules.forum.addresses import Address
from mediadl.modules.forum.document import Document, attribute
from mediadl.modules.forum.programs.program import HtmlProgram, as_number

_MEMBER = re.compile(r"[\"']?memberID[\"']?\s*:\s*[\"']?(\d+|null)", re.IGNORECASE)


class Invision4(HtmlProgram):
    """Pictures are lazy: their source is a spacer until a script runs."""

    software = "invision4"
    title = "Invision Community 4"
    cookie = "ips4_login_key"
    own: ClassVar[str] = (
        "article.ipsComment, .cAuthorPane, .ipsDataItem, li.ipsPagination_page, .ipsType_pageTitle"
    )
    """What only this version's pages have."""
    markers = (
        "body.ipsApp",
        "body[data-pageapp]",
        "body[data-pageid]",
        "#elCopyright",
        "[data-role=commentContent]",
    )
    signs = ("ips4_", "ipsSettings")
    post = "article[id^=elComment_], [data-commentid]"
    post_id = (("", "data-commentid"), ("", "id"))
    author = ".cAuthorPane_author a, .ipsComment_author a"
    time = "time[datetime]"
    body = "[data-role=commentContent]"
    drop = (
        "blockquote.ipsQuote, [data-role=memberSignature], .ipsEmbeddedOther .ipsPhotoPanel, .ipsComment_edited,"
        " .ipsSpoiler_header"
    )
    boxes = ".ipsAttachment_list, [data-role=attachmentList]"
    heading = ".ipsType_pageTitle, h1"
    next = 'link[rel="next"], li.ipsPagination_next:not(.ipsPagination_inactive) a'
    current = "li.ipsPagination_page.ipsPagination_active a"
    numbers = "li.ipsPagination_page a"
    thread_links = '.ipsDataItem_title a[href*="topic/"], [data-rowid] .ipsDataItem_title a'
    login = '#elUserSignIn, #elSignInLink a, a[href*="/login/"]'
    login_path = "/login/"
    logout = '#elUserLink, a[href*="/logout/"]'
    permalink = "{thread}?do=findComment&comment={id}"

    def score(self, doc: Document) -> int:
        """Both versions have the same root; parts of the page tell which it is."""
        total = super().score(doc)
        return total + 1 if total >= 3 and doc.first(self.own) is not None else total

    def identity(self, node: LexborNode) -> str:
        """The comment's own number: another one may stand in the element's id."""
        return super().identity(node) if "elComment_" in attribute(node, "id") or self.body_of(node) else ""

    def pages(self, doc: Document, address: Address | None) -> tuple[int, int | None]:
        """The list of pages says how many it has."""
        number, last = super().pages(doc, address)
        told = as_number(
            attribute(doc.first("ul.ipsPagination[data-pages], .ipsPagination[data-pages]"), "data-pages")
        )
        marked = [
            as_number(attribute(node, "data-page"))
            for node in doc.all("[data-page].ipsPagination_last, li.ipsPagination_last a")
        ]
        most = max([found for found in (told, last, *marked) if found], default=None)
        return number, max(most, number) if most is not None else None

    def logged_in(self, doc: Document) -> bool | None:
        """The page's settings name the member."""
        if found := _MEMBER.search(doc.source):
            return found[1] not in {"0", "null"}
        return super().logged_in(doc)


class Invision5(Invision4):
    """The same data under new class names."""

    software = "invision5"
    title = "Invision Community 5"
    own = ".ipsEntry, .ipsEntries, .ipsPagination__page, .ipsData__item, .ipsPageHeader__title, .ipsEntry__username"
    author = ".ipsEntry__username a, .ipsEntry__username"
    heading = ".ipsPageHeader__title, h1"
    drop = "blockquote.ipsQuote, [data-role=memberSignature], .ipsEntry__signature, .ipsEntry__edited"
    next = 'link[rel="next"], .ipsPagination__next:not(.ipsPagination__inactive) a, a.ipsPagination__next'
    current = ".ipsPagination__page.ipsPagination__active a, .ipsPagination__active"
    numbers = ".ipsPagination__page a"
    thread_links = '.ipsData__title a[href*="topic/"], .ipsData__item [data-ips-hook=topicTitle] a'

    def body_of(self, node: LexborNode) -> LexborNode | None:
        """Version 5 names the text by its role, too."""
        return super().body_of(node) or node.css_first(".ipsEntry__post .ipsRichText")
