"""The options of platforms as settings: what is wanted everywhere, beneath what one job asks for."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from mediadl.modules import registry

if TYPE_CHECKING:
    from mediadl.settings.schema import Settings


@functools.cache
def schema() -> type[Settings]:
    """Every setting: those of the program, and a section for each platform that has options."""
    # pydantic takes longer to import than everything else that `mediadl add` needs
    from pydantic import Field, create_model

    from mediadl.settings.schema import Settings

    sections: dict[str, Any] = {}
    for module in sorted(registry.modules(), key=lambda module: module.name):
        if module.options:
            model = module.options_model()
            sections[module.name] = (model, Field(default_factory=model))
    made: type[Settings] = create_model("PlatformSettings", __base__=Settings, **sections)
    return made
