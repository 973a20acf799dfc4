"""vBulletin 3: tables, a quote without a class, a signature after a line of underscores."""

from __future__ import annotations

from fakeweb.messages import Request
from fakeweb.sites.forums.parts import (
    Route,
    ThreadPage,
    View,
    h,
    when,
)
from fakeweb.sites.forums.truth import Post, Quote, Thread
from fakeweb.sites.forums.vbulletin import Classic


class VBulletin3(Classic):
    """vBulletin 3: tables, a quote without a class, a signature after a line of underscores."""

    software = "vbulletin3"

    def thread_path(self, thread: Thread, page: int) -> str:
        return f"/showthread.php?t={thread.id}" + (f"&page={page}" if page > 1 else "")

    def route(self, request: Request, path: str) -> Route | None:
        query = request.query
        if path == "/showthread.php" and query.get("t", "").isdecimal():
            return ThreadPage(int(query["t"]), int(query.get("page") or 1))
        return self.classic_route(request, path)

    def _shell(self, title: str, content: str, head: str = "", member: str | None = None) -> str:
        account = (
            f'<strong>Welcome, <a href="member.php?u=31">{member}</a>.</strong> '
            '<a href="login.php?do=logout&amp;logouthash=5ea1">Log Out</a>'
            if member
            else '<form action="login.php?do=login" method="post" onsubmit="md5hash(this)">'
            '<input type="text" class="bginput" name="vb_login_username" id="navbar_username" value="User Name" />'
            '<input type="password" class="bginput" name="vb_login_password" id="navbar_password" /></form>'
        )
        return (
            '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" '
            '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n'
            '<html xmlns="http://www.w3.org/1999/xhtml" dir="ltr" lang="en"><head>'
            '<meta http-equiv="Content-Type" content="text/html; charset=UTF-8" />'
            f'<meta name="generator" content="vBulletin 3.8.11" />{head}<title>{h(title)}</title></head><body>'
            f'<a name="top"></a><table class="tborder"><tr><td class="alt1"><span class="navbar">'
            f'<a href="index.php">{self.title}</a></span> <span class="navbar">&gt; '
            f'<a href="forumdisplay.php?f=2">Pictures</a></span></td><td class="alt2">{account}</td></tr></table>'
            f'{content}<div class="smallfont" align="center">Powered by vBulletin&reg; Version 3.8.11<br />'
            "Copyright &copy;2000 - 2026, vBulletin Solutions Inc.</div></body></html>"
        )

    def thread_page(self, view: View) -> str:
        thread, number = view.thread, view.number
        session = "" if view.member else f"s={self.session_id}&amp;"

        def to(page: int) -> str:
            return f"showthread.php?{session}t={thread.id}" + (f"&amp;page={page}" if page > 1 else "")

        cells = [f'<td class="vbmenu_control" style="font-weight:normal">Page {number} of {view.last}</td>']
        if number > 1:
            cells.append(
                f'<td class="alt1"><a rel="prev" class="smallfont" href="{to(number - 1)}">&lt;</a></td>'
            )
        for page in range(max(1, number - 2), min(view.last, number + 2) + 1):
            cells.append(
                f'<td class="alt2"><span class="smallfont"><strong>{page}</strong></span></td>'
                if page == number
                else f'<td class="alt1"><a class="smallfont" href="{to(page)}">{page}</a></td>'
            )
        if number < view.last:
            cells.append(
                f'<td class="alt1"><a rel="next" class="smallfont" href="{to(number + 1)}">&gt;</a></td>'
            )
        nav = f'<div class="pagenav" align="right"><table class="tborder"><tr>{"".join(cells)}</tr></table></div>'
        posts = "".join(self._post(post, view) for post in view.posts)
        content = (
            '<table><tr><td class="navbar"><strong>'
            f"{h(thread.title)}</strong></td></tr></table>{nav if view.last > 1 else ''}"
            f'<div id="posts">{posts}<div id="lastpost"></div></div>{nav if view.last > 1 else ""}'
        )
        return self._shell(f"{thread.title} - {self.title}", content, member=view.member)

    def _post(self, post: Post, view: View) -> str:
        session = "" if view.member else f"s={self.session_id}&amp;"
        signature = (
            f"<div>__________________<br />{self.signature_text()}</div>" if self.has_signature(post) else ""
        )
        edited = (
            '<div class="smallfont"><hr size="1" /><em>Last edited by '
            f"{post.author}; {when(post.edited_at, '%m-%d-%Y at %I:%M %p')}.</em></div>"
            if post.edited_at
            else ""
        )
        return (
            f'<div align="center"><div class="page"><table id="post{post.id}" class="tborder" width="100%"><tr>'
            f'<td class="thead" style="font-weight:normal"><a name="post{post.id}"><img class="inlineimg" '
            'src="images/statusicon/post_old.gif" alt="Old" border="0" /></a> '
            f'{when(post.at, "%m-%d-%Y, %I:%M %p")}</td><td class="thead" align="right">#<a href="showpost.php?'
            f'{session}p={post.id}&amp;postcount={post.number}" target="new" rel="nofollow" '
            f'id="postcount{post.id}" name="{post.number}"><strong>{post.number}</strong></a></td></tr>'
            f'<tr valign="top"><td class="alt2" width="175"><div id="postmenu_{post.id}">'
            f'<a class="bigusername" href="member.php?{session}u={post.author_id}">{post.author}</a></div>'
            '<div class="smallfont">Senior Member</div><div class="smallfont"><a href="member.php?'
            f'{session}u={post.author_id}"><img src="avatars/{post.author_id}.gif" border="0" alt="" /></a></div>'
            f'<div class="smallfont"><div>Join Date: Jan 2020</div><div>Posts: 512</div></div></td>'
            f'<td class="alt1" id="td_post_{post.id}"><div id="post_message_{post.id}">{self.body(post)}</div>'
            f"{self._attachments(post, view.member)}{signature}{edited}</td></tr></table></div></div>"
        )

    def _attachments(self, post: Post, member: str | None) -> str:
        if self.weaves(post):
            return ""
        pictures = [file for file in post.attached if file.suffix != "zip"]
        others = [file for file in post.attached if file.suffix == "zip"]
        parts = []
        if pictures:
            shown = "".join(
                f'<a href="{self.file_url(post, file, member)}" rel="Lightbox_{post.id}" '
                f'id="attachment{self.attachment_id(post, file)}"><img class="thumbnail" '
                f'src="{self.file_url(post, file, member, small=True)}" border="0" '
                f'alt="Click image for larger version&#10;&#10;Name:&#9;{file.name}&#10;Views:&#9;12" /></a> '
                for file in pictures
            )
            parts.append(
                '<fieldset class="fieldset"><legend>Attached Thumbnails</legend><div style="padding:3px">'
                f"{shown}</div></fieldset>"
            )
        if others:
            rows = "".join(
                '<tr><td><img class="inlineimg" src="images/attach/zip.gif" alt="File Type: zip" width="16" />'
                f'</td><td><a href="{self.file_url(post, file, member)}">{file.name}</a> '
                f"({self.size_text(file)}, 12 views)</td></tr>"
                for file in others
            )
            parts.append(
                '<fieldset class="fieldset"><legend>Attached Files</legend><table cellpadding="0">'
                f"{rows}</table></fieldset>"
            )
        return f'<div style="padding:6px">{"".join(parts)}</div>' if parts else ""

    def quote(self, quote: Quote) -> str:
        return (
            '<div style="margin:20px; margin-top:5px; "><div class="smallfont" style="margin-bottom:2px">Quote:'
            '</div><table cellpadding="6" cellspacing="0" border="0" width="100%"><tr><td class="alt2" '
            f'style="border:1px inset"><div>Originally Posted by <strong>{quote.author}</strong> '
            f'<a href="showthread.php?p={quote.number}#post{quote.number}" rel="nofollow"><img class="inlineimg" '
            'src="images/buttons/viewpost.gif" border="0" alt="View Post" /></a></div>'
            f'<div style="font-style:italic">{self.quoted(quote)}</div></td></tr></table></div>'
        )

    def board_page(self, threads: list[Thread], member: str | None) -> str:
        rows = "".join(
            f'<tr><td class="alt1" id="td_threadtitle_{thread.id}"><div><a href="showthread.php?t={thread.id}" '
            f'id="thread_title_{thread.id}">{h(thread.title)}</a> <span class="smallfont">( <a '
            f'href="showthread.php?t={thread.id}">1</a> <a href="showthread.php?t={thread.id}&amp;page=2">2</a> )'
            "</span></div></td></tr>"
            for thread in threads
        )
        table = (
            f'<table class="tborder" id="threadslist"><tbody id="threadbits_forum_2">{rows}</tbody></table>'
        )
        return self._shell("Pictures", table, member=member)

    def message_page(self, text: str, *, form: str = "") -> str:
        content = (
            '<table class="tborder" align="center"><tr><td class="tcat">vBulletin Message</td></tr><tr>'
            f'<td class="panelsurround"><div class="panel"><div>{h(text)}</div>{form}</div></td></tr></table>'
        )
        return self._shell(self.title, content)
