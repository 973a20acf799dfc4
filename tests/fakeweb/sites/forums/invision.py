"""Invision Community 4 and 5: the same ids and data attributes in two styles of class names."""

from __future__ import annotations

import json
import re

from fakeweb.messages import Request, set_cookie
from fakeweb.sites.forums.forum import Forum
from fakeweb.sites.forums.parts import (
    Board,
    File,
    Login,
    LoginForm,
    LoginSent,
    Route,
    ThreadPage,
    ToPost,
    View,
    h,
    when,
)
from fakeweb.sites.forums.truth import Post, Quote, Thread, TruthFile, youtube_id


class Invision4(Forum):
    """Invision Community 4."""

    software = "invision4"
    login = Login(
        page="/login/",
        action="/login/",
        user="auth",
        password="password",
        session="ips4_login_key",
        hidden=("csrfKey",),
        fixed=(("remember_me", "1"), ("_processLogin", "usernamepassword")),
        further=(("ips4_member_id", "31"), ("ips4_loggedIn", "1700000000")),
    )
    style = "_"
    """Between the words of a class: `ipsPagination_next`, `ipsPagination__next`."""

    def board_path(self) -> str:
        return "/forum/2-pictures/"

    def thread_path(self, thread: Thread, page: int) -> str:
        return f"/topic/{thread.id}-{thread.slug}/" + (f"page/{page}/" if page > 1 else "")

    def route(self, request: Request, path: str) -> Route | None:
        if found := re.fullmatch(r"/topic/(\d+)-[^/]*/(?:page/(\d+)/)?", path):
            if request.query.get("do") == "findComment":
                return ToPost(int(request.query.get("comment") or 0))
            return ThreadPage(int(found[1]), int(found[2] or request.query.get("page") or 1))
        if path == "/applications/core/interface/file/attachment.php":
            return File(int(request.query.get("id") or 0))
        if found := re.fullmatch(r"/uploads/monthly_\d+_\d+/.*?(\.thumb)?\.\w+\.([0-9a-f]{32})\.\w+", path):
            return File(int(found[2], 16), small=found[1] is not None)
        if path == "/login/":
            return LoginSent() if request.method == "POST" else LoginForm()
        return Board() if path in {"/", "/forum/2-pictures/"} else None

    def guest_cookies(self) -> list[tuple[str, str]]:
        return [set_cookie("ips4_IPSSessionFront", "5ea1c0de", httponly=True)]

    def file_wall_status(self) -> int:
        return 403

    # Pages

    def _shell(
        self, title: str, content: str, head: str = "", *, page: str = "", member: str | None = None
    ) -> str:
        base = self.base_url
        user = (
            f'<li id="cUserLink"><a href="{base}/profile/31-{member}/" id="elUserLink">{member}</a></li>'
            if member
            else f'<li id="elSignInLink"><a href="{base}/login/" id="elUserSignIn">Existing user? Sign In</a></li>'
        )
        return (
            f'<!DOCTYPE html>\n<html lang="en-US" dir="ltr"><head><meta charset="utf-8">'
            f"<title>{h(title)} - {self.title}</title>{head}</head>"
            '<body class="ipsApp ipsApp_front ipsJS_none ipsClearfix" data-controller="core.front.core.app" '
            f'data-message="" data-pageApp="forums" data-pageLocation="front" data-pageModule="forums" '
            f'data-pageController="{"topic" if page else "forums"}"{f" data-pageID={page}" if page else ""}>'
            f'<div id="ipsLayout_header"><header><a href="{base}/" id="elLogo"><img src="{base}/uploads/themes/'
            f'logo.png" alt="{self.title}"></a><ul id="elUserNav" class="ipsList_inline cSignedOut">{user}</ul>'
            '</header></div><main id="ipsLayout_body" class="ipsLayout_container"><div id="ipsLayout_contentArea">'
            '<nav class="ipsBreadcrumb ipsBreadcrumb_top"><ul data-role="breadcrumbList"><li>'
            f'<a title="Pictures" href="{base}/forum/2-pictures/"><span>Pictures</span></a></li></ul></nav>'
            f'{content}</div></main><footer id="ipsLayout_footer"><p id="elCopyright"><span '
            f'id="elCopyright_userLine"></span><a rel="nofollow" title="Invision Community" '
            'href="https://www.invisioncommunity.com/">Powered by Invision Community</a></p></footer></body></html>'
        )

    def thread_page(self, view: View) -> str:
        thread, number, last = view.thread, view.number, view.last

        def to(page: int) -> str:
            return f"https://{self.hosts[0]}{self.prefix}{self.thread_path(thread, page)}"

        head = f'<link rel="canonical" href="{to(number)}">'
        if number > 1:
            head += f'<link rel="first" href="{to(1)}"><link rel="prev" href="{to(number - 1)}">'
        if number < last:
            head += f'<link rel="next" href="{to(number + 1)}"><link rel="last" href="{to(last)}">'
        data = {
            "@context": "http://schema.org",
            "@type": "DiscussionForumPosting",
            "headline": thread.title,
            "pageStart": (number - 1) * self.per_page + 1,
            "pageEnd": number * self.per_page,
            "comment": [{"@type": "Comment", "@id": f"{to(1)}#comment-{post.id}"} for post in view.posts],
        }
        linked = json.dumps(data).replace("<", "\\u003c")
        head += f'<script type="application/ld+json">{linked}</script>'
        nav = self._pagination(view)
        posts = "".join(self._post(post, view) for post in view.posts)
        content = (
            f"{self._heading(thread.title)}<div data-controller="
            '"core.front.core.commentFeed,forums.front.topic.view, core.front.core.ignoredComments" data-autoPoll '
            f'data-baseURL="{to(1)}" data-lastPage data-feedID="topic-{thread.id}" class="cTopic ipsClear">'
            f'{nav}<div id="elPostFeed" data-role="commentFeed" data-controller="core.front.core.moderation">'
            f"<form>{posts}</form></div>{nav}</div>"
        )
        return self._shell(thread.title, content, head, page=str(thread.id), member=view.member)

    def _heading(self, title: str) -> str:
        return (
            '<div class="ipsPageHeader ipsResponsive_pull ipsBox"><h1 class="ipsType_pageTitle '
            f'ipsContained_container"><span class="ipsType_break ipsContained"><span>{h(title)}</span></span></h1>'
            "</div>"
        )

    def _pagination(self, view: View) -> str:
        number, last, s = view.number, view.last, self.style
        if last == 1:
            return ""

        def item(kind: str, page: int, word: str, rel: str = "") -> str:
            page = min(max(page, 1), last)
            relation = f' rel="{rel}"' if rel else ""
            url = f"https://{self.hosts[0]}{self.prefix}{self.thread_path(view.thread, page)}"
            return f'<li class="{kind}"><a href="{url}"{relation} data-page="{page}">{word}</a></li>'

        off = f" ipsPagination{s}inactive"
        items = [
            item(f"ipsPagination{s}first{off if number == 1 else ''}", 1, "First", "first"),
            item(f"ipsPagination{s}prev{off if number == 1 else ''}", number - 1, "Prev", "prev"),
            *(
                item(
                    f"ipsPagination{s}page" + (f" ipsPagination{s}active" if page == number else ""),
                    page,
                    str(page),
                )
                for page in range(max(1, number - 2), min(last, number + 2) + 1)
            ),
            item(f"ipsPagination{s}next{off if number == last else ''}", number + 1, "Next", "next"),
            item(f"ipsPagination{s}last{off if number == last else ''}", last, "Last", "last"),
            f'<li class="ipsPagination{s}pageJump"><a href="#">Page {number} of {last}</a></li>',
        ]
        return (
            f'<ul class="ipsPagination" id="elPagination_5ea1c0de" data-ipsPagination-seoPagination="true" '
            f'data-pages="{last}" data-ipsPagination data-ipsPagination-pages="{last}" '
            f'data-ipsPagination-perPage="{self.per_page}">{"".join(items)}</ul>'
        )

    # Posts

    def _post(self, post: Post, view: View) -> str:
        profile = f"{self.base_url}/profile/{post.author_id}-{post.author}/"
        signature = (
            '<div data-role="memberSignature" class="ipsType_light ipsType_richText ipsBorder_top" '
            f'data-memberid="{post.author_id}"><p>{self.signature_text()}</p></div>'
            if self.has_signature(post)
            else ""
        )
        return (
            f'<a id="findComment-{post.id}"></a><a id="comment-{post.id}"></a><article id="elComment_{post.id}" '
            'class="cPost ipsBox ipsResponsive_pull ipsComment ipsComment_parent ipsClearfix ipsClear ipsColumns">'
            '<aside class="ipsComment_author cAuthorPane ipsColumn ipsColumn_medium"><h3 class="ipsType_sectionHead '
            f'cAuthorPane_author ipsType_blendLinks ipsType_break"><strong><a href="{profile}" rel="nofollow" '
            f'data-ipsHover title="Go to {post.author}\'s profile" class="ipsType_break">{post.author}</a></strong>'
            '</h3><ul class="cAuthorPane_info ipsList_reset"><li data-role="photo" class="cAuthorPane_photo"><a '
            f'href="{profile}" class="ipsUserPhoto ipsUserPhoto_large"><img src="{self.base_url}/uploads/avatars/'
            f'{post.author_id}.jpg" alt="{post.author}"></a></li></ul></aside><div class="ipsColumn ipsColumn_fluid">'
            f'<div id="comment-{post.id}_wrap" data-controller="core.front.core.comment" data-commentApp="forums" '
            f'data-commentType="forums" data-commentID="{post.id}" data-quoteData="{self._quote_data(post)}" '
            'class="ipsComment_content ipsType_medium"><div class="ipsComment_meta ipsType_light"><p '
            f'class="ipsType_reset"><a href="{self._comment_url(post, view)}" class="ipsType_blendLinks">Posted '
            f'{_time(post.at)}</a></p></div><div class="cPost_contentWrap"><div data-role="commentContent" '
            'class="ipsType_normal ipsType_richText ipsPadding_bottom ipsContained" '
            f'data-controller="core.front.core.lightboxedImages"><p>{self.body(post)}</p>'
            f"{self._attachments(post)}{self._edited(post)}</div>{signature}</div></div></div></article>"
        )

    def _comment_url(self, post: Post, view: View) -> str:
        return f"{self.base_url}{self.thread_path(view.thread, 1)}?do=findComment&amp;comment={post.id}"

    def _quote_data(self, post: Post) -> str:
        value = {"userid": post.author_id, "username": post.author, "contentcommentid": post.id}
        return h(json.dumps(value))

    def _edited(self, post: Post) -> str:
        if not post.edited_at:
            return ""
        return (
            '<span class="ipsType_reset ipsType_medium ipsType_light" data-excludequote><strong>Edited '
            f"{_time(post.edited_at)} by {post.author}</strong></span>"
        )

    def _attachments(self, post: Post) -> str:
        return "".join(self._attachment(post, file) for file in post.attached)

    def upload_url(self, post: Post, file: TruthFile, *, small: bool = False) -> str:
        """The address of a picture's full or small version."""
        name = re.sub(r"[^\w.-]", "_", file.name)
        stem, kind = name.rsplit(".", 1)
        middle = ".thumb" if small else ""
        folder = when(post.at, "monthly_%Y_%m")
        number = self.attachment_id(post, file)
        return f"{self.base_url}/uploads/{folder}/{stem}{middle}.{kind}.{number:032x}.{kind}"

    def _attachment(self, post: Post, file: TruthFile) -> str:
        number = self.attachment_id(post, file)
        if file.suffix == "zip":
            return (
                f'<p><a class="ipsAttachLink" data-fileext="zip" data-fileid="{number}" href="{self.base_url}'
                f'/applications/core/interface/file/attachment.php?id={number}" rel="">{file.name}</a></p>'
            )
        full, small = self.upload_url(post, file), self.upload_url(post, file, small=True)
        return (
            f'<p><a class="ipsAttachLink ipsAttachLink_image" href="{full}" data-fileid="{number}" '
            f'data-fileext="{file.suffix}" rel=""><img class="ipsImage ipsImage_thumbnailed" data-fileid="{number}" '
            f'data-ratio="75" width="60" alt="{file.name}" {self.source(small)}></a></p>'
        )

    def source(self, url: str) -> str:
        """How a picture names its address: late, behind a spacer."""
        return f'src="{self.base_url}/applications/core/interface/js/spacer.png" data-src="{url}"'

    def weaves(self, post: Post) -> bool:
        return False  # they always do, in their own way

    def quote(self, quote: Quote) -> str:
        return (
            '<blockquote class="ipsQuote" data-ipsquote="" data-ipsquote-contentapp="forums" '
            f'data-ipsquote-contentcommentid="{quote.number}" data-ipsquote-username="{quote.author}">'
            f'<div class="ipsQuote_citation">On 11/14/2023 at 10:13 PM, {quote.author} said:</div>'
            f'<div class="ipsQuote_contents ipsClearfix"><p>{self.quoted(quote)}</p></div></blockquote>'
        )

    def smiley(self) -> str:
        source = self.source(f"{self.base_url}/uploads/emoticons/smile.png")
        return f'<img alt=":)" data-emoticon="" {source} title=":)">'

    def inline(self, file: TruthFile) -> str:
        return f'<img alt="{file.number}.jpg" class="ipsImage" data-ratio="75" {self.source(file.url)}>'

    def linked(self, file: TruthFile) -> str:
        return f'<a href="{file.url}" rel="external nofollow">{self.thumbnail(file)}</a>'

    def thumbnail(self, file: TruthFile) -> str:
        return f'<img alt="small.jpg" class="ipsImage" data-ratio="75" {self.source(file.small_url)}>'

    def folded(self, shown: str) -> str:
        return (
            '<div class="ipsSpoiler" data-ipsspoiler=""><div class="ipsSpoiler_header"><span></span></div>'
            f'<div class="ipsSpoiler_contents ipsClearfix"><p>{shown}</p></div></div>'
        )

    def card(self, url: str) -> str:
        if youtube_id(url):
            return self.link(url, 0)
        # The preview of a link is a page of the forum in a frame
        return (
            '<div class="ipsEmbeddedOther"><iframe allowfullscreen="" data-controller="core.front.core.autosizeiframe" '
            f'data-embedauthorid="11" data-embedcontent="" data-embed-src="{self.base_url}/index.php?app='
            f'core&amp;module=system&amp;controller=embed&amp;url={h(url)}" style="height: 217px;"></iframe></div>'
        )

    def link(self, url: str, number: int) -> str:
        if video := youtube_id(url):
            return (
                '<div class="ipsEmbeddedVideo"><div><iframe allowfullscreen="" frameborder="0" height="113" '
                f'src="https://www.youtube.com/embed/{video}?feature=oembed" width="200"></iframe></div></div>'
            )
        return super().link(url, number).replace('rel="nofollow"', 'rel="external nofollow"')

    def board_page(self, threads: list[Thread], member: str | None) -> str:
        rows = "".join(
            f'<li class="ipsDataItem ipsDataItem_responsivePhoto" data-rowID="{thread.id}"><div '
            'class="ipsDataItem_main"><h4 class="ipsDataItem_title ipsContained_container"><span class="ipsType_break '
            f'ipsContained"><a href="{self.base_url}{self.thread_path(thread, 1)}" class="" title="{h(thread.title)}" '
            f"data-ipsHover><span>{h(thread.title)}</span></a></span></h4>"
            f'<ul class="ipsPagination ipsPagination_mini"><li><a href="{self.base_url}{self.thread_path(thread, 2)}">'
            "2</a></li></ul></div></li>"
            for thread in threads
        )
        return self._shell("Pictures", f'<ol class="ipsDataList cForumTopicTable">{rows}</ol>', member=member)

    def message_page(self, text: str, *, form: str = "") -> str:
        words = f'<div id="elErrorMessage">{h(text)}</div>'
        content = f'<section id="elError" class="ipsType_center">{words}{form}</section>'
        return self._shell("Sign In" if form else "Error", content)


