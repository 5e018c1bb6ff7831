"""The gateway wired alone, without Flask; and the parts that the site's wiring begins with, too."""

import logging
import os
import secrets
from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

from webapp.applications.api_keys import ApiKeys
from webapp.chain.contract_wallets import ContractWallets
from webapp.gateway.http.admission import Admission
from webapp.gateway.http.asgi import GatewayEndpoint
from webapp.gateway.http.service import Gateway, create_gateway
from webapp.gateway.http.wsgi import gateway_wsgi
from webapp.gateway.log.sequencer import numbering
from webapp.network.request_limits import RequestLimits
from webapp.server.answers.graphiql import STATIC, graphiql_wsgi
from webapp.server.answers.health import health_wsgi
from webapp.server.answers.metrics import Metrics
from webapp.server.answers.read_only import read_only
from webapp.server.answers.refusals import as_graphql
from webapp.server.application import Application
from webapp.server.front.adapter import CollectingAdapter
from webapp.server.process.system_clock import system_clock
from webapp.server.process.writer_process import WRITER
from webapp.server.record.answered import AnsweredRequests
from webapp.server.record.request_line import RequestIds, identified
from webapp.server.static_files import SiteFolders
from webapp.server.worker import served
from webapp.settings.environment import Serves, Settings
from webapp.settings.room_configs import admission_config, gateway_config
from webapp.storage.database import Database

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

GATEWAY_PATHS = frozenset({"/graphql", "/graphql/"})
ORIGINAL_PATHS = frozenset({"/", "/testnet/", "/testnet"})
"""Where the hosted original answered; the gateway alone answers there too, slash or not."""


class Parts:
    """What an application is put together from, whichever it is; closing `opened` closes them all.

    Attributes:
        database: As it is: one that is gone is not made anew, empty, by those that serve it.
        limits: Counts requests.
        wallets: The chains that may be asked about contract wallets; None where the settings name none.
        opened: Closes what was opened last first.
    """

    def __init__(self, settings: Settings, metrics: Metrics, commit_failed: Callable[[], None]) -> None:
        """Open the database; it must have been migrated.

        Args:
            settings: What the operator chose.
            metrics: Counts.
            commit_failed: Called when it is not known whether the database kept what was written.
        """
        self._settings = settings
        self._metrics = metrics
        self.opened = opened = ExitStack()
        self.database = opened.enter_context(
            closing(Database.open(settings.database_url, create=False, commit_failed=commit_failed))
        )
        self.limits = RequestLimits(settings.redis_url)
        self.wallets: ContractWallets | None = None
        if settings.eth_rpc_urls:
            chains = ContractWallets.at(
                [(node.chain_id, node.url) for node in settings.eth_rpc_urls],
                allow_private=settings.upstream_allow_private,
                limits=self.limits,
            )
            self.wallets = opened.enter_context(closing(chains))

    def gateway(self, origins: tuple[str, ...]) -> Gateway:
        """Make the gateway; where settings name no domains, these origins' can be signed in to."""
        settings, keys = self._settings, ApiKeys(self.database, system_clock)
        if WRITER not in os.environ:  # what is written here is numbered here
            self.opened.enter_context(numbering(self.database))
        admission = Admission(keys, admission_config(settings), self.limits, system_clock)
        gateway = create_gateway(
            self.database,
            gateway_config(settings, origins=origins),
            system_clock,
            contract_wallets=self.wallets,
            admission=self.opened.enter_context(closing(admission)),
            decided=self._metrics.decided,
            observer=self._metrics,
            writer=os.environ.get(WRITER),
        )
        return self.opened.enter_context(closing(gateway))

    def from_outside(
        self, gateway: Gateway, paths: frozenset[str]
    ) -> "tuple[GatewayEndpoint, WSGIApplication]":
        """Answer what is posted to the gateway from outside, and what else reaches it."""
        ids, answered = RequestIds(secrets.token_urlsafe), self.answered("gateway", "webapp.gateway.requests")
        wsgi = answered.of(identified(gateway_wsgi(gateway), ids))
        return GatewayEndpoint(gateway, paths, answered, ids), wsgi

    def answered(self, room: str, logger: str) -> AnsweredRequests:
        """Count what one part of the application answers as this room's, and log it by this logger."""
        answered = AnsweredRequests(self._metrics.room(room), logging.getLogger(logger))
        self._metrics.before_it_is_read.append(answered.flush)
        self.opened.callback(answered.flush)
        return answered


def from_environment() -> CollectingAdapter:
    """Build the application of a server process from its environment, for `countersign gateway`."""
    return served(create_gateway_app, Settings.from_env(os.environ, serves=Serves.GATEWAY))


def create_gateway_app(
    settings: Settings, metrics: Metrics, commit_failed: Callable[[], None] = lambda: None
) -> Application:
    """Wire the gateway alone: at `/graphql`, and at the paths where the original answered."""
    parts = Parts(settings, metrics, commit_failed)
    gateway = parts.gateway(settings.public_origins)
    graphiql = graphiql_wsgi(SiteFolders.locate(), has_site=False)
    files = read_only(graphiql)
    nothing = as_graphql(404, "expected the path /graphql, or / or /testnet/ as of the original API")

    def rest(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        room = files if environ["PATH_INFO"].startswith(STATIC) else nothing
        return room(environ, start_response)

    paths = GATEWAY_PATHS | ORIGINAL_PATHS
    endpoint, from_outside = parts.from_outside(gateway, paths)
    return Application(
        endpoint=endpoint,
        gateway=from_outside,
        gateway_paths=paths,
        graphiql=graphiql,
        health=health_wsgi(parts.database, None),
        metrics=metrics.wsgi(settings.metrics_token),
        rest=rest,
        close=parts.opened.close,
    )
