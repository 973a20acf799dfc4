"""What who is not at the machine may ask of a download: no private addresses, no folder outside the common one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mediadl.errors import PermissionDenied
from mediadl.security.permissions import Right

if TYPE_CHECKING:
    from mediadl.service import Services
    from mediadl.service.intake import AddOptions


def within_limits(services: Services, options: AddOptions) -> AddOptions:
    """The options as the caller may have them.

    Raises:
        PermissionDenied: a folder outside the download folder.
    """
    caller = services.caller
    if options.trusted and not caller.local:
        options = replace(options, trusted=False)
    if options.out and not caller.may(Right.FOLDERS):
        root = Path(services.inner.settings.brief().directory).expanduser().absolute()
        # Links in it are followed first: one must not lead outside
        chosen = (root / Path(options.out)).resolve()
        if not chosen.is_relative_to(root.resolve()):
            raise PermissionDenied(
                f"{caller.name} may not choose a folder outside the download folder",
                next_step="Give a folder inside it, or leave it out.",
            )
        options = replace(options, out=str(chosen))
    return options
