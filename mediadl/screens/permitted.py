"""An app that offers only what its user may do, and refuses the rest whichever way it was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from textual.actions import ActionParseResult
from textual.actions import parse as parse_action
from textual.dom import DOMNode
from textual.screen import Screen

from mediadl.screens.actions import Action, Keymap, Scope, actions_of
from mediadl.screens.actions.rights import denied
from mediadl.screens.locking import Locking

if TYPE_CHECKING:
    from mediadl.service import Services


class Permitted(Locking):
    """Knows the rights of whoever sits in front of it. Roles change while nobody looks: such a terminal is closed."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.denied = denied(services.caller)
        """Why actions may not be done, by action id."""
        self.keymap: Keymap = {}
        """Keys of the user's own."""

    def actions(self, *scopes: Scope) -> list[Action]:
        """The actions of these scopes that the user may do, with the user's keys."""
        return [action for action in actions_of(*scopes, keymap=self.keymap) if action.id not in self.denied]

    def refuses(self, action_id: str) -> bool:
        """Whether the user may not do it; says so."""
        why = self.denied.get(action_id, "")
        if why:
            self.notify(why, severity="warning", timeout=4, markup=False)
        return bool(why)

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Do it, or say why not."""
        if any(map(self.refuses, self._ids(action, default_namespace))):
            return True
        return await super().run_action(action, default_namespace, namespaces)

    def _ids(self, action: str | ActionParseResult, namespace: DOMNode | None) -> Sequence[str]:
        """What the action is called in the registry; nothing for those of widgets."""
        if not self.denied:
            return ()
        where, name, _ = parse_action(action) if isinstance(action, str) else action
        if where == "app" or (not where and namespace in (None, self)):
            return (f"{Scope.APP.value}.{name}",)
        if where == "screen" or (not where and isinstance(namespace, Screen)):
            screen = namespace if isinstance(namespace, Screen) else self.screen
            scopes = cast("Sequence[Scope]", getattr(screen, "SCOPES", ()))
            return [f"{scope.value}.{name}" for scope in scopes if scope is not Scope.APP]
        return ()
