"""The contract of a platform: what it recognises, which backends can reach it, and how they report.

A module is pure until `run`: `match` looks at text only, so that front ends can ask it before anything is imported or
asked for. `run` happens in a runner child; it speaks through the `Reporter` it is given and fails with a
`DownloadError`. Nothing here knows the queue, the database or the protocol of the pipes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from mediadl.errors import (
    Action,
    DownloadError,
    EngineBroken,
    InvalidInput,
    LoginNeeded,
    Private,
)
from mediadl.models import Lane
from mediadl.modules.reporting import Reporter as Reporter  # noqa: PLC0414 - part of the contract
from mediadl.modules.web import Answer, NoPace, Pace, Web

if TYPE_CHECKING:
    from mediadl.settings.schema import PlatformSection

DIRECT = "direct"
YTDLP = "yt-dlp"
GALLERYDL = "gallery-dl"
SOURCE_MEMORY = "source"
"""In a task's memory: what is known of the subscribed source that the job belongs to."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a URL or alias means to a module."""

    module: str
    url: str
    """Canonical: the same thing asked for twice gives the same text."""
    content_type: str
    """One of the module's content types."""
    site: str
    """Pacing key: requests to one site share limits and cool-downs."""
    lane: Lane = Lane.RUNNER
    title: str = ""
    """First guess, shown until the engine knows better."""
    source: str = ""
    """Account or host, as far as the address tells."""


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a module: feeds `--option`, forms, API bodies, validation and docs."""

    name: str
    kind: type[bool | int | float | str]
    default: bool | int | float | str
    title: str
    help: str
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Network:
    """How a backend reaches the outside."""

    proxy: str = ""
    ca_file: str = ""
    verify_tls: bool = True
    timeout_s: float = 30.0
    retries: int = 3
    trusted: bool = True
    """False: private addresses are refused."""
    home: str = ""
    """Host the job was asked for at; pages there may not lead to private addresses elsewhere."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Name and password of an account, for sites where a form is the way in."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LoginCheck:
    """What a site says of a session."""

    works: bool
    account: str = ""
    """The account's own name, where the site tells it."""
    reason: str = ""
    """Why it does not work, for people."""


@dataclass(frozen=True, slots=True)
class Task:
    """Everything a backend needs to work on one target."""

    target: Target
    work: Path
    """Private folder: engines put everything there, nothing anywhere else."""
    network: Network = field(default_factory=Network)
    options: dict[str, Any] = field(default_factory=dict)
    cookies_file: str = ""
    """The job's private copy of an account's cookies; newer ones written into it flow back. Empty: as a visitor."""
    user_agent: str = ""
    """What the browser of these cookies calls itself; empty: nobody said."""
    credentials: Credentials | None = None
    """For a login by form when the cookies are not there or good no more; cookies made by it flow back."""
    quality: str = "best"
    request_delay_s: float = 0.0
    max_bytes: int = 0
    """Largest file an engine may download itself; 0: any."""
    rate_bytes_per_s: int = 0
    """Speed limit of what an engine downloads itself; 0: none."""
    ffmpeg: str = ""
    transport: Web | None = None
    """For backends that ask for pages themselves."""
    pace: Pace = field(default_factory=NoPace)
    """To be asked before every request for a listing that an engine sends itself."""
    memory: dict[str, Any] = field(default_factory=dict)
    """What earlier runs remembered about this source (`Reporter.remember`)."""
    pages: dict[tuple[str, bool], Answer] = field(default_factory=dict)
    """Pages that gave an earlier backend nothing, by address and `logged_in`: the next one need not ask again."""

    @property
    def owner_id(self) -> str:
        """The site's stable id of whoever a subscribed source belongs to; empty: not known."""
        told = self.memory.get(SOURCE_MEMORY)
        return str(told.get("owner_id") or "") if isinstance(told, dict) else ""

    @property
    def logged_in(self) -> bool:
        """Whether this try goes out with the cookies of an account."""
        return bool(self.cookies_file)

    @property
    def web(self) -> Web:
        """The transport.

        Raises:
            EngineBroken: this process has none.
        """
        if self.transport is None:
            raise EngineBroken("no transport was handed to the module")
        return self.transport

    def option(self, name: str, default: Any) -> Any:
        """A job option, or its default when unset."""
        value = self.options.get(name)
        return default if value is None else value

    @property
    def max_items(self) -> int:
        """Most files wanted; 0: all."""
        return int(self.option("max_items", 0) or 0)

    @property
    def since(self) -> float | None:
        """Nothing posted before this moment is wanted (epoch seconds)."""
        return moment(self.options.get("since"))

    @property
    def until(self) -> float | None:
        """Nothing posted after this moment is wanted (epoch seconds)."""
        return moment(self.options.get("until"), end_of_day=True)


