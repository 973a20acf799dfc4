"""What instaloader asks of Instagram: pages with the profile in them, and queries by number."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from fakeweb.messages import Response
from fakeweb.sites import instagram_shapes as shapes
from fakeweb.sites.instagram_posts import Profile, avatar_url

POST = "27128499623469141"
OPEN_POSTS = "28904005159232689"
PROFILE = "27937681195819736"
POSTS = "29104886249145907"
REELS = "7845543455542541"
START_TOKENS = (
    '<script>["DTSGInitialData",[],{"token":"NAcSimulatedDtsg"}],["LSD",[],{"token":"AVqSimulatedLsd"}],'
    '"IG_USER_EIMU":"17841400000000000"</script>'
)


def profile_script(profile: Profile) -> str:
    """The profile as its public page embeds it, with the first codes of its posts."""
    user: dict[str, Any] = {
        **shapes.user(profile, None),
        "id": f"page-{profile.pk}",
        "profile_pic_url": avatar_url(profile),
        "all_media_count": len(profile.posts),
        "polaris_ordered_timeline_connection": open_posts(profile, None),
    }
    data = {"require": [{"__bbox": {"result": {"data": {"xig_user_by_username": user}}}}]}
    text = json.dumps(data).replace("<", "\\u003c")
    return f'<script type="application/json">{text}</script>'


def open_posts(profile: Profile, after: str | None) -> dict[str, Any]:
    """The codes of a profile's posts, by pages; none of a private one."""
    posts = [] if profile.private else profile.timeline
    return shapes.connection([{"code": post.code} for post in posts], after)


def answer(
    doc_id: str,
    variables: dict[str, Any],
    *,
    profiles: dict[str, Profile],
    post_by_code: Callable[[str], dict[str, Any] | None],
    timeline: Callable[[str], list[dict[str, Any]]],
) -> Response | None:
    """The answer to a query by number; None: not one of these."""
    after = variables.get("after")
    wanted = str(variables.get("id") or "").removeprefix("page-")
    by_id = next((one for one in profiles.values() if one.pk == wanted), None)
    data: dict[str, Any] | None = None
    if doc_id == POST:
        found = post_by_code(str(variables.get("shortcode")))
        data = {"xdt_api__v1__media__shortcode__web_info": {"items": [found] if found else []}}
    elif doc_id == OPEN_POSTS and by_id is not None:
        data = {"node": {"polaris_ordered_timeline_connection": open_posts(by_id, after)}}
    elif doc_id == PROFILE and by_id is not None:
        data = {"user": shapes.user(by_id, "viewer") | {"media_count": len(by_id.posts)}}
    elif doc_id == POSTS:
        nodes = timeline(str(variables.get("username")))
        data = {"xdt_api__v1__feed__user_timeline_graphql_connection": shapes.connection(nodes, after)}
    elif doc_id == REELS:
        owner = str((variables.get("data") or {}).get("target_user_id"))
        profile = next((one for one in profiles.values() if one.pk == owner), None)
        reels = [{"media": {"code": reel.code}} for reel in reversed(profile.reels)] if profile else []
        data = {"xdt_api__v1__clips__user__connection_v2": shapes.connection(reels, after)}
    if data is None:
        return None
    return Response.json({"data": data, "status": "ok"})
