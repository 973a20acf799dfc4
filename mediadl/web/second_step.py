"""Keeps name and password from the form that asks for them to the one that asks for the code, in that form only."""

from __future__ import annotations

import json

from cryptography.fernet import Fernet, InvalidToken

_LIFE_S = 180


class SecondStep:
    """Seals with a key that nobody but this process ever has; nothing is kept here."""

    def __init__(self) -> None:
        self._key = Fernet(Fernet.generate_key())

    def seal(self, name: str, password: str) -> str:
        """Both, for a hidden field."""
        return self._key.encrypt(json.dumps([name, password]).encode()).decode("ascii")

    def open(self, sealed: str) -> tuple[str, str] | None:
        """Both again; None when there is nothing, it was made elsewhere, or too long ago."""
        try:
            name, password = json.loads(self._key.decrypt(sealed.encode("ascii", "replace"), _LIFE_S))
        except (InvalidToken, ValueError):
            return None
        return str(name), str(password)