class Module(ABC):
    """One platform."""

    name: ClassVar[str]
    title: ClassVar[str]
    """For people."""
    content_types: ClassVar[dict[str, str]]
    """Content type → human words; the first one is what a bare account means."""
    examples: ClassVar[tuple[tuple[str, str], ...]]
    """(URL or alias, content type): documentation and contract test in one."""
    aliases: ClassVar[tuple[str, ...]] = ()
    """Prefixes such as `tiktok` in `tiktok:@NAME`."""
    options: ClassVar[tuple[Option, ...]] = ()
    rank: ClassVar[int] = 50
    """Modules with a lower rank are asked first."""
    needs_login: ClassVar[frozenset[str]] = frozenset()
    """Content types that visitors do not get to see."""
    advice: ClassVar[str] = ""
    """What to know before an account is used here; told once, at the first import."""
    one_login_try: ClassVar[bool] = False
    """A login that one backend was refused with is shown to no other backend of the same run."""
    successor: ClassVar[str] = ""
    """Module whose backends go on when all of this one's gave up."""
    improvable: ClassVar[frozenset[str]] = frozenset()
    """Content types that name one post, of which some ways give only small pictures."""
    keeps_own_place: ClassVar[bool] = False
    """Knows by itself what of a source is new (`Reporter.remember`, threads): nobody need watch its posts go by."""
    name_template: ClassVar[str] = ""
    """Pattern of folders and names for those who have not set one; empty: the general one."""

    @abstractmethod
    def match(self, url: str, content_type: str = "") -> Target | None:
        """What the URL means, or None when it is not ours. `content_type`: what is wanted of an account.

        Raises:
            InvalidInput: the URL is ours, but what is wanted does not exist there.
        """

    def take(self, url: str, content_type: str = "") -> Target | None:
        """The same for an address that a person gave to this very platform.

        Raises:
            InvalidInput: as `match`.
        """
        return self.match(url, content_type)

    def alias(self, text: str, content_type: str = "") -> Target:
        """What `NAME` in `platform:NAME` means.

        Raises:
            InvalidInput: not a name.
        """
        raise InvalidInput(f"{self.name}:{text} means nothing", next_step="Give a full URL.")

    @abstractmethod
    def backends(self, target: Target) -> tuple[str, ...]:
        """Backends that can reach the target, in the order they are asked."""

    def chain(self, task: Task) -> tuple[str, ...]:
        """The same for the runner, where the engines may be asked what they know."""
        return self.backends(task.target)

    @abstractmethod
    def run(self, backend: str, task: Task, reporter: Reporter) -> None:
        """List the target with one backend, in a runner child.

        Raises:
            DownloadError: the backend could not do it.
        """

    def goes_on(self, backend: str, error: DownloadError, target: Target) -> bool:
        """Whether the next backend may do better after this error."""
        return error.action is Action.NEXT_BACKEND

    def after(
        self, backend: str, error: DownloadError, rest: tuple[str, ...], target: Target
    ) -> tuple[str, ...]:
        """Which of the backends not asked yet are still worth asking after this error; none: it ends here."""
        return rest if self.goes_on(backend, error, target) else ()

    def newest_first(self, target: Target) -> bool:
        """Whether a list begins with what is new, a few pinned posts aside: only such a one may be left half-way."""
        return False

    def by_owner(self, backend: str, task: Task, owner_id: str) -> Target | None:
        """The address of an account by its owner's id, for when it is not found under its name; None: no such way."""
        return None

    def uses_login(self, backend: str, task: Task) -> bool:
        """Whether this backend is ever given the cookies of an account."""
        return True

    def pace(self, backend: str) -> float:
        """How far apart a backend's requests are, as a multiple of the pause that the settings name for the site."""
        return 1.0

    def open_to_visitors(self, backend: str, target: Target) -> bool:
        """Whether a backend may give the target without a login: it is tried so before an account is used."""
        return target.content_type not in self.needs_login

    def check_login(self, web: Web, site: str) -> LoginCheck | None:
        """Ask a site, with one or two requests, whether the cookies of the transport are logged in. None: no cheap way.

        `site`: this platform's name, or a host.

        Raises:
            DownloadError: no answer that tells.
        """
        return None

    def login_may_help(self, error: DownloadError) -> bool:
        """Whether the same backend may do better with the cookies of an account."""
        return isinstance(error, LoginNeeded | Private)

    def options_model(self) -> type[PlatformSection]:
        """The options as a group of settings that refuses unknown names."""
        # pydantic takes longer to import than everything else that `mediadl add` needs
        from typing import Literal

        from pydantic import Field, create_model

        from mediadl.settings.schema import PlatformSection, Text

        fields: dict[str, Any] = {}
        for option in self.options:
            plain: Any = Text if option.kind is str else option.kind
            kind: Any = Literal[option.choices] if option.choices else plain
            about: dict[str, Any] = {"title": option.title, "description": option.help}
            fields[option.name] = (kind, Field(option.default, ge=option.least, le=option.most, **about))
        model: type[PlatformSection] = create_model(
            f"{self.name.capitalize()}Options",
            __base__=PlatformSection,
            __doc__=f"What is fetched from {self.title}, and how.",
            **fields,
        )
        model.TITLE = self.title
        return model


def site_of(url: str) -> str:
    """The pacing key of an address that belongs to no known platform: its host without `www.`."""
    try:
        host = (urlsplit(url).hostname or "").lower().rstrip(".")
    except ValueError:
        return ""
    return host.removeprefix("www.")


def wrong_type(module: Module, content_type: str, url: str, possible: tuple[str, ...]) -> InvalidInput:
    """The error for a content type that a URL cannot give."""
    if content_type not in module.content_types:
        words = ", ".join(module.content_types)
        return InvalidInput(f"{module.title} has no type {content_type!r}", next_step=f"Types: {words}.")
    return InvalidInput(
        f"{url} cannot give {content_type}",
        next_step=f"It can give: {', '.join(possible)}." if possible else "Leave the type out.",
    )


def moment(value: object, *, end_of_day: bool = False) -> float | None:
    """Epoch seconds of a number, an ISO 8601 date or date-time; None for nothing.

    Raises:
        InvalidInput: neither of these.
    """
    if value is None or value == "":
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    import datetime as dt

    text = str(value).strip()
    try:
        when = dt.datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"not a date: {text!r}", next_step="Give a date such as 2026-01-31.") from None
    if end_of_day and len(text) <= 10:
        when += dt.timedelta(days=1, microseconds=-1)
    if when.tzinfo is None:
        when = when.replace(tzinfo=dt.UTC)
    return when.timestamp()
