"""Forum programs in the shapes of their real pages, all showing the same thread."""

from __future__ import annotations

from collections.abc import Iterable

from fakeweb.server import Site
from fakeweb.sites.forums.discourse import Discourse
from fakeweb.sites.forums.flarum import Flarum
from fakeweb.sites.forums.forum import MEMBER, PASSWORD, Forum
from fakeweb.sites.forums.hosts import FileHost
from fakeweb.sites.forums.invision import Invision4, Invision5
from fakeweb.sites.forums.mybb import MyBB
from fakeweb.sites.forums.nodebb import NodeBB
from fakeweb.sites.forums.parts import PictureHost
from fakeweb.sites.forums.phpbb3 import PhpBB3
from fakeweb.sites.forums.smf2 import Smf2
from fakeweb.sites.forums.truth import Edit, Mode, PastEnd, Place, Post, Thread, TruthFile
from fakeweb.sites.forums.vbulletin3 import VBulletin3
from fakeweb.sites.forums.vbulletin4 import VBulletin4
from fakeweb.sites.forums.vbulletin5 import VBulletin5
from fakeweb.sites.forums.xenforo2 import XenForo2

PROGRAMS: tuple[type[Forum], ...] = (
    XenForo2,
    VBulletin3,
    VBulletin4,
    VBulletin5,
    PhpBB3,
    Invision4,
    Invision5,
    Smf2,
    MyBB,
    Discourse,
    NodeBB,
    Flarum,
)
THREAD_ID = 77
SMALL_THREAD_ID = 5


class Forums:
    """One forum of each program on hosts of their own, every one with the thread of the truth, the picture
    host, and a host of files.

    `forums["phpbb3"]` is a forum; further ones: `xenforo2-folder` lives in `/community`, `xenforo2-plain` has
    `index.php?` in its addresses. `small` has one short thread without links to other hosts.
    """

    def __init__(self, *, started_at: int | None = None) -> None:
        def threads() -> Iterable[Thread]:
            made = Thread(THREAD_ID)
            if started_at is not None:
                made.started_at = started_at
            return [made]

        self._forums: dict[str, Forum] = {kind.software: kind(threads()) for kind in PROGRAMS}
        self._forums["xenforo2-folder"] = XenForo2(threads(), host="walks.example.org", prefix="/community")
        self._forums["xenforo2-plain"] = XenForo2(threads(), host="plain.example.org", friendly=False)
        self.small = PhpBB3(
            [Thread(SMALL_THREAD_ID, count=4, title="Spring in the hills")], host="hills.example.org"
        )
        self.pictures = PictureHost()
        self.files = FileHost()

    def __getitem__(self, name: str) -> Forum:
        return self._forums[name]

    def names(self) -> tuple[str, ...]:
        """The name of every forum here."""
        return tuple(self._forums)

    def sites(self) -> list[Site]:
        """All of them, for a web."""
        return [*self._forums.values(), self.small, self.pictures, self.files]


__all__ = [
    "MEMBER",
    "PASSWORD",
    "PROGRAMS",
    "SMALL_THREAD_ID",
    "THREAD_ID",
    "Edit",
    "FileHost",
    "Forum",
    "Forums",
    "Mode",
    "PastEnd",
    "PictureHost",
    "Place",
    "Post",
    "Thread",
    "TruthFile",
]
