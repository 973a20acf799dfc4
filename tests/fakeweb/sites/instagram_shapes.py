"""The JSON and the pages in which Instagram answers."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from typing import Any

from fakeweb.messages import Response, set_cookie
from fakeweb.sites.instagram_posts import (
    Highlight,
    Medium,
    Post,
    Profile,
    avatar_url,
    image_url,
    number_from,
    video,
    video_url,
)

WWW = "https://www.instagram.com"
LSD = "AVqSimulatedLsd"
CSRF = "simulatedcsrftoken00000000000000"
PAGE_SIZE = 12
_DTSG = "NAcSimulatedDtsg"
_SCRIPT = "https://static.cdninstagram.com/rsrc.php/v4/relay.js"
_FLAG = "PolarisSimulatedFlag"
_DAY_S = 86_400
OPERATIONS = (
    "PolarisProfilePageContentQuery",
    "PolarisProfileStoryHighlightsTrayContentQuery",
    "PolarisProfilePostsTabContentQuery_connection",
    "PolarisProfileReelsTabContentQuery_connection",
    "PolarisProfileTaggedTabContentQuery_connection",
    "PolarisStoriesV3ReelPageGalleryQuery",
    "PolarisStoriesV3TrayContainerQuery",
)


def user(profile: Profile, viewer: str | None) -> dict[str, Any]:
    """A profile as GraphQL and REST show it."""
    return {
        "pk": profile.pk,
        "id": profile.pk,
        "username": profile.username,
        "full_name": profile.full_name,
        "is_private": profile.private,
        "friendship_status": {"following": not profile.private or viewer in profile.followers},
        "profile_pic_url": avatar_url(profile),
        "profile_pic_id": f"{int(profile.pk) + 111}_{profile.pk}",
        "hd_profile_pic_url_info": {"url": avatar_url(profile), "width": 320, "height": 320},
    }


def medium(part: Medium, taken_at: int, *, dash: bool) -> dict[str, Any]:
    """One picture or video."""
    width, height = part.size
    shape: dict[str, Any] = {
        "pk": part.pk,
        "taken_at": taken_at,
        "media_type": 2 if part.is_video else 1,
        "original_width": width,
        "original_height": height,
        "image_versions2": {"candidates": [{"url": image_url(part), "width": width, "height": height}]},
    }
    if part.is_video:
        shape["video_duration"] = 1.0
        # gallery-dl takes the last version, yt-dlp the largest: both get the best.
        shape["video_versions"] = [
            {"id": f"{part.pk}s", "type": 103, "url": video_url(part, "s"), "width": 144, "height": 256},
            {"id": f"{part.pk}v", "type": 101, "url": video_url(part), "width": width, "height": height},
        ]
        if dash:
            shape["video_dash_manifest"] = manifest(part)
    return shape


def manifest(part: Medium) -> str:
    """A static MPD with the two halves of a video."""
    width, height = part.size
    rows = []
    for kind, quality, details in (
        ("video", "v", f'codecs="avc1.42C00B" width="{width}" height="{height}" frameRate="10/1"'),
        ("audio", "a", 'codecs="mp4a.40.2" audioSamplingRate="44100"'),
    ):
        rows.append(
            f'<AdaptationSet contentType="{kind}" mimeType="{kind}/mp4">'
            f'<Representation id="{part.pk}{quality}" bandwidth="{video(part, quality).size * 8}" {details}>'
            f"<BaseURL>{html.escape(video_url(part, quality))}</BaseURL></Representation></AdaptationSet>"
        )
    return (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        'profiles="urn:mpeg:dash:profile:isoff-on-demand:2011" mediaPresentationDuration="PT1S">'
        f'<Period duration="PT1S">{"".join(rows)}</Period></MPD>'
    )


def post(item: Post, owner: dict[str, Any], *, dash: bool) -> dict[str, Any]:
    """A post as its own page, the timeline and the REST call show it."""
    parts = [medium(part, item.taken_at, dash=dash) for part in item.media]
    shape = parts[0] | {"pk": item.pk, "code": item.code}
    if item.is_carousel:
        for key in ("video_versions", "video_duration", "video_dash_manifest"):
            shape.pop(key, None)
        shape |= {"media_type": 8, "carousel_media": parts}
    shape |= {
        "user": owner,
        "caption": {"text": item.caption} if item.caption else None,
        "like_count": 12,
        "comment_count": 3,
        "product_type": item.product_type,
    }
    if item.pinned:
        shape["timeline_pinned_user_ids"] = [owner["pk"]]
    return shape


def reel(
    owner: dict[str, Any], items: Sequence[Post], *, dash: bool, highlight: Highlight | None = None
) -> Any:
    """The stories of a profile, or one highlight."""
    newest = max((item.taken_at for item in items), default=0)
    shape: dict[str, Any] = {
        "id": highlight.id if highlight else owner["pk"],
        "user": owner,
        "items": [
            medium(item.media[0], item.taken_at, dash=dash)
            | {"code": item.code, "expiring_at": item.taken_at + _DAY_S}
            for item in items
        ],
        "seen": newest,
        "latest_reel_media": newest,
    }
    if highlight:
        shape |= {"reel_type": "highlight_reel", "title": highlight.title}
    return shape


def connection(nodes: Sequence[Any], after: str | None) -> dict[str, Any]:
    """One page of a list; the cursor is the offset of the next."""
    start = int(after or 0)
    page = nodes[start : start + PAGE_SIZE]
    end = start + len(page)
    return {
        "edges": [{"node": node} for node in page],
        "page_info": {"has_next_page": end < len(nodes), "end_cursor": str(end)},
    }


def relay_script() -> str:
    """The script from which gallery-dl reads the ids of the operations."""
    rows = []
    for name in OPERATIONS:
        digits = 27_000_000_000_000_000 + number_from(name, 15)
        rows.append(
            f'__d("{name}_instagramRelayOperation",[],(function(t,n,r,o,a,i){{a.exports="{digits}"}}),null);'
            f'__d("{name}$Parameters",["{_FLAG}.relayprovider"],(function(){{}}),null);'
        )
    return "\n".join(rows)


def page(
    profile: Profile | None, owner: dict[str, Any] | None, *, status: int = 200, more: str = ""
) -> Response:
    """Any page of the site, with the tokens, the script, and whose profile it is."""
    tokens = json.dumps({"l": LSD, "f": _DTSG})
    route = ""
    if profile is not None:
        names = json.dumps({"username": profile.username}, separators=(",", ":"))
        route = f'<script>{{"profile_id":"{profile.pk}","params":{names}}}</script>'
        shown = json.dumps({"user": owner}, separators=(",", ":")).replace("<", "\\u003c")
        route += f'<script type="application/json">{shown}</script>'
    return with_csrf(
        Response.page(
            f'<!doctype html><html><head><title>Instagram</title><link rel="preload" href="{_SCRIPT}">'
            f'<script type="application/json" id="__eqmc">{tokens}</script>'
            f'<script>["LSD",[],{{"token":"{LSD}"}}]</script></head><body>{route}{more}</body></html>',
            status=status,
        )
    )


def with_csrf(response: Response) -> Response:
    """The same answer, setting the CSRF cookie."""
    response.headers.append(set_cookie("csrftoken", CSRF, domain=".instagram.com", secure=True))
    return response
