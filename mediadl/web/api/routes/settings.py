"""`/api/v1/settings`: what can be set, as `mediadl settings` has it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from mediadl.errors import PermissionDenied
from mediadl.modules import registry
from mediadl.settings.kinds import Kind, Setting
from mediadl.web.api import answers, bodies
from mediadl.web.api.context import Asks

router = APIRouter(prefix="/api/v1/settings", tags=["settings"])

AT_THE_MACHINE = frozenset({"engines.index", "network.ca_file", "web.tls_cert", "web.tls_key", "web.host",
                            "web.port", "web.public_url", "web.behind_proxy", "web.trusted_proxies"})  # fmt: skip
"""What would let a stolen login run other code or open other doors: set at the terminal only."""

_HIDDEN = "[hidden]"


@router.get("")
def list_settings(asks: Asks) -> list[answers.Setting]:
    """Every setting with value, default and source."""
    return [_told(one) for one in asks.services.settings.list()]


@router.patch("")
def change(asks: Asks, body: bodies.SettingValues) -> list[answers.Setting]:
    """Change several settings, all or none; what runs takes them over by itself."""
    for key in body.values:
        if key in AT_THE_MACHINE:
            raise PermissionDenied(
                f"{key} is set at the machine itself", next_step=f"There: mediadl settings set {key} VALUE"
            )
    settings = asks.services.settings
    settings.save(
        {key: None if one is None else bodies.as_text({key: one})[key] for key, one in body.values.items()}
    )
    return [_told(one) for one in settings.list() if one.key in body.values]


@router.get("/platforms")
def of_platforms(asks: Asks) -> dict[str, list[answers.Setting]]:
    """The options of each platform."""
    names = {module.name for module in registry.modules()}
    found: dict[str, list[answers.Setting]] = {}
    for one in asks.services.settings.list():
        if one.section in names:
            found.setdefault(one.section, []).append(_told(one))
    return found


@router.get("/{key}")
def get(asks: Asks, key: Annotated[str, Path(max_length=100, description="SECTION.NAME")]) -> answers.Setting:
    """One setting."""
    return _told(asks.services.settings.get(key))


def _told(one: Setting) -> answers.Setting:
    secret = one.kind is Kind.SECRET or one.key == "network.proxy"
    return answers.Setting(
        key=one.key,
        value=_HIDDEN if secret and one.value else one.value,
        default=one.default,
        source=one.source.value,
        title=one.title,
        help=one.help,
        allowed=one.allowed,
        choices=list(one.choices),
    )
