"""The status table of revoking, renaming and renewing a signing key, and the log that it makes."""

import dataclasses
import hashlib
import itertools
import json
from typing import Any

import pytest

from tests.support.people import DAY, NOW, Device, Person, Wallet
from tests.support.protocol.cases import at_the_ends_of_the_window
from tests.support.protocol.chains import KeyStep, authorization_by, key_chain_of, verify_proof
from tests.support.protocol.vectors import load
from webapp.protocol.address import Address
from webapp.protocol.facts import LastKeyOperation, Policy, RegisteredKey
from webapp.protocol.key_decision import KeyDecision, KeyFacts, decide_key
from webapp.protocol.key_message import KeyOperation
from webapp.protocol.proofs.proof import ProofOfKeyOperation
from webapp.protocol.proofs.verdicts import VerifiedKeyOperation
from webapp.protocol.status import SigningKeyStatus
from webapp.protocol.submissions import KeySubmission

ALICE = Person("alice", Device("phone"))
LAPTOP = Device("laptop")
ME = Address(ALICE.address)
POLICY = Policy()
REVOKE, RENAME, RENEW = KeyOperation
S = SigningKeyStatus


def registered(device: Device, person: Person = ALICE) -> RegisteredKey:
    return RegisteredKey(authorization_by(person, device), NOW + DAY, None)


PHONE_KEY, LAPTOP_KEY = registered(ALICE.device), registered(LAPTOP)
LAST = LastKeyOperation(sequence=4, entry_digest="ab" * 32, digest="0" * 64, ts=NOW - 10)
# The laptop signs about the phone.
FACTS = KeyFacts(key=PHONE_KEY, name="", authorized_by=LAPTOP_KEY, last=None, accepted_in_window=0)


def text_of(operation: KeyOperation, ts: int = NOW, **changes: object) -> str:
    members: dict[str, object] = {
        "op": operation.value,
        "address": str(ME),
        "signingKey": ALICE.device.signing_key,
        "ts": ts,
    }
    if operation is RENAME:
        members["name"] = "Phone"
    return json.dumps(members | changes)


def submission(operation: KeyOperation, by: Device | Wallet | None = None, **changes: Any) -> KeySubmission:
    """Signed by the laptop where both may sign, by the wallet where only it may."""
    signer = by or (ALICE.wallet if operation is RENEW else LAPTOP)
    text = changes.pop("message", text_of(operation))
    fields = {
        "address": str(ME),
        "signingKey": ALICE.device.signing_key,
        "message": text,
        "signature": signer.sign(text if isinstance(text, str) and text.isascii() else ""),
        "authorizedBy": signer.signing_key if isinstance(signer, Device) else None,
    }
    return KeySubmission.read(operation, fields | changes)


def decided(
    operation: KeyOperation,
    facts: KeyFacts = FACTS,
    now: int = NOW,
    by: Device | Wallet | None = None,
    **changes: Any,
) -> KeyDecision:
    return decide_key(submission(operation, by, **changes), facts, POLICY, now)


@pytest.mark.parametrize("operation", KeyOperation)
def test_the_wallet_may_do_all_of_it(operation: KeyOperation) -> None:
    decision = decided(operation, by=ALICE.wallet)
    assert (decision.status, decision.ts_in_server) == (S.SUCCESS, NOW + 1)
    assert decision.accepted is not None
    assert decision.accepted.entry.authorized_by == ""


@pytest.mark.parametrize("spelling", [None, ""])
def test_nobody_named_means_the_wallet(spelling: str | None) -> None:
    assert decided(REVOKE, by=ALICE.wallet, authorizedBy=spelling).status is S.SUCCESS
    assert decided(REVOKE, by=LAPTOP, authorizedBy=spelling).status is S.INVALID_SIGNATURE
    assert decided(REVOKE, by=Wallet("mallory"), authorizedBy=spelling).status is S.INVALID_SIGNATURE


@pytest.mark.parametrize("operation", [REVOKE, RENAME])
def test_another_live_key_of_the_address_may_revoke_and_rename(operation: KeyOperation) -> None:
    accepted = decided(operation).accepted
    assert accepted is not None
    assert accepted.entry.authorized_by == LAPTOP.signing_key


