"""The steps that every proof is taken through by itself, whatever stands before it in its log."""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from webapp.protocol.address import Address
from webapp.protocol.authorization import (
    AuthorizationText,
    GivenSignature,
    SigningKeyAuthorization,
    WalletSignature,
    personal_sign_digest,
    signer_of,
)
from webapp.protocol.errors import ProtocolError
from webapp.protocol.handle import parse_handle
from webapp.protocol.handle_message import HandleMessage, LoggedMessage, parse_logged_message
from webapp.protocol.key_message import KeyMessage, KeyOperation
from webapp.protocol.log_entries import ChainHead, KeyLogEntry, OperationLogEntry
from webapp.protocol.proofs.proof import (
    AnyProof,
    ClaimedAuthorization,
    ProofOfConnection,
    ProofOfKeyOperation,
)
from webapp.protocol.proofs.verdicts import (
    ContractWalletCheck,
    ContractWalletUnproven,
    ProofFailure,
    ProofStep,
    StepFailedError,
    Verified,
    VerifiedKeyOperation,
    VerifiedProof,
    require,
)
from webapp.protocol.signing_key import MessageSignature, SigningKey

_T = TypeVar("_T")

_ASK = "; signed by a contract wallet: needs the chain"


def check_proof(proof: AnyProof) -> Verified:
    """Verify one proof without asking, or trusting, the gateway that gave it.

    Raises `StepFailedError` for the first step that does not hold. An authorisation that only a chain could
    prove is a `ContractWalletUnproven` where all the rest holds; where it does not, no chain can help.
    """
    unproven = None if proof.authorization is None else _authorized(proof.authorization)[2]
    try:
        verified = _operation(proof) if isinstance(proof, ProofOfConnection) else _key_operation(proof)
    except StepFailedError as failed:
        if unproven is None:
            raise
        expected = unproven.expected.removesuffix(_ASK)
        raise StepFailedError(ProofFailure(unproven.step, 0, unproven.field, expected)) from failed
    if unproven is not None:
        raise StepFailedError(unproven)
    return verified


def check_spelling(proof: AnyProof, verified: Verified) -> None:
    """Check that every member of a verified proof is spelt as gateways publish it.

    A digest covers signatures in lower case and the address in EIP-55, so another spelling of them proves the
    same; who keeps a file wants to be told of every changed byte. An anchor cannot be checked, so that none
    may be claimed. Raises `StepFailedError`.
    """
    authorization, signature = proof.authorization, proof.signature.lower()
    if authorization is None:  # the wallet itself signed
        signature = WalletSignature.parse(proof.signature).text
    else:
        step, published = ProofStep.AUTHORIZATION, WalletSignature.parse(authorization.signature).text
        _require_spelling(step, "signingKeyAuth.address", authorization.address, verified.address.checksummed)
        _require_spelling(step, "signingKeyAuth.signature", authorization.signature, published)
    if isinstance(proof, ProofOfConnection):
        _require_spelling(ProofStep.CHAIN, "arweaveTxHash", proof.arweave_tx_hash, "")
    _require_spelling(ProofStep.SIGNATURE, "signature", proof.signature, signature)


def _require_spelling(step: ProofStep, field: str, given: str, right: str) -> None:
    require(step, field, f'the spelling "{right}"', holds=given == right)


def _operation(proof: ProofOfConnection) -> VerifiedProof:
    authorization, entity = _check_authorization(proof.authorization, proof.signing_key)
    signing_key, signature = _check_device_signature(proof, proof.signing_key, "signingKey")
    message = _parse(ProofStep.MESSAGE, parse_logged_message, proof.content, "content.")
    handle = _parse(ProofStep.MESSAGE, parse_handle, message.handle, "content.")
    _check_signer(message, authorization)
    _check_message(proof, message)
    entry = OperationLogEntry(
        address=message.address,
        handle=handle,
        sequence=proof.sequence,
        message=message.text,
        digest=message.digest,
        signature=signature.text,
        signing_key=signing_key.text,
        authorization=authorization,
        previous_digest=proof.previous_digest,
        entry_digest=proof.entry_digest,
    )
    _check_entry(entry)
    return VerifiedProof(
        message.address,
        handle,
        message.operation,
        message.ts,
        entity,
        signing_key,
        entry.head,
        message.follower if isinstance(message, HandleMessage) else None,
    )


