"""What forums have in common whose threads are JSON behind an empty page: errors, and logins by a token in a header."""

from __future__ import annotations

import json
from abc import abstractmethod
from typing import Any, ClassVar

from fakeweb.messages import Request, Response, set_cookie
from fakeweb.sites.forums.forum import MEMBER, PASSWORD, SESSION, Forum
from fakeweb.sites.forums.parts import View, h
from fakeweb.sites.forums.truth import Mode, Thread

TOKEN = "s1mulatedCsrfToken"


class JsonForum(Forum):
    """A forum with an API."""

    login_api: ClassVar[str]
    """Where the name and the password are sent to."""

    @abstractmethod
    def is_api(self, path: str) -> bool:
        """Whether an address answers in JSON."""

    @abstractmethod
    def api(self, request: Request, path: str) -> Response | None:
        """Answer an address of the API."""

    @abstractmethod
    def error(self, status: int, kind: str) -> Response:
        """An error as the program words it; kinds: login, forbidden, missing."""

    @abstractmethod
    def empty(self) -> Any:
        """The document of a thread with nothing in it."""

    def handle(self, request: Request) -> Response | None:
        if not request.path.startswith(self.prefix):
            return None
        path = request.path[len(self.prefix) :] or "/"
        if request.method == "POST" and path == self.login_api:
            return self._token_login(request)
        if self.is_api(path):
            return self.api(request, path) or self.error(404, "missing")
        return super().handle(request)

    def wall(self, request: Request, thread: Thread) -> Response | None:
        if not self.is_api(request.path[len(self.prefix) :]):
            if thread.mode is Mode.MEMBERS and self.member_of(request) is None:
                return Response.redirect(self.login_path, 302)
            return super().wall(request, thread)
        if thread.mode is Mode.MEMBERS and self.member_of(request) is None:
            return self.error(self.wall_status, "login")
        if thread.mode is Mode.FORBIDDEN:
            return self.error(403, "forbidden")
        if thread.mode is Mode.EMPTY:
            return Response.json(self.empty())
        return super().wall(request, thread)

    def missing(self, request: Request) -> Response:
        if self.is_api(request.path[len(self.prefix) :]):
            return self.error(404, "missing")
        return super().missing(request)

    def found(self, request: Request, thread_id: int) -> Thread | Response:
        """The thread of a number, or the answer in its place."""
        thread = self.threads.get(thread_id)
        if thread is None:
            return self.missing(request)
        return self.wall(request, thread) or thread

    def thread_page(self, view: View) -> str:
        return self.shell(view.thread.title, f"<h1>{h(view.thread.title)}</h1>", view.member)

    @abstractmethod
    def shell(self, title: str, content: str, member: str | None = None) -> str:
        """The page that a script fills."""

    def message_page(self, text: str, *, form: str = "") -> str:
        return self.shell("Log in" if form else "Oops", f"<p>{h(text)}</p>{form}")

    def _token_login(self, request: Request) -> Response:
        fields = request.form
        if "json" in request.headers.get("content-type", ""):
            fields = {name: str(value) for name, value in json.loads(request.body or b"{}").items()}
        if request.headers.get("x-csrf-token") != TOKEN:
            return self.error(403, "forbidden")
        if (fields.get(self.login.user), fields.get(self.login.password)) != (MEMBER, PASSWORD):
            return Response.json({"error": "Incorrect username, email or password"}, status=401)
        cookies = ((self.login.session, SESSION), *self.login.further)
        return Response.json(
            {"user": {"id": 31, "username": MEMBER}},
            headers=[set_cookie(name, value, httponly=True) for name, value in cookies],
        )
