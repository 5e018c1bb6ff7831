"""The one place where the rooms are wired together: settings in, a WSGI application out."""

import logging
import os
import secrets
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from webapp.gateway.config import GatewayConfig
from webapp.gateway.service import create_gateway
from webapp.gateway.wsgi import gateway_wsgi
from webapp.protocol.decision import Policy
from webapp.settings import Settings
from webapp.storage.database import Database
from webapp.upstream.client import UpstreamClient
from webapp.upstream.transport import network_transport
from webapp.web.site import SiteConfig, create_site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

DAY_MS = 86_400_000
GATEWAY_PATHS = frozenset({"/graphql", "/graphql/"})


def system_clock() -> int:
    """Milliseconds since the Unix epoch."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Application:
    """The site, and beside it the embedded gateway at `/graphql` where there is one: a WSGI application.

    The gateway is reached without passing through Flask: sessions, CSRF and the page's headers are the site's alone.
    """

    site: "WSGIApplication"
    gateway: "WSGIApplication | None"
    database: Database
    upstream: UpstreamClient

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if self.gateway is not None and environ["PATH_INFO"] in GATEWAY_PATHS:
            return self.gateway(environ, start_response)
        return self.site(environ, start_response)

    def close(self) -> None:
        """Let go of the upstream's connections, then of the database."""
        self.upstream.close()
        self.database.close()


def create_app(settings: Settings) -> Application:
    """Wire site, upstream client and gateway for these settings. The database must have been migrated."""
    database = Database.open(settings.database_url)
    if settings.upstream_url is None:
        gateway = gateway_wsgi(create_gateway(database, gateway_config(settings), system_clock))
        url = f"{settings.origins[0]}/graphql"
        transport: httpx.BaseTransport = httpx.WSGITransport(app=gateway)
    else:
        gateway = None
        url = settings.upstream_url
        transport = network_transport(url, allow_private=settings.upstream_allow_private)
    upstream = UpstreamClient(
        url=url,
        transport=transport,
        api_key=settings.upstream_api_key,
        deadline_s=settings.upstream_deadline_ms / 1000,
    )
    site = create_site(site_config(settings), database, upstream, system_clock, secrets.token_urlsafe)
    return Application(site=site, gateway=gateway, database=database, upstream=upstream)


def gateway_config(settings: Settings) -> GatewayConfig:
    """The gateway's share of the settings."""
    return GatewayConfig(
        policy=Policy(
            past_ms=settings.message_past_seconds * 1000,
            future_ms=settings.message_future_seconds * 1000,
            signer_quota=settings.signer_quota,
            entities=frozenset(settings.accepted_entities) or None,
            max_live_keys=settings.max_live_keys,
        ),
        key_lifetime_ms=settings.signing_key_days * DAY_MS,
        max_body=settings.max_body_bytes,
        max_depth=settings.max_query_depth,
        max_tokens=settings.max_query_tokens,
        max_aliases=settings.max_query_aliases,
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


def from_environment() -> Application:
    """Build the application of a server process from its environment; what `countersign run` hands to granian."""
    settings = Settings.from_env(os.environ)
    logging.basicConfig(
        level=settings.log_level.upper(), stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)  # one line per proxied request says nothing that ours do not
    _stop_with_parent()
    return create_app(settings)


def _stop_with_parent() -> None:
    """On Linux, let this server process end when its supervisor is killed, so that no orphan keeps the port."""
    if sys.platform != "linux":
        return
    import ctypes  # noqa: PLC0415 (nothing else needs it)
    import signal  # noqa: PLC0415

    pr_set_pdeathsig = 1
    ctypes.CDLL(None, use_errno=True).prctl(pr_set_pdeathsig, signal.SIGTERM, 0, 0, 0)
