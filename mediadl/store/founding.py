"""The first steps of the schema: queue, items, history, archive, journal, and figures over time."""

from __future__ import annotations

import sqlite3

_QUEUE = """
CREATE TABLE download_queue(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    url TEXT NOT NULL,
    platform TEXT NOT NULL DEFAULT '',
    site TEXT NOT NULL DEFAULT '',
    lane TEXT NOT NULL DEFAULT 'runner',
    first_lane TEXT NOT NULL DEFAULT 'runner',
    content_type TEXT NOT NULL DEFAULT '',
    title TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT 'pending' CHECK(status IN
        ('pending','active','completed','failed','cancelled','paused','scheduled','waiting')),
    wanted TEXT NOT NULL DEFAULT 'run' CHECK(wanted IN ('run','pause','cancel','remove')),
    priority INTEGER NOT NULL DEFAULT 1,
    position REAL NOT NULL DEFAULT 0,
    options TEXT NOT NULL DEFAULT '{}',
    trusted INTEGER NOT NULL DEFAULT 1,
    reason TEXT NOT NULL DEFAULT '',
    message TEXT NOT NULL DEFAULT '',
    not_before REAL,
    backend TEXT NOT NULL DEFAULT '',
    tried TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0,
    max_attempts INTEGER NOT NULL DEFAULT 5,
    fence INTEGER NOT NULL DEFAULT 0,
    deaths INTEGER NOT NULL DEFAULT 0,
    assigned_worker TEXT NOT NULL DEFAULT '',
    lease_boot TEXT NOT NULL DEFAULT '',
    lease_until REAL,
    progress REAL NOT NULL DEFAULT 0,
    bytes_done INTEGER NOT NULL DEFAULT 0,
    bytes_total INTEGER,
    speed_bytes_per_s REAL NOT NULL DEFAULT 0,
    items_total INTEGER,
    items_stored INTEGER NOT NULL DEFAULT 0,
    items_skipped INTEGER NOT NULL DEFAULT 0,
    items_failed INTEGER NOT NULL DEFAULT 0,
    created_at REAL NOT NULL DEFAULT 0,
    started_at REAL,
    finished_at REAL,
    estimated_completion REAL,
    folded TEXT NOT NULL DEFAULT '',
    rank_group INTEGER GENERATED ALWAYS AS (
        CASE WHEN status = 'active' THEN -100
             WHEN status IN ('completed','failed','cancelled') THEN 100
             ELSE -priority END) VIRTUAL,
    rank_place REAL GENERATED ALWAYS AS (
        CASE WHEN status IN ('completed','failed','cancelled') THEN -coalesce(finished_at, 0)
             ELSE position END) VIRTUAL
)
"""

_QUEUE_PARTS = (
    # The list as people see it; status and platform ride along so that filters need no table row
    "CREATE INDEX queue_rank ON download_queue(rank_group, rank_place, id, status, platform)",
    (
        "CREATE INDEX queue_ready ON download_queue(lane, priority DESC, position, id, site)"
        " WHERE status = 'pending' AND wanted = 'run'"
    ),
    (
        "CREATE INDEX queue_ready_site ON download_queue(lane, site, priority DESC, position, id)"
        " WHERE status = 'pending' AND wanted = 'run'"
    ),
    "CREATE INDEX queue_active ON download_queue(lane, site) WHERE status = 'active'",
    "CREATE INDEX queue_due ON download_queue(not_before) WHERE status IN ('waiting', 'scheduled')",
    "CREATE INDEX queue_status ON download_queue(status)",
    # Counting 100,000 rows for every repaint is too slow; triggers keep the figures in the same transaction
    (
        "CREATE TABLE queue_counts(status TEXT NOT NULL, platform TEXT NOT NULL, n INTEGER NOT NULL,"
        " PRIMARY KEY(status, platform)) WITHOUT ROWID"
    ),
    """CREATE TRIGGER queue_counts_insert AFTER INSERT ON download_queue BEGIN
        INSERT INTO queue_counts(status, platform, n) VALUES (new.status, new.platform, 1)
            ON CONFLICT(status, platform) DO UPDATE SET n = n + 1;
    END""",
    """CREATE TRIGGER queue_counts_delete AFTER DELETE ON download_queue BEGIN
        UPDATE queue_counts SET n = n - 1 WHERE status = old.status AND platform = old.platform;
    END""",
    """CREATE TRIGGER queue_counts_update AFTER UPDATE OF status, platform ON download_queue
        WHEN old.status <> new.status OR old.platform <> new.platform BEGIN
        UPDATE queue_counts SET n = n - 1 WHERE status = old.status AND platform = old.platform;
        INSERT INTO queue_counts(status, platform, n) VALUES (new.status, new.platform, 1)
            ON CONFLICT(status, platform) DO UPDATE SET n = n + 1;
    END""",
    """CREATE TABLE items(
        job_id INTEGER NOT NULL REFERENCES download_queue(id) ON DELETE CASCADE,
        n INTEGER NOT NULL,
        site TEXT NOT NULL,
        media_id TEXT NOT NULL,
        idx INTEGER NOT NULL DEFAULT 0,
        state TEXT NOT NULL,
        title TEXT NOT NULL DEFAULT '',
        size_bytes INTEGER,
        reason TEXT NOT NULL DEFAULT '',
        message TEXT NOT NULL DEFAULT '',
        download_id INTEGER,
        PRIMARY KEY(job_id, site, media_id, idx)) WITHOUT ROWID""",
    "CREATE INDEX items_in_order ON items(job_id, n)",
)

