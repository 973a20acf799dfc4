"""vBulletin 5: addresses relative to `<base>`, files by `filedata/fetch`."""

from __future__ import annotations

import re

from fakeweb.messages import Request, set_cookie
from fakeweb.sites.forums.forum import Forum
from fakeweb.sites.forums.parts import (
    Board,
    File,
    LoginForm,
    LoginSent,
    Route,
    ThreadPage,
    View,
    h,
    when,
)
from fakeweb.sites.forums.truth import Post, Quote, Thread, TruthFile
from fakeweb.sites.forums.vbulletin import login_form


class VBulletin5(Forum):
    """vBulletin 5: addresses relative to `<base>`, files by `filedata/fetch`."""

    software = "vbulletin5"
    login = login_form("/auth/login-form", "/auth/login")

    def board_path(self) -> str:
        return "/forum/pictures"

    def thread_path(self, thread: Thread, page: int) -> str:
        return f"/forum/pictures/{thread.id}-{thread.slug}" + (f"/page{page}" if page > 1 else "")

    def route(self, request: Request, path: str) -> Route | None:
        if found := re.fullmatch(r"/forum/pictures/(\d+)-[^/]*(?:/page(\d+))?", path):
            return ThreadPage(int(found[1]), int(found[2] or 1))
        if path == "/filedata/fetch":
            return File(int(request.query.get("id", "0")), small="type" in request.query)
        if path == "/auth/login":
            return LoginSent()
        if path == "/auth/login-form":
            return LoginForm()
        return Board() if path in {"/", "/forum/pictures"} else None

    def guest_cookies(self) -> list[tuple[str, str]]:
        return [set_cookie("bbsessionhash", "5ea1c0de"), set_cookie("bbnp_notices_displayed", "")]

    def _shell(
        self, title: str, content: str, head: str = "", member: str | None = None, node: int = 0
    ) -> str:
        user = f'<span class="b-avatar"></span>{member}' if member else "Login or Sign Up"
        return (
            '<!DOCTYPE html>\n<html lang="en" dir="ltr"><head><meta charset="utf-8" />'
            f'<base href="{self.base_url}/" /><title>{h(title)} - {self.title}</title>'
            f'<meta name="generator" content="vBulletin 5.7.5" />{head}</head>'
            f'<body id="vb-page-body" class="l-desktop page60 vb-page view-mode logged-{"in" if member else "out"}" '
            f'data-usergroupid="{2 if member else 1}"><div id="outer-wrapper"><div id="wrapper">'
            f'<div class="b-top-menu__background"><ul class="b-top-menu"><li class="username-container">'
            f'<a href="auth/login-form">{user}</a></li></ul></div><div id="breadcrumbs" class="b-breadcrumb">'
            '<a class="crumb" href="./">Home</a><a class="crumb" href="forum/pictures">Pictures</a></div>'
            f'<div id="content" data-node-id="{node}">{content}</div></div></div><footer id="footer"><div '
            'id="footer-copyright">Powered by <a href="https://www.vbulletin.com" id="vbulletinlink">vBulletin&reg;'
            "</a> Version 5.7.5</div></footer></body></html>"
        )

    def thread_page(self, view: View) -> str:
        thread, number, last = view.thread, view.number, view.last

        def to(page: int) -> str:
            return self.thread_path(thread, page).lstrip("/")

        before = f' href="{to(number - 1)}"' if number > 1 else ""
        after = f' href="{to(number + 1)}"' if number < last else ""
        rels = "".join(
            f'<link rel="{rel}" href="{self.base_url}/{to(page)}" />'
            for rel, page in (("prev", number - 1), ("next", number + 1))
            if 0 < page <= last
        )
        nav = (
            '<div class="conversation-toolbar-wrapper"><div class="pagenav-form"><span class="pagenav-controls">'
            f'<form class="pagenav-form h-clearfix" action="{to(1)}"><input type="text" class="js-pagenum '
            f'textbox" value="{number}" /><span> of </span><span class="pagetotal">{last}</span></form>'
            f'<a class="arrow left-arrow js-button{"" if before else " h-disabled"}"{before}></a>'
            f'<a class="arrow right-arrow js-button{"" if after else " h-disabled"}"{after}></a></span></div></div>'
        )
        posts = "".join(self._post(post) for post in view.posts)
        content = (
            f'<h1 class="main-title js-main-title">{h(thread.title)}</h1><div class="widget-content" '
            f'data-node-id="{thread.id}">{nav}<div class="conversation-content"><ul class="conversation-list '
            f'list-container h-clearfix thread-view">{posts}</ul></div></div>'
        )
        return self._shell(thread.title, content, rels, view.member, thread.id)

    def _post(self, post: Post) -> str:
        signature = (
            '<div class="post-signature restore h-signature b-post__signature js-post-signature">'
            f"{self.signature_text()}</div>"
            if self.has_signature(post)
            else ""
        )
        edited = (
            f'<div class="b-post__edit post-edit">Last edited by <a href="member/{post.author_id}-{post.author}">'
            f"{post.author}</a>; {when(post.edited_at, '%m-%d-%Y, %I:%M %p')}.</div>"
            if post.edited_at
            else ""
        )
        return (
            f'<li data-node-id="{post.id}" data-node-publishdate="{post.at}" '
            'class="b-post js-post js-comment-entry__parent h-restore--on-preview" itemscope '
            'itemtype="http://schema.org/Comment"><a id="post{0}" class="anchor"></a>'
            '<div class="b-post__body h-clearfix"><div class="b-post__sm-wrapper"><div class="b-userinfo '
            'b-userinfo__details" itemprop="author" itemscope itemtype="http://schema.org/Person">'
            '<a href="member/{1}-{2}" class="b-avatar b-avatar--l"><img src="core/avatars/{1}.gif" alt="{2}" />'
            '</a><div class="author h-text-size--14"><strong><a href="member/{1}-{2}" data-vbnamecard="{1}">'
            '<span itemprop="name">{2}</span></a></strong></div></div></div><div class="b-post__hide-when-deleted">'
            '<div class="b-post__timestamp"><time itemprop="dateCreated" datetime="{3}">{4}</time></div>'
            '<a class="b-post__count js-show-post-link" href="forum/pictures/x?p={0}#post{0}">#{5}</a>'
            '<div class="b-post__content js-post__content"><div class="h-wordwrap" itemprop="text">'
            '<div class="js-post__content-text OLD__post-content-text restore">'.format(
                post.id,
                post.author_id,
                post.author,
                when(post.at, "%Y-%m-%dT%H:%M:%S"),
                when(post.at, "%m-%d-%Y, %I:%M %p"),
                post.number,
            )
            + f"{self.body(post)}</div></div>{self._attachments(post)}{edited}</div>{signature}</div></div></li>"
        )

    def _attachments(self, post: Post) -> str:
        if self.weaves(post):
            return ""
        items = "".join(
            '<li class="b-post-attachments__item"><a href="filedata/fetch?id='
            f'{self.attachment_id(post, file)}&amp;d={post.at}" class="b-post-attachments__link" target="_blank">'
            f"&#8206;{file.name}</a> ({self.size_text(file)}, 12 views)</li>"
            for file in post.attached
        )
        shown = "".join(
            f'<a href="filedata/fetch?id={self.attachment_id(post, file)}" class="b-gallery-thumbnail">'
            f'<img src="filedata/fetch?id={self.attachment_id(post, file)}&amp;type=thumb" alt="Click image" '
            f'title="{file.name}" /></a>'
            for file in post.attached
            if file.suffix != "zip"
        )
        if not items:
            return ""
        return (
            '<div class="b-post-attachments js-attachments"><h4>Attached Files</h4>'
            f"<ul>{items}</ul><div>{shown}</div></div>"
        )

    def in_text(self, post: Post, file: TruthFile) -> str:
        number = self.attachment_id(post, file)
        if file.suffix == "zip":
            return f'<a href="filedata/fetch?id={number}&amp;d={post.at}" class="bbcode-attachment">{file.name}</a>'
        return (
            f'<a href="filedata/fetch?id={number}&amp;d={post.at}" class="bbcode-attachment" >'
            f'<img border="0" src="filedata/fetch?id={number}&amp;d={post.at}&amp;type=small" alt="Click image" '
            f'title="{file.name}" data-attachmentid="{number}" class="bbcode-attachment thumbnail js-lightbox" /></a>'
        )

    def quote(self, quote: Quote) -> str:
        return (
            '<div class="bbcode_container"><div class="bbcode_quote"><div class="quote_container">'
            '<div class="bbcode_quote_container vb-icon vb-icon-quote-large"></div><div class="bbcode_postedby">'
            f'Originally posted by <strong>{quote.author}</strong> <a href="forum/node/{quote.number}" '
            'rel="nofollow"><img class="inlineimg" src="core/images/buttons/viewpost.gif" alt="View Post" /></a>'
            f'</div><div class="message">{self.quoted(quote)}</div></div></div></div>'
        )

    def smiley(self) -> str:
        return '<img src="core/images/smilies/smile.png" border="0" alt="" title="Smile" class="inlineimg" />'

    def inline(self, file: TruthFile) -> str:
        return f'<img itemprop="image" src="{file.url}" alt="" class="bbcode-attachment" />'

    def board_page(self, threads: list[Thread], member: str | None) -> str:
        rows = "".join(
            f'<tr class="topic-item js-topic-item" data-node-id="{thread.id}"><td class="cell-topic">'
            f'<div class="topic-wrapper"><a href="forum/pictures/{thread.id}-{thread.slug}" '
            f'class="topic-title js-topic-title">{h(thread.title)}</a></div></td></tr>'
            for thread in threads
        )
        table = f'<table class="topic-list-container"><tbody class="topic-list">{rows}</tbody></table>'
        return self._shell("Pictures", table, member=member, node=2)

    def message_page(self, text: str, *, form: str = "") -> str:
        return self._shell("vBulletin Message", f'<div class="message-error">{h(text)}</div>{form}')
