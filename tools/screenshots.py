"""Takes the pictures of the README: every screen over a seeded data folder with invented titles, as PNG into docs/."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from mediadl.service import Services

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs" / "screens"
WIDE = (124, 34)
SMALL = (80, 24)
PIXELS_PER_CELL = 9
SIGNS = Path("/usr/share/fonts/truetype/dejavu")
"""Where Debian's fonts-dejavu-core lies."""
_STILL_S = 0.6
_PATIENCE_S = 4.0


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: how to get there."""

    name: str
    keys: Sequence[str]
    size: tuple[int, int] = WIDE


SHOTS = (
    Shot("dashboard", ["1"]),
    Shot("queue", ["2", "j"]),
    Shot("queue-80x24", ["2", "j"], SMALL),
    Shot("details", ["2", "j", "enter"]),
    Shot("scheduler", ["3"]),
    Shot("history", ["4", "j", "j"]),
    Shot("gallery", ["4", "tab"]),
    Shot("logs", ["5"]),
    Shot("settings", ["6", "j", "j"]),
)


async def take(services: Services, shot: Shot) -> str:
    """The picture as SVG."""
    from mediadl.app import MediadlApp

    app = MediadlApp(services)
    async with app.run_test(size=shot.size) as pilot:
        await still(pilot)
        for key in shot.keys:
            await pilot.press(key)
            await still(pilot)
        return app.export_screenshot(title="mediadl")


async def still(pilot: Pilot[Any]) -> None:
    """Wait until nothing has changed for a while; numbers that count down never rest."""
    deadline = time.monotonic() + _PATIENCE_S
    before, since = "", time.monotonic()
    while time.monotonic() - since < _STILL_S and time.monotonic() < deadline:
        await pilot.pause(0.1)
        now = pilot.app.export_screenshot(simplify=True)
        if now != before:
            before, since = now, time.monotonic()


def to_png(svg: str, columns: int) -> bytes:
    """The picture in pixels, with the fonts that textual-serve brings; those have no signs such as ▶."""
    import resvg_py
    import textual_serve

    fonts = [
        *(Path(textual_serve.__file__).parent / "static" / "fonts").glob("*.ttf"),
        *SIGNS.glob("*Mono.ttf"),
    ]
    svg = re.sub(r"@font-face\s*\{.*?\}\s*", "", svg, flags=re.DOTALL).replace("Fira Code", "Roboto Mono")
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg,
            width=columns * PIXELS_PER_CELL,
            font_files=[str(font) for font in fonts],
            skip_system_fonts=True,
        )
    )


def main() -> None:
    """Write the pictures; names given as arguments choose some."""
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    os.environ["MEDIADL_NO_DAEMON"] = "1"
    from mediadl.paths import Home
    from mediadl.service import open_services
    from mediadl.store.locks import ProcessLock
    from terminal import archive, scene

    DOCS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home").create()
        with open_services(home) as services:
            scene.write(services, scene.EVERYDAY)
            archive.write(services, Path(folder) / "Downloads", now=time.time())
            archive.log(services)
            # The pictures show a daemon at work
            lock = ProcessLock(home.daemon_lock)
            lock.try_acquire()
            for shot in SHOTS:
                if len(sys.argv) < 2 or shot.name in sys.argv[1:]:
                    home.view_file.unlink(missing_ok=True)
                    picture = to_png(asyncio.run(take(services, shot)), shot.size[0])
                    (DOCS / f"{shot.name}.png").write_bytes(picture)


if __name__ == "__main__":
    main()
