"""What the operator hides is in no answer, whatever its owner does; the log stays as it is."""

import json

import pytest

from tests.support.handles import act
from tests.support.operations import PROOF
from tests.support.people import DAY, Client, Device, Person
from webapp.gateway.hidden_profiles import hide, unhide
from webapp.gateway.log.rebuild import compare_projections, rebuild_projections
from webapp.storage.database import Database

SHOWN = "handle avatar metadataInfo { displayName bio avatar } followerCount"
EVERYWHERE = f"""query ($me: AddressEVM!) {{
  profileByHandle(handle: "rude") {{ {SHOWN} owner {{ wallet {{ primaryProfile {{ {SHOWN} }} }} }} }}
  profilesByPrefix(prefix: "ru") {{ {SHOWN} }}
  profiles(search: "ru") {{ edges {{ node {{ {SHOWN} }} }} }}
  newest: profiles {{ edges {{ node {{ {SHOWN} }} }} }}
  followed: profiles(order: MOST_FOLLOWED) {{ edges {{ node {{ {SHOWN} }} }} }}
  address(address: $me) {{
    followings {{ edges {{ node {{ profile {{ {SHOWN} }} }} }} }}
    wallet {{ profiles {{ edges {{ node {{ {SHOWN} }} }} }} }}
  }}
}}"""
PICTURE = "https://pictures.example/rude.png"
LOG = (
    'query ($me: AddressEVM!) { address(address: $me) { operations(handle: "rude") '
    f"{{ edges {{ node {{ op proof {{ {PROOF} }} }} }} }} }} }}"
)


@pytest.fixture
def rude(client: Client) -> Person:
    person = Person("rude", Device("rude's phone"))
    assert client.register(person) == "SUCCESS"
    assert act(client, "claim", person, "rude") == "SUCCESS"
    dress(client, person, "RUDE NAME")
    assert client.act("follow", person, "shiyu") == "SUCCESS"
    other = Person("other")
    client.register(other)
    assert client.act("follow", other, "rude") == "SUCCESS"
    return person


def dress(client: Client, person: Person, name: str) -> None:
    assert (
        act(client, "profile", person, "rude", displayName=name, bio="RUDE WORDS", avatar=PICTURE)
        == "SUCCESS"
    )


def answers(client: Client, person: Person) -> str:
    """Every way to a profile."""
    return json.dumps(
        [client.data(EVERYWHERE, me=me.address) for me in (person, Person("other"))], ensure_ascii=False
    )


def is_shown(client: Client, person: Person) -> bool:
    told = answers(client, person)
    assert told.count('"handle": "rude"') > 8
    seen = {mark in told for mark in ("RUDE NAME", "RUDE WORDS", PICTURE)}
    assert len(seen) == 1
    return seen == {True}


def test_what_is_hidden_is_in_no_answer_and_its_log_is_as_it_was(
    client: Client, database: Database, rude: Person
) -> None:
    """At once, in a gateway that runs; the handle, its followers and whom it follows are as before."""
    log, shown = client.data(LOG, me=rude.address), answers(client, rude)
    assert is_shown(client, rude)
    assert hide(database, "rude")
    assert not is_shown(client, rude)
    assert client.data(LOG, me=rude.address) == log
    assert "RUDE NAME" in json.dumps(log)
    assert hide(database, "rude")  # as it is already
    assert unhide(database, "rude")
    assert answers(client, rude) == shown
    assert not unhide(database, "rude")


def test_others_are_shown_as_before(client: Client, database: Database, rude: Person) -> None:
    hide(database, "rude")
    assert "Shiyu" in answers(client, rude)


def test_its_owner_cannot_show_it_again(client: Client, database: Database, rude: Person) -> None:
    """Not by another profile, nor by giving the handle back and claiming it anew."""
    hide(database, "rude")
    dress(client, rude, "RUDE NAME 2")
    assert not is_shown(client, rude)
    assert act(client, "release", rude, "rude") == "SUCCESS"
    assert act(client, "claim", rude, "rude") == "SUCCESS"
    dress(client, rude, "RUDE NAME")
    assert not is_shown(client, rude)


def test_whoever_has_the_handle_next_is_shown(client: Client, database: Database, rude: Person) -> None:
    hide(database, "rude")
    assert act(client, "release", rude, "rude") == "SUCCESS"
    assert client.act("unfollow", Person("other"), "rude") == "SUCCESS"
    client.clock.now += 31 * DAY
    heir = Person("heir", Device("heir's phone"))
    client.register(heir)
    assert act(client, "claim", heir, "rude") == "SUCCESS"
    assert act(client, "profile", heir, "rude", displayName="Heir") == "SUCCESS"
    asked = 'query { profileByHandle(handle: "rude") { metadataInfo { displayName } } }'
    assert client.data(asked)["profileByHandle"] == {"metadataInfo": {"displayName": "Heir"}}


def test_a_rebuild_leaves_it_hidden(client: Client, database: Database, rude: Person) -> None:
    hide(database, "rude")
    assert compare_projections(database).equal
    rebuild_projections(database)
    assert not is_shown(client, rude)


def test_the_handle_of_nobody_cannot_be_hidden(database: Database) -> None:
    assert not hide(database, "nobody")
