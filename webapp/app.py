"""The one place where the rooms are wired together: settings in, a WSGI application out."""

import secrets
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

import httpx

from webapp.applications.api_keys import ApiKeys
from webapp.chain.contract_wallets import ContractWallets
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.admission import Admission
from webapp.gateway.http.asgi import GatewayEndpoint
from webapp.gateway.http.graphql_over_http import wanted_media_type
from webapp.gateway.http.service import Gateway, create_gateway
from webapp.gateway.http.wsgi import gateway_wsgi
from webapp.network.request_limits import RequestLimits
from webapp.server.graphiql import STATIC, graphiql_wsgi, wants_page
from webapp.server.health import HEALTH_PATHS, health_wsgi
from webapp.server.logs import logged
from webapp.server.metrics import METRICS_PATH, Metrics
from webapp.server.read_only import read_only
from webapp.server.refusals import as_graphql, as_problem
from webapp.server.static_files import SiteFolders
from webapp.server.system_clock import system_clock
from webapp.settings.environment import Settings
from webapp.settings.room_configs import admission_config, gateway_config, site_config
from webapp.storage.database import Database
from webapp.upstream.client import UpstreamClient
from webapp.upstream.transport import network_transport
from webapp.web.network_shares import NetworkShares
from webapp.web.site import create_site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

GATEWAY_PATHS = frozenset({"/graphql", "/graphql/"})
ORIGINAL_PATHS = frozenset({"/", "/testnet/", "/testnet"})
"""Where the hosted original answered; the gateway alone answers there too, slash or not."""


@dataclass(frozen=True, slots=True)
class Application:
    """A WSGI application that finds the room for a path: gateway, GraphiQL, health, metrics, or all the rest.

    What is posted to the gateway is answered by its endpoint, on the event loop, where there is one.

    The gateway is not reached through Flask: sessions, CSRF and the page's headers are the site's alone.
    """

    endpoint: GatewayEndpoint | None
    gateway: "WSGIApplication | None"
    gateway_paths: frozenset[str]
    graphiql: "WSGIApplication"
    health: "WSGIApplication"
    metrics: "WSGIApplication"
    rest: "WSGIApplication"
    close: Callable[[], None]

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        room = self.rest
        if self.gateway is not None and path in self.gateway_paths:
            room = self.graphiql if wants_page(environ) else self.gateway
        elif path in HEALTH_PATHS:
            room = self.health
        elif path == METRICS_PATH:
            room = self.metrics
        return room(environ, start_response)

    def refusal(self, status: int, detail: str) -> "WSGIApplication":
        """Give what answers a request that no room is asked about, in the form that fits its path."""

        def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            form = as_graphql if self._is_gateways(environ["PATH_INFO"]) else as_problem
            return form(status, detail)(environ, start_response)

        return application

    def form(self, path: str, accept: str) -> tuple[bool, str]:
        """Tell apart what is refused in different words: by path and Accept header."""
        is_gateways = self._is_gateways(path)
        return is_gateways, wanted_media_type(accept) if is_gateways else ""

    def _is_gateways(self, path: str) -> bool:
        return self.gateway is not None and path in self.gateway_paths


def create_app(
    settings: Settings, metrics: Metrics, commit_failed: Callable[[], None] = lambda: None
) -> Application:
    """Wire site, upstream client and gateway for these settings. The database must have been migrated.

    Args:
        settings: What the operator chose.
        metrics: Counts.
        commit_failed: Called when it is not known whether the database kept what was written.
    """
    opened = ExitStack()
    database = _database(settings, commit_failed, opened)
    limits = RequestLimits(settings.redis_url)
    wallets = _contract_wallets(settings, limits, opened)
    gateway = endpoint = None
    if settings.upstream_url is None:
        admission = _opened(opened, _admission(settings, database, limits))
        config = gateway_config(settings, origins=settings.origins)
        embedded = _opened(opened, _gateway(config, database, wallets, metrics, admission))
        gateway = _observed_gateway(embedded, metrics)
        endpoint = _endpoint(embedded, metrics, GATEWAY_PATHS)
        url = f"{settings.origins[0]}/graphql"
        # A way in of its own: all visitors of the site ask through it, so that nobody is counted there.
        transport: httpx.BaseTransport = httpx.WSGITransport(app=gateway_wsgi(embedded, in_process=True))
    else:
        url = settings.upstream_url
        transport = network_transport(url, allow_private=settings.upstream_allow_private)
    upstream = _opened(
        opened,
        UpstreamClient(
            url=url,
            transport=transport,
            api_key=settings.upstream_api_key,
        ),
    )
    api_keys = ApiKeys(database, system_clock) if gateway and settings.wallet_api_keys else None
    site = create_site(
        site_config(settings),
        database,
        upstream,
        system_clock,
        secrets.token_urlsafe,
        contract_wallets=wallets,
        api_keys=api_keys,
        shares=NetworkShares(limits, settings.trusted_proxy_hops),
    )
    return Application(
        endpoint=endpoint,
        gateway=gateway,
        gateway_paths=GATEWAY_PATHS,
        graphiql=graphiql_wsgi(SiteFolders.locate(), has_site=True, has_applications=api_keys is not None),
        health=health_wsgi(database, upstream if gateway is None else None),
        metrics=metrics.wsgi(settings.metrics_token, for_this_machine=settings.is_for_this_machine),
        rest=metrics.counting("site", site),
        close=opened.close,
    )