class Invision5(Invision4):
    """Invision Community 5."""

    software = "invision5"
    style = "__"

    def _heading(self, title: str) -> str:
        return (
            '<header class="ipsPageHeader"><div class="ipsPageHeader__title"><h1 data-ips-hook="topicTitle">'
            f"{h(title)}</h1></div></header>"
        )

    def _post(self, post: Post, view: View) -> str:
        profile = f"{self.base_url}/profile/{post.author_id}-{post.author}/"
        signature = (
            '<div class="ipsEntry__signature"><div data-role="memberSignature" data-memberid="'
            f'{post.author_id}"><div class="ipsRichText"><p>{self.signature_text()}</p></div></div></div>'
            if self.has_signature(post)
            else ""
        )
        return (
            f'<a id="findComment-{post.id}"></a><div id="comment-{post.id}"></div><article data-membergroup="3" '
            f'id="elComment_{post.id}" class="ipsEntry js-ipsEntry ipsEntry--simple ipsEntry--post" data-ips-hook='
            f'"postWrapper"><aside class="ipsEntry__author-column"><div class="ipsAvatarStack"><a href="{profile}" '
            f'class="ipsUserPhoto ipsUserPhoto--fluid"><img src="{self.base_url}/uploads/avatars/{post.author_id}.jpg" '
            f'alt="{post.author}" loading="lazy"></a></div><h3 class="ipsEntry__username" data-ips-hook="postUsername">'
            f'<a href="{profile}" rel="nofollow" data-ipshover>{post.author}</a></h3></aside>'
            f'<div id="comment-{post.id}_wrap" data-controller="core.front.core.comment" data-commentapp="forums" '
            f'data-commenttype="forums" data-commentid="{post.id}" data-quotedata="{self._quote_data(post)}" '
            'class="ipsEntry__content js-ipsEntry__content" data-ips-hook="postContent"><div class="ipsEntry__header">'
            f'<p class="ipsEntry__date"><a href="{self._comment_url(post, view)}" rel="nofollow">{_time(post.at)}</a>'
            '</p></div><div class="ipsEntry__post"><div class="ipsRichText ipsRichText--user" '
            'data-role="commentContent" data-controller="core.front.core.lightboxedImages">'
            f"<p>{self.body(post)}</p>{self._attachments(post)}{self._edited(post)}</div></div>{signature}</div>"
            "</article>"
        )

    def source(self, url: str) -> str:
        return f'src="{url}" loading="lazy"'

    def _attachment(self, post: Post, file: TruthFile) -> str:
        if file.suffix != "png":
            return super()._attachment(post, file)
        number = self.attachment_id(post, file)
        # A picture without a link around it: the full one is named in the picture itself.
        return (
            f'<p><img class="ipsImage ipsImage_thumbnailed" data-fileid="{number}" alt="{file.name}" '
            f"{self.source(self.upload_url(post, file, small=True))} "
            f'data-full-image="{self.upload_url(post, file)}"></p>'
        )


def _time(at: int) -> str:
    return (
        f'<time datetime="{when(at, "%Y-%m-%dT%H:%M:%SZ")}" title="{when(at, "%m/%d/%y %I:%M  %p")}" '
        f'data-short="2 yr">{when(at, "%B %d, %Y")}</time>'
    )
