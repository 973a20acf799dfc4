"""Stored files: list, search, look at, export."""

from __future__ import annotations

import csv
import json
from enum import StrEnum
from typing import TYPE_CHECKING, TextIO

from mediadl.models import Download, HistoryQuery
from mediadl.security.text import csv_cell
from mediadl.service import records
from mediadl.store import downloads

if TYPE_CHECKING:
    from mediadl.service import Services


class ExportFormat(StrEnum):
    """How the history can be written."""

    CSV = "csv"
    JSON = "json"


class HistoryService:
    """The history of one data folder."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def page(self, query: HistoryQuery, offset: int, limit: int) -> list[Download]:
        """A window of the list."""
        return downloads.window(self._services.store.read(), query, offset, limit)

    def count(self, query: HistoryQuery) -> int:
        """How many files the query finds."""
        return downloads.count(self._services.store.read(), query)

    def get(self, download_id: int) -> Download:
        """One stored file.

        Raises:
            NotFound: there is none of that number.
        """
        return downloads.get(self._services.store.read(), download_id)

    def of_job(self, job_id: int) -> list[Download]:
        """What a job stored, oldest first."""
        return downloads.of_job(self._services.store.read(), job_id)

    def export(self, query: HistoryQuery, stream: TextIO, form: ExportFormat) -> int:
        """Write everything the query finds; returns how many rows.

        CSV has a header and cells that no spreadsheet takes for a formula; JSON is one object per line.
        """
        rows = downloads.iterate(self._services.store.read(), query)
        count = 0
        if form is ExportFormat.JSON:
            for found in rows:
                stream.write(json.dumps(records.download(found), ensure_ascii=False) + "\n")
                count += 1
            return count
        writer = csv.writer(stream)
        header = True
        for found in rows:
            record = records.download(found)
            if header:
                writer.writerow(record)
                header = False
            writer.writerow(csv_cell(v) if isinstance(v, str) else v for v in record.values())
            count += 1
        return count