_DOWNLOADS = """
CREATE TABLE downloads(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id INTEGER,
    site TEXT NOT NULL DEFAULT '',
    media_id TEXT NOT NULL DEFAULT '',
    idx INTEGER NOT NULL DEFAULT 0,
    platform TEXT NOT NULL DEFAULT '',
    source TEXT NOT NULL DEFAULT '',
    title TEXT NOT NULL DEFAULT '',
    url TEXT NOT NULL DEFAULT '',
    path TEXT NOT NULL DEFAULT '',
    size_bytes INTEGER NOT NULL DEFAULT 0,
    sha256 TEXT NOT NULL DEFAULT '',
    received_sha256 TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL DEFAULT 'other',
    mime TEXT NOT NULL DEFAULT '',
    width INTEGER,
    height INTEGER,
    duration_s REAL,
    backend TEXT NOT NULL DEFAULT '',
    posted_at REAL,
    stored_at REAL NOT NULL DEFAULT 0
)
"""

_DOWNLOADS_PARTS = (
    "CREATE INDEX downloads_stored ON downloads(stored_at, id, platform, kind)",
    "CREATE INDEX downloads_platform ON downloads(platform, stored_at)",
    "CREATE INDEX downloads_source ON downloads(source, stored_at)",
    "CREATE INDEX downloads_size ON downloads(size_bytes)",
    "CREATE INDEX downloads_title ON downloads(title)",
    "CREATE INDEX downloads_identity ON downloads(site, media_id, idx)",
    "CREATE INDEX downloads_path ON downloads(path)",
    "CREATE INDEX downloads_job ON downloads(job_id)",
    (
        "CREATE TABLE download_counts(platform TEXT NOT NULL, kind TEXT NOT NULL, files INTEGER NOT NULL,"
        " size_bytes INTEGER NOT NULL, PRIMARY KEY(platform, kind)) WITHOUT ROWID"
    ),
    (
        "CREATE VIRTUAL TABLE downloads_fts USING fts5(title, source, url, path, content='downloads',"
        " content_rowid='id', tokenize='unicode61 remove_diacritics 2', prefix='2 3')"
    ),
    """CREATE TRIGGER downloads_insert AFTER INSERT ON downloads BEGIN
        INSERT INTO downloads_fts(rowid, title, source, url, path)
            VALUES (new.id, new.title, new.source, new.url, new.path);
        INSERT INTO download_counts(platform, kind, files, size_bytes)
            VALUES (new.platform, new.kind, 1, new.size_bytes)
            ON CONFLICT(platform, kind) DO UPDATE
            SET files = files + 1, size_bytes = size_bytes + new.size_bytes;
    END""",
    """CREATE TRIGGER downloads_delete AFTER DELETE ON downloads BEGIN
        INSERT INTO downloads_fts(downloads_fts, rowid, title, source, url, path)
            VALUES ('delete', old.id, old.title, old.source, old.url, old.path);
        UPDATE download_counts SET files = files - 1, size_bytes = size_bytes - old.size_bytes
            WHERE platform = old.platform AND kind = old.kind;
    END""",
    """CREATE TRIGGER downloads_update AFTER UPDATE ON downloads BEGIN
        INSERT INTO downloads_fts(downloads_fts, rowid, title, source, url, path)
            VALUES ('delete', old.id, old.title, old.source, old.url, old.path);
        INSERT INTO downloads_fts(rowid, title, source, url, path)
            VALUES (new.id, new.title, new.source, new.url, new.path);
        UPDATE download_counts SET files = files - 1, size_bytes = size_bytes - old.size_bytes
            WHERE platform = old.platform AND kind = old.kind;
        INSERT INTO download_counts(platform, kind, files, size_bytes)
            VALUES (new.platform, new.kind, 1, new.size_bytes)
            ON CONFLICT(platform, kind) DO UPDATE
            SET files = files + 1, size_bytes = size_bytes + new.size_bytes;
    END""",
)

