"""The one place where the rooms are wired together: settings in, a WSGI application out."""

import json
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING, Protocol, TypeVar

import httpx

from webapp.applications.api_keys import ApiKeys
from webapp.chain.contract_wallets import ContractWallets
from webapp.collecting import CollectingAdapter, CollectingConfig
from webapp.gateway.admission import Admission
from webapp.gateway.config import AdmissionConfig, GatewayConfig, LoginConfig
from webapp.gateway.request_limits import RequestLimits
from webapp.gateway.service import Gateway, create_gateway
from webapp.gateway.wsgi import gateway_wsgi
from webapp.graphiql import STATIC, graphiql_wsgi, wants_page
from webapp.health import HEALTH_PATHS, health_wsgi
from webapp.logs import configure_logs, logged
from webapp.metrics import METRICS_PATH, Metrics
from webapp.protocol.clock import DAY_MS
from webapp.protocol.decision import Policy
from webapp.settings import Serves, Settings
from webapp.siwe.package import siwe_package
from webapp.storage.database import Database
from webapp.upstream.client import UpstreamClient
from webapp.upstream.transport import network_transport
from webapp.web.assets import SiteFolders
from webapp.web.bodies import MAX_BODY
from webapp.web.site import SiteConfig, create_site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

GATEWAY_PATHS = frozenset({"/graphql", "/graphql/"})
ORIGINAL_PATHS = frozenset({"/", "/testnet/", "/testnet"})
"""Where the hosted original answered; the gateway alone answers there too, slash or not."""


def system_clock() -> int:
    """Milliseconds since the Unix epoch."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Application:
    """A WSGI application that finds the room for a path: gateway, GraphiQL, health, metrics, or all the rest.

    The gateway is not reached through Flask: sessions, CSRF and the page's headers are the site's alone.
    """

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


def create_app(settings: Settings, metrics: Metrics) -> Application:
    """Wire site, upstream client and gateway for these settings. The database must have been migrated."""
    opened = ExitStack()
    database = _opened(opened, Database.open(settings.database_url))
    wallets = _contract_wallets(settings, opened)
    gateway = None
    if settings.upstream_url is None:
        embedded = _gateway(settings, database, wallets, metrics, opened)
        gateway = _observed_gateway(embedded, metrics)
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
            deadline_s=settings.upstream_deadline_ms / 1000,
        ),
    )
    site = create_site(
        site_config(settings),
        database,
        upstream,
        system_clock,
        secrets.token_urlsafe,
        contract_wallets=wallets,
        api_keys=ApiKeys(database, system_clock) if gateway and settings.wallet_api_keys else None,
    )
    return Application(
        gateway=gateway,
        gateway_paths=GATEWAY_PATHS,
        graphiql=graphiql_wsgi(SiteFolders.locate()),
        health=health_wsgi(database, upstream if gateway is None else None),
        metrics=metrics.wsgi(settings.metrics_token),
        rest=metrics.counting("site", site),
        close=opened.close,
    )


def create_gateway_app(settings: Settings, metrics: Metrics) -> Application:
    """Wire the gateway alone: at `/graphql`, and at the paths where the original answered."""
    opened = ExitStack()
    database = _opened(opened, Database.open(settings.database_url))
    wallets = _contract_wallets(settings, opened)
    graphiql = graphiql_wsgi(SiteFolders.locate())

    def rest(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        files = environ["PATH_INFO"].startswith(STATIC)
        return (graphiql if files else _nothing_here)(environ, start_response)

    return Application(
        gateway=_observed_gateway(_gateway(settings, database, wallets, metrics, opened), metrics),
        gateway_paths=GATEWAY_PATHS | ORIGINAL_PATHS,
        graphiql=graphiql,
        health=health_wsgi(database, None),
        metrics=metrics.wsgi(settings.metrics_token),
        rest=rest,
        close=opened.close,
    )


def _gateway(
    settings: Settings,
    database: Database,
    wallets: ContractWallets | None,
    metrics: Metrics,
    opened: ExitStack,
) -> Gateway:
    return create_gateway(
        database,
        gateway_config(settings),
        system_clock,
        contract_wallets=wallets,
        admission=_opened(opened, gateway_admission(settings, database)),
        decided=metrics.decided,
    )


def _observed_gateway(gateway: Gateway, metrics: Metrics) -> "WSGIApplication":
    """The gateway as callers from outside reach it: logged and counted."""
    return metrics.counting("gateway", logged(gateway_wsgi(gateway), secrets.token_urlsafe))


class _Closable(Protocol):
    def close(self) -> None: ...


_C = TypeVar("_C", bound=_Closable)


def _opened(stack: ExitStack, resource: _C) -> _C:
    """Have a resource closed with the application; what was opened last is closed first."""
    stack.callback(resource.close)
    return resource


def _nothing_here(_: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    message = "expected the path /graphql, or / or /testnet/ as of the original API"
    body = json.dumps({"errors": [{"message": message, "extensions": {"code": "NOT_FOUND"}}]}).encode()
    headers = [
        ("content-type", "application/json; charset=utf-8"),
        ("content-length", str(len(body))),
        ("access-control-allow-origin", "*"),
    ]
    start_response("404 Not Found", headers)
    return [body]


def _contract_wallets(settings: Settings, opened: ExitStack) -> ContractWallets | None:
    """The chains that may be asked about contract wallets; None where the settings name none."""
    if not settings.eth_rpc_urls:
        return None
    chains = ContractWallets.at(
        [(node.chain_id, node.url) for node in settings.eth_rpc_urls],
        deadline_s=settings.eth_rpc_deadline_ms / 1000,
        allow_private=settings.eth_rpc_allow_private,
    )
    return _opened(opened, chains)


def gateway_admission(settings: Settings, database: Database) -> Admission:
    """Who may ask the gateway, and how often."""
    config = AdmissionConfig(
        require_api_key=settings.require_api_key,
        open_api_keys=settings.open_api_keys,
        anonymous_per_minute=settings.anonymous_requests_per_minute,
        application_per_minute=settings.application_requests_per_minute,
        trusted_proxy_hops=settings.trusted_proxy_hops,
    )
    limits = RequestLimits(settings.redis_url)
    return Admission(ApiKeys(database, system_clock), config, limits, system_clock)


def gateway_config(settings: Settings) -> GatewayConfig:
    """The gateway's share of the settings."""
    return GatewayConfig(
        policy=Policy(
            past_ms=settings.message_past_seconds * 1000,
            future_ms=settings.message_future_seconds * 1000,
            signer_quota=settings.signer_quota,
            entities=frozenset(settings.accepted_entities) or None,
            max_live_keys=settings.max_live_keys,
            reserved_handles=frozenset(settings.reserved_handles),
            quarantine_ms=settings.handle_quarantine_days * DAY_MS,
            max_handles=settings.max_handles,
        ),
        key_lifetime_ms=settings.signing_key_days * DAY_MS,
        max_body=settings.max_body_bytes,
        max_depth=settings.max_query_depth,
        max_tokens=settings.max_query_tokens,
        max_aliases=settings.max_query_aliases,
        login=LoginConfig(
            domains=frozenset(settings.login_domains) or None,
            chain_ids=frozenset(settings.chain_ids) or None,
            nonce_lifetime_ms=settings.nonce_seconds * 1000,
            token_lifetime_ms=settings.access_token_hours * 3_600_000,
            token_secret=settings.access_token_secret,
        ),
        introspection=settings.introspection,
    )


