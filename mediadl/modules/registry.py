"""Finds the module for what someone typed. Imports no engine: `mediadl add` comes through here."""

from __future__ import annotations

import functools
import importlib
import os
import re

from mediadl.errors import InvalidInput, Unsupported
from mediadl.modules.base import Module, Target
from mediadl.security.urls import clean_url

_NOT_PLATFORMS = frozenset({"base", "files", "options", "registry", "engines"})
_ALIAS = re.compile(r"^([a-z][a-z0-9_-]*):(?!//)(.+)$", re.IGNORECASE)


@functools.cache
def modules() -> tuple[Module, ...]:
    """Every platform in the folder, in the order in which they are asked."""
    found: list[Module] = []
    for name in _names():
        file = importlib.import_module(f"mediadl.modules.{name}")
        found += [
            cls()
            for cls in vars(file).values()
            if isinstance(cls, type)
            and issubclass(cls, Module)
            and not cls.__abstractmethods__
            and cls.__module__ == file.__name__
        ]
    return tuple(sorted(found, key=lambda module: (module.rank, module.name)))


def module(name: str) -> Module:
    """The module with this name.

    Raises:
        InvalidInput: there is none.
    """
    for candidate in modules():
        if candidate.name == name:
            return candidate
    names = ", ".join(m.name for m in modules())
    raise InvalidInput(f"no platform {name!r}", next_step=f"Platforms: {names}.")


def match(text: str, platform: str | None = None, content_type: str | None = None) -> Target:
    """What a URL or an alias such as `tiktok:@NAME` means.

    `platform` names the module that must take it, `content_type` what is wanted of an account.

    Raises:
        InvalidInput: not a URL, unknown platform or type.
        Unsupported: the platform named does not know this address.
    """
    wanted = (content_type or "").strip().lower()
    only = module(platform.strip().lower()) if platform else None
    by_alias = _alias(text.strip(), only, wanted)
    if by_alias is not None:
        return by_alias
    url = clean_url(text)
    for candidate in (only,) if only else modules():
        target = candidate.take(url, wanted) if only else candidate.match(url, wanted)
        if target is not None:
            return target
    name = only.title if only else "any platform"
    raise Unsupported(
        f"{_short(url)} is no address of {name}",
        next_step="Leave --platform out, or give the address of a post or an account.",
    )


def _names() -> list[str]:
    """The platforms' files and folders. Looking into the folder costs less than asking `pkgutil`."""
    names = {entry.removesuffix(".py") for entry in os.listdir(os.path.dirname(__file__))}  # noqa: PTH120, PTH208
    return sorted(
        name for name in names if name.isidentifier() and name[0] != "_" and name not in _NOT_PLATFORMS
    )


def _alias(text: str, only: Module | None, content_type: str) -> Target | None:
    found = _ALIAS.match(text)
    if found is not None:
        word = found[1].lower()
        for candidate in modules():
            if word in candidate.aliases:
                if only is not None and candidate is not only:
                    raise InvalidInput(
                        f"{_short(text)} is not for {only.title}", next_step="Drop --platform."
                    )
                return candidate.alias(found[2].strip(), content_type)
        if not found[2][:5].partition("/")[0].isdigit():
            names = ", ".join(f"{name}:" for m in modules() for name in m.aliases)
            raise InvalidInput(
                f"not a URL: {_short(text)}", next_step=f"Give an address; short forms start with {names}"
            )
    if only is not None and only.aliases and re.fullmatch(r"@?[\w.-]{1,64}", text) and "." not in text:
        return only.alias(text, content_type)
    return None


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "…"
