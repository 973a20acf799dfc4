"""FlaskBB."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from mediadl.modules.forum.addresses import look
from mediadl.modules.forum.document import Document, attribute, line
from mediadl.modules.forum.links import absolute, same_site
from mediadl.modules.forum.programs.program import HtmlProgram, as_number


class FlaskBB(HtmlProgram):
    """The next page is only known by its place behind this one's."""

    software = "flaskbb"
    title = "FlaskBB"
    cookie = "session"
    markers = (
        "meta[content*=FlaskBB]",
        "ol.flaskbb-breadcrumb",
        'a[href*="flaskbb.org"]',
        ".post-row .post-content",
    )
    post = "div.post-row"
    post_id = ((".post-content[id^=pid]", "id"), ("[id^=pid]", "id"))
    author = ".author-name a, .author-name"
    time = ".post-meta time[datetime]"
    body = ".post-content"
    drop = "blockquote, .post-signature"
    boxes = ".post-attachments"
    heading = ".flaskbb-breadcrumb .active, h1"
    current = ".page-item.active"
    numbers = ".page-item .page-link, .page-item"
    thread_links = '.topic-name a[href*="/topic/"]'
    login = 'a[href*="/auth/login"]'
    login_path = "/auth/login"
    logout = '[href*="/auth/logout"], form[action*="/auth/logout"]'
    permalink = "{base}/post/{id}"

    def number_of(self, node: LexborNode) -> int | None:
        """The number is no link."""
        return as_number(line(node.css_first(".post-meta strong")).removeprefix("#"))

    def further(self, doc: Document, number: int) -> tuple[str, ...]:
        """The item behind the one of this page."""
        here = doc.first(".page-item.active")
        after = here.next if here is not None else None
        while after is not None and not after.is_element_node:
            after = after.next
        link = after.css_first("a[href]") if after is not None else None
        url = absolute(attribute(link, "href"), doc.base)
        target = look(url, self.software)
        ahead = target is not None and target.page is not None and target.page > number
        return (url,) if ahead and same_site(url, doc.url) else ()
