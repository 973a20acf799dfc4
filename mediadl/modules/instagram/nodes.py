"""Posts in Instagram's own two shapes, which most backends pass on: the app's (`media_type`) and the old web's."""

from __future__ import annotations

from typing import Any

from mediadl.modules.instagram import shape
from mediadl.modules.instagram.identity import media_pk
from mediadl.modules.instagram.media import MediaRef, addresses

_VIDEO = 2


def of_app(node: dict[str, Any], *, part: str = "post") -> list[MediaRef]:
    """The files of a node with `media_type`, `image_versions2`, `video_versions` and `carousel_media`."""
    post = _id(node.get("pk") or node.get("id"))
    code = shape.text(node.get("code"))
    common: dict[str, Any] = {
        "code": code,
        "post": post or (media_pk(code) if code else ""),
        "owner": shape.text(shape.record(node, "user").get("username")).lower(),
        "caption": _caption(node.get("caption")),
        "pinned": bool(node.get("timeline_pinned_user_ids") or node.get("clips_tab_pinned_user_ids")),
        "part": part,
    }
    taken_at = shape.moment(node.get("taken_at"))
    slides = shape.records(node.get("carousel_media"))
    found = []
    for number, medium in enumerate(slides or [node], 1):
        is_video, urls, best = _app_file(medium)
        if not urls:
            continue
        found.append(
            MediaRef(
                urls,
                is_video,
                pk=_id(medium.get("pk") or medium.get("id")) if slides else common["post"],
                slide=number if slides else 0,
                taken_at=shape.moment(medium.get("taken_at")) or taken_at,
                width=shape.size(medium.get("original_width")) or shape.size(best.get("width")),
                height=shape.size(medium.get("original_height")) or shape.size(best.get("height")),
                duration_s=_seconds(medium.get("video_duration")),
                **common,
            )
        )
    return found


def of_web(node: dict[str, Any]) -> list[MediaRef]:
    """The files of a node with `display_url`, `video_url` and `edge_sidecar_to_children`."""
    post = _id(node.get("id"))
    code = shape.text(node.get("shortcode"))
    captions = shape.records(shape.record(node, "edge_media_to_caption").get("edges"))
    common: dict[str, Any] = {
        "code": code,
        "post": post or (media_pk(code) if code else ""),
        "owner": shape.text(shape.record(node, "owner").get("username")).lower(),
        "caption": shape.text(shape.record(captions[0], "node").get("text")) if captions else "",
        "pinned": bool(node.get("pinned_for_users")),
        "taken_at": shape.moment(node.get("taken_at_timestamp")),
    }
    edges = shape.records(shape.record(node, "edge_sidecar_to_children").get("edges"))
    slides = [shape.record(edge, "node") for edge in edges]
    found = []
    for number, medium in enumerate(slides or [node], 1):
        is_video = bool(medium.get("is_video") or shape.address(medium.get("video_url")))
        shown = shape.address(medium.get("video_url" if is_video else "display_url"))
        urls = addresses(
            shape.address(medium.get("url")), shown, shape.address(medium.get("url_downloadable"))
        )
        if not urls:
            continue
        found.append(
            MediaRef(
                urls,
                is_video,
                pk=_id(medium.get("id")) if slides else common["post"],
                slide=number if slides else 0,
                width=shape.size(shape.record(medium, "dimensions").get("width")),
                height=shape.size(shape.record(medium, "dimensions").get("height")),
                duration_s=_seconds(medium.get("video_duration")),
                **common,
            )
        )
    return found


def of_any(node: dict[str, Any], *, part: str = "post") -> list[MediaRef]:
    """The files of a node in either shape."""
    return of_app(node, part=part) if "media_type" in node or "image_versions2" in node else of_web(node)


def _app_file(medium: dict[str, Any]) -> tuple[bool, tuple[str, ...], dict[str, Any]]:
    """Whether it is a video, its addresses, and the version they are of."""
    videos = shape.records(medium.get("video_versions"))
    is_video = medium.get("media_type") == _VIDEO or bool(videos)
    versions = (
        videos if is_video else shape.records(shape.record(medium, "image_versions2").get("candidates"))
    )
    versions = [version for version in versions if _addresses_of(version)]
    if not versions:
        return is_video, () if is_video else _addresses_of(medium), {}
    best = max(versions, key=_area)
    return is_video, _addresses_of(best), best


def _addresses_of(version: dict[str, Any]) -> tuple[str, ...]:
    return addresses(*(shape.address(version.get(key)) for key in ("url", "url_wrapped", "url_downloadable")))


def _area(version: dict[str, Any]) -> int:
    return shape.size(version.get("width")) * shape.size(version.get("height"))


def _caption(value: object) -> str:
    return shape.text(value.get("text")) if isinstance(value, dict) else shape.text(value)


def _id(value: object) -> str:
    """An id without the owner's, which the app appends after a line."""
    found = shape.text(value).partition("_")[0]
    return found if found.isascii() and found.isdigit() else ""


def _seconds(value: object) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 10**6:
        return float(value)
    return None
