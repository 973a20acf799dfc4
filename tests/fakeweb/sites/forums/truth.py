"""One thread whose every post and file is known beforehand, and what a program is asked to show of it.

A post is made from the thread's number and its own, so a thread of ten thousand posts takes no memory.
"""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from fakeweb import media
from fakeweb.blobs import BytesBlob
from fakeweb.expected import ExpectedFile

AUTHORS = {"ann": 11, "ben": 12, "cleo": 13}
SIGNED = "ben"
"""The author whose posts end in a signature with a picture."""
PICTURES_HOST = "pictures.example.net"
STARTED_AT = 1_700_000_000
STEP_S = 3600
EDIT_DELAY_S = 600
PER_POST = 10
"""Files of a post are numbered from its number times this."""
_KINDS = {"jpg": "image/jpeg", "png": "image/png", "zip": "application/zip"}
_BASES = 8


class Place(StrEnum):
    """Where a file of the truth hangs."""

    ATTACHED = "attached"
    INLINE = "inline"
    LINKED = "linked"
    """A thumbnail in the text leads to it."""


@dataclass(frozen=True, slots=True)
class TruthFile:
    """A file that must be found; `seed` decides its bytes, so two threads of one seed share them."""

    seed: int
    number: int
    place: Place
    suffix: str
    prefix: str = ""

    @property
    def name(self) -> str:
        """As its owner called it."""
        word = {"jpg": "holiday", "png": "map of day", "zip": "tracks"}[self.suffix]
        return f"{self.prefix}{word} {self.seed}-{self.number:06d}.{self.suffix}"

    @property
    def content_type(self) -> str:
        """Its media type."""
        return _KINDS[self.suffix]

    def blob(self) -> BytesBlob:
        """Its bytes, made anew each time from a few drawn pictures."""
        key = f"{self.seed} {self.number}"
        if self.suffix == "zip":
            return BytesBlob(_archive(key))
        if self.suffix == "png":
            return BytesBlob(media.png(f"forum {key}"))
        return _stamped(self.number, f"full {key}")

    def small(self) -> BytesBlob:
        """Its thumbnail: a picture of its own bytes."""
        return _stamped(self.number, f"small {self.seed} {self.number}", width=60, height=45)

    @property
    def path(self) -> str:
        """Its path on the picture host, where it is inline or linked."""
        folder = "full" if self.place is Place.LINKED else "inline"
        return f"/{folder}/{self.seed}/{self.number}.{self.suffix}"

    @property
    def url(self) -> str:
        """Its address on the picture host."""
        return f"https://{PICTURES_HOST}{self.path}"

    @property
    def small_url(self) -> str:
        """Its thumbnail on the picture host."""
        return f"https://{PICTURES_HOST}/small/{self.seed}/{self.number}.jpg"


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of another post, sometimes with a picture that is in no post of this thread."""

    author: str
    number: int
    text: str
    picture_url: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """One post as its author wrote it."""

    id: int
    number: int
    author: str
    at: int
    text: str
    quote: Quote | None = None
    inline: tuple[TruthFile, ...] = ()
    linked: tuple[TruthFile, ...] = ()
    links: tuple[str, ...] = ()
    attached: tuple[TruthFile, ...] = ()
    edited_at: int | None = None
    woven: bool = False
    """Files stand in the text, links are cards, pictures are folded away, as far as the program does that."""

    @property
    def mark(self) -> str:
        """The word that only this post has."""
        return f"MK-{self.number:04d}"

    @property
    def author_id(self) -> int:
        """The author's number."""
        return AUTHORS[self.author]

    @property
    def files(self) -> tuple[TruthFile, ...]:
        """All files that must be found in it."""
        return (*self.inline, *self.linked, *self.attached)


@dataclass(frozen=True, slots=True)
class Edit:
    """What an author changed later: new words, and a late picture if asked for."""

    text: str
    picture: bool = False


class Mode(StrEnum):
    """How the forum answers for a thread, instead of showing it."""

    OPEN = "open"
    MEMBERS = "members"
    """Guests meet the program's own login wall."""
    FILES_FOR_MEMBERS = "files for members"
    """Guests read the posts; a file is an HTML page to them."""
    LOGIN_PAGE = "login page"
    """Status 200 and the login form, for everybody."""
    FORBIDDEN = "forbidden"
    CHALLENGE = "challenge"
    GONE = "gone"
    """404."""
    EMPTY = "empty"
    """Status 200 and a page without posts."""


class PastEnd(StrEnum):
    """What a page beyond the last one is."""

    PROGRAM = "program"
    """As this program does it."""
    NOT_FOUND = "404"
    REDIRECT = "redirect"
    """To the last page there is."""


