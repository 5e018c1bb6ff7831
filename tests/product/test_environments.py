"""What was signed for one environment is worth nothing in another that does not accept its entity."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.support.databases import add_profile, migrated
from tests.support.people import Client, Person, Ticker, Wallet
from webapp.gateway.http.service import create_gateway
from webapp.settings.environment import Serves, Settings
from webapp.settings.room_configs import gateway_config

STAGING, PRODUCTION = "Example staging", "Example"
PUBLISHED = (
    "query ($handle: String!) { profileByHandle(handle: $handle) { followers { edges { node { proof "
    "{ content signature signingKey signingKeyAuth { address message signature } } } } } } }"
)


@contextmanager
def gateway(path: Path, clock: Ticker, **environ: str) -> Iterator[Client]:
    """A gateway with a database of its own and the settings of an environment."""
    settings = Settings.from_env(environ, serves=Serves.GATEWAY)
    database = migrated(path)
    add_profile(database, "shiyu", Wallet("owner of shiyu").address, 1)
    yield Client(create_gateway(database, gateway_config(settings, origins=()), clock), clock)
    database.close()


@pytest.fixture
def environments(tmp_path: Path) -> Iterator[tuple[Client, Client]]:
    """Staging and production: the same profile, the same clock, an entity each."""
    clock = Ticker()
    with ExitStack() as both:
        staging, production = (
            both.enter_context(gateway(tmp_path / name, clock, ACCEPTED_ENTITIES=entity))
            for name, entity in (("staging.sqlite3", STAGING), ("production.sqlite3", PRODUCTION))
        )
        yield staging, production


def replayed(source: Client) -> tuple[dict[str, str], dict[str, str]]:
    """What anybody can read of the newest follower and send elsewhere: a registration and a follow."""
    edges = source.data(PUBLISHED, handle="shiyu")["profileByHandle"]["followers"]["edges"]
    proof = edges[0]["node"]["proof"]
    registration = dict(proof["signingKeyAuth"])
    follow = {
        "address": registration["address"],
        "handle": "shiyu",
        "message": proof["content"],
        "signature": proof["signature"],
        "signingKey": proof["signingKey"],
    }
    return registration, follow


@pytest.mark.parametrize("swapped", [False, True], ids=["staging to production", "production to staging"])
def test_t45_what_one_environment_publishes_the_other_refuses(
    environments: tuple[Client, Client], *, swapped: bool
) -> None:
    source, target = environments[::-1] if swapped else environments
    own, foreign = (PRODUCTION, STAGING) if swapped else (STAGING, PRODUCTION)
    alice = Person("alice")
    assert source.status("registerSigningKey", alice.registration(entity=own)) == "SUCCESS"
    assert source.act("follow", alice, "shiyu") == "SUCCESS"

    registration, follow = replayed(source)
    assert target.status("registerSigningKey", registration) == "INVALID_MESSAGE"
    assert target.status("follow", follow) == "INVALID_SIGNING_KEY"
    assert target.profile("shiyu", alice.address) == {"followerCount": 0, "isFollowedByMe": False}

    wallet_again = alice.registration(entity=foreign)
    assert target.status("registerSigningKey", wallet_again) == "SUCCESS", (
        "only the wallet opens the other one"
    )


def test_environments_that_accept_any_entity_are_one(tmp_path: Path) -> None:
    """Why operators are told to name theirs: the default takes every well-formed entity, as clients need."""
    clock = Ticker()
    alice = Person("alice")
    with gateway(tmp_path / "a.sqlite3", clock) as first, gateway(tmp_path / "b.sqlite3", clock) as second:
        assert first.status("registerSigningKey", alice.registration(entity=STAGING)) == "SUCCESS"
        assert first.act("follow", alice, "shiyu") == "SUCCESS"
        registration, follow = replayed(first)
        assert second.status("registerSigningKey", registration) == "SUCCESS"
        assert second.status("follow", follow) == "SUCCESS"
        clock.now += 301_000
        bob = Person("bob")
        assert second.status("registerSigningKey", bob.registration(entity=STAGING)) == "SUCCESS"
        late = {**bob.request("follow", "shiyu", clock.now - 300_001)}
        assert second.status("follow", late) == "MESSAGE_EXPIRED", "a follow can be replayed for minutes only"
