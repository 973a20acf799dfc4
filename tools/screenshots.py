"""Takes the pictures of the README: the screens over a seeded queue with invented titles, as SVG into docs/."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SIZE = (124, 27)


async def queue(folder: Path) -> str:
    """The Queue screen, well filled."""
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    from mediadl.app import MediadlApp
    from mediadl.paths import Home
    from mediadl.service import open_services
    from mediadl.store.locks import ProcessLock
    from terminal import scene

    home = Home(folder).create()
    with open_services(home) as services:
        scene.write(services, scene.EVERYDAY)
        # The picture shows a daemon at work
        lock = ProcessLock(home.daemon_lock)
        lock.try_acquire()
        app = MediadlApp(services)
        async with app.run_test(size=SIZE) as pilot:
            await pilot.press("j")
            async with asyncio.timeout(10):
                while "daemon" not in app.screen.query_one("#header").text:  # type: ignore[attr-defined]
                    await pilot.pause(0.1)
            await pilot.pause()
            return app.export_screenshot(title="mediadl")


def main() -> None:
    """Write the pictures."""
    os.environ["MEDIADL_NO_DAEMON"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        picture = asyncio.run(queue(Path(folder) / "home"))
    # The picture loads nothing from elsewhere: without its font any monospaced one will do
    picture = re.sub(r"@font-face\s*\{.*?\}\s*", "", picture, flags=re.DOTALL)
    (ROOT / "docs" / "queue.svg").write_text(picture, "utf-8")


if __name__ == "__main__":
    main()
