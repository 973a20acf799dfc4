"""What all forums of the simulated web do alike: walls, pages, files and logins. Each program adds its own markup."""

from __future__ import annotations

import hashlib
import itertools
import math
import re
import threading
import time
from collections.abc import Iterable
from email.utils import formatdate
from http.cookiejar import Cookie, MozillaCookieJar
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from fakeweb.expected import ExpectedFile
from fakeweb.faults import Fault
from fakeweb.messages import Request, Response, set_cookie
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
    cut,
    h,
)
from fakeweb.sites.forums.truth import (
    PICTURES_HOST,
    SIGNED,
    Mode,
    PastEnd,
    Post,
    Quote,
    Thread,
    TruthFile,
    picture,
)

MEMBER = "mia"
PASSWORD = "walled garden 7"
SESSION = "5%2Csimulated-Member_session"
"""The value of a member's session cookie; a percent sign stays one on the way."""
_IDS = 1_000_000


class Forum:
    """A forum program on a made-up host; subclasses know its addresses and its markup.

    Args:
        threads: What is discussed there; more may be added to `threads` while it runs.
        host: Its name.
        prefix: The folder it lives in, such as `/community`.
    """

    software: ClassVar[str]
    title: ClassVar[str] = "Mountain walks"
    login: ClassVar[Login]
    wall_status: ClassVar[int] = 403
    gone_status: ClassVar[int] = 404
    past_end_status: ClassVar[int] = 303
    per_page = 20

    def __init__(self, threads: Iterable[Thread] = (), *, host: str = "", prefix: str = "") -> None:
        self.threads: dict[int, Thread] = {thread.id: thread for thread in threads}
        self.prefix = prefix
        self.hosts: tuple[str, ...] = (host or f"{self.software}.example.org",)
        self.sessions = {SESSION: MEMBER}
        self._forms: dict[str, float] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    # What tests ask

    @property
    def login_path(self) -> str:
        """Where guests are sent."""
        return self.prefix + self.login.page

    @property
    def base_url(self) -> str:
        """Its address without a trailing slash."""
        return f"https://{self.hosts[0]}{self.prefix}"

    @property
    def board_url(self) -> str:
        """The list of threads."""
        return self.base_url + self.board_path()

    def thread_url(self, thread_id: int, page: int = 1) -> str:
        """A thread's address, as people copy it."""
        return self.base_url + self.thread_path(self.threads[thread_id], page)

    def expected(self, thread_id: int) -> list[ExpectedFile]:
        """All files that must be found in a thread."""
        return self.threads[thread_id].expected()

    def pattern(self, thread_id: int) -> str:
        """The requests for a thread's pages, as faults and the log look for them."""
        path = re.escape(self.thread_path(self.threads[thread_id], 1).rstrip("/"))
        return f"GET https://{re.escape(self.hosts[0])}{re.escape(self.prefix)}{path}"

    def busy(self, thread_id: int, *, from_request: int, retry_after: int, times: int | None = None) -> Fault:
        """A fault: 429 with Retry-After from the N-th request for the thread's pages on."""
        return Fault.status(
            self.pattern(thread_id), 429, retry_after=retry_after, skip=from_request - 1, times=times
        )

    def write_cookies(self, path: Path) -> Path:
        """A member's cookies as a cookies.txt."""
        jar = MozillaCookieJar(path)
        for name, value in ((self.login.session, SESSION), *self.login.further):
            jar.set_cookie(
                Cookie(
                    0, name, value, None, False, self.hosts[0], False, False, "/", True, True,
                    int(time.time()) + 30 * 86_400, False, None, None, {},
                )
            )  # fmt: skip
        jar.save(ignore_discard=True)
        return path

    # What programs say

    def board_path(self) -> str:
        """Path of the list of threads."""
        raise NotImplementedError

    def thread_path(self, thread: Thread, page: int) -> str:
        """Path of a page of a thread, without the prefix."""
        raise NotImplementedError

    def route(self, request: Request, path: str) -> Route | None:
        """What a request is for; `path` has no prefix."""
        raise NotImplementedError

    def thread_page(self, view: View) -> str:
        """A page of posts."""
        raise NotImplementedError

    def board_page(self, threads: list[Thread], member: str | None) -> str:
        """The list of threads."""
        raise NotImplementedError

    def message_page(self, text: str, *, form: str = "") -> str:
        """A page in the program's look with a message, and a login form if there is one."""
        raise NotImplementedError

    def guest_cookies(self) -> list[tuple[str, str]]:
        """Set-Cookie headers for whoever has no session."""
        return []

    # Answers

    def member_of(self, request: Request) -> str | None:
        """Who is logged in."""
        return self.sessions.get(request.cookies.get(self.login.session, ""))

    def handle(self, request: Request) -> Response | None:
        """Answer for the forum."""
        path, inside = request.path, request.path.startswith(self.prefix)
        if not inside:
            return None
        if re.search(
            r"/(?:avatars?|smil\w+|styles?|theme\w*|emoji\w*|emoticons|ranks|reactions|images/emoji)/", path
        ):
            return Response.media(picture(path), "image/png")
        route = self.route(request, path[len(self.prefix) :] or "/")
        match route:
            case ThreadPage():
                return self._thread(request, route)
            case ToPost():
                return self._to_post(request, route)
            case File():
                return self._file(request, route)
            case Board():
                threads = [thread for thread in self.threads.values() if thread.mode is not Mode.GONE]
                return self._page(request, self.board_page(threads, self.member_of(request)))
            case LoginForm():
                return self._page(request, self.message_page("Please log in.", form=self.form()))
            case LoginSent():
                return self._log_in(request)
        return None

    def wall(self, request: Request, thread: Thread) -> Response | None:
        """What stands before a thread, None: nothing."""
        if thread.mode is Mode.MEMBERS and self.member_of(request) is None:
            text = "You must be logged in to see this."
            return Response.page(self.message_page(text, form=self.form()), status=self.wall_status)
        if thread.mode is Mode.LOGIN_PAGE:
            return Response.page(self.message_page("Please log in.", form=self.form()))
        if thread.mode is Mode.FORBIDDEN:
            return Response.page(
                self.message_page("You do not have permission to view this page."), status=403
            )
        if thread.mode is Mode.CHALLENGE:
            return Response.page(_CHALLENGE, status=403, headers=[("cf-mitigated", "challenge")])
        if thread.mode is Mode.GONE:
            return self.missing(request)
        if thread.mode is Mode.EMPTY:
            return Response.page(self.message_page("Unknown error."))
        return None

    def missing(self, request: Request) -> Response:
        """A thread or page that is not there."""
        return Response.page(
            self.message_page("The requested topic does not exist."), status=self.gone_status
        )

    def last_page(self, thread: Thread) -> int:
        """The number of a thread's last page."""
        return max(1, math.ceil(thread.length / self.per_page))

    def past_end(self, request: Request, thread: Thread, last: int) -> Response | None:
        """The program's own answer beyond the last page; None: it shows the last page."""
        return Response.redirect(self.prefix + self.thread_path(thread, last), self.past_end_status)

    def _thread(self, request: Request, asked: ThreadPage) -> Response | None:
        thread, member = self.threads.get(asked.thread_id), self.member_of(request)
        if thread is None:
            return self.missing(request)
        if (wall := self.wall(request, thread)) is not None:
            return wall
        last, number = self.last_page(thread), asked.number
        if number > last:
            if thread.past_end is PastEnd.NOT_FOUND:
                return self.missing(request)
            if thread.past_end is PastEnd.REDIRECT:
                return Response.redirect(self.prefix + self.thread_path(thread, last), 303)
            if (answer := self.past_end(request, thread, last)) is not None:
                return answer
            number = last
        view = View(thread, number, last, thread.page(number, self.per_page), member)
        return self._page(request, self.thread_page(view))

    def _page(self, request: Request, text: str) -> Response:
        cookies = [] if self.member_of(request) else self.guest_cookies()
        return Response.page(text, headers=cookies)

    def _to_post(self, request: Request, asked: ToPost) -> Response:
        for thread in self.threads.values():
            if (post := thread.find(asked.post_id)) is not None:
                at = list(thread.numbers()).index(post.number)
                path = self.thread_path(thread, at // self.per_page + 1)
                return Response.redirect(f"{self.prefix}{path}#post-{post.id}", 302)
        return self.missing(request)

    def _file(self, request: Request, asked: File) -> Response | None:
        thread = self.threads.get(asked.id // _IDS)
        file = thread.file(asked.id % _IDS) if thread else None
        if thread is None or file is None:
            return self.missing(request)
        closed = thread.mode in {Mode.MEMBERS, Mode.FILES_FOR_MEMBERS}
        if closed and not asked.small and self.member_of(request) is None:
            text = "You must be logged in to download this file."
            return Response.page(self.message_page(text, form=self.form()), status=self.file_wall_status())
        if asked.small:
            return Response.media(file.small(), "image/jpeg")
        modified = formatdate(thread.started_at, usegmt=True)
        answer = Response.media(file.blob(), file.content_type, last_modified=modified)
        answer.headers.append(("Content-Disposition", f"attachment; filename*=UTF-8''{quote(file.name)}"))
        return answer

    def file_wall_status(self) -> int:
        """What a guest gets for a file that only members may have: a page, often with status 200."""
        return 200

    def _log_in(self, request: Request) -> Response:
        form, names = request.form, self.login
        stamp = form.get(names.hidden[0], "") if names.hidden else ""
        with self._lock:
            made_at = self._forms.pop(stamp, None)
        known = made_at is not None and all(form.get(name) for name in names.hidden)
        early = made_at is not None and time.monotonic() - made_at < names.oldest_within_s
        right = form.get(names.user) == MEMBER and form.get(names.password) == PASSWORD
        if not known or early or not right:
            text = "The submitted form was invalid." if not known or early else "Incorrect name or password."
            return Response.page(self.message_page(text, form=self.form()))
        cookies = [(names.session, SESSION), *names.further]
        headers = [set_cookie(name, value, httponly=True) for name, value in cookies]
        answer = Response.redirect(self.prefix + self.board_path(), 303)
        answer.headers += headers
        return answer

    def form(self) -> str:
        """A login form with fresh hidden fields."""
        names = self.login
        stamp = hashlib.sha256(f"{self.software} {next(self._numbers)}".encode()).hexdigest()[:32]
        with self._lock:
            self._forms[stamp] = time.monotonic()
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{stamp if at == 0 else stamp[::-1]}" />'
            for at, name in enumerate(names.hidden)
        )
        fixed = "".join(
            f'<input type="hidden" name="{name}" value="{value}" />' for name, value in names.fixed
        )
        return (
            f'<form action="{self.prefix}{names.action}" method="post" class="block">'
            f'<input type="text" name="{names.user}" autocomplete="username" />'
            f'<input type="password" name="{names.password}" autocomplete="current-password" />'
            f'{hidden}{fixed}<button type="submit">Log in</button></form>'
        )

    # The parts of a post

    def body(self, post: Post) -> str:
        """A post's text with everything in it."""
        parts = [self.quote(post.quote)] if post.quote else []
        parts.append(f"{post.mark} {h(post.text)} {self.smiley()}")
        inline = [self.inline(file) for file in post.inline]
        parts += [self.folded(shown) for shown in inline] if post.woven else inline
        parts += [self.linked(file) for file in post.linked]
        parts += [self.card(url) if post.woven else self.link(url, post.number) for url in post.links]
        parts += [self.in_text(post, file) for file in post.attached if self.weaves(post)]
        return "<br />\n".join(parts)

    def quote(self, quote: Quote) -> str:
        """A quote."""
        raise NotImplementedError

    def quoted(self, quote: Quote) -> str:
        """What is inside a quote."""
        shown = f'<br /><img src="{quote.picture_url}" alt="quoted.jpg" />' if quote.picture_url else ""
        return h(quote.text) + shown

    def weaves(self, post: Post) -> bool:
        """Whether attachments stand in the text, and not below it."""
        return post.woven

    def in_text(self, post: Post, file: TruthFile) -> str:
        """An attachment that its author put between the words."""
        raise NotImplementedError

    def folded(self, shown: str) -> str:
        """Something behind a button."""
        return shown

    def card(self, url: str) -> str:
        """A link that the program shows with a preview."""
        return self.link(url, 5)

    def smiley(self) -> str:
        """A smiley."""
        return f'<img src="{self.prefix}/smilies/smile.gif" alt=":)" title="Smile" />'

    def inline(self, file: TruthFile) -> str:
        """A picture of the other host in the text."""
        return f'<img src="{file.url}" alt="" />'

    def linked(self, file: TruthFile) -> str:
        """A thumbnail that leads to the full picture on the other host."""
        return f'<a href="{file.url}" target="_blank">{self.thumbnail(file)}</a>'

    def thumbnail(self, file: TruthFile) -> str:
        """The small picture of a linked one."""
        return f'<img src="{file.small_url}" alt="" />'

    def link(self, url: str, number: int) -> str:
        """A link to a host of files or videos."""
        return f'<a href="{h(url)}" rel="nofollow">{h(cut(url))}</a>'

    def has_signature(self, post: Post) -> bool:
        """Whether the post ends in a signature."""
        return post.author == SIGNED

    def signature_text(self) -> str:
        """What is in the signature: words, a link and a picture."""
        return (
            f'See <a href="https://{PICTURES_HOST}/about">my pictures</a> '
            f'<img src="https://{PICTURES_HOST}/signatures/{SIGNED}.jpg" alt="banner" />'
        )

    def attachment_id(self, post: Post, file: TruthFile) -> int:
        """The number of an attachment on the whole forum."""
        return post.id // 100_000 * _IDS + file.number

    def size_text(self, file: TruthFile) -> str:
        """Its size as programs print it."""
        return f"{file.blob().size / 1024:.1f} KB"


_CHALLENGE = (
    "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>"
    "<script>window._cf_chl_opt={cType:'managed'};</script>"
    '<form id="challenge-form" class="cf-challenge"></form></body></html>'
)
