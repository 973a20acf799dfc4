"""Instagram as the engines read it: pages with tokens, GraphQL, a little REST, and the CDN."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from fakeweb.expected import ExpectedFile
from fakeweb.messages import Request, Response
from fakeweb.sites import instagram_loader as loader
from fakeweb.sites import instagram_shapes as shapes
from fakeweb.sites.instagram_posts import (
    Highlight,
    Medium,
    Post,
    Profile,
    avatar,
    avatar_url,
    expected_files,
    image,
    make_item,
    make_profile,
    video,
)

__all__ = ["Highlight", "Instagram", "Medium", "Post", "Profile", "make_profile"]

_LOGIN = "/accounts/login/"
_LOGGED_OUT_QUERY = "PolarisLoggedOutDesktopWWWPostRootContentQuery"
_Answer = dict[str, Any]


class Instagram:
    """The site; its switches may be changed while it runs.

    Attributes:
        sessions: Valid `sessionid` cookies and who they belong to; remove one and it has expired.
        dash: Videos also come as a DASH manifest.
        wall: Pages redirect to the login page for everybody who is not logged in.
        wall_has_token: The login page holds the token, so that yt-dlp names the wall.
        unknown_status: Status of the page of an unknown profile: 200 or 404.
        open_to_visitors: Pages of profiles hold their posts, and visitors may ask for more.
    """

    login_path = _LOGIN
    hosts = ("instagram.com", "*.instagram.com", "*.cdninstagram.com", "*.fbcdn.net")

    def __init__(
        self,
        profiles: Iterable[Profile] | None = None,
        *,
        sessions: Mapping[str, str] | None = None,
        dash: bool = False,
    ) -> None:
        given = [make_profile("bob")] if profiles is None else profiles
        self.profiles = {profile.username: profile for profile in given}
        self.sessions = dict(sessions or {"7000000001%3AsimulatedSession%3A28": "viewer"})
        self.dash = dash
        self.wall = False
        self.wall_has_token = True
        self.unknown_status = 200
        self.open_to_visitors = False

    # What tests ask.

    @property
    def session_id(self) -> str:
        """A valid session, the first one."""
        return next(iter(self.sessions))

    def write_cookies(self, path: Path, session_id: str | None = None) -> Path:
        """Write a Netscape cookies.txt with a session."""
        value = session_id or self.session_id
        row = f".instagram.com\tTRUE\t/\tTRUE\t1999999999\tsessionid\t{value}"
        path.write_text(f"# Netscape HTTP Cookie File\n{row}\n")
        path.chmod(0o600)
        return path

    def profile_url(self, name: str) -> str:
        """The page of a profile; append posts/, reels/, highlights/, avatar/ or tagged/ for gallery-dl."""
        return f"{shapes.WWW}/{name}/"

    def post_url(self, name: str, number: int) -> str:
        """The page of a post, 1 is the oldest."""
        return f"{shapes.WWW}/p/{self.profiles[name].posts[number - 1].code}/"

    def reel_url(self, name: str, number: int) -> str:
        """The page of a reel, 1 is the oldest."""
        return f"{shapes.WWW}/reel/{self.profiles[name].reels[number - 1].code}/"

    def stories_url(self, name: str) -> str:
        """The stories of a profile."""
        return f"{shapes.WWW}/stories/{name}/"

    def highlight_url(self, name: str, number: int = 1) -> str:
        """One highlight, by its number."""
        number_id = self.profiles[name].highlights[number - 1].id.partition(":")[2]
        return f"{shapes.WWW}/stories/highlights/{number_id}/"

    def publish(self, name: str, count: int = 1) -> None:
        """Let a profile post pictures."""
        profile = self.profiles[name]
        first = len(profile.posts) + 1
        profile.posts += [make_item(profile.born or name, "post", n) for n in range(first, first + count)]

    def rename(self, name: str, to: str) -> None:
        """Let a profile take another name; ids stay."""
        self.profiles[to] = profile = self.profiles.pop(name)
        profile.username, profile.born = to, profile.born or name

    def expected_post(self, name: str, number: int) -> list[ExpectedFile]:
        """The files of one post."""
        return expected_files(self.profiles[name].posts[number - 1], "post")

    def expected_posts(self, name: str) -> list[ExpectedFile]:
        """The files of all posts, as the profile orders them."""
        return [file for post in self.profiles[name].timeline for file in expected_files(post, "post")]

    def expected_reels(self, name: str) -> list[ExpectedFile]:
        """The files of all reels, newest first."""
        return [file for post in reversed(self.profiles[name].reels) for file in expected_files(post, "reel")]

    def expected_stories(self, name: str) -> list[ExpectedFile]:
        """The files of the stories."""
        return [file for post in self.profiles[name].stories for file in expected_files(post, "story")]

    def expected_highlights(self, name: str) -> list[ExpectedFile]:
        """The files of all highlights."""
        items = [item for highlight in self.profiles[name].highlights for item in highlight.items]
        return [file for item in items for file in expected_files(item, "highlight")]

    def expected_tagged(self, name: str) -> list[ExpectedFile]:
        """The files of the posts of others that a profile is tagged in."""
        found = self.profiles[name].tagged
        return [file for owner, number in found for file in self.expected_post(owner, number)]

    def expected_avatar(self, name: str) -> ExpectedFile:
        """A profile's picture."""
        profile = self.profiles[name]
        return ExpectedFile.of(avatar_url(profile), avatar(name), "image/jpeg", item_id=name, label="avatar")

    # What engines ask.

    def handle(self, request: Request) -> Response | None:
        """Answer by host, then by path."""
        if request.host == "static.cdninstagram.com":
            return Response.text(shapes.relay_script(), "application/javascript")
        if not request.host.endswith("instagram.com") or request.host.endswith("cdninstagram.com"):
            return self.media(request.path)
        path = request.path
        if path.rstrip("/") == _LOGIN.rstrip("/"):
            if self.wall and not self.wall_has_token:
                return Response.page("<title>Login</title>")
            return shapes.page(None, None)
        viewer = self.sessions.get(request.cookies.get("sessionid", ""))
        if "doc_id" in request.form and (found := self._by_number(request, viewer)) is not None:
            return found
        if path.rstrip("/") == "/api/graphql":
            return self._graphql(request, viewer)
        if path.rstrip("/") == "/api/v1/web/get_ruling_for_content":
            return shapes.with_csrf(Response.json({"status": "ok"}))
        if path.startswith(("/api/", "/graphql/query")):
            if viewer is None:
                return Response.redirect(shapes.WWW + _LOGIN)
            if path.rstrip("/") == "/api/v1/accounts/edit/web_form_data":
                return Response.json({"form_data": {"username": viewer}, "status": "ok"})
            return self._graphql(request, viewer) if request.method == "POST" else self._rest(request, viewer)
        if self.wall and viewer is None:
            return Response.redirect(shapes.WWW + _LOGIN)
        return self._page(path, viewer)

    def _page(self, path: str, viewer: str | None) -> Response | None:
        if path == "/":
            return shapes.page(None, None, more=loader.START_TOKENS)
        if re.fullmatch(r"/(?:p|reel|reels|tv)/[\w-]+/?", path):
            return shapes.page(None, None)
        if match := re.fullmatch(r"/stories/highlights/(\d+)/?", path):
            found = self._highlight(f"highlight:{match[1]}")
            profile = found[0] if found else None
        elif match := re.fullmatch(r"/(?:stories/)?([\w.]+)(?:/[\w-]*)?/?", path):
            profile = self.profiles.get(match[1])
        else:
            return None
        if profile is None:
            return shapes.page(None, None, status=self.unknown_status)
        shown = loader.profile_script(profile) if self.open_to_visitors or viewer else ""
        return shapes.page(profile, shapes.user(profile, viewer), more=shown)

    def _by_number(self, request: Request, viewer: str | None) -> Response | None:
        """Queries as instaloader sends them, without a name."""
        if "fb_api_req_friendly_name" in request.form or not (viewer or self.open_to_visitors):
            return None
        return loader.answer(
            request.form["doc_id"],
            json.loads(request.form.get("variables") or "{}"),
            profiles=self.profiles,
            post_by_code=lambda code: self._by_code(code, viewer),
            timeline=lambda name: self._timeline(name, viewer),
        )

    def _by_code(self, code: str, viewer: str | None) -> _Answer | None:
        for profile in self.profiles.values():
            for post in (*profile.posts, *profile.reels):
                if post.code == code and self._shown(profile, viewer):
                    return self._post(profile, post, viewer)
        return None

    def _timeline(self, name: str, viewer: str | None) -> list[_Answer]:
        profile = self.profiles.get(name)
        if profile is None or not self._shown(profile, viewer):
            return []
        return [self._post(profile, post, viewer) | {"has_liked": False} for post in profile.timeline]

    def _graphql(self, request: Request, viewer: str | None) -> Response:
        name = request.form.get("fb_api_req_friendly_name", "")
        variables = json.loads(request.form.get("variables") or "{}")
        if name == _LOGGED_OUT_QUERY:
            return Response.json({"data": self._logged_out(variables)})
        if viewer is None:
            return Response.redirect(shapes.WWW + _LOGIN)
        answers: dict[str, Callable[[_Answer, str], _Answer | None]] = {
            "PolarisProfilePageContentQuery": self._profile,
            "PolarisProfileStoryHighlightsTrayContentQuery": self._highlight_tray,
            "PolarisProfilePostsTabContentQuery_connection": self._posts,
            "PolarisProfileReelsTabContentQuery_connection": self._reels,
            "PolarisProfileTaggedTabContentQuery_connection": self._tagged,
            "PolarisStoriesV3ReelPageGalleryQuery": self._reels_media,
            "PolarisStoriesV3TrayContainerQuery": self._tray,
        }
        data = answers[name](variables, viewer) if name in answers else None
        if data is None:
            return Response.json({"errors": [{"message": f"nothing for {name}"}]})
        return Response.json({"data": data})

    def _by_id(self, pk: Any) -> Profile | None:
        return next((profile for profile in self.profiles.values() if profile.pk == str(pk)), None)

    def _shown(self, profile: Profile, viewer: str | None) -> bool:
        return not profile.private or viewer in profile.followers

    def _logged_out(self, variables: _Answer) -> _Answer:
        found = self._find(str(variables.get("media_id")))
        shown = None
        if found and not found[0].private:
            shown = self._post(found[0], found[1], None)
        return {"xig_polaris_media": {"if_not_gated_logged_out": shown}}

    def _profile(self, variables: _Answer, viewer: str) -> _Answer | None:
        profile = self._by_id(variables.get("id"))
        return {"user": shapes.user(profile, viewer)} if profile else None

    def _highlight_tray(self, variables: _Answer, viewer: str) -> _Answer | None:
        profile = self._by_id(variables.get("user_id"))
        if profile is None:
            return None
        shown = profile.highlights if self._shown(profile, viewer) else []
        return {"highlights": {"edges": [{"node": {"id": item.id, "title": item.title}} for item in shown]}}

    def _posts(self, variables: _Answer, viewer: str) -> _Answer | None:
        profile = self.profiles.get(variables.get("username", ""))
        if profile is None:
            return None
        posts = profile.timeline if self._shown(profile, viewer) else []
        nodes = [self._post(profile, post, viewer) for post in posts]
        page = shapes.connection(nodes, variables.get("after"))
        return {"xdt_api__v1__feed__user_timeline_graphql_connection": page}

    def _reels(self, variables: _Answer, viewer: str) -> _Answer | None:
        profile = self._by_id(variables.get("id"))
        if profile is None:
            return None
        reels = list(reversed(profile.reels)) if self._shown(profile, viewer) else []
        nodes = [{"media": {"pk": reel.pk, "code": reel.code}} for reel in reels]
        return {"fetch__XDTUserDict": {"clips_connection": shapes.connection(nodes, variables.get("after"))}}

    def _tagged(self, variables: _Answer, viewer: str) -> _Answer | None:
        profile = self._by_id(variables.get("user_id"))
        if profile is None:
            return None
        tagged = profile.tagged if self._shown(profile, viewer) else []
        nodes = [{"code": self.profiles[name].posts[number - 1].code} for name, number in tagged]
        page = shapes.connection(nodes, variables.get("after"))
        return {"xdt_api__v1__usertags__user_id__feed_connection": page}

    def _reels_media(self, variables: _Answer, viewer: str) -> _Answer:
        shown = [
            reel for wanted in variables.get("reel_ids", ()) if (reel := self._reel(str(wanted), viewer))
        ]
        return {
            "xdt_api__v1__feed__reels_media__connection": shapes.connection(shown, variables.get("after"))
        }

    def _tray(self, _variables: _Answer, viewer: str) -> _Answer:
        tray = [
            {"id": profile.pk, "latest_reel_media": profile.stories[-1].taken_at}
            for profile in self.profiles.values()
            if profile.stories and self._shown(profile, viewer)
        ]
        return {"xdt_api__v1__feed__reels_tray": {"tray": tray}}

    def _rest(self, request: Request, viewer: str) -> Response | None:
        if match := re.fullmatch(r"/api/v1/media/(\d+)/info/?", request.path):
            found = self._find(match[1])
            if found is None or not self._shown(found[0], viewer):
                return Response.json(
                    {"message": "Media not found or unavailable", "status": "fail"}, status=404
                )
            return Response.json({"items": [self._post(*found, viewer)], "more_available": False})
        if request.path.rstrip("/") == "/api/v1/feed/reels_media":
            wanted = request.query.get("reel_ids", "")
            reel = self._reel(wanted, viewer)
            return Response.json({"reels": {wanted: reel} if reel else {}})
        return None

    def _post(self, profile: Profile, post: Post, viewer: str | None) -> _Answer:
        return shapes.post(post, shapes.user(profile, viewer), dash=self.dash)

    def _reel(self, wanted: str, viewer: str) -> _Answer | None:
        if wanted.startswith("highlight:"):
            found = self._highlight(wanted)
            profile, highlight = found or (None, None)
        else:
            profile, highlight = self._by_id(wanted), None
        if profile is None or not self._shown(profile, viewer):
            return None
        items = list(highlight.items if highlight else profile.stories)
        if not items:
            return None
        shape: _Answer = shapes.reel(shapes.user(profile, viewer), items, dash=self.dash, highlight=highlight)
        return shape

    def _highlight(self, highlight_id: str) -> tuple[Profile, Highlight] | None:
        for profile in self.profiles.values():
            for highlight in profile.highlights:
                if highlight.id == highlight_id:
                    return profile, highlight
        return None

    def _find(self, pk: str) -> tuple[Profile, Post] | None:
        for profile in self.profiles.values():
            for post in (*profile.posts, *profile.reels):
                if post.pk == pk:
                    return profile, post
        return None

    def media(self, path: str) -> Response | None:
        """A file of the CDN."""
        match = re.fullmatch(r"/(?:v/t51/\d+_|o1/v/t16/AQ)(\d+)(?:_\d+)?_([nsva])\.(jpg|mp4)", path)
        if match is None:
            return None
        if (owner := self._by_id(match[1])) is not None:
            return Response.media(avatar(owner.username), "image/jpeg")
        part = self._medium(match[1])
        if part is None or (match[3] == "mp4" and not part.is_video):
            return None
        if match[3] == "jpg":
            return Response.media(image(part), "image/jpeg")
        return Response.media(video(part, match[2]), "video/mp4")

    def _medium(self, pk: str) -> Medium | None:
        for profile in self.profiles.values():
            kept = [item for highlight in profile.highlights for item in highlight.items]
            for post in (*profile.posts, *profile.reels, *profile.stories, *kept):
                for part in post.media:
                    if part.pk == pk:
                        return part
        return None
