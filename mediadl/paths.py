"""Where things lie: the data folder and every file inside it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Home:
    """The data folder of one mediadl: database, settings, logs, sessions, locks.

    `MEDIADL_HOME` names it, else the platform's folder for user data. Everything inside is private to its owner.
    """

    root: Path

    @classmethod
    def locate(cls) -> Home:
        """The data folder of this process; nothing is created."""
        named = os.environ.get("MEDIADL_HOME")
        if named:
            return cls(Path(named).expanduser().absolute())
        # platformdirs costs 5 ms; its answer on Linux is this
        base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
        return cls(Path(base).expanduser().absolute() / "mediadl")

    def create(self) -> Home:
        """Make the folders that every process needs, readable by the owner only."""
        for folder in (self.root, self.logs, self.run, self.sessions):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self

    @property
    def database(self) -> Path:
        """The one database."""
        return self.root / "media_downloader.db"

    @property
    def settings_file(self) -> Path:
        """What the user changed from the defaults."""
        return self.root / "settings.toml"

    @property
    def view_file(self) -> Path:
        """How the screens were looked at last."""
        return self.root / "view.json"

    def view_file_of(self, user_id: int) -> Path:
        """How an account looked at the screens last, in a browser."""
        return self.root / "views" / f"{user_id}.json"

    @property
    def logs(self) -> Path:
        """JSON lines, one file per day."""
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """Locks and process files; safe to delete when nothing runs."""
        return self.root / "run"

    @property
    def sessions(self) -> Path:
        """Cookie jars of before they were sealed into the database, mode 0600."""
        return self.root / "sessions"

    @property
    def session_key(self) -> Path:
        """Opens the sealed cookies; not part of a backup."""
        return self.root / "session.key"

    @property
    def account_locks(self) -> Path:
        """Files held by the job that uses an account."""
        return self.run / "accounts"

    @property
    def thumbnails(self) -> Path:
        """Small pictures of stored files; safe to delete at any time."""
        return self.root / "cache" / "thumbnails"

    @property
    def engines(self) -> Path:
        """Engine versions beside the program."""
        return self.root / "engines"

    @property
    def write_gate(self) -> Path:
        """Held around each write transaction."""
        return self.run / "write.lock"

    @property
    def daemon_lock(self) -> Path:
        """Held by the daemon for as long as it lives."""
        return self.run / "daemon.lock"

    @property
    def serve_lock(self) -> Path:
        """Held by the server of the browser view."""
        return self.run / "serve.lock"

    @property
    def job_locks(self) -> Path:
        """One byte per job, held by whoever writes for it."""
        return self.run / "jobs.lock"

    @property
    def transfer_lock(self) -> Path:
        """Held by the one transfer child."""
        return self.run / "transfer.lock"

    @property
    def daemon_output(self) -> Path:
        """Where a detached daemon's stderr goes: only what the log could not take."""
        return self.logs / "daemon.err"


WORK_FOLDER = ".mediadl"
"""Name of the private folder in every download folder that holds partial files, one sub-folder per job."""