def test_only_the_wallet_renews() -> None:
    assert decided(RENEW, by=LAPTOP).status is S.INVALID_SIGNING_KEY


def test_a_device_may_sign_itself_off() -> None:
    itself = dataclasses.replace(FACTS, authorized_by=PHONE_KEY)
    assert decided(REVOKE, itself, by=ALICE.device).status is S.SUCCESS


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (None, S.INVALID_SIGNING_KEY),
        (dataclasses.replace(LAPTOP_KEY, revoked_at=NOW - 1), S.INVALID_SIGNING_KEY),
        (dataclasses.replace(LAPTOP_KEY, revoked_at=NOW - 1, expires_at=NOW - 1), S.INVALID_SIGNING_KEY),
        (dataclasses.replace(LAPTOP_KEY, expires_at=NOW), S.EXPIRED_SIGNING_KEY),
        (dataclasses.replace(LAPTOP_KEY, expires_at=NOW + 1), S.SUCCESS),
        (registered(LAPTOP, Person("mallory")), S.INVALID_SIGNING_KEY),
        (registered(Device("third")), S.INVALID_SIGNING_KEY),
    ],
)
@pytest.mark.parametrize("operation", [REVOKE, RENAME])
def test_the_key_that_signs_is_a_live_one_of_the_address(
    operation: KeyOperation, key: RegisteredKey | None, expected: SigningKeyStatus
) -> None:
    assert decided(operation, dataclasses.replace(FACTS, authorized_by=key)).status is expected


REVOKED = dataclasses.replace(PHONE_KEY, revoked_at=NOW - 1)
EXPIRED = dataclasses.replace(PHONE_KEY, expires_at=NOW)


@pytest.mark.parametrize(
    ("key", "revoke", "rename", "renew"),
    [
        (PHONE_KEY, S.SUCCESS, S.SUCCESS, S.SUCCESS),
        (None, S.INVALID_SIGNING_KEY, S.INVALID_SIGNING_KEY, S.INVALID_SIGNING_KEY),
        (
            registered(ALICE.device, Person("mallory")),
            S.INVALID_SIGNING_KEY,
            S.INVALID_SIGNING_KEY,
            S.INVALID_SIGNING_KEY,
        ),
        (REVOKED, S.ALREADY_DONE, S.INVALID_SIGNING_KEY, S.INVALID_SIGNING_KEY),
        (EXPIRED, S.SUCCESS, S.SUCCESS, S.EXPIRED_SIGNING_KEY),
    ],
    ids=["live", "unknown", "another address's", "revoked", "expired"],
)
def test_what_can_be_done_to_a_key(
    key: RegisteredKey | None, revoke: SigningKeyStatus, rename: SigningKeyStatus, renew: SigningKeyStatus
) -> None:
    """A revoked key never returns, and an expired one is not prolonged: the wallet authorises a new one."""
    facts = dataclasses.replace(FACTS, key=key)
    answers = [decided(operation, facts, by=ALICE.wallet).status for operation in KeyOperation]
    assert answers == [revoke, rename, renew]


@pytest.mark.parametrize("operation", KeyOperation)
@pytest.mark.parametrize(
    "change", [{"address": Wallet("bob").address}, {"signingKey": LAPTOP.signing_key}, {"op": "follow"}]
)
def test_t36_the_message_says_what_the_request_says(operation: KeyOperation, change: dict[str, Any]) -> None:
    assert decided(operation, message=text_of(operation, **change)).status is S.INVALID_MESSAGE


@pytest.mark.parametrize(("asked", "said"), list(itertools.permutations(KeyOperation, 2)))
def test_one_operation_is_never_taken_for_another(asked: KeyOperation, said: KeyOperation) -> None:
    assert decided(asked, message=text_of(said), by=ALICE.wallet).status is S.INVALID_MESSAGE


