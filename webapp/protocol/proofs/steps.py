"""The steps that every proof of connection is taken through by itself, whatever stands before it."""

from functools import lru_cache

from webapp.protocol.address import Address
from webapp.protocol.authorization import (
    AuthorizationText,
    GivenSignature,
    SigningKeyAuthorization,
    personal_sign_digest,
)
from webapp.protocol.errors import ProtocolError
from webapp.protocol.handle import Handle, parse_handle
from webapp.protocol.handle_message import LoggedMessage, parse_logged_message
from webapp.protocol.proofs.proof import ChainHead, ClaimedAuthorization, ProofOfConnection, entry_digest
from webapp.protocol.proofs.verdicts import (
    ContractQuestion,
    ProofStep,
    StepFailedError,
    VerifiedProof,
    require,
)
from webapp.protocol.signing_key import MessageSignature, SigningKey


def verified_entry(proof: ProofOfConnection) -> VerifiedProof:
    """Take one proof through the steps.

    Raises:
        StepFailedError: The first of them that does not hold.
    """
    authorization, entity = check_authorization(proof.authorization, proof.signing_key)
    signing_key, signature = check_signature(
        content=proof.content, signature=proof.signature, signing_key=proof.signing_key
    )
    message, handle = _check_message(proof, authorization.address)
    expected_digest = entry_digest(
        address=message.address,
        handle=handle,
        sequence=proof.sequence,
        previous_digest=proof.previous_digest,
        digest=message.digest,
        signature=signature.text,
        signing_key=signing_key.text,
        authorization=authorization,
    )
    head = check_entry(
        sequence=proof.sequence,
        previous_digest=proof.previous_digest,
        claimed=proof.entry_digest,
        made=expected_digest,
    )
    return VerifiedProof(message.address, handle, message.operation, message.ts, entity, signing_key, head)


def check_authorization(
    claimed: ClaimedAuthorization, signing_key: str
) -> tuple[SigningKeyAuthorization, str]:
    """Check that a wallet authorised a signing key.

    Args:
        claimed: What the wallet is said to have signed.
        signing_key: The key that the text must name.

    Returns:
        The authorisation, and the entity that the text names.

    Raises:
        StepFailedError: It did not, or only a chain knows.
    """
    authorization, entity, key = _authorized(claimed)
    named = key == signing_key
    require(ProofStep.AUTHORIZATION, "signingKeyAuth.message", "the proof's signing key in it", holds=named)
    return authorization, entity


# A log repeats what the wallet signed in every entry; to recover its signer takes longer than all the rest.
@lru_cache(maxsize=256)
def _authorized(claimed: ClaimedAuthorization) -> tuple[SigningKeyAuthorization, str, str]:
    step = ProofStep.AUTHORIZATION
    try:
        address = Address.parse(claimed.address)
        text = AuthorizationText.parse(claimed.message)
        given = GivenSignature.parse(claimed.signature)
    except ProtocolError as error:
        raise StepFailedError(step, f"signingKeyAuth.{error.field}", error.expected) from None
    signer = given.signer(text.text)
    if signer != address:
        question = ContractQuestion(address, personal_sign_digest(text.text), given.by_contract.payload)
        other = f", not by {signer}" if signer else ""
        expected = f"one by {address}{other}; signed by a contract wallet: needs the chain"
        raise StepFailedError(step, "signingKeyAuth.signature", expected, question)
    return SigningKeyAuthorization(address, text.text, claimed.signature), text.entity, text.signing_key


def check_signature(*, content: str, signature: str, signing_key: str) -> tuple[SigningKey, MessageSignature]:
    """Check that a device's key made a signature over the exact bytes of a text.

    Raises:
        StepFailedError: It did not; or one of them is none.
    """
    step = ProofStep.SIGNATURE
    try:
        key = _key(signing_key)
        made = MessageSignature.parse(signature)
    except ProtocolError as error:
        raise StepFailedError(step, error.field, error.expected) from None
    holds = key.verify(made, content.encode("utf-8"))
    require(step, "signature", "one by the signing key over the content", holds=holds)
    return key, made


# A log is signed by a few keys, and who keeps what was verified keeps them: each once, not once an entry.
_key = lru_cache(maxsize=256)(SigningKey.parse)


def check_entry(*, sequence: int, previous_digest: str, claimed: str, made: str) -> ChainHead:
    """Check an entry's digest against the one made from its parts; only a first entry begins a chain.

    Raises:
        StepFailedError: One of them does not hold.
    """
    require(ProofStep.CHAIN, "entryDigest", made, holds=claimed == made)
    is_first = previous_digest == ChainHead.EMPTY.entry_digest
    zeros = "64 zeros in the first entry, and in no other"
    require(ProofStep.CHAIN, "previousDigest", zeros, holds=is_first is (sequence == 1))
    return ChainHead(sequence, made)


def check_next(head: ChainHead, *, sequence: int, previous_digest: str) -> None:
    """Check that an entry links to the one before it.

    Raises:
        StepFailedError: It does not.
    """
    following = head.sequence + 1
    require(ProofStep.CHAIN, "sequence", str(following), holds=sequence == following)
    linked = previous_digest == head.entry_digest
    require(ProofStep.CHAIN, "previousDigest", head.entry_digest, holds=linked)


def _check_message(proof: ProofOfConnection, address: Address) -> tuple[LoggedMessage, Handle]:
    step = ProofStep.MESSAGE
    try:
        message = parse_logged_message(proof.content)
        handle = parse_handle(message.handle)
    except ProtocolError as error:
        raise StepFailedError(step, f"content.{error.field}", error.expected) from None
    holds = message.address == address
    require(step, "content.address", f"{address}, whose wallet authorised the key", holds=holds)
    require(step, "content.ts", "a time that is not negative", holds=message.ts >= 0)
    require(step, "digest", message.digest, holds=proof.digest == message.digest)
    return message, handle
