"""What an account may be called."""

from __future__ import annotations

import re
import unicodedata

from mediadl.errors import InvalidInput

_NAME = re.compile(r"[^\W_](?:[\w.@+-]{0,62}[^\W_])?")


def check_name(text: str) -> str:
    """A name as it is kept.

    Raises:
        InvalidInput: it cannot be one.
    """
    name = unicodedata.normalize("NFKC", text[:256]).strip()
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            f"not a name for an account: {text[:64]!r}",
            next_step="Up to 64 letters and digits, with . @ + - _ between them.",
        )
    return name