def _key_operation(proof: ProofOfKeyOperation) -> VerifiedKeyOperation:
    authorization, entity, signing_key = None, None, None
    if proof.authorization is None:
        message = _parse(ProofStep.MESSAGE, KeyMessage.parse, proof.content, "content.")
        signature = _check_wallet_signature(proof, message.address)
    else:
        authorization, entity = _check_authorization(proof.authorization, proof.authorized_by)
        signing_key, by_device = _check_device_signature(proof, proof.authorized_by, "authorizedBy")
        signature = by_device.text
        message = _parse(ProofStep.MESSAGE, KeyMessage.parse, proof.content, "content.")
        _check_signer(message, authorization)
    by_wallet = message.operation is not KeyOperation.RENEW or authorization is None
    require(ProofStep.MESSAGE, "authorizedBy", "the wallet: it alone renews a key", holds=by_wallet)
    _check_message(proof, message)
    key = _parse(ProofStep.MESSAGE, SigningKey.parse, message.signing_key, "content.")
    entry = KeyLogEntry(
        address=message.address,
        sequence=proof.sequence,
        message=message.text,
        digest=message.digest,
        signature=signature,
        authorized_by=proof.authorized_by,
        authorization=authorization,
        previous_digest=proof.previous_digest,
        entry_digest=proof.entry_digest,
    )
    _check_entry(entry)
    return VerifiedKeyOperation(
        message.address, key, message.operation, message.name, message.ts, entity, signing_key, entry.head
    )


def _check_authorization(
    claimed: ClaimedAuthorization, signing_key: str
) -> tuple[SigningKeyAuthorization, str]:
    """Check that this signing key was authorised, maybe by a contract; returns that, and the entity named."""
    authorization, text, _ = _authorized(claimed)
    named = text.signing_key == signing_key
    require(ProofStep.AUTHORIZATION, "signingKeyAuth.message", "the proof's signing key in it", holds=named)
    return authorization, text.entity


# A log repeats what the wallet signed in every entry; to recover its signer takes longer than all the rest.
@lru_cache(maxsize=256)
def _authorized(
    claimed: ClaimedAuthorization,
) -> tuple[SigningKeyAuthorization, AuthorizationText, ContractWalletUnproven | None]:
    step, prefix = ProofStep.AUTHORIZATION, "signingKeyAuth."
    address = _parse(step, Address.parse, claimed.address, prefix)
    text = _parse(step, AuthorizationText.parse, claimed.message, prefix)
    given = _parse(step, GivenSignature.parse, claimed.signature, prefix)
    signer, unproven = given.signer(text.text), None
    if signer != address:
        question = ContractWalletCheck(address, personal_sign_digest(text.text), given.payload)
        other = f", not by {signer}" if signer else ""
        expected = f"one by {address}{other}{_ASK}"
        unproven = ContractWalletUnproven(step, 0, f"{prefix}signature", expected, question)
    return SigningKeyAuthorization(address, text.text, claimed.signature), text, unproven


def _check_device_signature(
    proof: AnyProof, signing_key: str, member: str
) -> tuple[SigningKey, MessageSignature]:
    """Check that a device's key, which the proof names as this member, signed the content's exact bytes."""
    try:
        key = _key(signing_key)
    except ProtocolError as error:
        raise StepFailedError(ProofFailure(ProofStep.SIGNATURE, 0, member, error.expected)) from None
    signature = _parse(ProofStep.SIGNATURE, MessageSignature.parse, proof.signature)
    holds = key.verify(signature, proof.content.encode("utf-8"))
    require(ProofStep.SIGNATURE, "signature", "one by the signing key over the content", holds=holds)
    return key, signature


# A log is signed by a few keys, and who keeps what was verified keeps them: each once, not once an entry.
_key = lru_cache(maxsize=256)(SigningKey.parse)


def _check_wallet_signature(proof: ProofOfKeyOperation, address: Address) -> str:
    """Check that the address's wallet signed the content; returns the signature in normal form."""
    signature = _parse(ProofStep.SIGNATURE, WalletSignature.parse, proof.signature)
    expected = f"one by the wallet of {address} over the content"
    holds = signer_of(proof.content, signature) == address
    require(ProofStep.SIGNATURE, "signature", expected, holds=holds)
    return signature.text


def _check_signer(message: LoggedMessage | KeyMessage, authorization: SigningKeyAuthorization) -> None:
    address = authorization.address
    expected = f"{address}, whose wallet authorised the key"
    require(ProofStep.MESSAGE, "content.address", expected, holds=message.address == address)


def _check_message(proof: AnyProof, message: LoggedMessage | KeyMessage) -> None:
    require(ProofStep.MESSAGE, "content.ts", "a time that is not negative", holds=message.ts >= 0)
    require(ProofStep.MESSAGE, "digest", message.digest, holds=proof.digest == message.digest)


def _check_entry(entry: OperationLogEntry | KeyLogEntry) -> None:
    """Check an entry's digest against the one made from its parts; only a first entry begins a chain."""
    made = entry.computed_digest()
    require(ProofStep.CHAIN, "entryDigest", made, holds=entry.entry_digest == made)
    is_first = entry.previous_digest == ChainHead.EMPTY.entry_digest
    zeros = "64 zeros in the first entry, and in no other"
    require(ProofStep.CHAIN, "previousDigest", zeros, holds=is_first is (entry.sequence == 1))


def _parse(step: ProofStep, parse: Callable[[object], _T], value: object, prefix: str = "") -> _T:
    try:
        return parse(value)
    except ProtocolError as error:
        raise StepFailedError(ProofFailure(step, 0, f"{prefix}{error.field}", error.expected)) from None
