"""`/metrics` for Prometheus: requests, their latencies, what is in flight, every status answered."""

import hmac
import ipaddress
import os
import re
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

from webapp.server.answers.read_only import read_only
from webapp.server.answers.refusals import as_problem

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from prometheus_client import Counter, Gauge, Histogram

METRICS_PATH = "/metrics"
MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder in which the server processes add up their numbers, where there are several."""

_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_PROXIED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")
_LOOPBACK_HOST = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?")
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_BATCH = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
_refused = as_problem(403, "expected the token of METRICS_TOKEN")


class RoomMetrics:
    """Counts and times requests. Safe to share between threads."""

    def __init__(
        self, in_flight: "Gauge", seconds: "Histogram", counter: Callable[[str, str], "Counter"]
    ) -> None:
        """Keep the parts.

        Args:
            in_flight: Counts what is being answered.
            seconds: Observes how long that took.
            counter: Gives the counter of what was answered, by method and status.
        """
        self._in_flight = in_flight
        self._seconds = seconds
        self._counter = lru_cache(256)(counter)  # to find one by its labels costs more than to count

    def change_in_flight(self, by: int) -> None:
        """Count so many more requests that are being answered, or fewer."""
        self._in_flight.inc(by)

    def observe(self, method: str, status: int | None, seconds: float) -> None:
        """Count and time a request that was answered with this HTTP status; None: its client was gone."""
        self._seconds.observe(seconds)
        if status is not None:
            self._counter(method if method in _METHODS else "other", str(status)).inc()


class Metrics:
    """Counts in memory, or in files that all server processes share."""

    def __init__(self) -> None:
        # Imported late: at its import the library looks whether several processes count together.
        import prometheus_client as prometheus  # noqa: PLC0415

        self._prometheus = prometheus
        self.before_it_is_read: list[Callable[[], None]] = []
        self._registry = prometheus.CollectorRegistry()
        self._requests = prometheus.Counter(
            "countersign_requests",
            "HTTP requests answered.",
            ("room", "method", "status"),
            registry=self._registry,
        )
        self._seconds = prometheus.Histogram(
            "countersign_request_seconds",
            "Time to answer a request, in seconds.",
            ("room",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._in_flight = prometheus.Gauge(
            "countersign_requests_in_flight",
            "HTTP requests that are being answered, or wait for the database.",
            ("room",),
            registry=self._registry,
            multiprocess_mode="livesum",
        )
        self.waiting = prometheus.Gauge(
            "countersign_requests_waiting",
            "HTTP requests that have arrived whole and wait for a thread.",
            registry=self._registry,
            multiprocess_mode="livesum",
        )
        self._waiting_to_be_written = prometheus.Gauge(
            "countersign_operations_waiting",
            "Signed operations that wait for the next batch.",
            registry=self._registry,
            multiprocess_mode="livesum",
        )
        self._batch = prometheus.Histogram(
            "countersign_batch_operations",
            "Signed operations decided in one transaction.",
            buckets=_BATCH,
            registry=self._registry,
        )
        self._commit_seconds = prometheus.Histogram(
            "countersign_commit_seconds",
            "Time to commit a batch durably, in seconds.",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._statuses = prometheus.Counter(
            "countersign_operations", "Mutations decided.", ("operation", "status"), registry=self._registry
        )
        self._status = lru_cache(256)(self._statuses.labels)  # to find one costs more than to count

    def decided(self, operation: str, status: str) -> None:
        """Count a mutation's status."""
        self._status(operation, status).inc()

    def room(self, name: str) -> "RoomMetrics":
        """Give what counts and times the requests that one part of the application answers."""
        return RoomMetrics(
            self._in_flight.labels(name), self._seconds.labels(name), partial(self._requests.labels, name)
        )

    def queued(self, change: int) -> None:
        """Count signed operations that wait: so many more, or fewer."""
        self._waiting_to_be_written.inc(change)

    def committed(self, size: int, seconds: float) -> None:
        """Count a batch that was committed."""
        self._batch.observe(size)
        self._commit_seconds.observe(seconds)

    def wsgi(self, token: str | None, *, for_this_machine: bool = False) -> "WSGIApplication":
        """Answer with all numbers, to whom they concern.

        Args:
            token: What `Authorization: Bearer` must carry; None: there is none.
            for_this_machine: Whether nothing but this machine is meant to reach the server. Then, without a
                token, callers on it are answered. Nothing in a request can tell them from a proxy's, which
                sends whatever it is set to: everywhere else nobody is.
        """

        def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            if not (_is_local(environ) if token is None and for_this_machine else _has(environ, token)):
                return _refused(environ, start_response)
            registry = self._registry
            if MULTIPROCESS in os.environ:
                from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415

                registry = self._prometheus.CollectorRegistry()
                MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library leaves it untyped
            for flush in self.before_it_is_read:
                flush()
            body = self._prometheus.generate_latest(registry)
            headers = {
                "content-type": "text/plain; version=0.0.4; charset=utf-8",
                "cache-control": "no-store",
            }
            return Response(body, headers=headers)(environ, start_response)

        return read_only(application)


def _has(environ: "WSGIEnvironment", token: str | None) -> bool:
    given = environ.get("HTTP_AUTHORIZATION", "").encode("latin-1", "replace")
    return token is not None and hmac.compare_digest(given, f"Bearer {token}".encode())


def _is_local(environ: "WSGIEnvironment") -> bool:
    # A page elsewhere can make a browser on this machine ask, under a name of its own that points here.
    asked_by_name = not _LOOPBACK_HOST.fullmatch(environ.get("HTTP_HOST", ""))
    if asked_by_name or any(name in environ for name in _PROXIED):
        return False
    try:
        return ipaddress.ip_address(environ.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
