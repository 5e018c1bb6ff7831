"""The site wired, with its gateway embedded or elsewhere: settings in, an application out."""

import os
import secrets
from collections.abc import Callable
from contextlib import closing

from webapp.applications.api_keys import ApiKeys
from webapp.gateway.http.in_process import InProcessCarrier
from webapp.gateway_app import GATEWAY_PATHS, Parts
from webapp.network.transport import network_transport
from webapp.server.answers.graphiql import graphiql_wsgi
from webapp.server.answers.health import health_wsgi
from webapp.server.answers.metrics import Metrics
from webapp.server.application import Application
from webapp.server.front.adapter import CollectingAdapter
from webapp.server.process.system_clock import system_clock
from webapp.server.static_files import SiteFolders
from webapp.server.worker import served
from webapp.settings.environment import Settings
from webapp.settings.room_configs import site_config
from webapp.storage.urls import is_postgresql
from webapp.upstream.client import UpstreamClient
from webapp.web.graph.connections import OF_DEVICES
from webapp.web.http.network_shares import NetworkShares
from webapp.web.site import create_site


def from_environment() -> CollectingAdapter:
    """Build the application of a server process from its environment, for `countersign run`."""
    return served(create_app, Settings.from_env(os.environ))


def create_app(
    settings: Settings, metrics: Metrics, commit_failed: Callable[[], None] = lambda: None
) -> Application:
    """Wire site, upstream client and gateway; what it takes is as for `Parts`."""
    parts = Parts(settings, metrics, commit_failed)
    gateway = parts.gateway(settings.origins) if settings.upstream_url is None else None
    url = settings.upstream_url or f"{settings.origins[0]}/graphql"
    client = UpstreamClient(
        url=url,
        transport=InProcessCarrier(gateway)
        if gateway
        else network_transport(url, allow_private=settings.upstream_allow_private),
        api_key=settings.upstream_api_key,
    )
    upstream = parts.opened.enter_context(closing(client))
    api_keys = ApiKeys(parts.database, system_clock) if gateway and settings.wallet_api_keys else None
    site = create_site(
        site_config(settings),
        parts.database,
        upstream,
        system_clock,
        secrets.token_urlsafe,
        contract_wallets=parts.wallets,
        api_keys=api_keys,
        shares=NetworkShares(parts.limits, settings.trusted_proxy_hops),
    )
    # Where a database or counts are asked over a network, each call waits for that on a thread of its own.
    waits_for_the_writer_alone = gateway is not None and not (
        is_postgresql(settings.database_url) or settings.redis_url
    )
    endpoint, from_outside = parts.from_outside(gateway, GATEWAY_PATHS) if gateway else (None, None)
    return Application(
        endpoint=endpoint,
        gateway=from_outside,
        gateway_paths=GATEWAY_PATHS,
        graphiql=graphiql_wsgi(SiteFolders.locate(), has_site=True, has_applications=api_keys is not None),
        health=health_wsgi(parts.database, upstream if gateway is None else None),
        metrics=metrics.wsgi(settings.metrics_token, for_this_machine=settings.is_for_this_machine),
        rest=parts.answered("site", "webapp.web.requests").of(site),
        close=parts.opened.close,
        interleaved=OF_DEVICES if waits_for_the_writer_alone else frozenset(),
    )
