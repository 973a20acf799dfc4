"""What is known of addresses before they are added: what else they offer, where files go, what is there already.

Reads database and settings, asks no site and writes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from mediadl.errors import MediadlError
from mediadl.models import FoundItem, Identity, JobStatus
from mediadl.modules import direct, registry
from mediadl.security.text import safe_text
from mediadl.service.intake import AddOptions, Preview, job_options
from mediadl.service.rights import own_id
from mediadl.store import archive, jobs, sessions

if TYPE_CHECKING:
    from mediadl.service import Services

_DATES = ("date", "time", "year", "month", "day")
_NAMED = 100
"""Names are worked out for so many; more are not shown anyway."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is known of one address."""

    names: str = ""
    """Where its files would go, below the download folder; what only the site knows stands in ‹angles›."""
    job_id: int | None = None
    """A job that has the same address already."""
    job_status: JobStatus | None = None
    fetched: bool = False
    """Its one file was fetched before."""
    login: str = ""
    """Site that wants a login for it and has none yet, or a broken one; empty: fine as far as is known."""


@dataclass(frozen=True, slots=True)
class Outlooks:
    """What is known of a whole input."""

    folder: str = ""
    """The download folder."""
    types: tuple[tuple[str, str], ...] = ()
    """Content types that all of the addresses offer, with their words; empty: there is nothing to choose."""
    platforms: tuple[tuple[str, str], ...] = ()
    """Platforms that could take all of them, with their titles."""
    trouble: str = ""
    """What is wrong with the options, in words."""
    by_url: dict[str, Outlook] = field(default_factory=dict)
    """Of the first ones, by address."""


def look(services: Services, found: Sequence[Preview], options: AddOptions) -> Outlooks:
    """What is known of checked addresses; bad ones are passed over."""
    good = [preview for preview in found if not preview.error]
    brief = services.inner.settings.brief()
    folder = str(Path(options.out or brief.directory).expanduser().absolute())
    try:
        for name in {preview.platform for preview in good}:
            job_options(options, name)
    except MediadlError as error:
        return Outlooks(folder, trouble=f"{error.message}. {error.next_step}")
    if not good:
        return Outlooks(folder)
    read = services.store.read()
    queued = jobs.with_urls(read, [preview.url for preview in good], own_id(services.caller))
    identities = {
        url: identity for preview in good if (identity := _identity(preview)) for url in [preview.url]
    }
    fetched = archive.known(read, list(identities.values())) if identities else set()
    broken = {session.site: bool(session.broken_reason) for session in sessions.list(read)}
    from mediadl.pipeline.plan import template_of

    settings = services.inner.settings.values()
    by_url = {}
    for n, preview in enumerate(good):
        job_id, status = queued.get(preview.url, (None, None))
        by_url[preview.url] = Outlook(
            _names(template_of(preview.platform, options.name, settings), preview) if n < _NAMED else "",
            job_id,
            status,
            identities.get(preview.url) in fetched,
            _login(preview, broken),
        )
    return Outlooks(folder, _types(good), _platforms(good), by_url=by_url)


def _identity(preview: Preview) -> Identity | None:
    """Of addresses that are the file itself; the others are known to the site only."""
    return _file_identity(preview.url) if preview.platform == direct.Direct.name else None


@lru_cache(maxsize=20_000)
def _file_identity(url: str) -> Identity | None:
    target = direct.Direct().match(url)
    return None if target is None else direct.item(target).identity


def _login(preview: Preview, broken: dict[str, bool]) -> str:
    module = registry.module(preview.platform)
    if preview.content_type not in module.needs_login or broken.get(module.name) is False:
        return ""
    return module.title


def _types(good: Sequence[Preview]) -> tuple[tuple[str, str], ...]:
    """Asked of the first few: thousands of one kind offer the same."""
    platforms = {preview.platform for preview in good}
    if len(platforms) != 1:
        return ()
    module = registry.module(platforms.pop())
    possible = [
        (name, words)
        for name, words in module.content_types.items()
        if all(_offers(preview.text, module.name, name) for preview in good[:20])
    ]
    return tuple(possible) if len(possible) > 1 else ()


def _platforms(good: Sequence[Preview]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (module.name, module.title)
        for module in registry.modules()
        if all(_offers(preview.text, module.name, "") for preview in good[:20])
    )


def _offers(url: str, platform: str, content_type: str) -> bool:
    try:
        registry.match(url, platform, content_type or None)
    except MediadlError:
        return False
    return True


_THREAD = {
    "thread": {"id": "‹thread_id›", "title": "‹thread›"},
    "post": {"id": "‹post›", "author": "‹author›"},
    "file": {"name": "‹name›"},
}
"""Stands for what a forum tells of a file."""


def _names(template: str, preview: Preview) -> str:
    """The path its files would get; a template that cannot be used gives none."""
    from mediadl.pipeline import naming

    for name in _DATES:
        template = template.replace(f"{{{name}}}", f"‹{name}›")
    is_file = preview.platform == direct.Direct.name
    target = direct.Direct().match(preview.url) if is_file else None
    item = (
        direct.item(target)
        if target is not None
        else FoundItem(
            n=1, identity=Identity(preview.platform, "‹id›"), ext="‹type›", source=preview.source or "‹source›",
            title="‹title›", metadata=_THREAD,
        )
    )  # fmt: skip
    try:
        made = naming.plan(
            template,
            item,
            platform=preview.platform,
            job_id=0,
            content_type=preview.content_type,
            several=False,
        )
    except MediadlError:
        return ""
    return safe_text(
        "/".join(filter(None, (made.folder, f"{made.names[0]}.{item.ext or '‹type›'}"))), limit=400
    )
