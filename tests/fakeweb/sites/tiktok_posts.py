"""The accounts and posts of the simulated TikTok, and the media behind them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fakeweb import media
from fakeweb.blobs import BytesBlob
from fakeweb.expected import ExpectedFile

FIRST_POST_AT = 1_700_000_000
_DAY_S = 86_400
_VIDEO_HOST = "https://v16-webapp-prime.us.tiktok.com"
_IMAGE_HOST = "https://p16-sign.tiktokcdn-us.com"
WATERMARKED = "watermarked"


@dataclass(frozen=True)
class Rendition:
    """One quality of a video; the announced size of the picture is TikTok's, the real one is smaller."""

    key: str
    width: int
    height: int
    real_width: int
    real_height: int
    bytes_per_s: int

    @property
    def url_key(self) -> str:
        """The middle of TikTok's `UrlKey`, which yt-dlp reads codec, height and bitrate from."""
        rate = {"1080p": 1_900_000, "720p": 900_000, "540p": 500_000}[self.key.rpartition("_")[2]]
        return f"{self.key}_{rate}"


RENDITIONS = (
    Rendition("bytevc1_1080p", 1080, 1920, 270, 480, 40_000),
    Rendition("h264_720p", 720, 1280, 180, 320, 30_000),
    Rendition("h264_540p", 576, 1024, 144, 256, 20_000),
)


@dataclass
class Post:
    """A video, or with `images` a photo post; a status code makes it gone, private or blocked."""

    id: str
    caption: str
    created_at: int
    images: int = 0
    status_code: int = 0
    sensitive: bool = False
    duration_s: float = 1.0
    bytes_per_video: int | None = None
    mute: tuple[str, ...] = ()
    """Keys of renditions without sound, which the site announces all the same."""
    lost: tuple[str, ...] = ()
    """Keys of renditions that are announced and answered with 404."""

    @property
    def is_photo(self) -> bool:
        """Whether it is a photo post."""
        return self.images > 0

    def video_bytes(self, quality: Rendition) -> int:
        """The exact size of one quality, known before it is made: a list announces dozens of them."""
        return self.bytes_per_video or int(quality.bytes_per_s * max(1.0, self.duration_s))


@dataclass
class User:
    """An account with its posts, oldest first."""

    name: str
    nickname: str
    posts: list[Post] = field(default_factory=list)
    stories: list[Post] = field(default_factory=list)
    reposts: list[Post] = field(default_factory=list)
    private: bool = False
    embeddable: bool = True
    pinned: list[str] = field(default_factory=list)
    """Ids of posts shown first, whatever their age."""
    born: str = ""
    """Its first name: the ids stay when it calls itself otherwise."""

    @property
    def id(self) -> str:
        """The numeric id."""
        first = self.born or self.name
        return str(6_800_000_000_000_000_000 + int(hashlib.sha256(first.encode()).hexdigest()[:12], 16))

    @property
    def sec_uid(self) -> str:
        """The opaque id that lists are asked with."""
        digest = hashlib.sha512((self.born or self.name).encode()).digest()
        return "MS4wLjABAAAA" + base64.urlsafe_b64encode(digest).decode()[:64]

    def post(self, number: int) -> Post:
        """The post of that number, 1 is the oldest."""
        return self.posts[number - 1]


def make_post(name: str, number: int, *, images: int = 0, caption: str | None = None, **more: Any) -> Post:
    """The number-th post of a user: one a day, ids as TikTok makes them (the time in the upper half)."""
    created_at = FIRST_POST_AT + number * _DAY_S
    low = int(hashlib.sha256(f"{name} {number}".encode()).hexdigest()[:7], 16)
    text = f"{name} post {number} #simulated" if caption is None else caption
    return Post(str((created_at << 32) + low), text, created_at, images, **more)


