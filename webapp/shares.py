"""Each room's share of the settings."""

from webapp.gateway.config import AdmissionConfig, GatewayConfig, LoginConfig
from webapp.protocol.clock import DAY_MS
from webapp.protocol.facts import Policy
from webapp.settings import Settings
from webapp.web.config import SiteConfig


def gateway_config(settings: Settings, *, origins: tuple[str, ...]) -> GatewayConfig:
    """The gateway's share of the settings.

    Args:
        settings: All of them.
        origins: Of the site that it serves; where settings name no domains, these can be signed in to.
    """
    hosts = [origin.partition("://")[2] for origin in origins]
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
            domains=frozenset(settings.login_domains or hosts) or None,
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


def admission_config(settings: Settings) -> AdmissionConfig:
    """Who may ask the gateway, and how often."""
    return AdmissionConfig(
        require_api_key=settings.require_api_key,
        open_api_keys=settings.open_api_keys,
        anonymous_per_minute=settings.anonymous_requests_per_minute,
        application_per_minute=settings.application_requests_per_minute,
        trusted_proxy_hops=settings.trusted_proxy_hops,
    )
