"""`/api/v1/platforms`: what can be downloaded from, tests, and routes of their own for what is asked for most."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import Field

from mediadl.errors import MediadlError, NotFound
from mediadl.modules import registry
from mediadl.service import platform_records
from mediadl.settings.section import Text
from mediadl.web.api import answers, bodies
from mediadl.web.api.context import Asks
from mediadl.web.api.repeats import Key, once
from mediadl.web.api.routes.queue import added
from mediadl.web.api.slow import one_of_few

router = APIRouter(prefix="/api/v1/platforms", tags=["platforms"])

_User = Annotated[Text, Field(min_length=1, max_length=100, description="Name of the account.")]
_Name = Annotated[str, Path(max_length=50, description="Of the platform, as the list has it.")]

InstagramAccount = bodies.of_platform(
    "instagram", "account", "An Instagram account.", username=(_User, Field())
)
TiktokUser = bodies.of_platform(
    "tiktok",
    "user",
    "A TikTok account.",
    username=(_User, Field()),
    content_type=(Text, Field("posts", description="posts, stories, reposts or avatar.")),
)
ForumThread = bodies.of_platform(
    "forum", "thread", "A thread of a forum.", url=(Text, Field(min_length=1, description="Its address."))
)


@router.get("")
def list_platforms(asks: Asks) -> list[dict[str, Any]]:
    """Every platform with its backends, and how they do."""
    now = time.time()
    return [platform_records.platform(one, now) for one in asks.services.platforms.list()]


@router.get("/{name}")
def get(asks: Asks, name: _Name) -> dict[str, Any]:
    """One platform in full: content types, options, limits, logins, what failed and what helps."""
    return platform_records.details(asks.services.platforms.show(name), time.time())


@router.post("/{name}/test")
def test(asks: Asks, name: _Name, body: bodies.Probe) -> dict[str, Any]:
    """Ask for a little of an address, without downloading, and say how each backend did."""
    with one_of_few():
        return platform_records.probe(asks.services.platforms.test(name, body.url))


@router.post("/{name}/download", status_code=201, response_model=answers.AddedJobs)
def download(
    asks: Asks, request: Request, name: _Name, body: bodies.Add, idempotency_key: Key = None
) -> Response:
    """Queue addresses that this platform must take."""
    try:
        platform = registry.module(name).name
    except MediadlError as error:
        raise NotFound(error.message, next_step=error.next_step) from error
    return once(
        asks, request, body, idempotency_key, lambda: added(asks.services, body.urls, body.wanted(platform))
    )


@router.post("/instagram/posts", status_code=201, response_model=answers.AddedJobs)
def instagram_posts(
    asks: Asks,
    request: Request,
    body: InstagramAccount,  # type: ignore[valid-type]  # made from the platform's options
    idempotency_key: Key = None,
) -> Response:
    """Queue the posts of an account."""
    return _account(asks, request, body, idempotency_key, "instagram", "posts")


@router.post("/instagram/stories", status_code=201, response_model=answers.AddedJobs)
def instagram_stories(
    asks: Asks,
    request: Request,
    body: InstagramAccount,  # type: ignore[valid-type]  # made from the platform's options
    idempotency_key: Key = None,
) -> Response:
    """Queue what an account shows today."""
    return _account(asks, request, body, idempotency_key, "instagram", "stories")


@router.post("/tiktok/user", status_code=201, response_model=answers.AddedJobs)
def tiktok_user(
    asks: Asks,
    request: Request,
    body: TiktokUser,  # type: ignore[valid-type]  # made from the platform's options
    idempotency_key: Key = None,
) -> Response:
    """Queue what an account has of one kind."""
    return _account(asks, request, body, idempotency_key, "tiktok", body.content_type)  # type: ignore[attr-defined]


@router.post("/forum/thread", status_code=201, response_model=answers.AddedJobs)
def forum_thread(
    asks: Asks,
    request: Request,
    body: ForumThread,  # type: ignore[valid-type]  # made from the platform's options
    idempotency_key: Key = None,
) -> Response:
    """Queue a thread; the option `watch` comes back for new posts."""
    return _add(asks, request, body, idempotency_key, "forum", "thread", body.url)  # type: ignore[attr-defined]


def _account(
    asks: Asks, request: Request, body: Any, key: str | None, platform: str, content_type: str
) -> Response:
    sign = "@" if platform == "tiktok" else ""
    target = f"{platform}:{sign}{body.username.removeprefix('@')}"
    return _add(asks, request, body, key, platform, content_type, target)


def _add(
    asks: Asks, request: Request, body: Any, key: str | None, platform: str, content_type: str, target: str
) -> Response:
    options = bodies.as_text(body.options.model_dump(exclude_unset=True))
    asked = body.asked(platform, content_type, options)
    return once(asks, request, body, key, lambda: added(asks.services, [target], asked))
