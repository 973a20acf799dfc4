"""The standard population: what tests start from and what `mediadl demo` shows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fakeweb.server import FakeWeb
from fakeweb.sites.booru import Booru
from fakeweb.sites.forums import SMALL_THREAD_ID, Forums
from fakeweb.sites.generic import Generic
from fakeweb.sites.hub import Hub
from fakeweb.sites.imginn import Imginn
from fakeweb.sites.instagram import Instagram, make_profile
from fakeweb.sites.mastodon import Mastodon
from fakeweb.sites.storynavigation import StoryNavigation
from fakeweb.sites.tiktok import TikTok, make_user
from fakeweb.sites.toolzu import Toolzu
from fakeweb.sites.xenforo import XenForo, make_thread


@dataclass(frozen=True)
class Example:
    """A URL worth trying, and what it leads to."""

    title: str
    url: str


@dataclass(frozen=True)
class World:
    """A web with its sites at hand, to change their switches and to ask what they will serve."""

    web: FakeWeb
    tiktok: TikTok
    instagram: Instagram
    generic: Generic
    booru: Booru
    mastodon: Mastodon
    forum: XenForo
    forums: Forums
    imginn: Imginn
    storynavigation: StoryNavigation
    hub: Hub
    toolzu: Toolzu

    def examples(self) -> list[Example]:
        """One URL of each kind."""
        tiktok, instagram, base = self.tiktok, self.instagram, self.generic.base_url
        files = "https://files.example.com"
        return [
            Example("TikTok video", tiktok.post_url("alice", 20)),
            Example("TikTok photo post", tiktok.post_url("alice", 7)),
            Example("TikTok user with 20 posts", tiktok.profile_url("alice")),
            Example("TikTok short link", tiktok.short_url("alice", 1)),
            Example("Instagram profile with carousels (session needed)", instagram.profile_url("bob")),
            Example("Instagram post with five pictures and videos", instagram.post_url("bob", 2)),
            Example("Instagram reel", instagram.reel_url("bob", 1)),
            Example("Instagram stories (session needed)", instagram.stories_url("bob")),
            Example("Instagram highlight (session needed)", instagram.highlight_url("bob")),
            Example("Forum thread with pictures", self.forums.small.thread_url(SMALL_THREAD_ID)),
            Example("Page with an HTML5 video", f"{base}/watch/html5"),
            Example("Page with a film in its head", f"{base}/watch/og"),
            Example("Page with an HLS stream", f"{base}/watch/hls"),
            Example("Page with four pictures", f"{base}/album"),
            Example("Picture board, twelve posts of a tag", self.booru.tag_url()),
            Example("Mastodon post with a picture and a video", self.mastodon.status_url(2)),
            Example("PDF file", f"{files}/files/report.pdf"),
            Example("Large file, 200 MB", f"{files}/files/archive-200mb.zip"),
            Example("Page without any media", f"{base}/nothing"),
        ]


def default_world(
    *,
    port: int = 0,
    state_dir: Path | None = None,
    rate_bytes_per_s: float | None = None,
    connection_rate_bytes_per_s: float | None = None,
    latency_s: float = 0.0,
) -> World:
    """The whole population, not yet started: use `world.web` as a context manager or call its `start`."""
    tiktok = TikTok(
        {
            "alice": make_user(
                posts=20,
                photo_posts=[7],
                stories=2,
                captions={3: "A line with </script> & <b>marks</b>", 4: "Sunset \N{SUNRISE} #sea"},
            ),
            "dora": make_user(posts=4, status_codes={1: 10204, 2: 10231}, sensitive=[3]),
            "hidden": make_user(posts=3, private=True),
        }
    )
    instagram = Instagram(
        [
            make_profile(
                "bob",
                posts=15,
                carousels={2: 5, 9: 3},
                videos=(4,),
                pinned=(3,),
                captions={5: ""},
                reels=4,
                stories=3,
                highlights={"Trips": 3, "Cats": 2},
                tagged=[("carol", 1)],
            ),
            make_profile("carol", posts=3, carousels={1: 2}),
            make_profile("shy", posts=3, private=True),
            make_profile("blank", posts=0),
        ]
    )
    bob = instagram.profiles["bob"]
    bob.bio = "This account is private? No: \N{CAMERA} \u0645\u0635\u0648\u0631"
    bob.collaborations = [("carol", 2)]
    generic = Generic()
    booru, mastodon = Booru(), Mastodon()
    forum = XenForo(
        [make_thread(77, posts=12, attached=[2, 12]), make_thread(78, posts=2, members_only=True)]
    )
    forums = Forums()
    viewers = (Imginn(instagram), StoryNavigation(instagram), Hub(instagram), Toolzu(instagram))
    web = FakeWeb(
        [tiktok, instagram, generic, booru, mastodon, forum, *viewers, *forums.sites()],
        port=port,
        state_dir=state_dir,
        rate_bytes_per_s=rate_bytes_per_s,
        connection_rate_bytes_per_s=connection_rate_bytes_per_s,
        latency_s=latency_s,
    )
    return World(web, tiktok, instagram, generic, booru, mastodon, forum, forums, *viewers)
