"""Figures for a monitoring system, in the text format of Prometheus."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from mediadl.models import JobQuery, JobSort, JobStatus

if TYPE_CHECKING:
    from mediadl.service import Services
    from mediadl.web.api.hub import Hub

_LAST_JOBS = 500
_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 10, 60)


class Measures:
    """What is counted while the server runs, and what is read when somebody asks."""

    def __init__(self, services: Services, hub: Hub) -> None:
        """`services` are those of the machine's owner."""
        self._services = services
        self._hub = hub
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "mediadl_http_requests",
            "Requests to the API",
            ("route", "method", "status"),
            registry=self._registry,
        )
        self._took = Histogram(
            "mediadl_http_request_duration_seconds",
            "Time to the beginning of an answer",
            ("route",),
            buckets=_BUCKETS_S,
            registry=self._registry,
        )
        ProcessCollector(registry=self._registry)
        self._registry.register(self)

    def count(self, route: str, method: str, status: int, took_s: float) -> None:
        """Note a request. `route` is the pattern of its path, never the path: there are few."""
        self._requests.labels(route, method, str(status)).inc()
        self._took.labels(route).observe(took_s)

    def text(self) -> bytes:
        """Everything, as it is asked for; reads the database."""
        return generate_latest(self._registry)

    def describe(self) -> Iterator[Metric]:
        """Nothing: what is read is not read when this is registered."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """What is read at this moment."""
        yield from self._of_queue()
        yield from self._of_ends()
        yield from self._of_storage()
        yield from self._of_workers()

    def _of_queue(self) -> Iterator[Metric]:
        counts = self._services.queue.counts()
        depth = GaugeMetricFamily("mediadl_queue_jobs", "Jobs by status", labels=["status"])
        for status in JobStatus:
            depth.add_metric([status.value], counts.by_status.get(status, 0))
        yield depth
        yield _gauge(
            "mediadl_speed_bytes_per_second", "Of all jobs at work together", counts.speed_bytes_per_s
        )

    def _of_ends(self) -> Iterator[Metric]:
        ended = self._services.stats.outcomes()
        outcomes = GaugeMetricFamily(
            "mediadl_jobs_ended_30d", "Jobs that ended in 30 days", labels=["outcome"]
        )
        for word in ("completed", "failed", "cancelled"):
            outcomes.add_metric([word], getattr(ended, word))
        yield outcomes
        if ended.success is not None:
            yield _gauge(
                "mediadl_success_ratio_30d", "Completed of those not cancelled, 0 to 1", ended.success
            )
        took = GaugeMetricFamily(
            "mediadl_job_duration_seconds", f"Of the last {_LAST_JOBS} completed jobs", labels=["quantile"]
        )
        lasted = sorted(self._durations())
        for quantile in (0.5, 0.9, 0.99):
            if lasted:
                took.add_metric([str(quantile)], lasted[min(len(lasted) - 1, int(quantile * len(lasted)))])
        yield took

    def _durations(self) -> Iterator[float]:
        query = JobQuery(statuses=frozenset({JobStatus.COMPLETED}), sort=JobSort.ADDED, descending=True)
        for job in self._services.queue.page(query, 0, _LAST_JOBS):
            if job.started_at is not None and job.finished_at is not None:
                yield max(0.0, job.finished_at - job.started_at)

    def _of_storage(self) -> Iterator[Metric]:
        stored = self._services.stats.stored()
        yield _gauge("mediadl_stored_files", "Files in the history", stored.files)
        yield _gauge("mediadl_stored_bytes", "Their bytes", stored.size_bytes)
        space = self._services.stats.space()
        if space is not None:
            yield _gauge("mediadl_disk_free_bytes", "Of the download folder's disk", space.free_bytes)
            yield _gauge("mediadl_disk_size_bytes", "Of the download folder's disk", space.total_bytes)

    def _of_workers(self) -> Iterator[Metric]:
        daemon = self._services.daemon.status()
        yield _gauge("mediadl_daemon_up", "Whether the background process runs", int(daemon.running))
        yield _gauge("mediadl_workers_busy", "Jobs at work", daemon.jobs_active)
        yield _gauge(
            "mediadl_workers_limit",
            "Engine jobs that may be at work",
            self._services.settings.values().downloads.concurrent,
        )
        yield _gauge("mediadl_listeners", "Open event sockets", self._hub.listeners)


def _gauge(name: str, words: str, value: float) -> Metric:
    found: Any = GaugeMetricFamily(name, words, value=value)
    metric: Metric = found
    return metric


def now_s() -> float:
    """A clock for durations."""
    return time.perf_counter()
