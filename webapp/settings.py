"""Every environment variable that Countersign reads: read once, checked together, then frozen.

The fields of `Settings` are the one list of them; the README's table is held against it by a test.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

from webapp.network.addresses import AddressRule
from webapp.network.errors import UrlError
from webapp.protocol.errors import HandleError
from webapp.protocol.handle import parse_handle

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")
ENTITY = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,62}[\x21-\x7e])?")

RESERVED_HANDLES = (
    "admin",
    "administrator",
    "api",
    "countersign",
    "docs",
    "graphql",
    "help",
    "moderator",
    "null",
    "official",
    "postmaster",
    "root",
    "security",
    "settings",
    "staff",
    "static",
    "support",
    "system",
    "undefined",
    "webmaster",
    "www",
)
"""Names by which people would take somebody for the operator, or a program take them for nobody."""


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


# --- from text to value; each raises ValueError with what was expected ---


def _text(raw: str) -> str:
    return raw


def _switch(raw: str) -> bool:
    if raw not in {"0", "1"}:
        raise ValueError("0 or 1")
    return raw == "1"


def _whole(least: int, most: int) -> Callable[[str], int]:
    def parse(raw: str) -> int:
        if not re.fullmatch(r"[0-9]{1,18}", raw) or not least <= int(raw) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(raw)

    return parse


def _host(raw: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.:_-]{1,253}", raw):
        raise ValueError("an IP address or a host name to listen on")
    return raw


def _database_url(raw: str) -> str:
    if not re.fullmatch(r"sqlite:///.+", raw):
        raise ValueError(
            "sqlite:///PATH (PATH relative to the working directory, or absolute after a fourth slash)"
        )
    return raw


def _origin(raw: str) -> str:
    parts = urlsplit(raw)
    if (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or raw != f"{parts.scheme}://{parts.netloc}".lower()
    ):
        raise ValueError("scheme://host[:port] in lower case, with no path")
    if parts.username is not None or parts.password is not None:
        raise ValueError("an origin without user name or password")
    _ = parts.port
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError(
            "https, or http on a loopback address: browsers give signing keys to secure pages only"
        )
    return raw


def _upstream_url(raw: str) -> str:
    parts = urlsplit(raw)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.fragment or "@" in parts.netloc:
        raise ValueError(
            "the http(s) URL of a gateway's GraphQL endpoint, without user name, password or fragment"
        )
    _ = parts.port
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("https, or http on a loopback address: the API key travels with every request")
    return raw


@dataclass(frozen=True, slots=True)
class ChainNode:
    """The URL of an Ethereum node, and the chain that it is one of."""

    chain_id: int
    url: str

    @classmethod
    def parse(cls, raw: str) -> "ChainNode":
        """Read `chainId=url`."""
        chain_id, _, url = raw.partition("=")
        try:
            AddressRule.for_url(url, allow_private=False)
            return cls(_whole(1, 2**53 - 1)(chain_id), url)
        except (UrlError, ValueError):
            raise ValueError(
                "chainId=url, for example 1=https://node.example/; https, or http on a loopback address, "
                "without user name, password or fragment"
            ) from None

    def __str__(self) -> str:
        return f"{self.chain_id}={self.url}"


def _nodes(raw: str) -> tuple[ChainNode, ...]:
    nodes: tuple[ChainNode, ...] = _many(ChainNode.parse)(raw)
    if len({node.chain_id for node in nodes}) != len(nodes):
        raise ValueError("a comma-separated list of chainId=url, each chain once")
    return nodes


def _secret(raw: str) -> str:
    if not re.fullmatch(r"[\x21-\x7e]{1,512}", raw):
        raise ValueError("1 to 512 printable ASCII characters, no spaces")
    return raw


def _redis_url(raw: str) -> str:
    parts = urlsplit(raw)
    if parts.scheme not in {"redis", "rediss", "redis+unix"} or not (parts.hostname or parts.path):
        raise ValueError("redis://[:PASSWORD@]HOST[:PORT][/NUMBER], rediss://… for TLS, or redis+unix://PATH")
    _ = parts.port
    return raw


def _long_secret(raw: str) -> str:
    if not re.fullmatch(r"[\x21-\x7e]{32,512}", raw):
        raise ValueError("32 to 512 printable ASCII characters, no spaces")
    return raw


def _domain(raw: str) -> str:
    if not re.fullmatch(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::[0-9]{1,5})?", raw):
        raise ValueError("a host name in lower case, with its port if it has one")
    return raw


def _entity(raw: str) -> str:
    if not ENTITY.fullmatch(raw):
        raise ValueError("1 to 64 characters from U+0020 to U+007E, no spaces at the ends")
    return raw


def _handle(raw: str) -> str:
    try:
        return parse_handle(raw)
    except HandleError as fault:
        raise ValueError(fault.expected) from fault


def _level(raw: str) -> str:
    if raw not in {"debug", "info", "warning", "error"}:
        raise ValueError("debug, info, warning or error")
    return raw


def _log_format(raw: str) -> str:
    if raw not in {"text", "json"}:
        raise ValueError("text or json")
    return raw


def _many(one: Callable[[str], Any]) -> Callable[[str], tuple[Any, ...]]:
    def parse(raw: str) -> tuple[Any, ...]:
        try:
            return tuple(one(part.strip()) for part in raw.split(",") if part.strip())
        except ValueError as fault:
            raise ValueError(f"a comma-separated list, each {fault}") from fault

    return parse


def is_loopback(host: str) -> bool:
    """Whether a host name or address (no port, no brackets) stays on this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _setting(parse: Callable[[str], Any], default: Any, about: str, *, secret: bool = False) -> Any:  # noqa: ANN401 (as dataclasses.field)
    return field(default=default, metadata={"parse": parse, "about": about, "secret": secret})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The configuration of one process. Each field is the variable of the same name in upper case."""

    host: str = _setting(_host, "127.0.0.1", "Address to listen on.")
    port: int = _setting(_whole(1, 65535), 8000, "Port to listen on.")
    public_origins: tuple[str, ...] = _setting(
        _many(_origin),
        (),
        "Origins that people's browsers use, the canonical one first; any other `Host` is refused. "
        "Unset on a loopback `HOST`: that address and `localhost`.",
    )
    database_url: str = _setting(
        _database_url, "sqlite:///instance/countersign.sqlite3", "Where the data lives."
    )
    demo: bool = _setting(_switch, True, "Seed clearly marked demo profiles into an empty embedded database.")
    featured_handle: str = _setting(_handle, "shiyu", "Profile shown on the page from the start.")
    workers: int = _setting(_whole(1, 64), 1, "Server processes.")
    threads: int = _setting(_whole(1, 256), 8, "Threads in each server process.")
    upstream_url: str | None = _setting(
        _upstream_url,
        None,
        "GraphQL endpoint of a remote gateway; unset, the gateway is embedded and also served at `/graphql`.",
    )
    upstream_api_key: str | None = _setting(_secret, None, "Sent upstream as `X-API-KEY`.", secret=True)
    upstream_deadline_ms: int = _setting(
        _whole(100, 60_000), 5_000, "Time that one request upstream may take in all, in milliseconds."
    )
    upstream_allow_private: bool = _setting(
        _switch,
        False,
        "Allow an upstream on a private network address; loopback is always allowed when it is named.",
    )
    eth_rpc_urls: tuple[ChainNode, ...] = _setting(
        _nodes,
        (),
        "Ethereum nodes that are asked about contract wallets, as `chainId=url,chainId=url`; unset, contract "
        "wallets are refused and no chain is asked anything.",
        secret=True,
    )
    eth_rpc_deadline_ms: int = _setting(
        _whole(100, 30_000), 3_000, "Time that asking about one wallet may take in all, in milliseconds."
    )
    eth_rpc_allow_private: bool = _setting(
        _switch, False, "Allow those nodes on private network addresses, as `UPSTREAM_ALLOW_PRIVATE`."
    )
    authorization_entity: str = _setting(
        _entity, "Countersign", "Name in the text that the wallet signs to authorise a device."
    )
    accepted_entities: tuple[str, ...] = _setting(
        _many(_entity), (), "Entities that the gateway accepts in that text; unset, any well-formed one."
    )
    chain_ids: tuple[int, ...] = _setting(
        _many(_whole(1, 2**53 - 1)), (), "Chain ids that may sign in; unset, any."
    )
    signing_key_days: int = _setting(_whole(1, 3650), 30, "Days until a registered signing key expires.")
    max_live_keys: int = _setting(_whole(1, 1000), 32, "Live signing keys that one address may have.")
    max_handles: int = _setting(_whole(1, 1_000_000), 32, "Handles that one address may own.")
    reserved_handles: tuple[str, ...] = _setting(
        _many(_handle),
        RESERVED_HANDLES,
        "Handles that nobody may claim.",
    )
    handle_quarantine_days: int = _setting(
        _whole(0, 3650),
        30,
        "Days for which a released handle can be claimed by its last owner only; "
        "as long as somebody follows it, nobody else can at all.",
    )
    message_past_seconds: int = _setting(_whole(1, 86_400), 300, "How old a message may be, in seconds.")
    message_future_seconds: int = _setting(
        _whole(0, 86_400), 60, "How far ahead of the gateway's clock a message may be, in seconds."
    )
    signer_quota: int = _setting(_whole(1, 1_000_000), 600, "Accepted operations a minute for one address.")
    max_body_bytes: int = _setting(
        _whole(1024, 16 * 1024 * 1024), 65_536, "Largest request body of the gateway, in bytes."
    )
    max_query_depth: int = _setting(_whole(1, 100), 12, "Deepest GraphQL query.")
    max_query_tokens: int = _setting(_whole(50, 100_000), 2_000, "Longest GraphQL document, in tokens.")
    max_query_aliases: int = _setting(_whole(0, 1_000), 30, "Most aliases in one GraphQL document.")
    anonymous_requests_per_minute: int = _setting(
        _whole(1, 1_000_000_000),
        1_200,
        "Requests a minute that one network address, or /64 of IPv6, may send the gateway without a key.",
    )
    application_requests_per_minute: int = _setting(
        _whole(1, 1_000_000_000), 12_000, "The same for one application with a key, from wherever."
    )
    redis_url: str | None = _setting(
        _redis_url,
        None,
        "Where server processes share these counts; unset, or while it gives no answer, each of `WORKERS` "
        "counts for itself.",
        secret=True,
    )
    trusted_proxy_hops: int = _setting(
        _whole(0, 16),
        0,
        "Proxies of one's own in front: so many entries of `X-Forwarded-For` are believed, from the right.",
    )
    require_api_key: bool = _setting(
        _switch, False, "Refuse the gateway's callers that have no API key; the site's own page needs none."
    )
    introspection: bool = _setting(_switch, True, "Answer GraphQL introspection.")
    open_api_keys: bool = _setting(
        _switch, False, "Give a key to whoever calls `createAPIKey`, five an hour for a network address."
    )
    login_domains: tuple[str, ...] = _setting(
        _many(_domain), (), "Domains that `loginGetMessage` writes for; unset, any."
    )
    access_token_hours: int = _setting(
        _whole(1, 8_760), 24, "Hours that an access token of `loginVerify` is good."
    )
    access_token_secret: str | None = _setting(
        _long_secret,
        None,
        "Signs access tokens, at least 32 characters; unset, a random one that ends with the process.",
        secret=True,
    )
    session_days: int = _setting(_whole(1, 365), 30, "Days until a web session ends by itself.")
    nonce_seconds: int = _setting(_whole(10, 3_600), 300, "Seconds in which a sign-in challenge can be used.")
    frame_ancestors: tuple[str, ...] = _setting(
        _many(_origin), (), "Origins that may frame the page; unset, none."
    )
    log_level: str = _setting(_level, "info", "`debug`, `info`, `warning` or `error`.")
    log_format: str = _setting(_log_format, "text", "`text` for people, or `json`: one object a line.")
    metrics_token: str | None = _setting(
        _secret,
        None,
        "What `Authorization: Bearer` must carry at `/metrics`; unset, only this machine is answered.",
        secret=True,
    )

    @classmethod
    def from_env(cls, environ: Mapping[str, str], *, serves: Serves = Serves.SITE) -> "Settings":
        """Read and check every variable; an empty one counts as unset.

        Args:
            environ: The process's environment.
            serves: What the process serves: only its own contradictions are faults.

        Raises:
            SettingsError: with one fault for each variable that cannot be used, and for each contradiction.
        """
        values: dict[str, Any] = {}
        faults: list[str] = []
        for spec in fields(cls):
            name = spec.name.upper()
            raw = environ.get(name, "")
            if not raw:
                continue
            try:
                values[spec.name] = spec.metadata["parse"](raw)
            except ValueError as fault:
                shown = "(hidden)" if spec.metadata["secret"] else repr(raw[:80])
                faults.append(f"{name}: expected {fault}; got {shown}")
        settings = cls(**values)
        faults += settings._contradictions(serves)
        if faults:
            raise SettingsError(faults)
        return settings

    def _contradictions(self, serves: Serves) -> list[str]:
        faults = []
        if serves is Serves.NOTHING:
            return []
        pages = serves is Serves.SITE
        if not pages and self.upstream_url:
            faults.append("UPSTREAM_URL: expected unset; `countersign gateway` is the upstream")
        if pages and not self.public_origins and not is_loopback(self.host):
            faults.append(
                f"PUBLIC_ORIGINS: expected the origin that browsers use, since HOST is {self.host!r}, "
                "for example https://follow.example.org"
            )
        if len({urlsplit(origin).scheme for origin in self.public_origins}) > 1:
            faults.append(
                "PUBLIC_ORIGINS: expected one scheme for all, so that one kind of session cookie serves them"
            )
        if pages and self.eth_rpc_urls and self.eth_rpc_deadline_ms >= self.upstream_deadline_ms:
            faults.append(
                "ETH_RPC_DEADLINE_MS: expected less than UPSTREAM_DEADLINE_MS, "
                "or the site would stop waiting before its gateway could answer"
            )
        if self.upstream_api_key and not self.upstream_url:
            faults.append(
                "UPSTREAM_API_KEY: expected UPSTREAM_URL beside it; the embedded gateway needs no key"
            )
        if self.workers > 1 and not self.upstream_url and self.access_token_secret is None:
            faults.append(
                "ACCESS_TOKEN_SECRET: expected one secret for all WORKERS, or each of them would refuse "
                "the others' access tokens"
            )
        if self.open_api_keys and self.require_api_key:
            faults.append(
                "OPEN_API_KEYS: expected 0 beside REQUIRE_API_KEY, for who has no key could not ask for one"
            )
        if (
            pages
            and self.accepted_entities
            and not self.upstream_url
            and self.authorization_entity not in self.accepted_entities
        ):
            faults.append(
                f"ACCEPTED_ENTITIES: expected AUTHORIZATION_ENTITY ({self.authorization_entity!r}) among"
                " them, so that the page can authorise devices"
            )
        return faults

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins that browsers may use, canonical first."""
        if self.public_origins:
            return self.public_origins
        bracketed = f"[{self.host}]" if ":" in self.host else self.host
        names = dict.fromkeys((bracketed, *LOOPBACK_HOSTS[:2]))
        port = "" if self.port == 80 else f":{self.port}"  # noqa: PLR2004 (http's default port)
        return tuple(f"http://{name}{port}" for name in names)


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One line of the settings' table: variable, default as text, meaning."""

    name: str
    default: str
    about: str


def describe() -> tuple[SettingRow, ...]:
    """Every setting in order, for the README's table and for `countersign settings`."""
    return tuple(
        SettingRow(spec.name.upper(), as_text(spec.default), spec.metadata["about"])
        for spec in fields(Settings)
    )


def as_text(value: object) -> str:
    """A setting's value as it would be written in the environment; unset is the empty string."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value)
