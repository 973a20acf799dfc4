"""MyBB 1.8: a login form on every page of a guest, and page 1 where a page is not there."""

from __future__ import annotations

import re

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


class MyBB(Forum):
    """MyBB 1.8."""

    software = "mybb"
    login = Login(
        page="/member.php?action=login",
        action="/member.php",
        user="username",
        password="password",
        session="mybbuser",
        hidden=("my_post_key",),
        fixed=(("action", "do_login"), ("remember", "yes"), ("url", "")),
        further=(("sid", "5ea1c0de5ea1c0de5ea1c0de5ea1c0de"),),
    )

    def board_path(self) -> str:
        return "/forumdisplay.php?fid=2"

    def thread_path(self, thread: Thread, page: int) -> str:
        return f"/showthread.php?tid={thread.id}" + (f"&page={page}" if page > 1 else "")

    def route(self, request: Request, path: str) -> Route | None:
        query = request.query
        if path == "/showthread.php":
            if (number := query.get("pid", "")).isdecimal():
                return ToPost(int(number))
            return ThreadPage(int(query.get("tid") or 0), int(query.get("page") or 1))
        if found := re.fullmatch(r"/thread-(\d+)(?:-page-(\d+))?\.html", path):
            return ThreadPage(int(found[1]), int(found[2] or 1))
        if path == "/attachment.php":
            small = query.get("thumbnail")
            return File(int(small or query.get("aid") or 0), small=small is not None)
        if path == "/member.php":
            return LoginSent() if request.method == "POST" else LoginForm()
        return Board() if path in {"/", "/index.php", "/forumdisplay.php"} else None

    def past_end(self, request: Request, thread: Thread, last: int) -> Response | None:
        first = View(thread, 1, last, thread.page(1, self.per_page), self.member_of(request))
        return self._page(request, self.thread_page(first))

    def guest_cookies(self) -> list[tuple[str, str]]:
        return [
            ("Set-Cookie", "mybb[lastvisit]=1700000000; path=/"),
            set_cookie("sid", "0123456789abcdef0123456789abcdef", httponly=True),
        ]

    def _shell(self, title: str, content: str, member: str | None = None) -> str:
        account = (
            f'<span class="welcome"><strong>Welcome back, <a href="{self.base_url}/member.php?action=profile&amp;'
            f'uid=31" class="usercp">{member}</a></strong>. <a href="{self.base_url}/member.php?action=logout&amp;'
            'logoutkey=5ea1" class="logout">Log Out</a></span>'
            if member
            else '<span class="welcome">Hello There, Guest! <a href="'
            f'{self.base_url}/member.php?action=login" class="login">Login</a></span>'
            '<div class="modal" id="quick_login" style="display: none;"><form method="post" action="'
            f'{self.base_url}/member.php"><input name="action" type="hidden" value="do_login" />'
            '<input name="quick_login" type="hidden" value="1" /><input name="my_post_key" type="hidden" '
            'value="s1mulated" /><input name="quick_username" type="text" value="" class="textbox" />'
            '<input name="quick_password" type="password" value="" class="textbox" /></form></div>'
        )
        return (
            '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" '
            '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd"><html xml:lang="en" lang="en" '
            f'xmlns="http://www.w3.org/1999/xhtml"><head><title>{h(title)}</title>'
            '<meta http-equiv="Content-Type" content="text/html; charset=UTF-8" />'
            f'<script type="text/javascript" src="{self.base_url}/jscripts/general.js?ver=1827"></script>'
            f'<link type="text/css" rel="stylesheet" href="{self.base_url}/cache/themes/theme1/global.min.css?t=17" />'
            '<script type="text/javascript">\nvar my_post_key = "s1mulated";\nvar rootpath = "'
            f'{self.base_url}";\n</script></head><body><div id="container"><a name="top" id="top"></a>'
            f'<div id="header"><div id="logo"><div class="wrapper"><a href="{self.base_url}/index.php"><img '
            f'src="{self.base_url}/images/logo.png" alt="{self.title}" /></a></div></div><div id="panel">'
            f'<div class="upper"><div class="wrapper">{account}</div></div></div></div><div id="content">'
            f'<div class="wrapper"><div class="navigation"><a href="{self.base_url}/index.php">{self.title}</a>'
            f' &rsaquo; <a href="forumdisplay.php?fid=2">Pictures</a></div>{content}</div></div>'
            '<div id="footer"><div class="lower"><div class="wrapper"><span id="copyright">Powered By '
            '<a href="https://mybb.com" target="_blank" rel="noopener">MyBB</a>, &copy; 2002-2026</span>'
            "</div></div></div></div></body></html>"
        )

    def thread_page(self, view: View) -> str:
        thread, number, last = view.thread, view.number, view.last

        def to(page: int) -> str:
            return f"showthread.php?tid={thread.id}" + (f"&amp;page={page}" if page > 1 else "")

        links = "".join(
            f'<span class="pagination_current">{page}</span>'
            if page == number
            else f'<a href="{to(page)}" class="pagination_page">{page}</a>'
            for page in range(max(1, number - 2), min(last, number + 2) + 1)
        )
        if number > 1:
            links = f'<a href="{to(number - 1)}" class="pagination_previous">&laquo; Previous</a>{links}'
        if number < last:
            links += f'<a href="{to(number + 1)}" class="pagination_next">Next &raquo;</a>'
        nav = f'<div class="pagination"><span class="pages">Pages ({last}):</span>{links}</div>'
        posts = "".join(self._post(post, view) for post in view.posts)
        content = (
            f'<div class="float_left">{nav if last > 1 else ""}</div><table border="0" class="tborder tfixed clear">'
            f'<tr><td class="thead"><div><span class="active">{h(thread.title)}</span></div></td></tr>'
            f'<tr><td id="posts_container"><div id="posts">{posts}</div></td></tr></table>'
            f'<div class="float_left">{nav if last > 1 else ""}</div>'
        )
        return self._shell(thread.title, content, view.member)

    def _post(self, post: Post, view: View) -> str:
        profile = f"{self.base_url}/member.php?action=profile&amp;uid={post.author_id}"
        here = f"showthread.php?tid={view.thread.id}&amp;pid={post.id}#pid{post.id}"
        date = when(post.at, "%m-%d-%Y, %I:%M %p")
        shown = f'<span title="{date}">2 hours ago</span>' if post.number % 7 == 0 else date
        edited = (
            f'<span class="edited_post">(This post was last modified: {when(post.edited_at, "%m-%d-%Y, %I:%M %p")} '
            f'by <a href="{profile}">{post.author}</a>.)</span>'
            if post.edited_at
            else ""
        )
        signature = (
            f'<div class="signature scaleimages">{self.signature_text()}</div>'
            if self.has_signature(post)
            else ""
        )
        return (
            f'<a name="pid{post.id}" id="pid{post.id}"></a><div class="post " style="" id="post_{post.id}">'
            f'<div class="post_author scaleimages"><div class="author_avatar"><a href="{profile}"><img '
            f'src="{self.base_url}/uploads/avatars/avatar_{post.author_id}.png?dateline=17" alt="" /></a></div>'
            f'<div class="author_information"><strong><span class="largetext"><a href="{profile}">{post.author}</a>'
            '</span></strong> <img src="images/buddy_offline.png" title="Offline" alt="Offline" /><br />'
            '<span class="smalltext">Junior Member<br /><img src="images/star.png" border="0" alt="*" /></span></div>'
            '<div class="author_statistics">Posts: 512</div></div><div class="post_content"><div class="post_head">'
            f'<div class="float_right"><strong><a href="{here}" title="RE: {h(view.thread.title)}">#{post.number}</a>'
            f'</strong></div><span class="post_date">{shown} <span class="post_edit" id="edited_by_{post.id}">'
            f'{edited}</span></span></div><div class="post_body scaleimages" id="pid_{post.id}">{self.body(post)}'
            f'</div>{self._attachments(post)}{signature}<div class="post_meta" id="post_meta_{post.id}"></div></div>'
            f'<div class="post_controls"><a href="newreply.php?tid={view.thread.id}&amp;replyto={post.id}">Reply</a>'
            "</div></div>"
        )

    def _attachments(self, post: Post) -> str:
        if self.weaves(post):
            return ""
        if not post.attached:
            return ""
        parts = []
        for file in post.attached:
            number = self.attachment_id(post, file)
            title = (
                f"Filename: {file.name}&#13;&#10;Size: {self.size_text(file)}&#13;&#10;"
                f"{when(post.at, '%m-%d-%Y, %I:%M %p')}"
            )
            if file.suffix == "jpg":
                parts.append(
                    f'<span class="smalltext"><strong>Thumbnail(s)</strong></span><br /><a href="attachment.php?aid='
                    f'{number}" target="_blank"><img src="attachment.php?thumbnail={number}" class="attachment" '
                    f'alt="" title="{title}" /></a>&nbsp;&nbsp;&nbsp;<br />'
                )
            elif file.suffix == "png":
                parts.append(
                    '<span class="smalltext"><strong>Image(s)</strong></span><br /><img '
                    f'src="attachment.php?aid={number}" class="attachment" alt="" title="{title}" /><br />'
                )
            else:
                parts.append(
                    '<br /><img src="images/attachtypes/zip.png" title="ZIP File" border="0" alt=".zip" />'
                    f'&nbsp;&nbsp;<a href="attachment.php?aid={number}" target="_blank" '
                    f'title="{when(post.at, "%m-%d-%Y, %I:%M %p")}">{file.name}</a> (Size: {self.size_text(file)} / '
                    f"Downloads: {post.number})<br />"
                )
        return f"<br /><br /><fieldset><legend><strong>Attached Files</strong></legend>{''.join(parts)}</fieldset>"

    def in_text(self, post: Post, file: TruthFile) -> str:
        number = self.attachment_id(post, file)
        title = f"Filename: {file.name}&#13;&#10;Size: {self.size_text(file)}&#13;&#10;"
        if file.suffix == "zip":
            return (
                '<img src="images/attachtypes/zip.png" title="ZIP File" border="0" alt=".zip" />&nbsp;&nbsp;'
                f'<a href="attachment.php?aid={number}" target="_blank" title="">{file.name}</a>'
            )
        if file.suffix == "png":
            return f'<img src="attachment.php?aid={number}" class="attachment" alt="" title="{title}" />'
        return (
            f'<a href="attachment.php?aid={number}" target="_blank"><img src="attachment.php?thumbnail={number}" '
            f'class="attachment" alt="" title="{title}" /></a>'
        )

    def folded(self, shown: str) -> str:
        return (
            '<div class="spoiler"><div class="spoiler_title"><span class="spoiler_button">Show</span></div>'
            f'<div class="spoiler_content" style="display: none;">{shown}</div></div>'
        )

    def quote(self, quote: Quote) -> str:
        return (
            f'<blockquote class="mycode_quote"><cite><span> (11-14-2023, 10:13 PM)</span>{quote.author} Wrote: '
            f'<a href="{self.base_url}/showthread.php?pid={quote.number}#pid{quote.number}" class="quick_jump"></a>'
            f"</cite>{self.quoted(quote)}</blockquote>"
        )

    def smiley(self) -> str:
        url = f"{self.base_url}/images/smilies/smile.png"
        return f'<img src="{url}" alt="Smile" title="Smile" class="smilie smilie_1" />'

    def inline(self, file: TruthFile) -> str:
        return f'<img src="{file.url}" loading="lazy" alt="[Image: {file.number}.jpg]" class="mycode_img" />'

    def thumbnail(self, file: TruthFile) -> str:
        return f'<img src="{file.small_url}" loading="lazy" alt="[Image: {file.number}.jpg]" class="mycode_img" />'

    def link(self, url: str, number: int) -> str:
        return super().link(url, number).replace("<a ", '<a class="mycode_url" target="_blank" ', 1)

    def board_page(self, threads: list[Thread], member: str | None) -> str:
        rows = "".join(
            '<tr class="inline_row"><td align="center" class="trow1 forumdisplay_regular"><span class="thread_status '
            'newfolder"></span></td><td class="trow1 forumdisplay_regular"><div><span class=" subject_old" '
            f'id="tid_{thread.id}"><a href="showthread.php?tid={thread.id}">{h(thread.title)}</a></span>'
            f'<span class="smalltext">(Pages: <a href="showthread.php?tid={thread.id}">1</a> '
            f'<a href="showthread.php?tid={thread.id}&amp;page=2">2</a>)</span><div class="author smalltext">'
            f'<a href="{self.base_url}/member.php?action=profile&amp;uid=11">ann</a></div></div></td>'
            f'<td class="trow1"><a href="showthread.php?tid={thread.id}&amp;action=lastpost">Last Post</a></td></tr>'
            for thread in threads
        )
        return self._shell("Pictures", f'<table class="tborder clear">{rows}</table>', member)

    def message_page(self, text: str, *, form: str = "") -> str:
        content = (
            f'<table border="0" class="tborder"><tr><td class="thead"><strong>{self.title}</strong></td></tr><tr>'
            f'<td class="trow1">{h(text)}{form}</td></tr></table>'
        )
        return self._shell(self.title, content)
