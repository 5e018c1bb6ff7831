"""Variables that were settings once: whoever still sets one is told what holds instead.

Numbers stand here as people read them, and a test holds them against the constants in force.
"""

from collections.abc import Mapping

RETIRED = {
    "ACCESS_TOKEN_HOURS": "an access token is always good for 24 hours",
    "APPLICATION_REQUESTS_PER_MINUTE": "always 10 times ANONYMOUS_REQUESTS_PER_MINUTE",
    "BODY_DEADLINE_MS": "a request's body always has 10000 ms to arrive",
    "ETH_RPC_ALLOW_PRIVATE": "UPSTREAM_ALLOW_PRIVATE=1 allows Ethereum nodes, too",
    "ETH_RPC_DEADLINE_MS": "asking about one wallet may always take 3000 ms",
    "HANDLE_QUARANTINE_DAYS": "a released handle is always kept for its last owner for 30 days",
    "MAX_BODY_BYTES": "a request's body may always have 65536 bytes",
    "MAX_HANDLES": "an address may always own 32 handles",
    "MAX_LIVE_KEYS": "an address may always have 32 live signing keys",
    "MAX_QUERY_ALIASES": "a GraphQL document may always have 30 aliases",
    "MAX_QUERY_DEPTH": "a GraphQL query may always be 12 fields deep",
    "MAX_QUERY_TOKENS": "a GraphQL document may always have 2000 tokens",
    "MESSAGE_FUTURE_SECONDS": "a message may always be 60 seconds ahead",
    "MESSAGE_PAST_SECONDS": "a message may always be 300 seconds old",
    "NONCE_SECONDS": "a sign-in text can always be answered for 300 seconds",
    "SESSION_DAYS": "a web session always ends after 30 days",
    "SIGNING_KEY_DAYS": "a signing key always expires 30 days after its registration",
    "THREADS": "a server process always has 8 threads; WORKERS sets the number of processes",
    "UPSTREAM_DEADLINE_MS": "one request upstream may always take 5000 ms",
}
"""Each such variable, and what holds whatever it says."""


def retired_variables(environ: Mapping[str, str]) -> list[str]:
    """Return a line for each that is set; an empty one counts as unset."""
    return [
        f"{name}={environ[name][:40]} is no setting any more: {what_holds}"
        for name, what_holds in RETIRED.items()
        if environ.get(name)
    ]
