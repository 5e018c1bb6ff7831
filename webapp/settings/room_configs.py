"""The settings as each room takes them: its own configuration, and nothing else."""

from webapp.gateway.config import APPLICATION_FACTOR, AdmissionConfig, GatewayConfig, LoginConfig
from webapp.protocol.facts import Policy
from webapp.settings.environment import Settings
from webapp.web.config import SiteConfig


def gateway_config(settings: Settings, *, origins: tuple[str, ...]) -> GatewayConfig:
    """Make the gateway's configuration; without LOGIN_DOMAINS, the site's origins may be signed in to."""
    hosts = [origin.partition("://")[2] for origin in origins]
    return GatewayConfig(
        policy=Policy(
            signer_quota=settings.signer_quota,
            entities=frozenset(settings.accepted_entities) or None,
            reserved_handles=frozenset(settings.reserved_handles),
        ),
        login=LoginConfig(
            domains=frozenset(settings.login_domains or hosts) or None,
            chain_ids=frozenset(settings.chain_ids) or None,
            token_secret=settings.access_token_secret,
        ),
        introspection=settings.introspection,
    )


def site_config(settings: Settings) -> SiteConfig:
    return SiteConfig(
        origins=settings.origins,
        entity=settings.authorization_entity,
        chain_ids=frozenset(settings.chain_ids) or None,
        frame_ancestors=settings.frame_ancestors,
        featured_handle=settings.featured_handle,
        upstream_name=settings.upstream_url or "embedded gateway",
        graphql_url=None if settings.upstream_url else f"{settings.origins[0]}/graphql",
    )


def admission_config(settings: Settings) -> AdmissionConfig:
    return AdmissionConfig(
        require_api_key=settings.require_api_key,
        open_api_keys=settings.open_api_keys,
        anonymous_per_minute=settings.anonymous_requests_per_minute,
        application_per_minute=settings.anonymous_requests_per_minute * APPLICATION_FACTOR,
        trusted_proxy_hops=settings.trusted_proxy_hops,
    )
