"""A server process around an application: its log, its threads, its end."""

import os
import resource
import sys
from collections.abc import Callable
from functools import partial
from threading import Timer

from webapp.network.clients import client_of
from webapp.network.request_bodies import MAX_BODY
from webapp.server.answers.health import ALIVE_PATH
from webapp.server.answers.metrics import Metrics
from webapp.server.application import Application
from webapp.server.front.adapter import (
    BODY_DEADLINE_MS,
    LONGEST_STOP_S,
    THREADS,
    CollectingAdapter,
    CollectingConfig,
)
from webapp.server.front.open_connections import OpenConnections, connections_allowed
from webapp.server.process.collector import settle
from webapp.server.process.heartbeats import HEARTBEATS, heartbeat
from webapp.server.process.logs import configure_logs
from webapp.server.process.stopping import Replacement, stop_with_parent
from webapp.settings.environment import Settings
from webapp.siwe.package import siwe_package

SETTLED_S = 2.0
"""When a process imports what sign-ins need, unless one came sooner: the first page does not wait for it."""
SWITCH_S = 0.0005
"""How long a thread keeps the interpreter from the others: a tenth of Python's own choice. Each read of the
database gives it away, and among busy threads it takes that long, several times, until it is had again."""


def served(
    create: Callable[[Settings, Metrics, Callable[[], None]], Application], settings: Settings
) -> CollectingAdapter:
    """Add what belongs to the process and not to the application: its log, its threads, its end."""
    configure_logs(settings.log_level, settings.log_format)
    sys.setswitchinterval(SWITCH_S)
    stop_with_parent(LONGEST_STOP_S)
    soon = Timer(SETTLED_S, siwe_package)  # behind the first requests, before most first sign-ins
    soon.daemon = True
    soon.start()
    metrics = Metrics()
    application = create(settings, metrics, Replacement())
    config = CollectingConfig(
        threads=THREADS,
        max_body=MAX_BODY,
        deadline_ms=BODY_DEADLINE_MS,
        at_once=frozenset({ALIVE_PATH}),
        interleaved=application.interleaved,
    )
    settle()
    adapter = CollectingAdapter(
        application,
        config,
        client=partial(client_of, trusted_hops=settings.trusted_proxy_hops),
        refuse=application.refusal,
        form=application.form,
        native=application.endpoint,
        waiting=metrics.waiting,
        close=application.close,
        beat=heartbeat(os.environ.get(HEARTBEATS)),
    )
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = connections_allowed(files, THREADS) // 2
    OpenConnections(settings.port, most, lambda peer: client_of(peer, None, 0), adapter.is_answering).watch()
    return adapter
