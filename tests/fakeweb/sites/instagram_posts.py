"""The profiles and posts of the simulated Instagram, and the media behind them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from fakeweb import media
from fakeweb.blobs import BytesBlob
from fakeweb.expected import ExpectedFile

FIRST_POST_AT = 1_700_000_000
CDN = "https://scontent-x.cdninstagram.com"
_DAY_S = 86_400
_EPOCH_MS = 1_314_220_021_721
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_IMAGE_SIZE = (360, 450)
_VIDEO_SIZE = (180, 320)
_SMALL_VIDEO_SIZE = (144, 256)


@dataclass(frozen=True)
class Medium:
    """One picture or video."""

    pk: str
    is_video: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return _VIDEO_SIZE if self.is_video else _IMAGE_SIZE


@dataclass(frozen=True)
class Post:
    """A post, reel or story item; several media make it a carousel."""

    pk: str
    taken_at: int
    caption: str | None
    media: tuple[Medium, ...]
    product_type: str = "feed"
    pinned: bool = False

    @property
    def code(self) -> str:
        """The short code in its URL."""
        return code_of(int(self.pk))

    @property
    def is_carousel(self) -> bool:
        """Whether it has more than one medium."""
        return len(self.media) > 1


@dataclass(frozen=True)
class Highlight:
    """A named collection of old stories."""

    id: str
    title: str
    items: tuple[Post, ...]


@dataclass
class Profile:
    """An account; posts, reels and stories are oldest first."""

    username: str
    full_name: str
    posts: list[Post] = field(default_factory=list)
    reels: list[Post] = field(default_factory=list)
    stories: list[Post] = field(default_factory=list)
    highlights: list[Highlight] = field(default_factory=list)
    tagged: list[tuple[str, int]] = field(default_factory=list)
    private: bool = False
    followers: frozenset[str] = frozenset()
    bio: str = ""
    collaborations: list[tuple[str, int]] = field(default_factory=list)
    """Posts of others that viewer sites list as if they were its own: name and number."""
    born: str = ""
    """Its first name: the id stays when it calls itself otherwise."""

    @property
    def pk(self) -> str:
        """The numeric id."""
        return str(9_000_000_000 + number_from(self.born or self.username, 9))

    @property
    def timeline(self) -> list[Post]:
        """The posts as the profile shows them: pinned ones, then newest first."""
        newest = list(reversed(self.posts))
        return [post for post in newest if post.pinned] + [post for post in newest if not post.pinned]


def number_from(text: str, digits: int) -> int:
    """A number of at most that many digits that depends on the text only."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:12], 16) % int(10**digits)


def code_of(pk: int) -> str:
    """A media id as the short code of URLs."""
    code = ""
    while pk:
        pk, rest = divmod(pk, 64)
        code = _ALPHABET[rest] + code
    return code


def make_item(
    username: str,
    kind: str,
    number: int,
    *,
    videos: Sequence[bool] = (False,),
    caption: str | None = None,
    pinned: bool = False,
) -> Post:
    """The number-th post, reel or story of a profile: one a day, ids as Instagram makes them."""
    taken_at = FIRST_POST_AT + number * _DAY_S
    low = number_from(f"{username} {kind} {number}", 6)
    first = ((taken_at * 1000 - _EPOCH_MS) << 23) + low
    parts = tuple(Medium(str(first + at), video) for at, video in enumerate(videos, 1))
    if len(parts) == 1:
        parts = (Medium(str(first), videos[0]),)
    product = {"reel": "clips", "story": "story"}.get(
        kind, "carousel_container" if len(parts) > 1 else "feed"
    )
    text = f"{username} {kind} {number} #simulated" if caption is None else caption
    return Post(str(first), taken_at, text or None, parts, product, pinned)


