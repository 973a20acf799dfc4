"""The words that forum stand-ins share: what was asked for, what a page is made from, and the second host."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from fakeweb.messages import Request, Response
from fakeweb.sites.forums.truth import PICTURES_HOST, Place, Post, Thread, TruthFile, picture


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """A page of a thread was asked for."""

    thread_id: int
    number: int = 1


@dataclass(frozen=True, slots=True)
class ToPost:
    """A link to one post: the program sends to its page."""

    post_id: int


@dataclass(frozen=True, slots=True)
class File:
    """An attachment or its thumbnail was asked for, by its id on the forum."""

    id: int
    small: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    """The list of threads was asked for."""


@dataclass(frozen=True, slots=True)
class LoginForm:
    """The login page was asked for."""


@dataclass(frozen=True, slots=True)
class LoginSent:
    """The filled form came."""


Route = ThreadPage | ToPost | File | Board | LoginForm | LoginSent


@dataclass(frozen=True, slots=True)
class View:
    """What a page is made from."""

    thread: Thread
    number: int
    last: int
    posts: list[Post]
    member: str | None


@dataclass(frozen=True, slots=True)
class Login:
    """The names of a program's login form."""

    page: str
    action: str
    user: str
    password: str
    session: str
    """The cookie that says who it is."""
    hidden: tuple[str, ...] = ()
    """Fields whose values are new in every form and must come back."""
    fixed: tuple[tuple[str, str], ...] = ()
    further: tuple[tuple[str, str], ...] = ()
    """More cookies that a member has."""
    oldest_within_s: float = 0.0
    """A form that comes back sooner is refused."""


class PictureHost:
    """The second host: inline pictures, full pictures with their thumbnails, and what belongs to no truth."""

    hosts = (PICTURES_HOST,)
    login_path = "/login"

    def handle(self, request: Request) -> Response | None:
        """Answer a picture."""
        if found := re.fullmatch(r"/(inline|full|small)/(\d+)/(\d+)\.jpg", request.path):
            place = {"inline": "inline", "full": "linked", "small": "linked"}[found[1]]
            file = TruthFile(int(found[2]), int(found[3]), Place(place), "jpg")
            return Response.media(file.small() if found[1] == "small" else file.blob(), "image/jpeg")
        if request.path.endswith(".jpg"):
            return Response.media(picture(request.path), "image/jpeg")
        return Response.page("<h1>Pictures</h1>") if request.path in {"/", "/about"} else None


def h(text: str) -> str:
    """Text for HTML."""
    return html.escape(text)


def when(at: int, shape: str) -> str:
    """A moment in the board's time, which is UTC and rarely says so."""
    return datetime.fromtimestamp(at, UTC).strftime(shape)


def cut(url: str) -> str:
    """The text of a long link, shortened as programs do."""
    return url if len(url) <= 28 else f"{url[:18]}…{url[-6:]}"
