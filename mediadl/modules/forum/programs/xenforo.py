"""XenForo 2 and 1."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from mediadl.modules.forum.addresses import Address
from mediadl.modules.forum.document import Document, attribute, classes, cut, line, select
from mediadl.modules.forum.programs.program import HtmlProgram


class XenForo2(HtmlProgram):
    """Attributes tell nearly everything."""

    software = "xenforo2"
    title = "XenForo 2"
    cookie = "xf_user"
    markers = (
        "html#XF",
        "html[data-xf]",
        "html[data-cookie-prefix]",
        "html[data-template]",
        "html[data-logged-in]",
        "ul.p-breadcrumbs",
        "a[data-tp-primary]",
    )
    post = 'article[data-content^="post-"], .message--post[data-content^="post-"]'
    post_id = (("", "data-content"),)
    author = "a.username[data-user-id], .message-name .username, .message-userDetails .username"
    author_name = "data-author"
    time = ".message-attribution time[datetime], time.u-dt, time[datetime]"
    body = ".message-body .bbWrapper"
    drop = (
        ".bbCodeBlock--quote, .message-signature, .message-lastEdit, .js-selectToQuoteEnd, .bbCodeBlock--unfurl img,"
        " .bbCodeBlock-expandLink, .bbCodeBlock-shrinkLink, .bbCodeSpoiler-button, .message-userArrow"
    )
    boxes = "section.message-attachments, .message-attachments, .attachmentList"
    heading = "h1.p-title-value"
    next = 'link[rel="next"], a.pageNav-jump--next, a[rel~="next"]'
    current = "li.pageNav-page--current a"
    numbers = "li.pageNav-page a"
    thread_links = (
        '.structItem-title a[href*="threads/"]:not(.labelLink), a[data-tp-primary="on"],'
        " .structItem-title a[data-preview-url]"
    )
    login = 'a.p-navgroup-link--logIn, a[href*="/login/"], a[href*="?login/"]'
    login_path = "/login/"
    permalink = "{thread}post-{id}"

    def logged_in(self, doc: Document) -> bool | None:
        """The page's root says it."""
        told = attribute(doc.first("html"), "data-logged-in").lower()
        return told == "true" if told in {"true", "false"} else super().logged_in(doc)

    def heading_of(self, doc: Document) -> str:
        """Labels before the title are none of it."""
        heading = doc.first(self.heading)
        if heading is not None:
            cut(select(heading, ".label, .label-append, .u-srOnly"))
        return super().heading_of(doc)

    def thread_id(self, doc: Document) -> str:
        """Some boards have addresses of their own making."""
        kind, _, identity = attribute(doc.first("html"), "data-content-key").partition("-")
        return identity if kind == "thread" and identity.isdigit() else super().thread_id(doc)

    def post_url(self, doc: Document, address: Address | None, identity: str) -> str:
        """Addresses below the thread's."""
        if address is None or address.kind == "board":
            return f"{doc.url.partition('#')[0]}#post-{identity}"
        return super().post_url(doc, address, identity)


class XenForo1(HtmlProgram):
    """The older markup, with the same addresses."""

    software = "xenforo1"
    title = "XenForo 1"
    cookie = "xf_user"
    markers = (
        "html#XenForo",
        "#headerMover",
        ".PageNav",
        "ol.messageList",
        "form.DiscussionList",
        ".xenOverlay",
    )
    post = "li.message[id^=post-]"
    author = ".messageUserInfo a.username, a.username"
    author_name = "data-author"
    time = ".messageMeta .DateTime, .DateTime"
    body = "blockquote.messageText"
    drop = ".bbCodeQuote, .signature, .messageTextEndMarker, .editDate, .LbTrigger .hover"
    boxes = ".attachedFiles"
    heading = ".titleBar h1"
    next = 'link[rel="next"], .PageNav a.text[rel="next"]'
    current = ".PageNav a.currentPage"
    numbers = ".PageNav a[href]:not(.text)"
    thread_links = (
        ".discussionListItem .title a.PreviewTooltip, .discussionListItem h3.title a[data-previewurl]"
    )
    login = 'a[href*="login/"], form[action*="login/login"]'
    login_path = "/login/"
    logout = 'a[href*="logout/"]'
    permalink = "{base}/posts/{id}/"

    def logged_in(self, doc: Document) -> bool | None:
        """A class of the root says it."""
        root = doc.first("html")
        told = classes(root) if root is not None else frozenset()
        if told & {"loggedin", "loggedout"}:
            return "loggedin" in told
        return super().logged_in(doc)

    def raw_date(self, node: LexborNode) -> tuple[str, str]:
        """New posts have the second, old ones only words."""
        exact, shown = super().raw_date(node)
        when = node.css_first(self.time)
        return (exact if attribute(when, "data-time") else attribute(when, "title") or exact), shown or line(
            when
        )
