"""vBulletin 3, 4 and 5/6: three programs with one name."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from mediadl.modules.forum.addresses import Address
from mediadl.modules.forum.document import Document, ancestors, attribute, classes, cut, line, select
from mediadl.modules.forum.programs.program import HtmlProgram, as_number

_GUEST = re.compile(r"SECURITYTOKEN\s*=\s*[\"']guest[\"']")
_MEMBER = re.compile(r"SECURITYTOKEN\s*=\s*[\"']\d")
_TOKEN = re.compile(r"[\"']securitytoken[\"']\s*:\s*[\"'](guest|\d)", re.IGNORECASE)
_RULE = re.compile(r"^\s*_{6,}\s*$")


class _Classic(HtmlProgram):
    """What 3 and 4 share."""

    cookie = "bb_password"
    login = 'form[action*="login.php?do=login"], a[href*="login.php"]'
    login_path = "/login.php?do=login"
    logout = 'a[href*="login.php?do=logout"]'
    permalink = "{base}/showthread.php?p={id}#post{id}"

    def logged_in(self, doc: Document) -> bool | None:
        """A script's token names the guest."""
        if _GUEST.search(doc.source):
            return False
        return True if _MEMBER.search(doc.source) else super().logged_in(doc)


class VBulletin3(_Classic):
    """Tables without classes: a quote is known by its heading, a signature by a line of underscores."""

    software = "vbulletin3"
    title = "vBulletin 3"
    markers = (
        'meta[name="generator"][content*="vBulletin 3"]',
        'script[src*="vbulletin_global.js"], script[src*="vbulletin_menu.js"]',
        "td.vbmenu_control",
        "table.tborder",
        "td.alt1",
    )
    post = "table[id^=post]"
    author = "a.bigusername"
    time = "td.thead"
    time_attributes = ()
    body = "[id^=post_message_]"
    boxes = "fieldset"
    heading = ".navbar strong, h1"
    next = 'link[rel="next"], .pagenav a[rel="next"]'
    current = ".pagenav .alt2 strong"
    numbers = ".pagenav a.smallfont, .pagenav td.alt1 a"
    thread_links = "a[id^=thread_title_]"

    def raw_date(self, node: LexborNode) -> tuple[str, str]:
        """The first heading cell with digits; the other one is the post's number."""
        for cell in select(node, "td.thead, .thead"):
            text = line(cell)
            if any(c.isdigit() for c in text) and not text.startswith("#"):
                return "", text
            if re.match(r"(?i)today|yesterday|heute|gestern", text):
                return "", text
        return "", ""

    def number_of(self, node: LexborNode) -> int | None:
        """The number sign stands before the link."""
        return as_number(line(node.css_first('a[href*="postcount="], a[id^=postcount]')))

    def page_words(self, doc: Document) -> str:
        """The first cell of the navigation."""
        return line(doc.first(".pagenav td.vbmenu_control, .pagenav"))

    def clean(self, node: LexborNode, body: LexborNode) -> None:
        """Quotes by their heading, then everything behind the line of underscores."""
        for heading in select(body, "div.smallfont"):
            table = heading.parent.css_first("table") if heading.parent is not None else None
            if table is not None and line(heading).rstrip(": ").lower() in {
                "quote",
                "zitat",
                "citation",
                "cita",
            }:
                around = heading.parent
                cut([around if around is not None and around.mem_id != body.mem_id else table])
                cut([heading])
        _cut_signature(body)
        for sibling in select(node, "div, td"):
            if _RULE.match(sibling.text(deep=False).split("\n")[0] or " ") and not _holds(sibling, body):
                _cut_signature(sibling)
        super().clean(node, body)