@dataclass
class Thread:
    """A thread and its switches; change them while the web runs.

    Args:
        id: Its number on the forum.
        count: Posts written so far.
        seed: Decides files and links; the id unless given.
        rich: False: posts of words only, every hundredth with an attachment.
        woven: Files stand in the text, links are cards, pictures are folded away.
        prefix: What the names of attachments begin with.
    """

    id: int
    count: int = 48
    title: str = ""
    seed: int = 0
    rich: bool = True
    woven: bool = False
    prefix: str = ""
    started_at: int = STARTED_AT
    step_s: int = STEP_S
    mode: Mode = Mode.OPEN
    past_end: PastEnd = PastEnd.PROGRAM
    edits: dict[int, Edit] = field(default_factory=dict)
    removed: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.title = self.title or f"Holiday pictures {self.id}"
        self.seed = self.seed or self.id

    @property
    def slug(self) -> str:
        """The title as addresses have it."""
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")

    @property
    def length(self) -> int:
        """Posts that are there now."""
        return self.count - sum(1 for number in self.removed if number <= self.count)

    def numbers(self) -> Sequence[int]:
        """The numbers of the posts that are there, oldest first."""
        everything = range(1, self.count + 1)
        return [n for n in everything if n not in self.removed] if self.removed else everything

    def page(self, number: int, per_page: int) -> list[Post]:
        """The posts of a page, which is numbered from 1."""
        return [self.post(n) for n in self.numbers()[(number - 1) * per_page : number * per_page]]

    def posts(self) -> Iterator[Post]:
        """All posts, one at a time."""
        return (self.post(number) for number in self.numbers())

    def post_id(self, number: int) -> int:
        """A post's id on the forum."""
        return self.id * 100_000 + number

    def find(self, post_id: int) -> Post | None:
        """The post of an id."""
        thread, number = divmod(post_id, 100_000)
        there = thread == self.id and 0 < number <= self.count and number not in self.removed
        return self.post(number) if there else None

    def post(self, number: int) -> Post:
        """A post by its number from 1."""
        edit = self.edits.get(number)
        at = self.started_at + number * self.step_s
        return Post(
            id=self.post_id(number),
            number=number,
            author=tuple(AUTHORS)[(number - 1) % len(AUTHORS)],
            at=at,
            text=edit.text if edit else _WORDS[number % len(_WORDS)],
            quote=self._quote(number) if self.rich and number % 8 == 0 else None,
            inline=self._inline(number, late=edit is not None and edit.picture),
            linked=(self._file(number, 4, Place.LINKED),) if self.rich and number % 12 == 5 else (),
            links=(host_link(self.seed, number),) if self.rich and number % 5 == 0 else (),
            attached=tuple(self._attached(number)),
            edited_at=at + EDIT_DELAY_S if edit else None,
            woven=self.woven,
        )

    def files(self) -> list[TruthFile]:
        """Every file that must be found."""
        return [file for post in self.posts() for file in post.files]

    def links(self) -> list[str]:
        """Every host link that must be found."""
        return [link for post in self.posts() for link in post.links]

    def expected(self) -> list[ExpectedFile]:
        """The files as tests compare them; `url` is set for those of the picture host."""
        return [
            ExpectedFile.of(
                "" if file.place is Place.ATTACHED else file.url,
                file.blob(),
                file.content_type,
                item_id=str(post.id),
                index=index,
                label=file.name,
            )
            for post in self.posts()
            for index, file in enumerate(post.files, 1)
        ]

    def file(self, number: int) -> TruthFile | None:
        """The attachment of a number, if a post that is there has it."""
        post = number // PER_POST
        if not 0 < post <= self.count or post in self.removed:
            return None
        return next((file for file in self.post(post).attached if file.number == number), None)

    def _file(self, number: int, slot: int, place: Place, suffix: str = "jpg") -> TruthFile:
        return TruthFile(self.seed, number * PER_POST + slot, place, suffix, self.prefix)

    def _inline(self, number: int, *, late: bool) -> tuple[TruthFile, ...]:
        usual = (self._file(number, 5, Place.INLINE),) if self.rich and number % 4 == 0 else ()
        return (*usual, self._file(number, 6, Place.INLINE)) if late else usual

    def _attached(self, number: int) -> Iterator[TruthFile]:
        for every, slot, suffix in ((3, 1, "jpg"), (9, 2, "png"), (16, 3, "zip")):
            if number % every == 0 and (self.rich or (every == 3 and number % 99 == 0)):
                yield self._file(number, slot, Place.ATTACHED, suffix)

    def _quote(self, number: int) -> Quote:
        other = max(1, number - 7)
        author = tuple(AUTHORS)[(other - 1) % len(AUTHORS)]
        picture = f"https://{PICTURES_HOST}/quoted/{self.seed}/{number}.jpg" if number % 16 == 0 else ""
        return Quote(author, other, "As I said elsewhere, the old road is the better one.", picture)


_WORDS = (
    "We took the early train and walked the rest.",
    "The weather held, so there is more light in these than I had hoped for.",
    "Has anybody been up there in spring? I would go again for the view alone.",
    "A few more from the same afternoon & the evening after it: 3 < 4, as they say.",
    "Nothing new from me today, only thanks for what the others have shown.",
)


def host_link(seed: int, number: int) -> str:
    """An address at a file or video host, another kind for each fifth post."""
    chance = random.Random(f"link {seed} {number}")
    word = "".join(chance.choices("abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=11))
    return (
        f"https://imgur.com/{word[:7]}",
        f"https://www.youtube.com/watch?v={word}",
        f"https://pixeldrain.com/u/{word[:8]}",
        f"https://gofile.io/d/{word[:6]}",
        f"https://bunkr.si/a/{word[:8]}",
    )[number // 5 % 5]


def youtube_id(link: str) -> str:
    """The video behind a link, empty for other hosts; programs show these as players."""
    return link.partition("watch?v=")[2] if "youtube.com/" in link else ""


@lru_cache(maxsize=_BASES * 2)
def _base(number: int, width: int, height: int) -> bytes:
    return media.jpeg(f"forum {number}", width=width, height=height)


def _stamped(number: int, stamp: str, *, width: int = 240, height: int = 180) -> BytesBlob:
    base = _base(number % _BASES, width, height)
    return BytesBlob(base[:2], media.jpeg_comment(stamp.encode()), base[2:])


def picture(stamp: str) -> BytesBlob:
    """A small picture that belongs to no truth: an avatar, a smiley, a signature's."""
    return _stamped(sum(stamp.encode()), stamp, width=60, height=45)


@lru_cache(maxsize=64)
def _archive(key: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo("track.gpx", (2026, 1, 1, 12, 0, 0))
        archive.writestr(entry, "".join(f"<trkpt>{key} {at}</trkpt>\n" for at in range(40)))
    return buffer.getvalue()
