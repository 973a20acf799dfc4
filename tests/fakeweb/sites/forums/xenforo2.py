"""XenForo 2, at the root of a host or in a folder, with friendly addresses or `index.php?`."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable

from fakeweb.messages import Request, Response, set_cookie
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


class XenForo2(Forum):
    """XenForo 2."""

    software = "xenforo2"
    login = Login(
        page="/login/",
        action="/login/login",
        user="login",
        password="password",
        session="xf_user",
        hidden=("_xfToken",),
        fixed=(("remember", "1"), ("_xfRedirect", "/")),
    )

    def __init__(
        self,
        threads: Iterable[Thread] = (),
        *,
        host: str = "",
        prefix: str = "",
        friendly: bool = True,
    ) -> None:
        super().__init__(threads, host=host, prefix=prefix)
        self.friendly = friendly

    def link_to(self, path: str) -> str:
        """An address in the forum, in the chosen style, with the folder."""
        return self.prefix + (path if self.friendly else f"/index.php?{path.lstrip('/')}")

    def board_path(self) -> str:
        return "/forums/pictures.2/" if self.friendly else "/index.php?forums/pictures.2/"

    def thread_path(self, thread: Thread, page: int) -> str:
        path = f"/threads/{thread.slug}.{thread.id}/" + (f"page-{page}" if page > 1 else "")
        return path if self.friendly else f"/index.php?{path.lstrip('/')}"

    def route(self, request: Request, path: str) -> Route | None:
        query = request.target.partition("?")[2]
        if path == "/index.php":
            path = "/" + query.partition("&")[0]
        if found := re.fullmatch(r"/threads/(?:[^/]*\.)?(\d+)/(?:page-(\d+))?", path):
            return ThreadPage(int(found[1]), int(found[2] or 1))
        if found := re.fullmatch(r"/(?:threads/(?:[^/]*\.)?\d+/post-|posts/)(\d+)/?", path):
            return ToPost(int(found[1]))
        if path == "/goto/post":
            return ToPost(int(request.query.get("id", "0")))
        if found := re.fullmatch(r"/attachments/(?:[^/]*\.)?(\d+)/", path):
            return File(int(found[1]))
        if found := re.fullmatch(r"/data/attachments/\d+/(\d+)-\w+\.jpg", path):
            return File(int(found[1]), small=True)
        if path == "/login/login" and request.method == "POST":
            return LoginSent()
        if path in {"/login/", "/login", "/login/login"}:
            return LoginForm()
        return Board() if path in {"/", "/forums/pictures.2/"} else None

    def handle(self, request: Request) -> Response | None:
        if request.path == f"{self.prefix}/proxy.php":
            return Response.redirect(request.query.get("image", "/"), 302)
        return super().handle(request)

    def guest_cookies(self) -> list[tuple[str, str]]:
        return [set_cookie("xf_csrf", "s1mulatedCsrf"), set_cookie("xf_session", "s1mulatedGuest")]

    # Pages

    def thread_page(self, view: View) -> str:
        thread, last = view.thread, view.last
        head = "".join(
            f'<link rel="{rel}" href="{self.prefix}{self.thread_path(thread, page)}" />'
            for rel, page in (("prev", view.number - 1), ("next", view.number + 1))
            if 0 < page <= last
        )
        head += f'<script type="application/ld+json">{self._linked_data(view)}</script>'
        nav = self._page_nav(view) if last > 1 else ""
        posts = "\n".join(self._article(post, view) for post in view.posts)
        content = (
            f'<div class="p-title "><h1 class="p-title-value">{h(thread.title)}</h1></div>'
            '<div class="block block--messages" data-type="post" data-href="/inline-mod/">'
            f'<div class="block-outer">{nav}</div><div class="block-outer js-threadStatusField"></div>'
            f'<div class="block-container lbContainer" data-lb-id="thread-{thread.id}">'
            f'<div class="block-body js-replyNewMessageContainer">{posts}</div></div>'
            f'<div class="block-outer block-outer--after">{nav}</div></div>'
        )
        return self._shell(
            "thread_view", content, head, key=f"thread-{thread.id}", title=thread.title, member=view.member
        )

    def board_page(self, threads: list[Thread], member: str | None) -> str:
        items = "".join(
            '<div class="structItem structItem--thread js-inlineModContainer '
            f'js-threadListItem-{thread.id}" data-author="ann">'
            '<div class="structItem-cell structItem-cell--main"><div class="structItem-title">'
            f'<a href="{self.prefix}{self.thread_path(thread, 1)}" class="" data-tp-primary="on" '
            f'data-xf-init="preview-tooltip">{h(thread.title)}</a></div><div class="structItem-minor">'
            f'<ul class="structItem-parts"><li><a href="{self.link_to("/members/ann.11/")}" '
            'class="username" data-user-id="11">ann</a></li></ul><span class="structItem-pageJump">'
            f'<a href="{self.prefix}{self.thread_path(thread, 2)}">2</a></span></div></div></div>'
            for thread in threads
        )
        content = (
            '<div class="block" data-type="thread"><div class="block-container"><div class="block-body">'
            f'<div class="structItemContainer"><div class="structItemContainer-group js-threadList">{items}'
            "</div></div></div></div></div>"
        )
        return self._shell("forum_view", content, key="node-2", title="Pictures", member=member)

    def message_page(self, text: str, *, form: str = "") -> str:
        content = f'<div class="blockMessage">{h(text)}</div>{form}'
        return self._shell("login" if form else "error", content, title="Log in" if form else "Oops!")

    def _shell(
        self,
        template: str,
        content: str,
        head: str = "",
        *,
        key: str = "",
        title: str,
        member: str | None = None,
    ) -> str:
        logged_in = "true" if member else "false"
        account = (
            f'<a href="{self.link_to("/account/")}" class="p-navgroup-link p-navgroup-link--user">{member}</a>'
            if member
            else f'<a href="{self.link_to("/login/")}" class="p-navgroup-link p-navgroup-link--logIn" '
            'data-xf-click="overlay"><span class="p-navgroup-linkText">Log in</span></a>'
        )
        return (
            '<!DOCTYPE html>\n<html id="XF" lang="en-US" dir="LTR" data-xf="2.3" data-app="public" '
            f'data-template="{template}" data-container-key="node-2" data-content-key="{key}" '
            f'data-logged-in="{logged_in}" data-cookie-prefix="xf_" data-csrf="1700000000,s1m" '
            f'class="has-no-js template-{template}"><head><meta charset="utf-8" />'
            f"<title>{h(title)} | {self.title}</title>{head}</head>"
            f'<body data-template="{template}"><div class="p-pageWrapper" id="top">'
            f'<header class="p-header"><a href="{self.link_to("/")}"><img src="{self.prefix}/styles/logo.png" '
            f'alt="{self.title}" /></a></header><nav class="p-nav"><div class="p-account">{account}</div></nav>'
            '<div class="p-body"><div class="p-body-inner"><ul class="p-breadcrumbs " itemscope '
            'itemtype="https://schema.org/BreadcrumbList"><li itemprop="itemListElement" itemscope>'
            f'<a href="{self.link_to("/")}" itemprop="item"><span itemprop="name">Forums</span></a></li>'
            f'<li itemprop="itemListElement"><a href="{self.link_to("/forums/pictures.2/")}" itemprop="item">'
            f'<span itemprop="name">Pictures</span></a></li></ul><div class="p-body-pageContent">{content}</div>'
            '</div></div><footer class="p-footer" id="footer"><div class="p-footer-copyright">'
            '<a href="https://xenforo.com" class="u-concealed" dir="ltr" target="_blank">Community platform by '
            "XenForo</a></div></footer></div></body></html>"
        )

    def _page_nav(self, view: View) -> str:
        def to(page: int) -> str:
            return h(self.prefix + self.thread_path(view.thread, page))

        def jump(kind: str, page: int, word: str) -> str:
            there = 0 < page <= view.last
            return (
                f'<a href="{to(page)}" class="pageNav-jump pageNav-jump--{kind}">{word}</a>' if there else ""
            )

        pages = sorted({1, max(1, view.number - 1), view.number, min(view.last, view.number + 1), view.last})
        items = "".join(
            f'<li class="pageNav-page {"pageNav-page--current" if page == view.number else ""}">'
            f'<a href="{to(page)}">{page}</a></li>'
            for page in pages
        )
        return (
            '<nav class="pageNavWrapper pageNavWrapper--mixed"><div class="pageNav">'
            f'{jump("prev", view.number - 1, "Prev")}<ul class="pageNav-main">{items}</ul>'
            f"{jump('next', view.number + 1, 'Next')}</div></nav>"
        )

    def _linked_data(self, view: View) -> str:
        first = view.thread.post(1)
        base = f"https://{self.hosts[0]}"
        value = {
            "@context": "https://schema.org",
            "@type": "DiscussionForumPosting",
            "@id": base + self.prefix + self.thread_path(view.thread, 1),
            "url": base + self.prefix + self.thread_path(view.thread, 1),
            "headline": view.thread.title,
            "datePublished": _iso(first.at),
            "articleSection": "Pictures",
            "keywords": "holiday",
            "author": {
                "@type": "Person",
                "name": first.author,
                "url": f"{base}{self.link_to(f'/members/{first.author}.{first.author_id}/')}",
            },
            "interactionStatistic": [
                {"interactionType": "https://schema.org/ViewAction", "userInteractionCount": 99},
                {
                    "interactionType": "https://schema.org/CommentAction",
                    "userInteractionCount": view.thread.length,
                },
            ],
        }
        return json.dumps(value).replace("<", "\\u003c")

    # Posts

    def _article(self, post: Post, view: View) -> str:
        profile = self.link_to(f"/members/{post.author}.{post.author_id}/")
        path = self.prefix + self.thread_path(view.thread, 1) + f"post-{post.id}"
        edited = (
            f'<div class="message-lastEdit">Last edited: {_time(post.edited_at)}</div>'
            if post.edited_at
            else ""
        )
        signature = (
            f'<aside class="message-signature"><div class="bbWrapper">{self.signature_text()}</div></aside>'
            if self.has_signature(post)
            else ""
        )
        return (
            f'<article class="message message--post js-post js-inlineModContainer" data-author="{post.author}" '
            f'data-content="post-{post.id}" id="js-post-{post.id}" itemscope '
            f'itemtype="https://schema.org/Comment"><span class="u-anchorTarget" id="post-{post.id}"></span>'
            '<div class="message-inner"><div class="message-cell message-cell--user">'
            '<section class="message-user" itemprop="author" itemscope itemtype="https://schema.org/Person">'
            f'<meta itemprop="url" content="{profile}" /><div class="message-avatar "><a href="{profile}" '
            f'class="avatar avatar--m" data-user-id="{post.author_id}"><img src="{self.prefix}/data/avatars/m/0/'
            f'{post.author_id}.jpg?1700000000" alt="{post.author}" class="avatar-u{post.author_id}-m" /></a></div>'
            f'<div class="message-userDetails"><h4 class="message-name"><a href="{profile}" class="username " '
            f'dir="auto" data-user-id="{post.author_id}" data-xf-init="member-tooltip">'
            f'<span itemprop="name">{post.author}</span></a></h4></div></section></div>'
            '<div class="message-cell message-cell--main"><div class="message-main js-quickEditTarget">'
            '<header class="message-attribution message-attribution--split"><ul '
            f'class="message-attribution-main listInline "><li class="u-concealed"><a href="{path}" rel="nofollow" '
            f'itemprop="url">{_time(post.at)}</a></li></ul><ul class="message-attribution-opposite">'
            f'<li><a href="{path}" rel="nofollow">#{post.number}</a></li></ul></header>'
            '<div class="message-content js-messageContent"><div class="message-userContent lbContainer '
            f'js-lbContainer " data-lb-id="post-{post.id}" data-lb-caption-desc="{post.author}">'
            '<article class="message-body js-selectToQuote"><div itemprop="text"><div class="bbWrapper">'
            f'{self.body(post)}</div></div><div class="js-selectToQuoteEnd">&nbsp;</div></article>'
            f"{self._attachments(post)}</div>{edited}{signature}</div>"
            '<footer class="message-footer"><div class="message-actionBar actionBar"></div>'
            f'<div class="reactionsBar js-reactionsList"><img src="{self.prefix}/styles/reactions/like.png" '
            'class="reaction-sprite" alt="Like" /></div></footer></div></div></div></article>'
        )

    def _attachments(self, post: Post) -> str:
        if self.weaves(post):
            return ""
        if not post.attached:
            return ""
        items = "".join(self._attachment(post, file) for file in post.attached)
        return (
            '<section class="message-attachments"><h4 class="block-textHeader">Attachments</h4>'
            f'<ul class="attachmentList">{items}</ul></section>'
        )

    def _attachment(self, post: Post, file: TruthFile) -> str:
        number = self.attachment_id(post, file)
        path = self._attachment_path(post, file)
        preview = (
            '<span class="file-typeIcon"><i class="fa--xf far fa-file-archive"></i></span>'
            if file.suffix == "zip"
            else f'<img src="{self.prefix}/data/attachments/0/{number}-5ea1c0de.jpg" alt="{file.name}" '
            'loading="lazy" />'
        )
        return (
            f'<li class="file file--linked"><a class="u-anchorTarget" id="attachment-{number}"></a>'
            f'<a class="file-preview js-lbImage" href="{path}" target="_blank">{preview}</a>'
            '<div class="file-content"><div class="file-info">'
            f'<span class="file-name" title="{file.name}">{file.name}</span><div class="file-meta">'
            f"{self.size_text(file)} · Views: 12</div></div></div></li>"
        )

    def quote(self, quote: Quote) -> str:
        return (
            '<blockquote data-attributes="member: 11" data-quote="'
            f'{quote.author}" data-source="post: {quote.number}" '
            'class="bbCodeBlock bbCodeBlock--expandable bbCodeBlock--quote js-expandWatch">'
            f'<div class="bbCodeBlock-title"><a href="{self.link_to("/goto/post")}?id={quote.number}" '
            f'class="bbCodeBlock-sourceJump" rel="nofollow">{quote.author} said:</a></div>'
            '<div class="bbCodeBlock-content"><div class="bbCodeBlock-expandContent js-expandContent ">'
            f"{self.quoted(quote)}</div></div></blockquote>"
        )

    def in_text(self, post: Post, file: TruthFile) -> str:
        number = self.attachment_id(post, file)
        path = self._attachment_path(post, file)
        if file.suffix == "zip":
            return f'<a href="{path}" target="_blank">View attachment {file.name}</a>'
        if file.suffix == "jpg":
            return (
                f'<a href="{path}" target="_blank"><img src="{self.prefix}/data/attachments/0/{number}-5ea1c0de.jpg" '
                f'class="bbImage " style="" alt="{file.name}" title="{file.name}" loading="lazy" /></a>'
            )
        return (
            '<div class="lbContainer lbContainer--inline" data-xf-init="lightbox" data-lb-single-image="1" '
            f'data-lb-id="attachment{number}"><div class="lbContainer-zoomer js-lbImage-attachmentFull" '
            f'data-src="{path}" aria-label="Zoom"></div><img src="{path}" data-url="" class="bbImage" '
            f'data-zoom-target="1" style="" alt="{file.name}" title="{file.name}" loading="lazy" /></div>'
        )

    def folded(self, shown: str) -> str:
        return (
            '<div class="bbCodeSpoiler"><button type="button" class="button bbCodeSpoiler-button" '
            'data-xf-click="toggle"><span class="button-text"><span>Spoiler</span></span></button>'
            '<div class="bbCodeSpoiler-content"><div class="bbCodeBlock bbCodeBlock--spoiler">'
            f'<div class="bbCodeBlock-content">{shown}</div></div></div></div>'
        )

    def card(self, url: str) -> str:
        if youtube_id(url):
            return self.link(url, 0)
        host = url.split("/")[2]
        return (
            '<div class="bbCodeBlock bbCodeBlock--unfurl js-unfurl fauxBlockLink" data-unfurl="true" '
            f'data-result-id="6" data-url="{h(url)}" data-host="{host}" data-pending="false"><div class="contentRow">'
            '<div class="contentRow-figure contentRow-figure--fixedSmall js-unfurl-figure"><img '
            f'src="https://{host}/preview.jpg" alt="{host}" data-onerror="hide-parent"/></div>'
            '<div class="contentRow-main"><h3 class="contentRow-header js-unfurl-title"><a href="'
            f'{h(url)}" class="link link--external fauxBlockLink-blockLink" target="_blank" '
            'rel="nofollow ugc noopener" data-proxy-href="">A folder</a></h3><div class="contentRow-snippet '
            'js-unfurl-desc">Shared files</div><div class="contentRow-minor contentRow-minor--hideLinks">'
            f'<span class="js-unfurl-favicon"><img src="https://{host}/favicon.ico" alt="{host}" '
            f'data-onerror="hide-parent"/></span> {host}</div></div></div></div>'
        )

    def _attachment_path(self, post: Post, file: TruthFile) -> str:
        slug = re.sub(r"[^a-z0-9]+", "-", file.name.lower())
        return self.link_to(f"/attachments/{slug}.{self.attachment_id(post, file)}/")

    def smiley(self) -> str:
        return (
            f'<img src="{self.prefix}/styles/smilies/smile.png" class="smilie" loading="lazy" alt=":)" '
            'title="Smile :)" data-shortname=":)" />'
        )

    def inline(self, file: TruthFile) -> str:
        return (
            f'<div class="bbImageWrapper js-lbImage" title="{file.number}.jpg" data-src="{file.url}" '
            'data-lb-sidebar-href="" data-lb-caption-extra-html="" data-single-image="1">'
            f'<img src="{self.prefix}/proxy.php?image={h(file.url)}&amp;hash=5ea1c0de" data-url="{file.url}" '
            'class="bbImage" data-zoom-target="1" style="" alt="" loading="lazy" /></div>'
        )

    def thumbnail(self, file: TruthFile) -> str:
        return f'<img src="{file.small_url}" data-url="{file.small_url}" class="bbImage " loading="lazy" alt="" />'

    def link(self, url: str, number: int) -> str:
        if video := youtube_id(url):
            return (
                '<div class="bbMediaWrapper" data-media-site-id="youtube" data-media-key="'
                f'{video}"><div class="bbMediaWrapper-inner"><iframe src="https://www.youtube.com/embed/{video}?'
                'wmode=opaque" width="560" height="315" loading="lazy" allowfullscreen="true"></iframe></div></div>'
            )
        shown = super().link(url, number)
        if number // 5 % 2:
            return shown
        masked = base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")
        target = f"{self.prefix}/goto/link-confirmation?url={masked}&amp;s=5ea1c0de"
        return shown.replace(f'href="{h(url)}"', f'href="{target}" class="link link--external"')


def _iso(at: int) -> str:
    return when(at, "%Y-%m-%dT%H:%M:%S+0000")


def _time(at: int) -> str:
    day, clock = when(at, "%b %d, %Y"), when(at, "%I:%M %p")
    return (
        f'<time class="u-dt" dir="auto" datetime="{_iso(at)}" data-timestamp="{at}" data-date="{day}" '
        f'data-time="{clock}" data-short="{when(at, "%b %y")}" title="{day} at {clock}">{day}</time>'
    )
