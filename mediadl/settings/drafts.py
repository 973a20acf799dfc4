"""Changes that are not saved yet: what they are, what they rest on, and what others changed meanwhile. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mediadl.settings.kinds import Setting, Sheet, Source, raw_text, shown_text


@dataclass(frozen=True, slots=True)
class Draft:
    """One change that is not saved yet."""

    text: str | None
    """What was typed; `None`: back to the default."""
    value: Any
    """What that stands for."""
    seen: Any
    """What the file said when this was decided; `None`: nothing."""
    elsewhere: str = ""
    """The value another program saved meanwhile, in words."""


class Drafts:
    """The sheet as last read and the changes to it."""

    def __init__(self) -> None:
        self.sheet = Sheet((), {}, ())
        self._drafts: dict[str, Draft] = {}
        self._settings: dict[str, Setting] = {}

    def __len__(self) -> int:
        return len(self._drafts)

    def __iter__(self) -> Any:
        return iter(self._drafts)

    def get(self, key: str) -> Draft | None:
        """The change to a setting."""
        return self._drafts.get(key)

    def setting(self, key: str) -> Setting | None:
        """A setting as last read."""
        return self._settings.get(key)

    def value(self, key: str) -> Any:
        """What the setting will be once everything is saved."""
        draft = self._drafts.get(key)
        return self._settings[key].value if draft is None else draft.value

    def take(self, sheet: Sheet) -> list[str]:
        """Take what was read; returns the changed settings that another program changed as well."""
        self.sheet = sheet
        self._settings = {one.key: one for one in sheet.settings}
        clashes = []
        for key, draft in list(self._drafts.items()):
            setting = self._settings.get(key)
            now = sheet.in_file.get(key)
            if setting is None or setting.source is Source.ENVIRONMENT or self._is_already(setting, draft):
                del self._drafts[key]
            elif now != draft.seen:
                words = shown_text(setting.kind, setting.value, setting.zero)
                self._drafts[key] = replace(draft, seen=now, elsewhere=words)
                clashes.append(key)
        return clashes

    def put(self, key: str, text: str, value: Any) -> None:
        """Change a setting; one that already is so has no change."""
        setting = self._settings[key]
        draft = Draft(text, value, self.sheet.in_file.get(key))
        if value == setting.value and setting.source is not Source.ENVIRONMENT:
            self._drafts.pop(key, None)
        else:
            self._drafts[key] = draft

    def reset(self, key: str) -> None:
        """Take a setting back to its default."""
        setting = self._settings[key]
        if key in self.sheet.in_file:
            self._drafts[key] = Draft(None, setting.default, self.sheet.in_file[key])
        else:
            self._drafts.pop(key, None)

    def put_back(self, key: str, draft: Draft | None) -> None:
        """Make a setting's change what it was before."""
        if draft is None:
            self._drafts.pop(key, None)
        elif key in self._settings:
            self._drafts[key] = draft

    def drop(self, keys: Sequence[str] | None = None) -> dict[str, Draft]:
        """Give changes up, all of them without `keys`; returns them."""
        wanted = list(self._drafts) if keys is None else [key for key in keys if key in self._drafts]
        return {key: self._drafts.pop(key) for key in wanted}

    def changes(self) -> dict[str, str | None]:
        """What is to be saved."""
        return {key: draft.text for key, draft in self._drafts.items()}

    def seen(self) -> dict[str, Any]:
        """What the changes rest on."""
        return {key: draft.seen for key, draft in self._drafts.items()}

    def _is_already(self, setting: Setting, draft: Draft) -> bool:
        if draft.text is None:
            return setting.key not in self.sheet.in_file
        return bool(setting.value == draft.value and self.sheet.in_file.get(setting.key) != draft.seen)


def before(sheet: Sheet, changed: Mapping[str, str | None]) -> dict[str, str | None]:
    """What to save in order to take changes back."""
    return {key: raw_text(sheet.in_file[key]) if key in sheet.in_file else None for key in changed}
