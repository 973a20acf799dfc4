"""What vBulletin 3 and 4 share, and the login form that 5 still has."""

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
    ToPost,
)
from fakeweb.sites.forums.truth import Post, Thread, TruthFile


def login_form(page: str = "/login.php", action: str = "/login.php?do=login") -> Login:
    return Login(
        page=page,
        action=action,
        user="vb_login_username",
        password="vb_login_password",
        session="bbpassword",
        hidden=("securitytoken",),
        fixed=(("do", "login"), ("s", ""), ("cookieuser", "1")),
        further=(("bbuserid", "31"), ("bbsessionhash", "5ea1c0de5ea1c0de")),
    )


class Classic(Forum):
    """What versions 3 and 4 share: scripts, and a session id in every link of a guest."""

    login = login_form()
    wall_status = 200
    session_id = "0123456789abcdef0123456789abcdef"

    def classic_route(self, request: Request, path: str) -> Route | None:
        query = request.query
        if path == "/showthread.php" and (query.get("p") or "").isdecimal():
            return ToPost(int(query["p"]))
        if path == "/attachment.php":
            return File(int(query.get("attachmentid", "0")), small="thumb" in query)
        if path == "/login.php":
            return LoginSent() if request.method == "POST" else LoginForm()
        return Board() if path in {"/", "/forumdisplay.php"} else None

    def board_path(self) -> str:
        return "/forumdisplay.php?f=2"

    def past_end(self, request: Request, thread: Thread, last: int) -> Response | None:
        return None

    def guest_cookies(self) -> list[tuple[str, str]]:
        return [set_cookie("bbsessionhash", self.session_id), set_cookie("bblastvisit", "1700000000")]

    def file_url(self, post: Post, file: TruthFile, member: str | None, *, small: bool = False) -> str:
        session = "" if member else f"s={self.session_id}&amp;"
        extra = f"&amp;stc=1&amp;thumb=1&amp;d={post.at}" if small else f"&amp;d={post.at}"
        return f"attachment.php?{session}attachmentid={self.attachment_id(post, file)}{extra}"

    def in_text(self, post: Post, file: TruthFile) -> str:
        if file.suffix == "png":
            number = self.attachment_id(post, file)
            url = f"attachment.php?attachmentid={number}&amp;stc=1&amp;d={post.at}"
            return f'<img src="{url}" border="0" alt="" id="vbattach_{number}" class="previewthumb" />'
        full = self.file_url(post, file, None)
        if file.suffix == "zip":
            return f'<a href="{full}">{file.name}</a>'
        small = self.file_url(post, file, None, small=True)
        return (
            f'<a href="{full}" rel="Lightbox_{post.id}" target="_blank"><img src="{small}" class="thumbnail" '
            'border="0" alt="" /></a>'
        )

    def smiley(self) -> str:
        return '<img src="images/smilies/smile.gif" border="0" alt="" title="Smile" class="inlineimg" />'

    def inline(self, file: TruthFile) -> str:
        return f'<img src="{file.url}" border="0" alt="" />'

    def thumbnail(self, file: TruthFile) -> str:
        return f'<img src="{file.small_url}" border="0" alt="" />'
