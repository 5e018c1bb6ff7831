"""A proof that the gateway gave, on its way to whoever opens its page or downloads it."""

import json

import pytest

from tests.support.people import Person
from tests.support.protocol.chains import ALL_KINDS, chain_of, key_chain_of
from tests.support.protocol.damage import verdict_on
from webapp.protocol.proofs.proof import parse_proof
from webapp.protocol.proofs.proof_file import VerifiedFile
from webapp.protocol.proofs.shapes import Form
from webapp.upstream.replies import LoggedOperation

ALICE = Person("alice")


@pytest.mark.parametrize("proof", [*chain_of(ALICE, "shiyu", 2), *key_chain_of(ALICE, *ALL_KINDS)])
def test_the_file_of_any_entry_verifies_by_itself(proof: dict[str, object]) -> None:
    """The first of its log or a later one: none of those before it is in the file."""
    message = json.loads(str(proof["content"]))
    about_key = "signingKey" in message
    found = LoggedOperation(
        address=message["address"],
        about=message["signingKey" if about_key else "handle"],
        about_key=about_key,
        op=message["op"],
        sequence=parse_proof(proof).sequence,
        signed_at=message["ts"],
        accepted_at=message["ts"],
        proof=parse_proof(proof),
    )
    verdict = verdict_on(found.as_file())
    assert isinstance(verdict, VerifiedFile), verdict
    assert (verdict.form, verdict.entries) == (Form.PROOF, 1)