def create_gateway_app(
    settings: Settings, metrics: Metrics, commit_failed: Callable[[], None] = lambda: None
) -> Application:
    """Wire the gateway alone: at `/graphql`, and at the paths where the original answered."""
    opened = ExitStack()
    database = _database(settings, commit_failed, opened)
    limits = RequestLimits(settings.redis_url)
    wallets = _contract_wallets(settings, limits, opened)
    graphiql = graphiql_wsgi(SiteFolders.locate(), has_site=False)
    files = read_only(graphiql)
    admission = _opened(opened, _admission(settings, database, limits))
    config = gateway_config(settings, origins=settings.public_origins)
    nothing = as_graphql(404, "expected the path /graphql, or / or /testnet/ as of the original API")

    def rest(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        room = files if environ["PATH_INFO"].startswith(STATIC) else nothing
        return room(environ, start_response)

    paths = GATEWAY_PATHS | ORIGINAL_PATHS
    gateway = _opened(opened, _gateway(config, database, wallets, metrics, admission))
    return Application(
        endpoint=_endpoint(gateway, metrics, paths),
        gateway=_observed_gateway(gateway, metrics),
        gateway_paths=paths,
        graphiql=graphiql,
        health=health_wsgi(database, None),
        metrics=metrics.wsgi(settings.metrics_token),
        rest=rest,
        close=opened.close,
    )


def _database(settings: Settings, commit_failed: Callable[[], None], opened: ExitStack) -> Database:
    """The database as it is: one that is gone is not made anew, empty, by those that serve it."""
    database = Database.open(settings.database_url, create=False, commit_failed=commit_failed)
    return _opened(opened, database)


def _gateway(
    config: GatewayConfig,
    database: Database,
    wallets: ContractWallets | None,
    metrics: Metrics,
    admission: Admission,
) -> Gateway:
    return create_gateway(
        database,
        config,
        system_clock,
        contract_wallets=wallets,
        admission=admission,
        decided=metrics.decided,
        observer=metrics,
    )


def _admission(settings: Settings, database: Database, limits: RequestLimits) -> Admission:
    return Admission(ApiKeys(database, system_clock), admission_config(settings), limits, system_clock)


def _endpoint(gateway: Gateway, metrics: Metrics, paths: frozenset[str]) -> GatewayEndpoint:
    """The gateway as whoever posts to it from outside reaches it."""
    return GatewayEndpoint(gateway, paths, metrics.room("gateway"), secrets.token_urlsafe)


def _observed_gateway(gateway: Gateway, metrics: Metrics) -> "WSGIApplication":
    """The gateway as others from outside reach it, and where no event loop answers: logged and counted."""
    return metrics.counting("gateway", logged(gateway_wsgi(gateway), secrets.token_urlsafe))


class _Closable(Protocol):
    def close(self) -> None: ...


_C = TypeVar("_C", bound=_Closable)


def _opened(stack: ExitStack, resource: _C) -> _C:
    """Have a resource closed with the application; what was opened last is closed first."""
    stack.callback(resource.close)
    return resource


def _contract_wallets(settings: Settings, limits: RequestLimits, opened: ExitStack) -> ContractWallets | None:
    """The chains that may be asked about contract wallets; None where the settings name none."""
    if not settings.eth_rpc_urls:
        return None
    chains = ContractWallets.at(
        [(node.chain_id, node.url) for node in settings.eth_rpc_urls],
        allow_private=settings.upstream_allow_private,
        limits=limits,
    )
    return _opened(opened, chains)
