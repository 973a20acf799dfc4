"""Nothing of a preview stays behind, not even when its process was killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mediadl.pipeline import preview_folder


def test_the_folder_is_private_and_gone_afterwards(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), preview_folder.private(tmp_path) as folder:
        (folder / "cookies.txt").write_text("secret")
        assert folder.stat().st_mode & 0o777 == 0o700
        raise KeyboardInterrupt

    assert list(tmp_path.iterdir()) == []


@pytest.mark.kill
def test_what_a_killed_process_left_goes_and_what_another_uses_stays(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from mediadl.pipeline import preview_folder\n"
        "with preview_folder.private(Path(sys.argv[1])) as folder:\n"
        "    (folder / 'cookies.txt').write_text('secret')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    (left,) = tmp_path.iterdir()
    assert killed.returncode == -9

    with preview_folder.private(tmp_path) as mine:
        preview_folder.sweep(tmp_path)

        assert list(tmp_path.iterdir()) == [mine]
    assert not left.exists()