def site_config(settings: Settings) -> SiteConfig:
    """The site's share of the settings."""
    return SiteConfig(
        origins=settings.origins,
        entity=settings.authorization_entity,
        chain_ids=frozenset(settings.chain_ids) or None,
        session_lifetime_ms=settings.session_days * DAY_MS,
        nonce_lifetime_ms=settings.nonce_seconds * 1000,
        demo=settings.demo and settings.upstream_url is None,
        key_lifetime_days=settings.signing_key_days,
        frame_ancestors=settings.frame_ancestors,
        featured_handle=settings.featured_handle,
        upstream_name=settings.upstream_url or "embedded gateway",
    )


def from_environment() -> CollectingAdapter:
    """Build the application of a server process from its environment, for `countersign run`."""
    return _served(create_app, Settings.from_env(os.environ))


def gateway_from_environment() -> CollectingAdapter:
    """The same for `countersign gateway`."""
    return _served(create_gateway_app, Settings.from_env(os.environ, serves=Serves.GATEWAY))


def _served(create: Callable[[Settings, Metrics], Application], settings: Settings) -> CollectingAdapter:
    """Add what belongs to the process and not to the application: its log, its threads, its end."""
    configure_logs(settings.log_level, settings.log_format)
    _stop_with_parent()
    Thread(target=siwe_package, daemon=True).start()  # beside the first requests, before the first sign-in
    metrics = Metrics()
    application = create(settings, metrics)
    config = CollectingConfig(
        threads=settings.threads,
        max_body=max(settings.max_body_bytes, MAX_BODY),
        deadline_ms=settings.body_deadline_ms,
    )
    return CollectingAdapter(application, config, waiting=metrics.waiting, close=application.close)


def _stop_with_parent() -> None:
    """On Linux, end with the supervisor, even a killed one, so that no orphan keeps the port."""
    if sys.platform != "linux":
        return
    import ctypes  # noqa: PLC0415 (nothing else needs it)
    import signal  # noqa: PLC0415

    pr_set_pdeathsig = 1
    ctypes.CDLL(None, use_errno=True).prctl(pr_set_pdeathsig, signal.SIGTERM, 0, 0, 0)
