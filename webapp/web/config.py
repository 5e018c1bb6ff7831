"""The site's configuration."""

from dataclasses import dataclass

from webapp.protocol.clock import DAY_MS
from webapp.siwe.nonces import NONCE_LIFETIME_MS

SESSION_DAYS = 30
"""As long as a device's key: who has to sign in again would then have to authorise the device again, too."""


@dataclass(frozen=True, slots=True)
class SiteConfig:
    """The site's rules, and what its pages tell.

    Attributes:
        origins: Origins that browsers use (`scheme://host[:port]`, lower case, one scheme for all), canonical
            one first. A request for any other host is refused.
        entity: Name in the authorisation text.
        chain_ids: Chains that may sign in; None: any.
        session_lifetime_ms: How long an address stays signed in.
        nonce_lifetime_ms: How long a challenge can be used.
        frame_ancestors: Origins that may frame the page.
        featured_handle: The profile on the page from the start.
        upstream_name: What the inspector calls the gateway.
        graphql_url: Where others reach the gateway, for the documentation; None where it is elsewhere.
    """

    origins: tuple[str, ...]
    entity: str = "Countersign"
    chain_ids: frozenset[int] | None = None
    session_lifetime_ms: int = SESSION_DAYS * DAY_MS
    nonce_lifetime_ms: int = NONCE_LIFETIME_MS
    frame_ancestors: tuple[str, ...] = ()
    featured_handle: str = "shiyu"
    upstream_name: str = "embedded gateway"
    graphql_url: str | None = None
