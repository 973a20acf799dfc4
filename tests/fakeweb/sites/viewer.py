"""What the simulated viewer sites of Instagram share: whose posts they show, and how they can be out of order."""

from __future__ import annotations

from typing import TypeVar

from fakeweb.messages import Response
from fakeweb.sites.instagram import Instagram
from fakeweb.sites.instagram_posts import Medium, Post, Profile, image_url, video_url

PAGE_SIZE = 12
T = TypeVar("T")


class Viewer:
    """A site that shows what Instagram has; its switches may be changed while it runs.

    Attributes:
        drifted: Its pages and answers have other names for everything.
        walled: A bot check of Cloudflare stands before all of it.
        plain_urls: Media come from the CDN of Instagram, not from a copy of its own.
    """

    login_path = "/login"

    def __init__(self, instagram: Instagram) -> None:
        self.instagram = instagram
        self.drifted = False
        self.walled = False
        self.plain_urls = False

    def profile(self, name: str) -> Profile | None:
        """An account."""
        return self.instagram.profiles.get(name)

    def listed(self, profile: Profile) -> list[tuple[Profile, Post]]:
        """The posts it lists for an account, those of others in second place."""
        posts = [(profile, post) for post in profile.timeline]
        others = [
            (self.instagram.profiles[name], self.instagram.profiles[name].posts[number - 1])
            for name, number in profile.collaborations
        ]
        return posts[:1] + others + posts[1:]

    def find(self, code: str) -> tuple[Profile, Post] | None:
        """A post or reel by its code."""
        for profile in self.instagram.profiles.values():
            for post in (*profile.posts, *profile.reels):
                if post.code == code:
                    return profile, post
        return None

    def wall(self) -> Response | None:
        """The bot check, when it stands."""
        if not self.walled:
            return None
        return Response.page(
            "<title>Just a moment...</title><script>window._cf_chl_opt={};</script>",
            status=403,
            headers=[("cf-mitigated", "challenge"), ("Server", "cloudflare")],
        )


def media_url(part: Medium) -> str:
    """Where the CDN has a medium's best file."""
    return video_url(part) if part.is_video else image_url(part)


def cover_url(part: Medium) -> str:
    """Where the CDN has the picture that stands for a medium."""
    return image_url(part)


def page_of(given: list[T], cursor: str, size: int = PAGE_SIZE) -> tuple[list[T], str]:
    """One page of a list, and the cursor of the next; empty when it is the last."""
    start = int(cursor.removeprefix("c") or 0) if cursor.removeprefix("c").isdigit() or not cursor else 0
    end = start + size
    return given[start:end], f"c{end}" if end < len(given) else ""
