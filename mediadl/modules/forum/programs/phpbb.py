"""phpBB 3."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from mediadl.modules.forum.document import Document, attribute, line, select
from mediadl.modules.forum.programs.program import HtmlProgram


class PhpBB3(HtmlProgram):
    """Pages are counted in posts; a page past the end is the last one under the address asked for."""

    software = "phpbb3"
    title = "phpBB 3"
    cookie = "phpbb3_…_u"
    markers = (
        "body#phpbb",
        'a[href*="ucp.php"]',
        "#page-body",
        ".topictitle, .topic-title",
        '.copyright a[href*="phpbb.com"], a[href*="www.phpbb.com"]',
        "div.post .postbody",
    )
    signs = ("phpbb3_", "phpbb.")
    post = "div.post[id^=p]"
    author = ".postprofile .username, .postprofile .username-coloured, .author .username, .author .username-coloured"
    time = ".author time[datetime]"
    body = ".postbody .content, .content"
    drop = "blockquote, .signature, .notice, .rules, .back2top, .codebox > p"
    boxes = "dl.attachbox, .attachbox, .inline-attachment"
    heading = ".topic-title, h2.topic-title"
    next = 'li.arrow.next a[rel="next"], li.next a, link[rel="next"], a[rel="next"]'
    current = ".pagination li.active span, .pagination strong"
    numbers = ".pagination li a.button:not(.arrow), .pagination li a"
    thread_links = "a.topictitle"
    login = 'a[href*="ucp.php?mode=login"], form[action*="ucp.php?mode=login"]'
    login_path = "/ucp.php?mode=login"
    logout = 'a[href*="mode=logout"]'
    permalink = "{base}/viewtopic.php?p={id}#p{id}"

    def identity(self, node: LexborNode) -> str:
        """`p12`, and not any other id that begins with a p."""
        found = re.match(r"^p(\d{1,20})$", attribute(node, "id"))
        return found[1] if found else ""

    def raw_date(self, node: LexborNode) -> tuple[str, str]:
        """Boards before 3.3 have only text behind the author's name."""
        exact, shown = super().raw_date(node)
        if exact or shown:
            return exact, shown
        words = line(node.css_first("p.author, .author"))
        return "", words.rpartition("»")[2].strip() if "»" in words else words

    def page_words(self, doc: Document) -> str:
        """Older boards say it in words."""
        return next((text for node in doc.all(".pagination") if "page" in (text := line(node)).lower()), "")

    def heading_of(self, doc: Document) -> str:
        """The page's own heading is the board's name."""
        return next((text for node in select_headings(doc) if (text := line(node))), super().heading_of(doc))


def select_headings(doc: Document) -> list[LexborNode]:
    """Where a topic's or forum's title stands."""
    body = doc.first("#page-body") or doc.tree.body
    return select(body, ".topic-title, .forum-title, h2") if body is not None else []