@pytest.mark.parametrize("operation", KeyOperation)
@at_the_ends_of_the_window
def test_t40_the_window_has_both_ends(operation: KeyOperation, ts: int, *, timely: bool) -> None:
    status = decided(operation, message=text_of(operation, ts=ts)).status
    assert status is (S.SUCCESS if timely else S.MESSAGE_EXPIRED)


def test_names_and_renewals_come_after_what_was_accepted_before() -> None:
    facts = dataclasses.replace(FACTS, last=dataclasses.replace(LAST, ts=NOW))
    for operation in (RENAME, RENEW):
        decision = decided(operation, facts)
        assert (decision.status, decision.ts_in_server) == (S.MESSAGE_EXPIRED, NOW + 1)


def test_a_thief_cannot_hold_up_a_revocation() -> None:
    """Neither by names from the end of the window, again and again, nor by spending the quota."""
    ahead = dataclasses.replace(LAST, ts=NOW + POLICY.future_ms)
    facts = dataclasses.replace(FACTS, last=ahead, accepted_in_window=POLICY.signer_quota)
    decision = decided(REVOKE, facts)
    assert decision.status is S.SUCCESS
    assert decision.ts_in_server == ahead.ts + 1
    for operation in (RENAME, RENEW):
        text = text_of(operation, ts=NOW)
        assert decided(operation, facts, message=text).status is S.MESSAGE_EXPIRED
    spent = dataclasses.replace(FACTS, accepted_in_window=POLICY.signer_quota)
    for operation in (RENAME, RENEW):
        assert decided(operation, spent).status is S.RATE_LIMITED


def test_a_quota_of_ones_own_counts_and_of_nothing_nothing_is_accepted() -> None:
    """Not even a revocation, which is how a published key stays what it is."""
    more = dataclasses.replace(FACTS, accepted_in_window=POLICY.signer_quota, quota=POLICY.signer_quota + 1)
    none = dataclasses.replace(FACTS, quota=0)
    for operation in (RENAME, RENEW, REVOKE):
        assert decided(operation, more).status is S.SUCCESS
        assert decided(operation, none).status is S.RATE_LIMITED


def test_a_name_that_it_has_is_already_done() -> None:
    assert decided(RENAME, dataclasses.replace(FACTS, name="Phone")).status is S.ALREADY_DONE


def test_a_retry_after_a_lost_reply_is_already_done() -> None:
    """Also where the key that signed was ended by that very message; and only with its signature."""
    digest = hashlib.sha256(text_of(REVOKE).encode()).hexdigest()
    last = dataclasses.replace(LAST, digest=digest)
    ended = dataclasses.replace(FACTS, key=REVOKED, authorized_by=REVOKED, last=last)
    for later in (NOW, NOW + DAY):
        assert decided(REVOKE, ended, later, by=ALICE.device).status is S.ALREADY_DONE
    assert decided(REVOKE, ended, by=ALICE.device, signature="0x" + "11" * 64).status is S.INVALID_SIGNATURE
    another = text_of(REVOKE, ts=NOW + 1)
    assert decided(REVOKE, ended, by=ALICE.device, message=another).status is S.INVALID_SIGNING_KEY


def test_a_renewal_that_is_sent_twice_prolongs_once() -> None:
    digest = hashlib.sha256(text_of(RENEW).encode()).hexdigest()
    facts = dataclasses.replace(FACTS, last=dataclasses.replace(LAST, ts=NOW, digest=digest))
    decision = decided(RENEW, facts)
    assert (decision.status, decision.accepted, decision.answered) == (S.ALREADY_DONE, None, None)


@pytest.mark.parametrize("operation", KeyOperation)
def test_what_is_no_key_is_not_registered_whatever_the_store_says(operation: KeyOperation) -> None:
    text = text_of(operation, signingKey="AAAA")
    assert decided(operation, message=text, signingKey="AAAA").status is S.INVALID_SIGNING_KEY


def test_the_subject_is_what_can_be_read() -> None:
    read = submission(REVOKE)
    assert read.address == ME
    assert read.signing_key is not None
    assert read.authorized_by is not None
    keys = read.signing_key.text, read.authorized_by.text
    assert keys == (ALICE.device.signing_key, LAPTOP.signing_key)
    unread = submission(REVOKE, address="x", signingKey="y", message=None, signature=None, authorizedBy="")
    assert (unread.address, unread.signing_key, unread.authorized_by) == (None, None, None)