def make_profile(
    username: str,
    *,
    posts: int = 5,
    carousels: Mapping[int, int] | None = None,
    videos: Iterable[int] = (),
    pinned: Iterable[int] = (),
    captions: Mapping[int, str] | None = None,
    reels: int = 0,
    stories: int = 0,
    highlights: Mapping[str, int] | None = None,
    tagged: Iterable[tuple[str, int]] = (),
    private: bool = False,
    followers: Iterable[str] = (),
) -> Profile:
    """An account by numbers (all count from 1, the oldest).

    Args:
        username: Its name.
        posts: How many posts it has.
        carousels: Post number to how many media it holds; every third of them is a video.
        videos: Posts that are one video.
        pinned: Posts shown first.
        captions: Post number to its text.
        reels: How many reels it has.
        stories: How many stories: picture, video, picture and so on.
        highlights: Title to how many items.
        tagged: Posts of others it is tagged in: name and number.
        private: Shown to followers only.
        followers: Viewers (as in `Instagram.sessions`) who may see it nevertheless.
    """
    profile = Profile(username, username.title(), private=private, followers=frozenset(followers))
    single, first = set(videos), set(pinned)
    for number in range(1, posts + 1):
        count = (carousels or {}).get(number, 1)
        kinds = [number in single] if count == 1 else [at % 3 == 0 for at in range(1, count + 1)]
        text = (captions or {}).get(number)
        profile.posts.append(
            make_item(username, "post", number, videos=kinds, caption=text, pinned=number in first)
        )
    profile.reels = [make_item(username, "reel", n, videos=[True]) for n in range(1, reels + 1)]
    profile.stories = [
        make_item(username, "story", n, videos=[n % 2 == 0], caption="") for n in range(1, stories + 1)
    ]
    for title, count in (highlights or {}).items():
        items = [
            make_item(username, f"highlight {title}", n, videos=[n % 2 == 0], caption="")
            for n in range(1, count + 1)
        ]
        number = 17_900_000_000_000_000 + number_from(f"{username} {title}", 12)
        profile.highlights.append(Highlight(f"highlight:{number}", title, tuple(items)))
    profile.tagged = list(tagged)
    return profile


def image_url(medium: Medium) -> str:
    """Where a picture, or a video's cover, lies."""
    return f"{CDN}/v/t51/{_stem(medium.pk)}_n.jpg?stp=dst-jpg&oe=6FFFFFFF"


def video_url(medium: Medium, quality: str = "n") -> str:
    """Where a video lies: quality n is the best, s the small one, v and a its halves."""
    return f"{CDN}/o1/v/t16/AQ{medium.pk}_{quality}.mp4?oe=6FFFFFFF"


def avatar_url(profile: Profile) -> str:
    """Where a profile's picture lies."""
    return f"{CDN}/v/t51/{_stem(profile.pk)}_n.jpg?oe=6FFFFFFF"


def _stem(pk: str) -> str:
    """Three numbers, as assets are named; the middle one is the id."""
    return f"{10**8 + number_from(f'first {pk}', 8)}_{pk}_{10**9 + number_from(f'last {pk}', 9)}"


def image(medium: Medium) -> BytesBlob:
    """A picture's bytes."""
    return BytesBlob(media.jpeg(f"instagram {medium.pk}", width=medium.size[0], height=medium.size[1]))


def video(medium: Medium, quality: str = "n") -> BytesBlob:
    """A video's bytes."""
    width, height = _SMALL_VIDEO_SIZE if quality == "s" else medium.size
    seed = f"instagram {medium.pk} {'s' if quality == 's' else 'n'}"
    sound, picture = quality != "v", quality != "a"
    return BytesBlob(media.mp4(seed, width=width, height=height, audio=sound, video=picture))


def avatar(username: str) -> BytesBlob:
    """A profile picture's bytes."""
    return BytesBlob(media.jpeg(f"instagram {username} avatar", width=320, height=320))


def expected_files(post: Post, label: str) -> list[ExpectedFile]:
    """The best file of each medium of a post."""
    files = []
    for index, medium in enumerate(post.media, 1):
        if medium.is_video:
            url, blob, kind = video_url(medium), video(medium), "video/mp4"
        else:
            url, blob, kind = image_url(medium), image(medium), "image/jpeg"
        files.append(ExpectedFile.of(url, blob, kind, item_id=post.code, index=index, label=label))
    return files
