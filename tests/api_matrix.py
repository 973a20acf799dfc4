"""Every route of the API with a request that it takes, about things of uwe; and who asks."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from api_stage import Stage
from mediadl.models import Download, Identity, MediaKind
from mediadl.store import downloads

CALLERS: dict[str, tuple[str, ...]] = {
    "nobody": (),
    "viewer": ("vera", "all"),
    "owner": ("uwe", "all"),
    "other": ("otto", "all"),
    "admin": ("anna", "all"),
    "read": ("uwe", "read"),
    "add": ("uwe", "add"),
    "steer": ("uwe", "steer"),
    "files": ("uwe", "files"),
    "schedules": ("uwe", "schedules"),
    "settings": ("anna", "settings"),
    "logs": ("anna", "logs"),
}
"""Everybody who asks: an account, and the scopes of the token it asks with."""

_numbers = itertools.count(1)

Request = tuple[str, dict[str, Any]]


def job(stage: Stage) -> int:
    """A fresh job of uwe."""
    url = f"https://example.com/{next(_numbers)}.jpg"
    answer = stage.ask("POST", "/api/v1/queue", "uwe", json={"urls": [url]})
    return int(answer.json()["jobs"][0]["job_id"])


def ended(stage: Stage) -> int:
    """A job of uwe that was cancelled."""
    number = job(stage)
    stage.ask("PATCH", f"/api/v1/queue/{number}", "uwe", json={"wanted": "cancel"})
    return number


def stored(stage: Stage) -> int:
    """A fresh file of uwe in the history."""
    number = next(_numbers)
    uwe = stage.services.users.get("uwe").id
    found = Download(
        id=0, job_id=None, identity=Identity("tiktok", str(number)), platform="tiktok", source="lena",
        title=f"Sunset {number}", url="https://www.tiktok.com/@lena/video/7", path=str(Path("/none") / str(number)),
        size_bytes=1, sha256="a" * 64, received_sha256="a" * 64, kind=MediaKind.VIDEO, mime="video/mp4", width=1,
        height=1, duration_s=1.0, backend="yt-dlp", posted_at=1.0, stored_at=float(number),
    )  # fmt: skip
    with stage.services.store.write() as tx:
        return downloads.add(tx, replace(found, owner_id=uwe))


def schedule(stage: Stage) -> int:
    """A fresh schedule of uwe."""
    body = {"name": f"s{next(_numbers)}", "sources": ["instagram:bob"], "cron": "0 3 * * *"}
    return int(stage.ask("POST", "/api/v1/scheduler/jobs", "uwe", json=body).json()["id"])


def fixed(path: str = "", **more: Any) -> Callable[[Stage], Request]:
    """A request that is the same for everybody."""
    return lambda _: (path, more)


def about(made: Callable[[Stage], int], **more: Any) -> Callable[[Stage], Request]:
    """A request about something fresh."""
    return lambda stage: (str(made(stage)), more)


def many(made: Callable[[Stage], int], **body: Any) -> Callable[[Stage], Request]:
    """A request whose body names something fresh."""
    return lambda stage: ("", {"json": {**body, "ids": [made(stage)]}})


def new_schedule(_: Stage) -> Request:
    """A schedule that nobody has."""
    return "", {"json": {"name": f"n{next(_numbers)}", "sources": ["instagram:amy"], "cron": "5 4 * * *"}}


ADD = {"urls": ["https://example.com/again.jpg"]}

ASKED: dict[str, Callable[[Stage], Request]] = {
    "POST /api/v1/auth/login": fixed(json={"name": "nobody here", "password": "wrong password here"}),
    "POST /api/v1/auth/refresh": fixed(json={"refresh_token": "wrong"}),
    "POST /api/v1/auth/logout": fixed(),
    "GET /api/v1/auth/me": fixed(),
    "GET /api/v1/downloads": fixed(),
    "POST /api/v1/downloads": fixed(json=ADD),
    "GET /api/v1/downloads/stats": fixed(),
    "POST /api/v1/downloads/bulk": many(stored, action="delete"),
    "GET /api/v1/downloads/{download_id}": about(stored),
    "DELETE /api/v1/downloads/{download_id}": about(stored),
    "GET /api/v1/queue": fixed(),
    "POST /api/v1/queue": fixed(json=ADD),
    "GET /api/v1/queue/stats": fixed(),
    "POST /api/v1/queue/clear": fixed(json={"statuses": ["completed"]}),
    "POST /api/v1/queue/bulk": many(job, action="pause"),
    "GET /api/v1/queue/{job_id}": about(job),
    "PATCH /api/v1/queue/{job_id}": about(job, json={"wanted": "pause"}),
    "DELETE /api/v1/queue/{job_id}": about(job),
    "POST /api/v1/queue/{job_id}/retry": about(ended),
    "GET /api/v1/queue/{job_id}/items": about(job),
    "GET /api/v1/scheduler/jobs": fixed(),
    "POST /api/v1/scheduler/jobs": new_schedule,
    "GET /api/v1/scheduler/jobs/{schedule_id}": about(schedule),
    "PATCH /api/v1/scheduler/jobs/{schedule_id}": about(schedule, json={"cron": "1 2 * * *"}),
    "DELETE /api/v1/scheduler/jobs/{schedule_id}": about(schedule),
    "POST /api/v1/scheduler/jobs/{schedule_id}/run": about(schedule),
    "GET /api/v1/scheduler/jobs/{schedule_id}/history": about(schedule),
    "GET /api/v1/platforms": fixed(),
    "GET /api/v1/platforms/{name}": fixed("tiktok"),
    "POST /api/v1/platforms/{name}/test": fixed("direct", json={}),
    "POST /api/v1/platforms/{name}/download": fixed("direct", json=ADD),
    "POST /api/v1/platforms/instagram/posts": fixed(json={"username": "bob"}),
    "POST /api/v1/platforms/instagram/stories": fixed(json={"username": "bob"}),
    "POST /api/v1/platforms/tiktok/user": fixed(json={"username": "bob"}),
    "POST /api/v1/platforms/forum/thread": fixed(
        json={"url": "https://forum.example.org/threads/holiday.123/"}
    ),
    "GET /api/v1/settings": fixed(),
    "PATCH /api/v1/settings": fixed(json={"values": {"downloads.concurrent": 3}}),
    "GET /api/v1/settings/platforms": fixed(),
    "GET /api/v1/settings/{key}": fixed("downloads.concurrent"),
    "GET /api/v1/logs": fixed(),
    "GET /api/v1/logs/download": fixed(),
    "DELETE /api/v1/logs": fixed(),
    "GET /api/v1/stats/overview": fixed(),
    "GET /api/v1/stats/timeline": fixed(),
    "GET /api/v1/stats/platforms": fixed(),
    "GET /api/v1/stats/sources": fixed(),
    "GET /api/v1/stats/storage": fixed(),
    "GET /api/v1/export": fixed(),
    "GET /health": fixed(),
    "GET /metrics": fixed(headers={"X-Forwarded-For": "203.0.113.9"}),
    "GET /api/v1/openapi.json": fixed(),
    "GET /api/docs": fixed(),
    "GET /api/docs/style.css": fixed(),
}
"""A request for each route: what stands in its place in the path, and what is sent."""


def answer(stage: Stage, key: str, who: str) -> int:
    """The status that somebody gets."""
    method, _, path = key.partition(" ")
    place, more = ASKED[key](stage)
    begin, brace, end = path.partition("{")
    real = f"{begin}{place}{end.partition('}')[2]}" if brace else path
    return stage.ask(method, real, *CALLERS[who], **more).status_code
