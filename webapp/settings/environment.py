"""Every environment variable that Countersign reads: read once, checked together, then frozen.

The fields of `Settings` are the one list of them; a test holds the table in `docs/operating.md` against it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

from webapp.network.addresses import names_this_machine
from webapp.settings import values as read


class Serves(Enum):
    """What a process serves with its settings."""

    SITE = "site"
    GATEWAY = "gateway"
    NOTHING = "nothing"


class SettingsError(ValueError):
    """Variables that cannot be used: `faults` has one line for each, all of them together."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


def _setting(
    parse: Callable[[str], Any],
    default: Any,  # noqa: ANN401 (as dataclasses.field)
    about: str,
    *,
    shown: Callable[[str], str] = str,
) -> Any:  # noqa: ANN401 (as dataclasses.field)
    return field(default=default, metadata={"parse": parse, "about": about, "shown": shown})


def _hidden(text: str) -> str:
    return "(hidden)" if text else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The configuration of one process. Each field is the variable of the same name in upper case."""

    host: str = _setting(
        read.host, "127.0.0.1", "Where to listen: an IP address of this machine, or a name of one."
    )
    port: int = _setting(
        read.whole(0, 65535), 8000, "Port to listen on; `0`: one that is free, which is printed."
    )
    public_origins: tuple[str, ...] = _setting(
        read.many(read.origin),
        (),
        "Origins that people's browsers use, the canonical one first; any other `Host` is refused. "
        "Unset on a loopback `HOST`: that address and `localhost`.",
    )
    database_url: str = _setting(
        read.database_url,
        "sqlite:///instance/countersign.sqlite3",
        "Where the data lives: `sqlite:///` and a path, percent-encoded as in any URL, relative to the "
        "working directory or absolute after a fourth slash; or `postgresql://` as libpq reads it.",
        shown=read.without_secrets,
    )
    demo: bool = _setting(
        read.switch, True, "Seed clearly marked demo profiles into an empty embedded database."
    )
    featured_handle: str = _setting(read.handle, "shiyu", "Profile shown on the page from the start.")
    workers: int = _setting(read.whole(1, 64), 1, "Server processes.")
    upstream_url: str | None = _setting(
        read.upstream_url,
        None,
        "GraphQL endpoint of a remote gateway; unset, the gateway is embedded and also served at `/graphql`.",
        shown=read.without_secrets,
    )
    upstream_api_key: str | None = _setting(
        read.secret(), None, "Sent upstream as `X-API-KEY`.", shown=_hidden
    )
    upstream_allow_private: bool = _setting(
        read.switch,
        False,
        "Allow the upstream and the Ethereum nodes on private network addresses; loopback is always allowed "
        "when it is named.",
    )
    eth_rpc_urls: tuple[read.ChainNode, ...] = _setting(
        read.nodes,
        (),
        "Ethereum nodes that are asked about contract wallets, as `chainId=url,chainId=url`; unset, contract "
        "wallets are refused and no chain is asked anything.",
        shown=_hidden,
    )
    authorization_entity: str = _setting(
        read.entity, "Countersign", "Name in the text that the wallet signs to authorise a device."
    )
    accepted_entities: tuple[str, ...] = _setting(
        read.many(read.entity),
        (),
        "Entities that the gateway accepts in that text; unset, any well-formed one.",
    )
    chain_ids: tuple[int, ...] = _setting(
        read.many(read.whole(1, read.LARGEST_CHAIN_ID)), (), "Chain ids that may sign in; unset, any."
    )
    reserved_handles: tuple[str, ...] = _setting(
        read.many(read.handle),
        read.RESERVED_HANDLES,
        "Handles that nobody may claim.",
    )
    signer_quota: int = _setting(
        read.whole(1, 1_000_000), 600, "Accepted operations a minute for one address."
    )
    anonymous_requests_per_minute: int = _setting(
        read.whole(1, 1_000_000_000),
        1_200,
        "Requests a minute that one network address, or /64 of IPv6, may send the gateway without a key; an "
        "application with one may send ten times as many, from wherever.",
    )
    redis_url: str | None = _setting(
        read.redis_url,
        None,
        "Where server processes share these counts; unset, or while it gives no answer, each of `WORKERS` "
        "counts for itself.",
        shown=_hidden,
    )
    trusted_proxy_hops: int = _setting(
        read.whole(0, 16),
        0,
        "Proxies of one's own in front: so many entries of `X-Forwarded-For` are believed, from the right.",
    )
    require_api_key: bool = _setting(
        read.switch,
        False,
        "Refuse the gateway's callers that have no API key; the site's own page needs none.",
    )
    introspection: bool = _setting(read.switch, True, "Answer GraphQL introspection.")
    open_api_keys: bool = _setting(
        read.switch, False, "Give a key to whoever calls `createAPIKey`, five an hour for a network address."
    )
    wallet_api_keys: bool = _setting(
        read.switch,
        True,
        "Let whoever signs in with a wallet make API keys at `/apps`; `0`: there is no such page.",
    )
    login_domains: tuple[str, ...] = _setting(
        read.many(read.domain),
        (),
        "Domains that `loginGetMessage` writes for; unset, the hosts of `PUBLIC_ORIGINS` or of the site, "
        "and any where there is no site.",
    )
    access_token_secret: str | None = _setting(
        read.secret(32),
        None,
        "Signs access tokens, at least 32 characters; unset, a random one that ends with the process.",
        shown=_hidden,
    )
    frame_ancestors: tuple[str, ...] = _setting(
        read.many(read.origin), (), "Origins that may frame the sandbox page; unset, none."
    )
    log_level: str = _setting(
        read.one_of("debug", "info", "warning", "error"), "info", "`debug`, `info`, `warning` or `error`."
    )
    log_format: str = _setting(
        read.one_of("text", "json"), "text", "`text` for people, or `json`: one object a line."
    )
    metrics_token: str | None = _setting(
        read.secret(),
        None,
        "What `Authorization: Bearer` must carry at `/metrics`; unset, nobody is answered but this "
        "machine, by a site that serves it alone.",
        shown=_hidden,
    )

    @classmethod
    def from_env(cls, environ: Mapping[str, str], *, serves: Serves = Serves.SITE) -> "Settings":
        """Read and check every variable; an empty one counts as unset.

        Raises `SettingsError` with all faults; contradictions are faults where they matter to what is served.
        """
        given: dict[str, Any] = {}
        faults: list[str] = []
        for spec in fields(cls):
            name = spec.name.upper()
            raw = environ.get(name, "")
            if not raw:
                continue
            try:
                given[spec.name] = spec.metadata["parse"](raw)
            except ValueError as fault:
                shown = read.without_secrets(spec.metadata["shown"](raw))
                faults.append(f"{name}: expected {fault}; got {shown[:80]!r}")
        settings = cls(**given)
        faults += _contradictions(settings, serves)
        if faults:
            raise SettingsError(faults)
        return settings

    def shown(self, name: str) -> str:
        """A field's value as it may be printed: as the environment would have it, without secrets."""
        [spec] = (spec for spec in fields(self) if spec.name == name)
        text: str = spec.metadata["shown"](read.as_text(getattr(self, name)))
        return text

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins that browsers may use, canonical first."""
        if self.public_origins:
            return self.public_origins
        bracketed = f"[{self.host}]" if ":" in self.host else self.host
        names = dict.fromkeys((bracketed, "127.0.0.1", "localhost"))
        port = "" if self.port == 80 else f":{self.port}"  # noqa: PLR2004 (http's default port)
        return tuple(f"http://{name}{port}" for name in names)

    @property
    def is_for_this_machine(self) -> bool:
        """Whether nothing but this machine is meant to reach the server, and no proxy stands in front."""
        hosts = (self.host, *(urlsplit(origin).hostname or "" for origin in self.public_origins))
        return not self.trusted_proxy_hops and all(names_this_machine(host) for host in hosts)


VARIABLES = tuple(spec.name.upper() for spec in fields(Settings))
"""Every variable, in order."""


def _contradictions(settings: Settings, serves: Serves) -> list[str]:
    """Return a fault for settings that contradict each other, where that matters to what is served."""
    faults = []
    if serves is Serves.NOTHING:
        return []
    pages = serves is Serves.SITE
    if not pages and settings.upstream_url:
        faults.append("UPSTREAM_URL: expected unset; `countersign gateway` is the upstream")
    if pages and not settings.public_origins and not names_this_machine(settings.host):
        faults.append(
            f"PUBLIC_ORIGINS: expected the origin that browsers use, since HOST is {settings.host!r}, "
            "for example https://follow.example.org"
        )
    if len({urlsplit(origin).scheme for origin in settings.public_origins}) > 1:
        faults.append(
            "PUBLIC_ORIGINS: expected one scheme for all, so that one kind of session cookie serves them"
        )
    if settings.upstream_api_key and not settings.upstream_url:
        faults.append("UPSTREAM_API_KEY: expected UPSTREAM_URL beside it; the embedded gateway needs no key")
    if settings.workers > 1 and not settings.upstream_url and settings.access_token_secret is None:
        faults.append(
            "ACCESS_TOKEN_SECRET: expected one secret for all WORKERS, or each of them would refuse "
            "the others' access tokens"
        )
    if settings.open_api_keys and settings.require_api_key:
        faults.append(
            "OPEN_API_KEYS: expected 0 beside REQUIRE_API_KEY, for who has no key could not ask for one"
        )
    if (
        pages
        and settings.accepted_entities
        and not settings.upstream_url
        and settings.authorization_entity not in settings.accepted_entities
    ):
        faults.append(
            f"ACCEPTED_ENTITIES: expected AUTHORIZATION_ENTITY ({settings.authorization_entity!r}) among"
            " them, so that the page can authorise devices"
        )
    return faults
