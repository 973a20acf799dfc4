"""SMF 2.1: offsets after a dot, semicolons between parameters, thumbnails with ids of their own."""

from __future__ import annotations

import hashlib
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
from fakeweb.sites.forums.truth import Mode, Post, Quote, Thread, TruthFile


class Smf2(Forum):
    """SMF 2.1."""

    software = "smf2"
    login = Login(
        page="/index.php?action=login",
        action="/index.php?action=login2",
        user="user",
        password="passwrd",
        session="SMFCookie512",
        # The second one's name is as random as its value.
        hidden=("b8c0ffee55", "f3a9d27e01"),
        fixed=(("cookielength", "3153600"),),
    )
    session_id = "0123456789abcdef0123456789abcdef"

    def board_path(self) -> str:
        return "/index.php?board=2.0"

    def thread_path(self, thread: Thread, page: int) -> str:
        return f"/index.php?topic={thread.id}.{(page - 1) * self.per_page}"

    def route(self, request: Request, path: str) -> Route | None:
        query = request.target.partition("?")[2]
        if path not in {"/", "/index.php"}:
            return None
        if found := re.search(r"\btopic=\d+\.msg(\d+)", query):
            return ToPost(int(found[1]))
        if found := re.search(r"\btopic=(\d+)(?:\.(\d+))?", query):
            return ThreadPage(int(found[1]), int(found[2] or 0) // self.per_page + 1)
        if "action=dlattach" in query and (found := re.search(r"\battach=(\d+)", query)):
            number, small = divmod(int(found[1]), 2)
            return File(number, small=bool(small))
        if "action=login" in query:
            return LoginSent() if request.method == "POST" else LoginForm()
        return Board()

    def past_end(self, request: Request, thread: Thread, last: int) -> Response | None:
        return None

    def guest_cookies(self) -> list[tuple[str, str]]:
        return [set_cookie("PHPSESSID", self.session_id, httponly=True)]

    def _script(self, member: str | None, query: str = "") -> str:
        session = "" if member else f"PHPSESSID={self.session_id}&amp;"
        mark = "?" if session or query else ""
        return f"{self.base_url}/index.php{mark}{session}{query}"

    def _shell(self, title: str, content: str, head: str = "", member: str | None = None) -> str:
        base = self.base_url
        account = (
            f'<a href="{self._script(member, "action=profile")}" id="profile_menu_top">'
            f'<img class="avatar" src="{base}/avatars/default.png" alt=""><span>{member}</span></a>'
            f'<a href="{self._script(member, "action=logout")}">Logout</a>'
            if member
            else f'<li class="button_login"><a href="{self._script(member, "action=login")}"><span>Log in</span></a>'
            "</li>"
        )
        return (
            '<!DOCTYPE html>\n<html lang="en-US"><head><meta charset="UTF-8">'
            f'<link rel="stylesheet" href="{base}/Themes/default/css/index.css?smf214"><script>\n'
            f'var smf_theme_url = "{base}/Themes/default";\nvar smf_default_theme_url = "{base}/Themes/default";\n'
            f'var smf_images_url = "{base}/Themes/default/images";\nvar smf_smileys_url = "{base}/Smileys";\n'
            f'var smf_scripturl = "{self._script(member)}";\nvar smf_iso_case_folding = false;\n'
            f'var smf_charset = "UTF-8";\nvar smf_member_id = {31 if member else 0};\n</script>'
            f"<title>{h(title)}</title>{head}</head>"
            '<body id="smf" class="action_messageindex board_2"><div id="footerfix"><div id="top_section">'
            f'<ul id="top_info">{account}</ul></div><div id="header"><h1 class="forumtitle"><a id="top" '
            f'href="{self._script(member)}">{self.title}</a></h1></div><div id="wrapper"><div id="upper_section">'
            f'<div class="navigate_section"><ul><li><a href="{self._script(member)}"><span>{self.title}</span></a>'
            f'</li><li class="last"><span class="dividers"> &#9658; </span><a '
            f'href="{self._script(member, "board=2.0")}"><span>Pictures</span></a></li></ul></div></div>'
            f'<div id="content_section"><div id="main_content_section">{content}</div></div></div></div>'
            '<div id="footer"><ul><li class="copyright"><a href="#" title="License" target="_blank">SMF 2.1.4 '
            '&copy; 2023</a>, <a href="https://www.simplemachines.org" title="Simple Machines">Simple Machines</a>'
            "</li></ul></div></body></html>"
        )

    def thread_page(self, view: View) -> str:
        thread, number, last = view.thread, view.number, view.last

        def to(page: int) -> str:
            return self._script(view.member, f"topic={thread.id}.{(page - 1) * self.per_page}")

        head = f'<link rel="canonical" href="{self.base_url}{self.thread_path(thread, number)}">'
        head += "".join(
            f'<link rel="{rel}" href="{to(page)}">'
            for rel, page in (("prev", number - 1), ("next", number + 1))
            if 0 < page <= last
        )
        links = " ".join(
            f'<span class="current_page">{page}</span>'
            if page == number
            else f'<a class="nav_page" href="{to(page)}">{page}</a>'
            for page in range(1, last + 1)
            if abs(page - number) < 3 or page in {1, last}
        )
        if number > 1:
            links = (
                f'<a class="nav_page" href="{to(number - 1)}"><span class="main_icons previous_page"></span></a> '
                + links
            )
        if number < last:
            links += (
                f' <a class="nav_page" href="{to(number + 1)}"><span class="main_icons next_page"></span></a>'
            )
        section = (
            '<div class="pagesection {}"><div class="pagelinks floatleft"><span class="pages">Pages</span>'
            f"{links}</div></div>"
        )
        posts = "".join(self._post(post, view) for post in view.posts)
        content = (
            '<div id="display_head" class="information"><h2 class="display_title"><span id="top_subject">'
            f"{h(thread.title)}</span></h2><p>Started by ann</p></div>{section.format('top')}"
            f'<div id="forumposts"><form action="{self._script(view.member)}" method="post" name="quickModForm" '
            f'id="quickModForm">{posts}</form></div>{section.format("bottom")}'
        )
        return self._shell(thread.title, content, head, view.member)

    def _post(self, post: Post, view: View) -> str:
        profile = self._script(view.member, f"action=profile;u={post.author_id}")
        here = self._script(view.member, f"topic={view.thread.id}.msg{post.id}#msg{post.id}")
        edited = (
            '<span class="lastedit">Last Edit</span>: '
            f"{when(post.edited_at, '%B %d, %Y, %I:%M:%S %p')} by {post.author}"
            if post.edited_at
            else ""
        )
        signature = (
            f'<div class="signature" id="msg_{post.id}_signature">{self.signature_text()}</div>'
            if self.has_signature(post)
            else ""
        )
        hidden = view.thread.mode is Mode.FILES_FOR_MEMBERS and view.member is None
        return (
            f'<div class="windowbg" id="msg{post.id}"><div class="post_wrapper"><div class="poster"><h4>'
            f'<span class="off" title="Offline"></span> <a href="{profile}" title="View the profile of '
            f'{post.author}">{post.author}</a></h4><ul class="user_info"><li class="avatar"><a href="{profile}">'
            f'<img class="avatar" src="{self.base_url}/avatars/{post.author_id}.png" alt=""></a></li>'
            '<li class="postgroup">Full Member</li></ul></div><div class="postarea"><div class="keyinfo">'
            f'<div id="subject_{post.id}" class="subject_title subject_hidden"><a href="{here}" rel="nofollow">Re: '
            f'{h(view.thread.title)}</a></div><div class="postinfo"><span class="messageicon"><img src="'
            f'{self.base_url}/Themes/default/images/post/xx.png" alt=""></span><a href="{here}" rel="nofollow" '
            f'title="Reply #{post.number - 1} - Re: {h(view.thread.title)}" class="smalltext">'
            f'{when(post.at, "%B %d, %Y, %I:%M:%S %p")}</a><span class="page_number floatright">#{post.number - 1}'
            f'</span></div><div id="msg_{post.id}_quick_mod"></div></div><div class="post"><div class="inner" '
            f'data-msgid="{post.id}" id="msg_{post.id}">{self.body(post)}</div></div>'
            f"{'' if hidden else self._attachments(post, view.member)}"
            '<div class="under_message"><ul class="quickbuttons"></ul></div></div><div class="moderatorbar">'
            f'<div class="smalltext modified floatleft" id="modified_{post.id}">{edited}</div>{signature}</div>'
            "</div></div>"
        )

    def _attachments(self, post: Post, member: str | None) -> str:
        if self.weaves(post):
            return ""
        items = "".join(self._attachment(post, file, member) for file in post.attached)
        return f'<div id="msg_{post.id}_footer" class="attachments">{items}</div>' if items else ""

    def _attachment(self, post: Post, file: TruthFile, member: str | None) -> str:
        number = self.attachment_id(post, file) * 2
        full = self._script(member, f"action=dlattach;attach={number}")
        icon = f'<img src="{self.base_url}/Themes/default/images/icons/clip.png" class="centericon" alt="*">'
        shown = ""
        if file.suffix != "zip":
            small = self._script(member, f"action=dlattach;attach={number + 1};image")
            shown = (
                f'<div class="attachments_top"><a href="{full};image" id="link_{number}" '
                f'onclick="return expandThumb({number});"><img src="{small}" alt="" id="thumb_{number}" '
                'class="atc_img"></a></div>'
            )
        return (
            f'<div class="attached">{shown}<div class="attachments_bot"><a href="{full}">{icon}&nbsp;{file.name}'
            f"</a><br>{self.size_text(file)}, 240x180<br>viewed {post.number} times</div></div>"
        )

    def in_text(self, post: Post, file: TruthFile) -> str:
        number = self.attachment_id(post, file) * 2
        full = self._script(None, f"action=dlattach;attach={number}")
        if file.suffix == "zip":
            return f'<a href="{full}" class="bbc_link">{file.name}</a> ({self.size_text(file)})'
        if file.suffix == "png":
            return f'<img src="{full};image" alt="" class="bbc_img" loading="lazy">'
        small = self._script(None, f"action=dlattach;attach={number + 1};image")
        return (
            f'<a href="{full};image" id="link_{number}" onclick="return expandThumb({number});"><img src="{small}" '
            f'alt="{file.name}" title="{file.name}" id="thumb_{number}" class="bbc_img"></a>'
        )

    def quote(self, quote: Quote) -> str:
        return (
            '<blockquote class="bbc_standard_quote"><cite><a href="'
            f'{self.base_url}/index.php?topic=1.msg{quote.number}#msg{quote.number}">Quote from: {quote.author} on '
            f"November 14, 2023, 10:13:20 PM</a></cite>{self.quoted(quote)}</blockquote>"
        )

    def smiley(self) -> str:
        return f'<img src="{self.base_url}/Smileys/fugue/smiley.png" alt=":)" title="Smiley" class="smiley">'

    def inline(self, file: TruthFile) -> str:
        return f'<img src="{file.url}" alt="" class="bbc_img" loading="lazy">'

    def linked(self, file: TruthFile) -> str:
        return (
            f'<a href="{file.url}" class="bbc_link" target="_blank" rel="noopener">{self.thumbnail(file)}</a>'
        )

    def thumbnail(self, file: TruthFile) -> str:
        return f'<img src="{file.small_url}" alt="" class="bbc_img" loading="lazy">'

    def link(self, url: str, number: int) -> str:
        return super().link(url, number).replace("<a ", '<a class="bbc_link" target="_blank" ', 1)

    def form(self) -> str:
        text = super().form()
        first, second = self.login.hidden
        stamp = re.search(f'name="{first}" value="(\\w+)"', text)
        assert stamp is not None
        name = hashlib.sha256(stamp[1].encode()).hexdigest()[:12]
        # Filled by hand in `handle` again: only whoever copies every field comes through.
        return text.replace(f'name="{second}"', f'name="{name}"')

    def handle(self, request: Request) -> Response | None:
        first, second = self.login.hidden
        if (stamp := request.form.get(first)) is not None:
            random_name = hashlib.sha256(stamp.encode()).hexdigest()[:12]
            request.form[second] = request.form.pop(random_name, "")
        return super().handle(request)

    def board_page(self, threads: list[Thread], member: str | None) -> str:
        rows = "".join(
            '<div class="windowbg"><div class="board_icon"><img src="Themes/default/images/post/xx.png" alt=""></div>'
            f'<div class="info info_block"><div class="message_index_title"><span class="preview">'
            f'<span id="msg_{thread.post_id(1)}"><a href="{self._script(member, f"topic={thread.id}.0")}">'
            f"{h(thread.title)}</a></span></span></div><p class='floatleft'>Started by ann</p>"
            f'<span id="pages{thread.post_id(1)}" class="topic_pages"><a class="nav_page" '
            f'href="{self._script(member, f"topic={thread.id}.20")}">2</a></span></div></div>'
            for thread in threads
        )
        content = f'<div id="messageindex"><div id="topic_container">{rows}</div></div>'
        return self._shell("Pictures", content, member=member)

    def message_page(self, text: str, *, form: str = "") -> str:
        content = (
            '<div id="fatal_error"><div class="cat_bar"><h3 class="catbg">An Error Has Occurred!</h3></div>'
            f'<div class="windowbg"><div class="padding">{h(text)}</div>{form}</div></div>'
        )
        return self._shell(self.title, content)
