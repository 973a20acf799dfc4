"""StoryNavigation: a page that sets a token, then two calls with it; media behind base64 and a Referer."""

from __future__ import annotations

import base64
import json
import time
from typing import Any
from urllib.parse import unquote, urlsplit

from fakeweb.messages import Request, Response, set_cookie
from fakeweb.sites.instagram_posts import Medium, Post, Profile, avatar_url
from fakeweb.sites.viewer import Viewer, cover_url, media_url

ROOT = "https://storynavigation.com"
NEWEST = 12
_TOKEN = "simulated+token/with=signs"
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


class StoryNavigation(Viewer):
    """The site."""

    hosts = ("storynavigation.com", "*.storynavigation.com", "stories-cdn.fun")

    def handle(self, request: Request) -> Response | None:
        """Answer by host, then by path."""
        if request.host != "storynavigation.com":
            return self._media(request)
        if (wall := self.wall()) is not None:
            return wall
        if request.path.startswith("/user/"):
            response = Response.page("<html><body><div id='app'></div></body></html>")
            response.headers.append(set_cookie("laravel_session", "simulated", secure=True))
            response.headers.append(set_cookie("XSRF-TOKEN", "simulated%2Btoken%2Fwith%3Dsigns", secure=True))
            return response
        if request.method != "POST":
            return None
        if request.headers.get("x-xsrf-token") != _TOKEN or "laravel_session" not in request.cookies:
            return Response.json({"message": "CSRF token mismatch."}, status=403)
        body = json.loads(request.body or b"{}")
        if request.path == "/get-user-profile":
            return self._profile(str(body.get("userName", "")))
        if request.path == "/get-user-medias":
            return self._medias(str(body.get("user_name", "")))
        return None

    def _profile(self, name: str) -> Response:
        profile = self.profile(name)
        if profile is None:
            return Response.json({"success": False, "message": "User not found"})
        if self.drifted:
            return Response.json({"u": [1, 2, 3]})
        shown = {
            "id": profile.pk,
            "userName": name,
            "isPrivate": profile.private,
            "biography": profile.bio,
            "mediaCount": len(profile.posts),
            "profilePicUrl": _wrapped(avatar_url(profile)),
        }
        return Response.json({"user": shown})

    def _medias(self, name: str) -> Response:
        profile = self.profile(name)
        if profile is None or profile.private:
            return Response.json([])
        newest = [_post(owner, post) for owner, post in self.listed(profile)[:NEWEST]]
        return Response.json({"rows": newest} if self.drifted else newest)

    def _media(self, request: Request) -> Response | None:
        encoded = request.target.partition("?")[2] if "cdn." in request.host else request.path.lstrip("/")
        if "storynavigation.com" not in request.headers.get("referer", ""):
            return Response.page("Bad URL hash", status=403)
        url = base64.b64decode(unquote(encoded)).decode()
        return self.instagram.media(urlsplit(url).path)


def _post(owner: Profile, post: Post) -> dict[str, Any]:
    first = post.media[0]
    kind = "sidecar" if post.is_carousel else ("video" if first.is_video else "image")
    shown: dict[str, Any] = {
        "id": post.code,
        "type": kind,
        "caption": post.caption or "",
        "createdTime": _written(post.taken_at),
        "thumbnailUrl": _wrapped(cover_url(first)),
        "owner": {"username": owner.username},
    }
    if kind == "video":
        shown["videoUrl"] = _wrapped(media_url(first), "stories-cdn.fun/")
    if kind == "sidecar":
        # The site gives pictures only
        pictures = [part for part in post.media if not part.is_video]
        shown["sidecarItems"] = [
            {"type": "image", "thumbnailUrl": _wrapped(_shown(part))} for part in pictures
        ]
    return shown


def _shown(part: Medium) -> str:
    return media_url(part)


def _wrapped(url: str, host: str = "cdn.storynavigation.com/?") -> str:
    return f"https://{host}{base64.b64encode(url.encode()).decode()}"


def _written(at: int) -> str:
    when = time.gmtime(at)
    return f"{when.tm_mday} {_MONTHS[when.tm_mon - 1]} {when.tm_year} {time.strftime('%H:%M:%S', when)}"