def make_user(
    *,
    posts: int = 5,
    photo_posts: Iterable[int] = (),
    images: int = 3,
    stories: int = 0,
    captions: Mapping[int, str] | None = None,
    status_codes: Mapping[int, int] | None = None,
    sensitive: Iterable[int] = (),
    private: bool = False,
    embeddable: bool = True,
    bytes_per_video: int | None = None,
) -> User:
    """An account by numbers (posts count from 1, the oldest); it is named by its key in TikTok's `users`."""
    user = User("", "", private=private, embeddable=embeddable)
    photos, hidden = set(photo_posts), set(sensitive)
    user.posts = [
        Post(
            "",
            (captions or {}).get(number, ""),
            number,
            images if number in photos else 0,
            (status_codes or {}).get(number, 0),
            number in hidden,
            bytes_per_video=bytes_per_video,
        )
        for number in range(1, posts + 1)
    ]
    user.stories = [Post("", "", 1000 + number) for number in range(1, stories + 1)]
    return user


def settle(name: str, user: User) -> User:
    """Give a user made by numbers its name and its posts their ids."""
    user.name = user.name or name
    user.born = user.born or user.name
    user.nickname = user.nickname or name.title()
    for number, post in enumerate(user.posts, 1):
        if not post.id:
            made = make_post(user.name, number)
            post.id, post.created_at = made.id, made.created_at
            post.caption = post.caption or made.caption
    for number, story in enumerate(user.stories, 1):
        if not story.id:
            made = make_post(user.name, 1000 + number, caption=f"{user.name} story {number}")
            story.id, story.created_at, story.caption = made.id, made.created_at, made.caption
    return user


def video(post: Post, rendition: str) -> BytesBlob:
    """One quality of a video post."""
    # The watermarked one is like the smallest, with bytes of its own.
    quality = next((quality for quality in RENDITIONS if quality.key == rendition), RENDITIONS[-1])
    data = media.mp4(
        f"tiktok {post.id} {rendition}",
        width=quality.real_width,
        height=quality.real_height,
        duration_s=post.duration_s,
        audio=rendition not in post.mute,
        size_bytes=post.video_bytes(quality),
    )
    return BytesBlob(data)


def music_track(post: Post) -> BytesBlob:
    """The sound of a post."""
    return BytesBlob(media.mp3(f"tiktok {post.id} music"))


def photo(post: Post, number: int) -> BytesBlob:
    """A picture of a photo post, from 1; 0 is a video's cover."""
    return BytesBlob(media.jpeg(f"tiktok {post.id} photo {number}", width=360, height=480))


def avatar(name: str) -> BytesBlob:
    """A user's picture."""
    return BytesBlob(media.jpeg(f"tiktok {name} avatar", width=200, height=200))


def video_url(post: Post, rendition: str) -> str:
    """Where a quality, or the music, of a post lies."""
    kind = "audio_mpeg" if rendition == "music" else "video_mp4"
    return f"{_VIDEO_HOST}/video/tos/useast5/{post.id}/{rendition}/?mime_type={kind}&expire=1999999999"


def photo_url(post: Post, number: int) -> str:
    """Where a picture of a photo post lies."""
    return f"{_IMAGE_HOST}/tos/{post.id}photo{number}~tplv-photomode-image.jpeg"


def cover_url(post: Post) -> str:
    """Where a video's cover lies."""
    return f"{_IMAGE_HOST}/tos/{post.id}cover~tplv-cover.jpeg"


def avatar_url(user: User) -> str:
    """Where a user's picture lies."""
    return f"{_IMAGE_HOST}/tos/avatar-{user.name}~tplv-avatar.jpeg"


def best_files(post: Post, *, music: bool) -> list[ExpectedFile]:
    """The best video of a post, or its photos and perhaps its music."""
    if not post.is_photo:
        best = RENDITIONS[0].key
        blob = video(post, best)
        return [ExpectedFile.of(video_url(post, best), blob, "video/mp4", item_id=post.id, label=best)]
    files = [
        ExpectedFile.of(
            photo_url(post, n), photo(post, n), "image/jpeg", item_id=post.id, index=n, label="photo"
        )
        for n in range(1, post.images + 1)
    ]
    if music:
        url, index = video_url(post, "music"), post.images + 1
        files.append(
            ExpectedFile.of(url, music_track(post), "audio/mpeg", item_id=post.id, index=index, label="music")
        )
    return files
