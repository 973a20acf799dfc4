"""Spirit."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from mediadl.modules.forum.document import Document, attribute, cut, line
from mediadl.modules.forum.programs.program import HtmlProgram


class Spirit(HtmlProgram):
    """Uploads stand in the text; link texts are cut, addresses are not. The last page links to the one before."""

    software = "spirit"
    title = "Spirit"
    cookie = "sessionid"
    markers = (
        ".js-comment[data-pk]",
        'a[href*="nitely/Spirit"], a[href*="spirit-project.com"]',
        ".comment__text",
        ".comment__info, a.topic__link",
        ".js-comments, .js-tabs-container",
    )
    post = ".js-comment[data-pk]"
    post_id = (("", "data-pk"),)
    author = "a.comment__info__username__link, .comment__info__username a"
    time = ".comment__info__date li[title], .comment__info__date [title]"
    body = ".comment__text"
    drop = "blockquote, .comment__footer"
    heading = "h1.headline, .topic__title, h1"
    current = ".paginator__button > span"
    numbers = ".paginator__button"
    next = 'link[rel~="next"], .paginator a[rel~="next"], .paginator a.next, .paginator a[href*="page="]'
    thread_links = "a.topic__link"
    login = 'a[href*="/user/login/"], form[action*="/user/login/"]'
    login_path = "/user/login/"
    logout = 'a[href*="/user/logout/"], form[action*="/user/logout/"]'
    permalink = "{base}/comment/{id}/find/"

    def heading_of(self, doc: Document) -> str:
        """Whoever may edit the title has a link for it in there."""
        cut(doc.all("h1 .topic_edit_link"))
        return super().heading_of(doc)

    def page_words(self, doc: Document) -> str:
        """The paginator says it."""
        return next((line(node) for node in doc.all(".paginator")), "")

    def number_of(self, node: LexborNode) -> int | None:
        """The number in its thread, where the comment has it."""
        told = attribute(node, "data-number")
        return int(told) if told.isdigit() and len(told) < 10 else super().number_of(node)