_OTHERS = (
    """CREATE TABLE archive(
        site TEXT NOT NULL,
        media_id TEXT NOT NULL,
        idx INTEGER NOT NULL DEFAULT 0,
        download_id INTEGER,
        at REAL NOT NULL,
        PRIMARY KEY(site, media_id, idx)) WITHOUT ROWID""",
    """CREATE TABLE journal(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at REAL NOT NULL,
        kind TEXT NOT NULL,
        job_id INTEGER,
        payload TEXT NOT NULL DEFAULT '{}')""",
    """CREATE TABLE sites(
        site TEXT PRIMARY KEY,
        cooldown_until REAL,
        cooldown_reason TEXT NOT NULL DEFAULT '',
        failures INTEGER NOT NULL DEFAULT 0,
        last_success_at REAL,
        last_error TEXT NOT NULL DEFAULT '') WITHOUT ROWID""",
    """CREATE TABLE sessions(
        site TEXT NOT NULL,
        account TEXT NOT NULL,
        file TEXT NOT NULL,
        cookies INTEGER NOT NULL DEFAULT 0,
        expires_at REAL,
        imported_at REAL NOT NULL,
        broken_reason TEXT NOT NULL DEFAULT '',
        PRIMARY KEY(site, account)) WITHOUT ROWID""",
    """CREATE TABLE workers(
        name TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        pid INTEGER NOT NULL,
        started_at REAL NOT NULL,
        heartbeat_at REAL NOT NULL,
        note TEXT NOT NULL DEFAULT '') WITHOUT ROWID""",
)


def first_tables(connection: sqlite3.Connection) -> None:
    """A step of the schema: the first one."""
    for statement in (_QUEUE, *_QUEUE_PARTS, _DOWNLOADS, *_DOWNLOADS_PARTS, *_OTHERS):
        connection.execute(statement)


_BLAME = (
    "('login_needed','rate_limited','challenge','forbidden','geo','site_changed','network','tls','server_error',"
    "'too_slow','bad_content','engine_broken','unknown')"
)
"""Reasons that say something of a site, not only of one address, this machine or its disk."""

_NOW = "(julianday('now') - 2440587.5) * 86400.0"
_NEW_OUTCOME = """INSERT INTO outcome_quarters(quarter, status, n)
            SELECT CAST(new.finished_at / 900 AS INTEGER), new.status, 1
            WHERE new.status IN ('completed','failed','cancelled') AND new.finished_at IS NOT NULL
            ON CONFLICT(quarter, status) DO UPDATE SET n = n + 1;"""

