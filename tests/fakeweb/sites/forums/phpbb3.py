"""phpBB 3 in its usual style: offsets in the address, a session id in every link of a guest."""

from __future__ import annotations

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
from fakeweb.sites.forums.truth import Post, Quote, Thread, TruthFile


class PhpBB3(Forum):
    """phpBB 3.3."""

    software = "phpbb3"
    login = Login(
        page="/ucp.php?mode=login",
        action="/ucp.php?mode=login",
        user="username",
        password="password",
        session="phpbb3_s1mul_k",
        hidden=("form_token", "creation_time", "sid"),
        fixed=(("autologin", "on"), ("login", "Login"), ("redirect", "index.php")),
        further=(("phpbb3_s1mul_u", "31"), ("phpbb3_s1mul_sid", "5ea1c0de5ea1c0de5ea1c0de5ea1c0de")),
        oldest_within_s=1.0,
    )
    session_id = "0123456789abcdef0123456789abcdef"

    def board_path(self) -> str:
        return "/viewforum.php?f=2"

    def thread_path(self, thread: Thread, page: int) -> str:
        start = (page - 1) * self.per_page
        return f"/viewtopic.php?t={thread.id}" + (f"&start={start}" if start else "")

    def route(self, request: Request, path: str) -> Route | None:
        query = request.query
        if path == "/viewtopic.php":
            if query.get("t", "").isdecimal():
                return ThreadPage(int(query["t"]), int(query.get("start") or 0) // self.per_page + 1)
            return ToPost(int(query.get("p", "0")))
        if path == "/download/file.php" and "id" in query:
            return File(int(query["id"]), small="t" in query)
        if path == "/ucp.php":
            return LoginSent() if request.method == "POST" else LoginForm()
        return Board() if path in {"/", "/index.php", "/viewforum.php"} else None

    def past_end(self, request: Request, thread: Thread, last: int) -> Response | None:
        return None

    def guest_cookies(self) -> list[tuple[str, str]]:
        return [
            set_cookie("phpbb3_s1mul_u", "1", httponly=True),
            set_cookie("phpbb3_s1mul_k", "", httponly=True),
            set_cookie("phpbb3_s1mul_sid", self.session_id, httponly=True),
        ]

    def _sid(self, member: str | None, mark: str = "&amp;") -> str:
        return "" if member else f"{mark}sid={self.session_id}"

    def _shell(self, title: str, content: str, *, section: str, member: str | None = None) -> str:
        sid = self._sid(member)
        account = (
            f'<a href="./ucp.php?mode=logout{sid}" title="Logout [ {member} ]" role="menuitem">'
            "<span>Logout</span></a>"
            if member
            else f'<a href="./ucp.php?mode=login&amp;redirect=index.php{sid}" title="Login" accesskey="x" '
            'role="menuitem"><i class="icon fa-power-off fa-fw" aria-hidden="true"></i><span>Login</span></a>'
        )
        return (
            '<!DOCTYPE html>\n<html dir="ltr" lang="en-gb"><head><meta charset="utf-8" />'
            f"<title>{h(title)} - {self.title}</title>"
            '<link href="./styles/prosilver/theme/stylesheet.css?assets_version=12" rel="stylesheet"></head>'
            f'<body id="phpbb" class="nojs notouch section-{section} ltr "><div id="wrap" class="wrap">'
            '<a id="top" class="top-anchor" accesskey="t"></a><div id="page-header"><div class="headerbar">'
            f'<div id="site-description"><a id="logo" class="logo" href="./index.php{self._sid(member, "?")}">'
            f'<span class="site_logo"></span></a><h1>{self.title}</h1></div></div><div class="navbar">'
            f'<ul id="nav-main" class="nav-main linklist"><li class="rightside">{account}</li></ul>'
            '<ul id="nav-breadcrumbs" class="nav-breadcrumbs linklist navlinks"><li class="breadcrumbs">'
            f'<span class="crumb"><a href="./index.php{self._sid(member, "?")}"><span>Board index</span></a></span>'
            f'<span class="crumb"><a href="./viewforum.php?f=2{sid}"><span>Pictures</span></a></span></li></ul>'
            f'</div></div><div id="page-body" class="page-body" role="main">{content}</div>'
            '<div id="page-footer" class="page-footer"><div class="copyright"><p class="footer-row">'
            '<span class="footer-copyright">Powered by <a href="https://www.phpbb.com/">phpBB</a>&reg; Forum '
            "Software &copy; phpBB Limited</span></p></div></div></div></body></html>"
        )

    def thread_page(self, view: View) -> str:
        thread, sid = view.thread, self._sid(view.member)
        bar = f'<div class="action-bar bar-top">{self._pagination(view)}</div>'
        posts = '<hr class="divider" />'.join(self._post(post, view) for post in view.posts)
        content = (
            f'<h2 class="topic-title"><a href="./viewtopic.php?t={thread.id}{sid}">{h(thread.title)}</a></h2>'
            f"{bar}{posts}{bar.replace('bar-top', 'bar-bottom')}"
            f'<form id="jumpbox" action="./viewforum.php?{self._sid(view.member, "")}"></form>'
        )
        return self._shell(thread.title, content, section="viewtopic", member=view.member)

    def _pagination(self, view: View) -> str:
        sid, number, last = self._sid(view.member), view.number, view.last

        def to(page: int) -> str:
            start = (page - 1) * self.per_page
            return f"./viewtopic.php?t={view.thread.id}{sid}" + (f"&amp;start={start}" if start else "")

        def arrow(kind: str, rel: str, page: int) -> str:
            return (
                f'<li class="arrow {kind}"><a class="button button-icon-only" href="{to(page)}" rel="{rel}" '
                f'role="button"><i class="icon fa-fw"></i><span class="sr-only">{kind.title()}</span></a></li>'
            )

        items = "".join(
            f'<li class="active"><span>{page}</span></li>'
            if page == number
            else f'<li><a class="button" href="{to(page)}" role="button">{page}</a></li>'
            for page in sorted({1, *range(max(1, number - 2), min(last, number + 2) + 1), last})
        )
        if number > 1:
            items = arrow("previous", "prev", number - 1) + items
        if number < last:
            items += arrow("next", "next", number + 1)
        pages = f"<ul>{items}</ul>" if last > 1 else f"&bull; Page <strong>{number}</strong>"
        return f'<div class="pagination">{view.thread.length} posts {pages}</div>'

    def _post(self, post: Post, view: View) -> str:
        sid = self._sid(view.member)
        profile = f"./memberlist.php?mode=viewprofile&amp;u={post.author_id}{sid}"
        colour = ' style="color: #AA0000;" class="username-coloured"' if post.author == "ann" else ""
        name = f'<a href="{profile}"{colour or " class=" + chr(34) + "username" + chr(34)}>{post.author}</a>'
        stamp = (
            f'<time datetime="{when(post.at, "%Y-%m-%dT%H:%M:%S+00:00")}">'
            f"{when(post.at, '%a %b %d, %Y %I:%M %p')}</time>"
        )
        signature = (
            f'<div id="sig{post.id}" class="signature">{self.signature_text()}</div>'
            if self.has_signature(post)
            else ""
        )
        edited = (
            f'<div class="notice">Last edited by <a href="{profile}" class="username">{post.author}</a> on '
            f"{when(post.edited_at, '%a %b %d, %Y %I:%M %p')}, edited 1 time in total.</div>"
            if post.edited_at
            else ""
        )
        return (
            f'<div id="p{post.id}" class="post has-profile bg{post.number % 2 + 1}"><div class="inner">'
            f'<dl class="postprofile" id="profile{post.id}"><dt class="has-profile-rank has-avatar">'
            f'<div class="avatar-container"><a href="{profile}" class="avatar"><img class="avatar" '
            f'src="./images/avatars/gallery/{post.author_id}.gif" width="60" height="45" alt="User avatar" /></a>'
            f'</div>{name}</dt><dd class="profile-rank">Walker<br /><img src="./images/ranks/walker.gif" '
            f'alt="Walker" /></dd><dd class="profile-posts"><strong>Posts:</strong> 512</dd></dl>'
            f'<div class="postbody"><div id="post_content{post.id}"><h3 class="first"><a '
            f'href="./viewtopic.php?p={post.id}{sid}#p{post.id}">Re: {h(view.thread.title)}</a></h3>'
            f'<p class="author"><a class="unread" href="./viewtopic.php?p={post.id}{sid}#p{post.id}" title="Post">'
            '<i class="icon fa-file fa-fw"></i><span class="sr-only">Post</span></a><span class="responsive-hide">'
            f'by <strong>{name}</strong> &raquo; </span>{stamp}</p><div class="content">{self.body(post)}</div>'
            f"{self._attachments(post, sid)}{edited}{signature}</div></div>"
            '<div class="back2top"><a href="#top" class="top" title="Top"></a></div></div></div>'
        )

    def _attachments(self, post: Post, sid: str) -> str:
        if self.weaves(post):
            return ""
        if not post.attached:
            return ""
        items = "".join(self._attachment(post, file, sid) for file in post.attached)
        return f'<dl class="attachbox"><dt>Attachments</dt>{items}</dl>'

    def _attachment(self, post: Post, file: TruthFile, sid: str) -> str:
        url = f"./download/file.php?id={self.attachment_id(post, file)}{sid}"
        size = self.size_text(file).replace("KB", "KiB")
        if file.suffix == "jpg":
            return (
                f'<dd><dl class="thumbnail"><dt><a href="{url}&amp;mode=view"><img src="{url}&amp;t=1" '
                f'class="postimage" alt="{file.name}" title="{file.name} ({size}) Viewed {post.number} times" />'
                f"</a></dt></dl></dd>"
            )
        if file.suffix == "png":
            # Small enough to be shown as it is: there is no link around it.
            return (
                f'<dd><dl class="file"><dt class="attach-image"><img src="{url}" class="postimage" '
                f'alt="{file.name}" onclick="viewableArea(this);" /></dt>'
                f"<dd>{file.name} ({size}) Viewed {post.number} times</dd></dl></dd>"
            )
        return (
            '<dd><dl class="file"><dt><i class="icon fa-paperclip fa-fw" aria-hidden="true"></i> '
            f'<a class="postlink" href="{url}">{file.name}</a></dt><dd>({size}) Downloaded {post.number} times</dd>'
            "</dl></dd>"
        )

    def in_text(self, post: Post, file: TruthFile) -> str:
        box = self._attachment(post, file, self._sid(None)).removeprefix("<dd>").removesuffix("</dd>")
        return f'<div class="inline-attachment"><!-- ia0 -->{box}<!-- ia0 --></div>'

    def quote(self, quote: Quote) -> str:
        return (
            f'<blockquote><div><cite><a href="./memberlist.php?mode=viewprofile&amp;u=11">{quote.author}</a> wrote: '
            f'<a href="./viewtopic.php?p={quote.number}#p{quote.number}" data-post-id="{quote.number}">↑</a>'
            f'<span class="responsive-hide">Tue Nov 14, 2023 10:13 pm</span></cite>{self.quoted(quote)}</div>'
            "</blockquote>"
        )

    def smiley(self) -> str:
        return (
            '<img class="smilies" src="./images/smilies/icon_e_smile.gif" width="15" height="17" alt=":)" '
            'title="Smile">'
        )

    def inline(self, file: TruthFile) -> str:
        return f'<img src="{file.url}" class="postimage" alt="Image">'

    def linked(self, file: TruthFile) -> str:
        return f'<a href="{file.url}" class="postlink"><img src="{file.small_url}" class="postimage" alt="Image"></a>'

    def link(self, url: str, number: int) -> str:
        return super().link(url, number).replace("<a ", '<a class="postlink" ', 1)

    def signature_text(self) -> str:
        return super().signature_text().replace("<img ", '<img class="postimage" ')

    def board_page(self, threads: list[Thread], member: str | None) -> str:
        sid = self._sid(member)
        rows = "".join(
            f'<li class="row bg1"><dl class="row-item topic_read"><dt title="No unread posts"><div class="list-inner">'
            f'<a href="./viewtopic.php?t={thread.id}{sid}" class="topictitle">{h(thread.title)}</a><br />'
            f'<div class="topic-poster">by <a href="./memberlist.php?mode=viewprofile&amp;u=11{sid}" '
            f'class="username">ann</a></div><div class="pagination"><ul><li><a class="button" '
            f'href="./viewtopic.php?t={thread.id}{sid}&amp;start=20">2</a></li></ul></div></div></dt>'
            f'<dd class="lastpost"><span><a href="./viewtopic.php?p=1{sid}#p1">last</a></span></dd></dl></li>'
            for thread in threads
        )
        content = (
            '<h2 class="forum-title"><a href="./viewforum.php?f=2">Pictures</a></h2><div class="forumbg">'
            f'<div class="inner"><ul class="topiclist topics">{rows}</ul></div></div>'
        )
        return self._shell("Pictures", content, section="viewforum", member=member)

    def message_page(self, text: str, *, form: str = "") -> str:
        panel = (
            f'<div class="panel" id="message"><div class="inner"><h2 class="message-title">Information</h2>'
            f"<p>{h(text)}</p>{form}</div></div>"
        )
        return self._shell("Information", panel, section="ucp" if form else "viewtopic")