FAULTS = [status for status in SigningKeyStatus if status is not S.SUCCESS]


def with_faults(faults: set[SigningKeyStatus]) -> KeyDecision:
    """Bring about each of these faults in a new name that would be accepted."""
    facts = FACTS
    changes: dict[str, Any] = {}
    if S.RATE_LIMITED in faults:
        facts = dataclasses.replace(facts, accepted_in_window=POLICY.signer_quota)
    if S.ALREADY_DONE in faults:
        facts = dataclasses.replace(facts, name="Phone")
    if S.EXPIRED_SIGNING_KEY in faults:
        facts = dataclasses.replace(facts, authorized_by=dataclasses.replace(LAPTOP_KEY, expires_at=NOW))
    if S.INVALID_SIGNING_KEY in faults:
        facts = dataclasses.replace(facts, key=None)
    if S.MESSAGE_EXPIRED in faults:
        changes["message"] = text_of(RENAME, ts=NOW - DAY)
    if S.INVALID_MESSAGE in faults:
        changes["message"] = "{}"
    if S.INVALID_SIGNATURE in faults:
        changes["signature"] = "0x"
    if S.INVALID_ADDRESS in faults:
        changes["address"] = "0x0"
    return decided(RENAME, facts, **changes)


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_alone_is_answered_and_appends_nothing(fault: SigningKeyStatus) -> None:
    decision = with_faults({fault})
    assert (decision.status, decision.accepted) == (fault, None)


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(FAULTS, 2)))
def test_of_two_faults_the_earlier_one_is_answered(first: SigningKeyStatus, second: SigningKeyStatus) -> None:
    assert with_faults({first, second}).status is first


@pytest.mark.parametrize("by", [LAPTOP, ALICE.wallet])
def test_every_line_of_an_entry_can_be_computed_by_others(by: Device | Wallet) -> None:
    """The digest is over eight lines, as docs/contract.md lists them."""
    accepted = decided(REVOKE, dataclasses.replace(FACTS, last=LAST), by=by).accepted
    assert accepted is not None
    entry = accepted.entry
    sent = submission(REVOKE, by)
    lines = [
        "countersign/key-operation/v1",
        str(ME),
        "5",
        "ab" * 32,
        hashlib.sha256(text_of(REVOKE).encode()).hexdigest(),
        entry.signature,
        sent.authorized_by.text if sent.authorized_by else "",
        LAPTOP_KEY.authorization.digest if by is LAPTOP else "",
    ]
    assert entry.entry_digest == hashlib.sha256("\n".join(map(str, lines)).encode()).hexdigest()
    assert (entry.sequence, entry.previous_digest, entry.digest) == (5, lines[3], lines[4])


@pytest.mark.parametrize("value", [None, 1, [], {}, "", "\ud800", b"x", "x" * 5_000])
@pytest.mark.parametrize("field", ["address", "signingKey", "message", "signature", "authorizedBy"])
def test_whatever_is_sent_is_answered_with_a_status(field: str, value: Any) -> None:
    assert decided(RENAME, **{field: value}).status is not S.SUCCESS


def test_a_key_is_not_called_by_what_is_not_seen_and_an_old_log_still_proves_it() -> None:
    for case in load("display-texts.json")["refuse"]:
        message = text_of(RENAME, name=case["text"])
        assert decided(RENAME, message=message).status is SigningKeyStatus.INVALID_MESSAGE
    for name in (
        "",
        *(case["text"] for case in load("display-texts.json")["accept"] if len(case["text"]) > 2),
    ):
        facts = dataclasses.replace(FACTS, name="before")
        message = text_of(RENAME, name=name)
        assert decided(RENAME, facts, message=message).status is SigningKeyStatus.SUCCESS
    (old,) = key_chain_of(Person("alice"), KeyStep("rename", Device(), name="\u3164"))
    assert isinstance(verify_proof(ProofOfKeyOperation.parse(old)), VerifiedKeyOperation)
