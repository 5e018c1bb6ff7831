"""Cases of decisions: the ends of the window, and what is decided on, from the JSON of their vectors."""

from typing import Any

import pytest

from tests.support.people import NOW
from webapp.protocol.address import Address
from webapp.protocol.authorization import SigningKeyAuthorization
from webapp.protocol.facts import Answered, Edge, Facts, Policy, RegisteredKey, RegistrationFacts
from webapp.protocol.message import Operation
from webapp.protocol.submissions import Submission

at_the_ends_of_the_window = pytest.mark.parametrize(
    ("ts", "timely"),
    [
        (NOW - Policy().past_ms - 1, False),
        (NOW - Policy().past_ms, True),
        (NOW + Policy().future_ms, True),
        (NOW + Policy().future_ms + 1, False),
        (0, False),
        (-1, False),
    ],
)
"""With the usual policy, at `NOW`: times of messages in ms, and whether they are taken."""


def submission(fields: dict[str, Any]) -> Submission:
    return Submission.read(Operation(fields["operation"]), fields)


def facts(fields: dict[str, Any]) -> Facts:
    return Facts(
        owner=_address(fields["owner"]),
        profile_exists=fields["profileExists"],
        last=_last(fields["last"]),
        key=_key(fields["key"]),
        accepted_in_window=fields["acceptedInWindow"],
        answered=None if fields.get("answered") is None else Answered(**fields["answered"]),
        blocked=fields.get("blocked", False),
        quota=fields.get("quota"),
    )


def policy(fields: dict[str, Any]) -> Policy:
    return Policy(fields["pastMs"], fields["futureMs"], fields["signerQuota"])


def registration_facts(fields: dict[str, Any]) -> RegistrationFacts:
    return RegistrationFacts(existing=_key(fields["existing"]), live_keys=fields["liveKeys"])


def registration_policy(fields: dict[str, Any]) -> Policy:
    entities = fields["entities"]
    listed = None if entities is None else frozenset(entities)
    return Policy(entities=listed, max_live_keys=fields["maxLiveKeys"])


def _address(text: str | None) -> Address | None:
    return None if text is None else Address.parse(text)


def _last(fields: dict[str, Any] | None) -> Edge | None:
    if fields is None:
        return None
    return Edge(
        sequence=fields["sequence"],
        entry_digest=fields["entryDigest"],
        ts=fields["ts"],
        digest=fields["digest"],
        following=fields["following"],
    )


def _key(fields: dict[str, Any] | None) -> RegisteredKey | None:
    if fields is None:
        return None
    authorization = fields["authorization"]
    return RegisteredKey(
        authorization=SigningKeyAuthorization(
            Address.parse(authorization["address"]), authorization["message"], authorization["signature"]
        ),
        expires_at=fields["expiresAt"],
        revoked_at=fields["revokedAt"],
    )
