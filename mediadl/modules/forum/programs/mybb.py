"""MyBB 1.8."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from mediadl.modules.forum.document import attribute, line
from mediadl.modules.forum.programs.program import HtmlProgram


class MyBB(HtmlProgram):
    """A page past the end is page 1; uploads that a visitor may not have answer as pages."""

    software = "mybb"
    title = "MyBB"
    cookie = "mybbuser"
    markers = (
        'link[href*="cache/themes/theme"]',
        'a[href*="mybb.com"]',
        ".post_content .post_body",
        "#posts .post, #posts_container",
        'script[src*="jscripts/general.js"]',
        'a[href*="member.php?action=login"], a[href*="member.php?action=logout"]',
    )
    signs = ("mybb[", "my_post_key")
    post = "div.post[id^=post_], table[id^=post_]"
    author = ".author_information a[href*='uid='], .author_information a[href*='user-'], .author_information strong"
    time = ".post_date"
    body = ".post_body, [id^=pid_].post_body"
    drop = "blockquote.mycode_quote, blockquote, .signature, .post_edit, .edited_post"
    boxes = "fieldset"
    heading = "td.thead strong, .thead strong, h1"
    next = 'a.pagination_next, link[rel="next"]'
    current = ".pagination .pagination_current"
    numbers = ".pagination a.pagination_page, .pagination a.pagination_last"
    thread_links = "span[id^=tid_] a, .subject_new a, .subject_old a"
    login = 'a[href*="member.php?action=login"], form[action*="member.php"]'
    login_path = "/member.php?action=login"
    logout = 'a[href*="action=logout"]'
    permalink = "{base}/showthread.php?pid={id}#pid{id}"

    def raw_date(self, node: LexborNode) -> tuple[str, str]:
        """A young post has the date in a title and "5 minutes ago" as text; what was edited stands beside it."""
        when = node.css_first(".post_date")
        if when is None:
            return "", ""
        titled = when.css_first("span[title]")
        own = line(when).partition("(This post was last modified")[0].strip()
        if titled is not None and attribute(titled, "title") and "edit" not in attribute(titled, "class"):
            day = attribute(titled, "title")
            clock = own.removeprefix(line(titled)) if ":" not in day and "ago" not in own else ""
            return f"{day}{clock}", own
        return "", own