_TIMES = (
    # Quarters of an hour: every zone's day, on any date, begins at the start of one
    (
        "CREATE TABLE download_quarters(quarter INTEGER PRIMARY KEY, files INTEGER NOT NULL,"
        " size_bytes INTEGER NOT NULL)"
    ),
    """INSERT INTO download_quarters(quarter, files, size_bytes)
        SELECT CAST(stored_at / 900 AS INTEGER), COUNT(*), SUM(size_bytes) FROM downloads GROUP BY 1""",
    """CREATE TRIGGER download_quarters_insert AFTER INSERT ON downloads BEGIN
        INSERT INTO download_quarters(quarter, files, size_bytes)
            VALUES (CAST(new.stored_at / 900 AS INTEGER), 1, new.size_bytes)
            ON CONFLICT(quarter) DO UPDATE SET files = files + 1, size_bytes = size_bytes + new.size_bytes;
    END""",
    """CREATE TRIGGER download_quarters_delete AFTER DELETE ON downloads BEGIN
        UPDATE download_quarters SET files = files - 1, size_bytes = size_bytes - old.size_bytes
            WHERE quarter = CAST(old.stored_at / 900 AS INTEGER);
    END""",
    """CREATE TRIGGER download_quarters_update AFTER UPDATE OF stored_at, size_bytes ON downloads BEGIN
        UPDATE download_quarters SET files = files - 1, size_bytes = size_bytes - old.size_bytes
            WHERE quarter = CAST(old.stored_at / 900 AS INTEGER);
        INSERT INTO download_quarters(quarter, files, size_bytes)
            VALUES (CAST(new.stored_at / 900 AS INTEGER), 1, new.size_bytes)
            ON CONFLICT(quarter) DO UPDATE SET files = files + 1, size_bytes = size_bytes + new.size_bytes;
    END""",
    # How jobs ended; those taken off the list since still count, one that was tried again counts once
    (
        "CREATE TABLE outcome_quarters(quarter INTEGER NOT NULL, status TEXT NOT NULL, n INTEGER NOT NULL,"
        " PRIMARY KEY(quarter, status)) WITHOUT ROWID"
    ),
    """INSERT INTO outcome_quarters(quarter, status, n)
        SELECT CAST(finished_at / 900 AS INTEGER), status, COUNT(*) FROM download_queue
        WHERE status IN ('completed','failed','cancelled') AND finished_at IS NOT NULL GROUP BY 1, 2""",
    f"""CREATE TRIGGER outcome_quarters_insert AFTER INSERT ON download_queue
        WHEN new.finished_at IS NOT NULL BEGIN
        {_NEW_OUTCOME}
    END""",
    f"""CREATE TRIGGER outcome_quarters_update AFTER UPDATE OF status, finished_at ON download_queue
        WHEN old.status <> new.status OR old.finished_at IS NOT new.finished_at BEGIN
        UPDATE outcome_quarters SET n = n - 1 WHERE old.status IN ('completed','failed','cancelled')
            AND quarter = CAST(old.finished_at / 900 AS INTEGER) AND status = old.status;
        {_NEW_OUTCOME}
    END""",
    """CREATE TABLE site_outcomes(
        site TEXT PRIMARY KEY,
        platform TEXT NOT NULL DEFAULT '',
        failures INTEGER NOT NULL DEFAULT 0,
        last_success_at REAL,
        last_failure_at REAL,
        last_reason TEXT NOT NULL DEFAULT '',
        last_message TEXT NOT NULL DEFAULT '') WITHOUT ROWID""",
    f"""INSERT INTO site_outcomes(site, platform, last_success_at, last_failure_at)
        SELECT site, max(platform), max(CASE WHEN status = 'completed' THEN finished_at END),
            max(CASE WHEN status = 'failed' AND reason IN {_BLAME} THEN finished_at END)
        FROM download_queue WHERE status IN ('completed','failed') GROUP BY site""",
    f"""UPDATE site_outcomes SET (failures, last_reason, last_message) = (
            SELECT COUNT(*), reason, message FROM (
                SELECT reason, message FROM download_queue AS job WHERE job.site = site_outcomes.site
                    AND status = 'failed' AND reason IN {_BLAME}
                    AND finished_at > coalesce(site_outcomes.last_success_at, 0) ORDER BY finished_at DESC))
        WHERE last_failure_at > coalesce(last_success_at, 0)""",
    """CREATE TRIGGER site_outcomes_success AFTER UPDATE OF status ON download_queue
        WHEN old.status = 'active' AND new.status = 'completed' BEGIN
        INSERT INTO site_outcomes(site, platform, last_success_at) VALUES (new.site, new.platform, new.finished_at)
            ON CONFLICT(site) DO UPDATE SET platform = new.platform, failures = 0,
            last_success_at = new.finished_at, last_reason = '', last_message = '';
    END""",
    f"""CREATE TRIGGER site_outcomes_failure AFTER UPDATE OF status ON download_queue
        WHEN old.status = 'active' AND new.status IN ('failed','waiting') AND new.reason IN {_BLAME} BEGIN
        INSERT INTO site_outcomes(site, platform, failures, last_failure_at, last_reason, last_message)
            VALUES (new.site, new.platform, 1, coalesce(new.finished_at, {_NOW}), new.reason, new.message)
            ON CONFLICT(site) DO UPDATE SET platform = new.platform, failures = failures + 1,
            last_failure_at = excluded.last_failure_at, last_reason = new.reason, last_message = new.message;
    END""",
    # Held jobs keep the time they were to start at
    (
        "CREATE INDEX queue_planned ON download_queue(not_before, id)"
        " WHERE status IN ('scheduled', 'paused') AND not_before IS NOT NULL"
    ),
)


def figures_over_time(connection: sqlite3.Connection) -> None:
    """A step of the schema: what was stored and how jobs ended, by the quarter of an hour."""
    for statement in _TIMES:
        connection.execute(statement)
