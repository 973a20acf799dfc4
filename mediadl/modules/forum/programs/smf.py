"""Simple Machines Forum 2."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from mediadl.modules.forum.addresses import Address
from mediadl.modules.forum.document import Document, line, select
from mediadl.modules.forum.programs.program import HtmlProgram

_MEMBER = re.compile(r"\bsmf_member_id\s*=\s*[\"']?(\d+)")


class SMF(HtmlProgram):
    """Parameters are parted by semicolons; a page's address counts posts."""

    software = "smf"
    title = "Simple Machines Forum"
    cookie = "SMFCookie…"
    markers = (
        "body#smf, body[id^=smf]",
        "#smfAnnounce, #main_content_section",
        ".post_wrapper",
        'a[href*="simplemachines.org"]',
    )
    signs = ("smf_theme_url", "smf_member_id")
    post = ".post_wrapper"
    post_id = ((".inner[data-msgid]", "data-msgid"), (".inner[id^=msg_]", "id"), ("[id^=msg_]", "id"))
    author = ".poster h4 a[href*='u='], .poster h4"
    time = ".postinfo .smalltext, .keyinfo .postinfo a, .keyinfo .smalltext, .postinfo"
    time_attributes = ()
    body = ".inner[id^=msg_], .inner"
    drop = (
        "blockquote.bbc_standard_quote, blockquote.bbc_alternate_quote, .quoteheader, .quotefooter, .signature,"
        " .modified"
    )
    boxes = ".attachments"
    heading = "#display_head h2, #top_subject, .display_title"
    next = 'link[rel="next"], a.nav_page[href]:has(.next_page), .pagelinks a.nav_page:last-child'
    current = ".pagelinks .current_page"
    numbers = ".pagelinks a.nav_page"
    thread_links = 'span[id^=msg_] a[href*="topic="]'
    login = 'a[href*="action=login"], form[action*="action=login2"]'
    login_path = "/index.php?action=login"
    logout = 'a[href*="action=logout"]'

    def raw_date(self, node: LexborNode) -> tuple[str, str]:
        """The link to the post itself is its date."""
        for selector in ('.postinfo a[href*="msg"]', ".keyinfo > .smalltext", ".smalltext", ".postinfo"):
            for link in select(node, selector):
                text = re.sub(r"^.*\bon:\s*|^\s*«\s*|\s*»\s*$", "", line(link))
                if any(c.isdigit() for c in text) and not text.startswith("#"):
                    return "", text
        return "", ""

    def logged_in(self, doc: Document) -> bool | None:
        """A variable of the page's script names the member."""
        found = _MEMBER.search(doc.source)
        return found[1] != "0" if found else super().logged_in(doc)

    def post_url(self, doc: Document, address: Address | None, identity: str) -> str:
        """The topic's address with the message in place of the offset."""
        if address is None or address.kind != "thread":
            return super().post_url(doc, None, f"msg{identity}")
        return f"{address.base}/index.php?topic={address.id}.msg{identity}#msg{identity}"
