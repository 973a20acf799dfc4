"""Where a browser lays true images over the tiles of a gallery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.geometry import Region
from textual.widget import Widget


@dataclass(frozen=True, slots=True)
class Overlay:
    """A tile's picture on the screen, in cells: where a browser lays the true image."""

    id: int
    x: int
    y: int
    w: int
    h: int

    @property
    def region(self) -> Region:
        """Its cells."""
        return Region(self.x, self.y, self.w, self.h)


@dataclass(frozen=True, slots=True)
class Overlays:
    """All of them, and what lies beside a picture that is narrower than its field."""

    ground: str = "#000000"
    """A colour as `#rrggbb`."""
    items: tuple[Overlay, ...] = ()


def floating(widget: Widget) -> list[Region]:
    """What lies over a widget without being another screen, such as a message in the corner."""
    layer = widget.layer
    return [
        node.region
        for child in widget.screen.children
        if child.layer != layer and child.display
        for node in child.walk_children(Widget, with_self=True)
        if node.visible and node.display and node.region
    ]


def uncovered(items: Sequence[Overlay], above: Sequence[Region]) -> tuple[Overlay, ...]:
    """Those over which nothing lies: an image would hide it."""
    if not above:
        return tuple(items)
    return tuple(item for item in items if not any(item.region.overlaps(region) for region in above))
