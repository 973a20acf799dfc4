"""The schema, as a numbered list of steps; `user_version` says how many a database has behind it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from mediadl.store.accounts import make_accounts
from mediadl.store.api_answers import make_table as make_api_answers
from mediadl.store.download_lists import make_indexes as make_history_indexes
from mediadl.store.founding import figures_over_time, first_tables
from mediadl.store.improvements import make_columns as make_improvements
from mediadl.store.job_removal import make_tables as make_removed_jobs
from mediadl.store.memory import make_table as make_memory
from mediadl.store.schedule_tables import make_tables as make_schedules
from mediadl.store.sessions import add_vault as add_session_vault
from mediadl.store.sites import make_indexes as index_sites
from mediadl.store.source_rules import add_rules as add_source_rules
from mediadl.store.sources import make_tables as make_sources
from mediadl.store.spending import make_table as make_spending
from mediadl.store.threads import make_tables as make_threads
from mediadl.store.tries import make_tables as make_tries

APPLICATION_ID = 0x6D64_6C31
"""`mdl1` in the file's header: this file is ours."""

STEPS: tuple[Callable[[sqlite3.Connection], None], ...] = (
    first_tables,
    figures_over_time,
    make_removed_jobs,
    make_history_indexes,
    make_memory,
    make_threads,
    add_session_vault,
    make_spending,
    make_tries,
    index_sites,
    make_improvements,
    make_sources,
    make_schedules,
    make_accounts,
    make_api_answers,
    add_source_rules,
)
"""Step n brings a database from version n to n + 1. Never change one that was released; add another."""

VERSION = len(STEPS)
"""The schema this program knows."""

TABLES = (
    "download_queue",
    "queue_counts",
    "removed_jobs",
    "items",
    "downloads",
    "download_counts",
    "download_quarters",
    "outcome_quarters",
    "site_outcomes",
    "downloads_fts",
    "archive",
    "journal",
    "sites",
    "sessions",
    "memory",
    "workers",
    "threads",
    "thread_pages",
    "thread_posts",
    "thread_files",
    "linked_jobs",
    "account_requests",
    "tries",
    "breakers",
    "sources",
    "source_names",
    "source_posts",
    "source_files",
    "source_owed",
    "schedules",
    "schedule_sources",
    "schedule_runs",
    "run_jobs",
    "users",
    "recovery_codes",
    "logins",
    "known_places",
    "sign_in_tries",
    "one_time_codes",
    "api_tokens",
    "activity_log",
    "api_answers",
)
"""Names the schema needs; tables of other tools that bear one of them are moved aside."""


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """Take the steps that are missing after `version`, inside the caller's transaction."""
    for step in STEPS[version:]:
        step(connection)
    connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version={VERSION}")
