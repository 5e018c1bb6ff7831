"""Settings are read once, checked together, and listed for operators exactly as the code has them."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from tests.support.places import ROOT
from webapp.chain import contract_wallets
from webapp.gateway.config import APPLICATION_FACTOR, GatewayConfig, LoginConfig
from webapp.protocol.clock import DAY_MS
from webapp.protocol.facts import Policy
from webapp.server.front.adapter import BODY_DEADLINE_MS, THREADS
from webapp.settings.environment import VARIABLES, Serves, Settings, SettingsError
from webapp.settings.retired import RETIRED, retired_variables
from webapp.settings.values import as_text
from webapp.upstream import client
from webapp.web.config import SiteConfig

OPERATING = ROOT / "docs" / "operating.md"


def test_nothing_set_is_a_working_configuration() -> None:
    settings = Settings.from_env({})
    assert settings.origins == ("http://127.0.0.1:8000", "http://localhost:8000")
    assert settings.demo
    assert settings.upstream_url is None


@pytest.mark.parametrize(
    ("name", "raw", "expected"),
    [
        ("PORT", "eighty", "a whole number from 0 to 65535"),
        ("PORT", "65536", "a whole number from 0 to 65535"),
        ("PORT", "8_000", "a whole number from 0 to 65535"),
        ("PORT", "٨٠٠٠", "a whole number from 0 to 65535"),
        ("PORT", "9" * 5000, "a whole number from 0 to 65535"),
        ("HOST", "not a host", "an IP address or a host name"),
        ("DEMO", "yes", "0 or 1"),
        ("DATABASE_URL", "mysql://db/x", "sqlite:///PATH"),
        ("DATABASE_URL", "sqlite:///", "sqlite:///PATH"),
        ("PUBLIC_ORIGINS", "https://Follow.example.org", "lower case"),
        ("PUBLIC_ORIGINS", "https://follow.example.org/", "no path"),
        ("PUBLIC_ORIGINS", "https://B\u00fccher.example", "lower case"),
        ("PUBLIC_ORIGINS", "https://b\u00fccher.example/", "no path"),
        ("PUBLIC_ORIGINS", "https://\U0001f600.example", "xn--"),
        ("PUBLIC_ORIGINS", "https://b\u00fccher..example", "xn--"),
        ("PUBLIC_ORIGINS", "https://a b.example", "a host name in lower case"),
        ("FRAME_ANCESTORS", "https://a.example;script-src *", "a host name in lower case"),
        ("FRAME_ANCESTORS", "https://*.example", "a host name in lower case"),
        ("PUBLIC_ORIGINS", "http://follow.example.org", "https, or http on a loopback address"),
        ("PUBLIC_ORIGINS", "https://me:pw@follow.example.org", "without user name"),
        ("PUBLIC_ORIGINS", "https://follow.example.org:443", "without the scheme's own port"),
        ("PUBLIC_ORIGINS", "https://follow.example.org:99999", "scheme://host[:port]"),
        ("PUBLIC_ORIGINS", "https://[::1", "scheme://host[:port]"),
        ("UPSTREAM_URL", "https://gateway.example.org:0/graphql", "http(s) URL"),
        ("UPSTREAM_URL", "https://gateway.example.org:x/graphql", "http(s) URL"),
        ("REDIS_URL", "redis://[::1", "redis://[:PASSWORD@]HOST[:PORT][/NUMBER]"),
        ("LOGIN_DOMAINS", "follow.example,a..b", "a comma-separated list, each a host name"),
        ("LOGIN_DOMAINS", "a:0", "1 to 65535"),
        ("LOG_FORMAT", "xml", "text or json"),
        ("ACCESS_TOKEN_SECRET", "x" * 31, "32 to 512 printable ASCII characters"),
        ("UPSTREAM_URL", "ftp://gateway.example.org", "http(s) URL"),
        ("UPSTREAM_URL", "http://gateway.example.org/graphql", "https, or http on a loopback address"),
        ("UPSTREAM_URL", "https://key@gateway.example.org/graphql", "without user name"),
        ("AUTHORIZATION_ENTITY", " Countersign", "no spaces at the ends"),
        ("AUTHORIZATION_ENTITY", "Countersign\n", "1 to 64 characters"),
        ("AUTHORIZATION_ENTITY", "x" * 65, "1 to 64 characters"),
        ("FEATURED_HANDLE", "Shiyu", "-"),
        ("SIGNER_QUOTA", "0", "a whole number from 1"),
        ("CHAIN_IDS", "1,zero", "a comma-separated list, each a whole number"),
        ("LOG_LEVEL", "loud", "debug, info, warning or error"),
    ],
)
def test_a_fault_names_the_variable_and_what_was_expected(name: str, raw: str, expected: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({name: raw})
    (fault,) = caught.value.faults
    assert fault.startswith(f"{name}: expected ")
    assert expected in fault


def test_all_faults_come_together() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({"PORT": "x", "DEMO": "maybe", "UPSTREAM_API_KEY": "k", "LOG_LEVEL": "loud"})
    assert [fault.split(":")[0] for fault in caught.value.faults] == [
        "PORT",
        "DEMO",
        "LOG_LEVEL",
        "UPSTREAM_API_KEY",
    ]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("https://node.example/canary", "chainId=url"),
        ("0=https://node.example/canary", "chainId=url"),
        ("1=http://node.example/canary", "https, or http on a loopback address"),
        ("1=https://canary@node.example/", "without user name"),
        ("1=https://node.example/,1=https://node.example/canary", "each chain once"),
    ],
)
def test_a_node_is_named_with_its_chain_and_its_key_is_not_shown(raw: str, expected: str) -> None:
    with pytest.raises(SettingsError, match=expected) as caught:
        Settings.from_env({"ETH_RPC_URLS": raw})
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("name", ["ACCESS_TOKEN_SECRET", "REDIS_URL", "UPSTREAM_API_KEY"])
def test_a_secret_that_cannot_be_used_is_not_shown(name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name}: expected") as caught:
        Settings.from_env({name: "canary key"})
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("raw", "printed"),
    [
        ("https://gw.example/graphql?k=canary", "https://gw.example/graphql?(hidden)"),
        ("https://gw.example?canary", "https://gw.example?(hidden)"),
        ("https://gw.example/a?x@y=canary", "https://gw.example/a?(hidden)"),
        ("http://127.0.0.1:9/graphql", "http://127.0.0.1:9/graphql"),
    ],
)
def test_t54_the_upstreams_key_in_its_url_is_not_printed(raw: str, printed: str) -> None:
    settings = Settings.from_env({"UPSTREAM_URL": raw})
    assert settings.upstream_url == raw
    assert settings.shown("upstream_url") == printed


@pytest.mark.parametrize(
    ("name", "raw", "printed"),
    [
        ("UPSTREAM_URL", "https://canary@gw.example/", "https://(hidden)@gw.example/"),
        (
            "UPSTREAM_URL",
            "https://me:can/ary@gw.example/?canary#canary",
            "https://(hidden)@gw.example/?(hidden)",
        ),
        ("UPSTREAM_URL", "https://gw.example/#canary", "https://gw.example/?(hidden)"),
        ("DATABASE_URL", "mysql://me:canary@db.example/x", "mysql://(hidden)@db.example/x"),
        ("PUBLIC_ORIGINS", "https://me:canary@follow.example", "https://(hidden)@follow.example"),
    ],
)
def test_a_url_that_cannot_be_used_is_shown_without_its_secrets(name: str, raw: str, printed: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({name: raw})
    assert "canary" not in str(caught.value)
    assert str(caught.value).endswith(f"got {printed!r}")


def test_a_place_with_an_at_sign_is_shown_as_it_is() -> None:
    url = "sqlite:///data@home/x.sqlite3"
    assert Settings.from_env({"DATABASE_URL": url}).shown("database_url") == url


@pytest.mark.parametrize(
    ("environ", "names"),
    [
        ({"HOST": "0.0.0.0"}, "PUBLIC_ORIGINS"),  # noqa: S104 (the fault is what is tested)
        ({"UPSTREAM_API_KEY": "k"}, "UPSTREAM_URL"),
        ({"ACCEPTED_ENTITIES": "CyberConnect"}, "AUTHORIZATION_ENTITY"),
        ({"PUBLIC_ORIGINS": "https://a.example.org,http://127.0.0.1:8000"}, "one scheme"),
        ({"WORKERS": "2"}, "ACCESS_TOKEN_SECRET"),
        ({"OPEN_API_KEYS": "1", "REQUIRE_API_KEY": "1"}, "OPEN_API_KEYS"),
    ],
)
def test_contradictions_are_refused(environ: dict[str, str], names: str) -> None:
    with pytest.raises(SettingsError, match=names):
        Settings.from_env(environ)


def test_the_gateway_alone_needs_no_origin_and_has_no_upstream() -> None:
    settings = Settings.from_env({"HOST": "0.0.0.0"}, serves=Serves.GATEWAY)  # noqa: S104 (the fault is what is tested)
    assert settings.upstream_url is None
    with pytest.raises(SettingsError, match="UPSTREAM_URL"):
        Settings.from_env({"UPSTREAM_URL": "https://gateway.example.org/graphql"}, serves=Serves.GATEWAY)


def test_a_command_that_serves_nothing_minds_no_contradiction() -> None:
    """So that a key can be made, or the tables migrated, beside a gateway with its own environment."""
    environ = {"HOST": "0.0.0.0", "ACCEPTED_ENTITIES": "CyberConnect"}  # noqa: S104 (the fault is what is tested)
    assert Settings.from_env(environ, serves=Serves.NOTHING).accepted_entities == ("CyberConnect",)
    assert Settings.from_env(environ, serves=Serves.GATEWAY).accepted_entities == ("CyberConnect",)
    with pytest.raises(SettingsError):
        Settings.from_env(environ)


def test_values_survive_the_round_trip_through_the_environment() -> None:
    environ = {
        "HOST": "::1",
        "PORT": "80",
        "DEMO": "0",
        "CHAIN_IDS": "1, 56",
        "ETH_RPC_URLS": "1=https://node.example/v3/key?a=b, 31337=http://127.0.0.1:8545",
        "ACCEPTED_ENTITIES": "Countersign,CyberConnect",
        "PUBLIC_ORIGINS": "https://follow.example.org",
    }
    settings = Settings.from_env(environ)
    assert settings.chain_ids == (1, 56)
    assert [node.chain_id for node in settings.eth_rpc_urls] == [1, 31337]
    again = {name: as_text(getattr(settings, name.lower())) for name in VARIABLES}
    assert Settings.from_env(again) == settings


@pytest.mark.parametrize(
    ("raw", "sent"),
    [
        ("https://b\u00fccher.example", "https://xn--bcher-kva.example"),
        ("https://b\u00fccher.example:8443", "https://xn--bcher-kva.example:8443"),
        ("https://stra\u00dfe.example", "https://xn--strae-oqa.example"),
        ("https://\u4f8b\u3048\u3002\u30c6\u30b9\u30c8", "https://xn--r8jz45g.xn--zckzah"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("https://my_host.example", "https://my_host.example"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
    ],
)
@pytest.mark.parametrize("name", ["PUBLIC_ORIGINS", "FRAME_ANCESTORS"])
def test_an_origin_gets_the_form_that_browsers_send(name: str, raw: str, sent: str) -> None:
    """Otherwise a site in other letters would start, and refuse everybody."""
    assert getattr(Settings.from_env({name: raw}), name.lower()) == (sent,)


def test_localhost_is_a_host_that_needs_no_origin() -> None:
    origins = Settings.from_env({"HOST": "LocalHost"}).origins
    assert origins == ("http://localhost:8000", "http://127.0.0.1:8000")


def test_loopback_ipv6_gets_a_bracketed_origin() -> None:
    assert Settings.from_env({"HOST": "::1", "PORT": "8001"}).origins[0] == "http://[::1]:8001"


def documented(document: Path) -> list[tuple[str, ...]]:
    """The rows of a table of settings: name, default, meaning."""
    text = document.read_text(encoding="utf-8")
    return re.findall(r"^\| `([A-Z_]+)` \| (?:`([^`]*)`|unset) \| (.+) \|$", text, flags=re.MULTILINE)


def test_the_table_for_operators_is_the_list_of_settings() -> None:
    """Same names, same order, same defaults, same words; and few enough to be read."""
    rows = [(each.name.upper(), as_text(each.default), each.metadata["about"]) for each in fields(Settings)]
    assert documented(OPERATING) == rows
    assert len(rows) < 30


def test_the_readme_shows_the_ten_that_people_set_in_the_same_words() -> None:
    shown = documented(ROOT / "README.md")
    assert len(shown) == 10
    assert shown == [row for row in documented(OPERATING) if row in shown]


IN_FORCE = {
    "ACCESS_TOKEN_HOURS": LoginConfig().token_lifetime_ms // 3_600_000,
    "APPLICATION_REQUESTS_PER_MINUTE": APPLICATION_FACTOR,
    "BODY_DEADLINE_MS": BODY_DEADLINE_MS,
    "ETH_RPC_ALLOW_PRIVATE": 1,
    "ETH_RPC_DEADLINE_MS": int(contract_wallets.DEADLINE_S * 1000),
    "HANDLE_QUARANTINE_DAYS": Policy().quarantine_ms // DAY_MS,
    "MAX_BODY_BYTES": GatewayConfig().max_body,
    "MAX_HANDLES": Policy().max_handles,
    "MAX_LIVE_KEYS": Policy().max_live_keys,
    "MAX_QUERY_ALIASES": GatewayConfig().max_aliases,
    "MAX_QUERY_DEPTH": GatewayConfig().max_depth,
    "MAX_QUERY_TOKENS": GatewayConfig().max_tokens,
    "MESSAGE_FUTURE_SECONDS": Policy().future_ms // 1000,
    "MESSAGE_PAST_SECONDS": Policy().past_ms // 1000,
    "NONCE_SECONDS": SiteConfig(origins=()).nonce_lifetime_ms // 1000,
    "SESSION_DAYS": SiteConfig(origins=()).session_lifetime_ms // DAY_MS,
    "SIGNING_KEY_DAYS": GatewayConfig().key_lifetime_ms // DAY_MS,
    "THREADS": THREADS,
    "UPSTREAM_DEADLINE_MS": int(client.DEADLINE_S * 1000),
}


def test_what_is_said_of_a_retired_variable_is_what_holds() -> None:
    assert {name: int(re.findall(r"\d+", said)[0]) for name, said in RETIRED.items()} == IN_FORCE
    assert not RETIRED.keys() & set(VARIABLES)


def test_a_retired_variable_is_named_only_where_it_is_set() -> None:
    environ = {"MAX_HANDLES": "8", "SESSION_DAYS": "", "PORT": "8001"}
    assert retired_variables(environ) == [
        "MAX_HANDLES=8 is no setting any more: an address may always own 32 handles"
    ]


def test_no_guide_tells_of_a_variable_that_decides_nothing() -> None:
    guides = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
    told = {
        (guide.name, name)
        for guide in guides
        if guide.name != "2026-11-26-settings.md"
        for name in re.findall(r"`([A-Z_]+)(?:=[^`]*)?`", guide.read_text(encoding="utf-8"))
        if name in RETIRED
    }
    assert told == set()


def test_a_gateway_gives_up_on_a_chain_before_its_site_gives_up_on_it() -> None:
    assert contract_wallets.DEADLINE_S < client.DEADLINE_S
