"""vBulletin 4: lists, and every post's words inside a blockquote."""

from __future__ import annotations

import re

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


class VBulletin4(Classic):
    """vBulletin 4: lists, and every post's words inside a blockquote."""

    software = "vbulletin4"

    def thread_path(self, thread: Thread, page: int) -> str:
        return f"/threads/{thread.id}-{thread.slug}" + (f"/page{page}" if page > 1 else "")

    def route(self, request: Request, path: str) -> Route | None:
        if found := re.fullmatch(r"/threads/(\d+)-[^/]*(?:/page(\d+))?", path):
            return ThreadPage(int(found[1]), int(found[2] or 1))
        query = request.target.partition("?")[2]
        if path == "/showthread.php" and (found := re.match(r"(\d+)-[^/&]*(?:/page(\d+))?", query)):
            return ThreadPage(int(found[1]), int(found[2] or 1))
        return self.classic_route(request, path)

    def _shell(self, title: str, content: str, head: str = "", member: str | None = None) -> str:
        account = (
            f'<ul class="isuser"><li class="welcomelink">Welcome, <a href="members/31-{member}">{member}</a></li>'
            '<li><a href="login.php?do=logout">Log Out</a></li></ul>'
            if member
            else '<ul class="nouser"><li><form id="navbar_loginform" action="login.php?do=login" method="post">'
            '<input type="text" class="textbox" name="vb_login_username" /><input type="password" '
            'class="textbox" name="vb_login_password" /></form></li></ul>'
        )
        base = f"{self.base_url}/"
        return (
            '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" '
            '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n'
            '<html xmlns="http://www.w3.org/1999/xhtml" dir="ltr" lang="en" id="vbulletin_html"><head>'
            '<meta http-equiv="Content-Type" content="text/html; charset=UTF-8" />'
            f'<meta id="e_vb_meta_bburl" name="vb_meta_bburl" content="{self.base_url}" />'
            f'<base href="{base}" /><meta name="generator" content="vBulletin 4.2.5" />'
            f'<link rel="stylesheet" type="text/css" href="css.php?sheet=main.css" id="vbulletin_css" />{head}'
            f'<title>{h(title)}</title></head><body><div class="above_body"><div id="header" class="floatcontainer">'
            f'<div id="toplinks" class="toplinks">{account}</div></div></div><div class="body_wrapper">'
            '<div id="breadcrumb" class="breadcrumb"><ul class="floatcontainer"><li class="navbithome">'
            f'<a href="index.php">Home</a></li><li class="navbit"><a href="forumdisplay.php?f=2">Pictures</a></li>'
            f'</ul></div>{content}</div><div id="footer_copyright" class="shade footer_copyright">Powered by '
            '<a href="https://www.vbulletin.com" id="vbulletinlink">vBulletin&reg;</a> Version 4.2.5</div>'
            "</body></html>"
        )

    def thread_page(self, view: View) -> str:
        thread, number, last = view.thread, view.number, view.last

        def to(page: int) -> str:
            session = "" if view.member else f"?s={self.session_id}"
            return self.thread_path(thread, page).lstrip("/") + session

        head = "".join(
            f'<link rel="{rel}" href="{to(page)}" />'
            for rel, page in (("prev", number - 1), ("next", number + 1))
            if 0 < page <= last
        )
        pages = "".join(
            f'<span class="selected"><a href="javascript://" title="Results">{page}</a></span>'
            if page == number
            else f'<span><a href="{to(page)}" title="Show results">{page}</a></span>'
            for page in range(max(1, number - 2), min(last, number + 2) + 1)
        )
        if number > 1:
            pages = f'<span class="prev_next"><a rel="prev" href="{to(number - 1)}">Prev</a></span>{pages}'
        if number < last:
            pages += (
                f'<span class="prev_next"><a rel="next" href="{to(number + 1)}" title="Next Page">'
                '<img src="images/pagination/next-right.png" alt="Next" /></a></span>'
                f'<span class="first_last"><a href="{to(last)}" title="Last Page">Last</a></span>'
            )
        nav = (
            '<div id="pagination_top" class="pagination_top"><form class="pagination popupmenu nohovermenu">'
            f'<span><a href="javascript://" class="popupctrl">Page {number} of {last}</a></span>{pages}'
            "</form></div>"
        )
        posts = "".join(self._post(post, view) for post in view.posts)
        content = (
            f'<div id="pagetitle" class="pagetitle"><h1>Thread: <span class="threadtitle">'
            f'<a href="{to(1)}" title="Reload this Page">{h(thread.title)}</a></span></h1></div>'
            f'{nav if last > 1 else ""}<div id="postlist" class="postlist restrain"><ol id="posts" class="posts" '
            f'start="1">{posts}</ol></div>'
        )
        return self._shell(thread.title, content, head, view.member)

    def _post(self, post: Post, view: View) -> str:
        here = self.thread_path(view.thread, view.number).lstrip("/")
        profile = f"members/{post.author_id}-{post.author}"
        signature = (
            '<div class="after_content"><blockquote class="signature restore"><div class="signaturecontainer">'
            f"{self.signature_text()}</div></blockquote></div>"
            if self.has_signature(post)
            else ""
        )
        edited = (
            '<blockquote class="postcontent lastedited">Last edited by '
            f'{post.author}; {when(post.edited_at, "%m-%d-%Y")} at <span class="time">'
            f"{when(post.edited_at, '%I:%M %p')}</span>.</blockquote>"
            if post.edited_at
            else ""
        )
        return (
            f'<li class="postbit postbitim postcontainer old" id="post_{post.id}"><div class="posthead">'
            f'<span class="postdate old"><span class="date">{when(post.at, "%m-%d-%Y")},&nbsp;<span class="time">'
            f'{when(post.at, "%I:%M %p")}</span></span></span><span class="nodecontrols">'
            f'<a name="post{post.id}" href="{here}?p={post.id}#post{post.id}" class="postcounter">#{post.number}'
            f'</a></span></div><div class="postdetails"><div class="userinfo"><div class="username_container">'
            f'<div class="popupmenu memberaction"><a class="username offline popupctrl" href="{profile}" '
            f'title="{post.author} is offline"><strong>{post.author}</strong></a></div></div>'
            f'<a class="postuseravatar" href="{profile}"><img src="customavatars/avatars/{post.author_id}.gif" '
            'alt="avatar" /></a></div><div class="postbody"><div class="postrow"><div class="content">'
            f'<div id="post_message_{post.id}"><blockquote class="postcontent restore ">{self.body(post)}'
            f"</blockquote></div>{self._attachments(post, view.member)}{edited}</div></div>{signature}</div></div>"
            f'<div class="postfoot"><div class="textcontrols"><a href="newreply.php?p={post.id}">Reply</a></div>'
            "</div></li>"
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
                f'id="attachment{self.attachment_id(post, file)}"><img '
                f'src="{self.file_url(post, file, member, small=True)}" class="thumbnail" '
                f'alt="Click image for larger version.&#10;&#10;Name:&#9;{file.name}&#10;Views:&#9;12" /></a>'
                for file in pictures
            )
            parts.append(
                '<fieldset class="postcontent"><legend>Attached Thumbnails</legend>'
                f'<div class="attachments_thumbs">{shown}</div></fieldset>'
            )
        if others:
            rows = "".join(
                f'<li><img class="inlineimg" src="images/attach/zip.gif" alt="File Type: zip" /> '
                f'<a href="{self.file_url(post, file, member)}">{file.name}</a> ({self.size_text(file)})</li>'
                for file in others
            )
            parts.append(
                f'<fieldset class="postcontent"><legend>Attached Files</legend><ul>{rows}</ul></fieldset>'
            )
        return f'<div class="attachments">{"".join(parts)}</div>' if parts else ""

    def quote(self, quote: Quote) -> str:
        return (
            '<div class="bbcode_container"><div class="bbcode_quote"><div class="quote_container">'
            '<div class="bbcode_quote_container"></div><div class="bbcode_postedby"><img '
            'src="images/misc/quote_icon.png" alt="Quote" /> Originally Posted by '
            f'<strong>{quote.author}</strong> <a href="showthread.php?p={quote.number}#post{quote.number}" '
            'rel="nofollow"><img class="inlineimg" src="images/buttons/viewpost-right.png" alt="View Post" /></a>'
            f'</div><div class="message">{self.quoted(quote)}</div></div></div></div>'
        )

    def board_page(self, threads: list[Thread], member: str | None) -> str:
        rows = "".join(
            f'<li class="threadbit " id="thread_{thread.id}"><div class="rating0 nonsticky"><div class="threadinfo">'
            f'<div class="inner"><h3 class="threadtitle"><a class="title" href="threads/{thread.id}-{thread.slug}" '
            f'id="thread_title_{thread.id}">{h(thread.title)}</a></h3><div class="threadmeta"><div class="author">'
            f'<span class="label">Started by <a href="members/11-ann" class="username understate">ann</a></span>'
            f'<dl class="pagination"><dd><span><a href="threads/{thread.id}-{thread.slug}/page2">2</a></span></dd>'
            "</dl></div></div></div></div></div></li>"
            for thread in threads
        )
        content = (
            f'<div id="threadlist" class="threadlist"><ol id="threads" class="threads">{rows}</ol></div>'
        )
        return self._shell("Pictures", content, member=member)

    def message_page(self, text: str, *, form: str = "") -> str:
        content = (
            '<div class="standard_error"><h2 class="blockhead">vBulletin Message</h2>'
            f'<div class="blockbody formcontrols"><p class="blockrow restore">{h(text)}</p>{form}</div></div>'
        )
        return self._shell(self.title, content)
