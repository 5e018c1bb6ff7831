"""The gateway's configuration."""

from dataclasses import dataclass, field

from webapp.network.request_bodies import MAX_BODY
from webapp.protocol.clock import DAY_MS
from webapp.protocol.facts import Policy
from webapp.protocol.signing_key import KEY_LIFETIME_DAYS
from webapp.siwe.nonces import NONCE_LIFETIME_MS

APPLICATION_FACTOR = 10
"""An application with a key may send so many times the requests of one network: it asks for many people."""
TOKEN_LIFETIME_MS = DAY_MS
"""How long an access token is good: it cannot be revoked, and signing in again is one signature."""


@dataclass(frozen=True, slots=True)
class AdmissionConfig:
    """Who may ask, and how often.

    Attributes:
        require_api_key: Whether callers without an application's key are refused.
        anonymous_per_minute: Requests of one network address without a key.
        application_per_minute: Requests of one application, from wherever.
        open_api_keys: Whether anybody may have a key made for the asking.
        trusted_proxy_hops: How many proxies of one's own stand in front and write `X-Forwarded-For`.
    """

    require_api_key: bool = False
    anonymous_per_minute: int = 1_200
    application_per_minute: int = 1_200 * APPLICATION_FACTOR
    open_api_keys: bool = False
    trusted_proxy_hops: int = 0


@dataclass(frozen=True, slots=True)
class LoginConfig:
    """Rules of signing in at the API.

    Attributes:
        domains: Domains that may be signed in to; None: any.
        chain_ids: Chains whose accounts may sign in; None: any.
        nonce_lifetime_ms: How long a text may be answered, in milliseconds.
        token_lifetime_ms: How long an access token is good, in milliseconds.
        token_secret: At least 32 characters; None: a random one for this process.
    """

    domains: frozenset[str] | None = None
    chain_ids: frozenset[int] | None = None
    nonce_lifetime_ms: int = NONCE_LIFETIME_MS
    token_lifetime_ms: int = TOKEN_LIFETIME_MS
    token_secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class GatewayConfig:
    """The gateway's rules and limits.

    Attributes:
        policy: What decisions are made by.
        key_lifetime_ms: How long a signing key signs after its registration, in milliseconds.
        max_body: The largest request body, in bytes.
        max_depth: How many fields may nest in a query.
        max_tokens: How many lexical tokens a document may have.
        max_aliases: How many aliases a query may have, those of its fragments counted at every use.
        max_weight: What a query may weigh, in fields (`weights.py`).
        max_rows: How many rows and look-ups one request may cost the database.
        max_text: How many bytes of texts that people write one reply may bring.
        login: About signing in at the API.
        introspection: Whether the schema may be asked about itself; if not, errors suggest no names.
    """

    policy: Policy = field(default_factory=Policy)
    key_lifetime_ms: int = KEY_LIFETIME_DAYS * DAY_MS
    max_body: int = MAX_BODY
    max_depth: int = 12
    max_tokens: int = 2_000
    max_aliases: int = 30
    max_weight: int = 12_000
    max_rows: int = 5_000
    max_text: int = 1_000_000
    login: LoginConfig = field(default_factory=LoginConfig)
    introspection: bool = True