class VBulletin4(_Classic):
    """The body sits in a blockquote of its own."""

    software = "vbulletin4"
    title = "vBulletin 4"
    markers = (
        "html#vbulletin_html",
        'meta[name="generator"][content*="vBulletin 4"]',
        "#vbulletin_css, link[href*=vbulletin]",
        "li.postcontainer, li.postbitlegacy",
        "ol#posts, ol#threads",
        'script[src*="vbulletin-core.js"]',
    )
    post = "li.postcontainer[id^=post_], li.postbitlegacy[id^=post_], li.postbit[id^=post_]"
    author = ".username_container .username, .username_container a.username"
    time = "span.date"
    time_attributes = ()
    body = "[id^=post_message_]"
    drop = (
        ".bbcode_quote, .bbcode_quote_container, .signature, .signaturecontainer, .after_content, .lastedited"
    )
    boxes = ".attachments, fieldset.postcontent"
    heading = ".threadtitle a, .threadtitle, #pagetitle h1 .threadtitle, #pagetitle h1, h1"
    next = 'link[rel="next"], .prev_next a[rel="next"]'
    current = ".pagination .selected a, .pagination .selected"
    numbers = ".pagination span a"
    thread_links = "a.title[id^=thread_title_]"

    def page_words(self, doc: Document) -> str:
        """The button that opens the list of pages."""
        return line(doc.first(".pagination .popupctrl"))


class VBulletin5(HtmlProgram):
    """Versions 5 and 6; addresses are relative to the page's base."""

    software = "vbulletin5"
    title = "vBulletin 5"
    cookie = "bb_sessionhash"
    markers = (
        "body#vb-page-body",
        'meta[name="generator"][content*="vBulletin 5"], meta[name="generator"][content*="vBulletin 6"]',
        "li.b-post[data-node-id]",
        ".b-post, .b-module",
        "body.l-desktop, body.vb-page",
    )
    post = "li.b-post[data-node-id]"
    post_id = (("", "data-node-id"),)
    author = ".author a, .b-userinfo__details a"
    time = 'time[itemprop="dateCreated"], time[itemprop="datePublished"], time[datetime]'
    body = ".js-post__content-text"
    drop = ".bbcode_quote, .signature, .post-signature, .b-post__edit-log, .b-post__edited"
    boxes = ".b-post-attachments"
    heading = "h1.main-title, .b-content-entry__title, h1"
    next = 'link[rel="next"], a.right-arrow[href], a.js-pagenav-next-button[href]'
    current = ".js-pagenav-current-button, .pagenav-controls .js-pagenum"
    numbers = ".pagetotal, a.js-pagenav-button"
    thread_links = "a.topic-title"
    login = 'a[href*="auth/login"], #lnkLoginSignupMenu, a.js-login'
    guest = "body.logged-out, #lnkLoginSignupMenu"
    logout = 'a[href*="auth/logout"], #lnkUsernameMenu, body.logged-in'
    permalink = "{thread}?p={id}#post{id}"

    def further(self, doc: Document, number: int) -> tuple[str, ...]:
        """An arrow that leads nowhere is hidden, yet there."""
        for node in doc.all("a.right-arrow"):
            if "h-disabled" in classes(node) or attribute(node, "href") in {"", "#"}:
                cut([node])
        return super().further(doc, number)

    def logged_in(self, doc: Document) -> bool | None:
        """A value of the page's script names the guest."""
        found = _TOKEN.search(doc.source)
        return found[1].lower() != "guest" if found else super().logged_in(doc)

    def pages(self, doc: Document, address: Address | None) -> tuple[int, int | None]:
        """The number of this page stands in a field to type into."""
        number, last = super().pages(doc, address)
        typed = as_number(attribute(doc.first("input.js-pagenum"), "value"))
        return (typed, max(typed, last or 0)) if typed else (number, last)


def _cut_signature(body: LexborNode) -> None:
    """Cut a line of underscores and what follows it on its level."""
    for child in list(body.iter(include_text=True)):
        if child.is_text_node and _RULE.match(child.text_content or ""):
            after: LexborNode | None = child
            while after is not None:
                following = after.next
                cut([after])
                after = following
            return


def _holds(node: LexborNode, inner: LexborNode) -> bool:
    return node.mem_id == inner.mem_id or any(above.mem_id == node.mem_id for above in ancestors(inner))
