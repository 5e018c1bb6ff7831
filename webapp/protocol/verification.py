"""Verifying proofs of connection without asking, or trusting, the gateway that gave them."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from webapp.protocol.address import Address
from webapp.protocol.authorization import (
    AuthorizationText,
    ContractSignature,
    SigningKeyAuthorization,
    WalletSignature,
    personal_sign_digest,
    recover_personal_sign,
)
from webapp.protocol.errors import ProtocolError, SignatureError
from webapp.protocol.handle import Handle, parse_handle
from webapp.protocol.handle_message import HandleOperation, LoggedMessage, parse_logged_message
from webapp.protocol.message import Operation
from webapp.protocol.proof import ChainHead, ProofOfConnection, entry_digest
from webapp.protocol.signing_key import MessageSignature, SigningKey


class ProofStep(StrEnum):
    """What is checked of each proof, in this order."""

    AUTHORIZATION = "authorisation"
    """The address's wallet signed the text that names the signing key."""
    SIGNATURE = "signature"
    """The signing key signed the content's exact bytes."""
    MESSAGE = "message"
    """The content is a message of that address, and its digest is right."""
    CHAIN = "chain"
    """The entry's digest is right, and it follows the entry before."""


@dataclass(frozen=True, slots=True)
class VerifiedProof:
    """What a proof proves.

    Attributes:
        address: Who signed.
        handle: Whom they followed or unfollowed, or which handle of their own it is about.
        operation: What they did.
        ts: When, by the signer's clock, in milliseconds since the epoch.
        entity: For whom the wallet authorised the key.
        signing_key: The device's key.
        head: Where the pair's log stood after this.
    """

    address: Address
    handle: Handle
    operation: Operation | HandleOperation
    ts: int
    entity: str
    signing_key: SigningKey
    head: ChainHead


@dataclass(frozen=True, slots=True)
class VerifiedChain:
    """What an unbroken run of proofs of one pair proves; oldest first, at least one."""

    proofs: tuple[VerifiedProof, ...]

    @property
    def head(self) -> ChainHead:
        """Where the pair's log stood after the last of them."""
        return self.proofs[-1].head

    @property
    def following(self) -> bool:
        """Whether the address followed the handle after the last of them, as far as these can tell."""
        follows = (
            proof.operation for proof in reversed(self.proofs) if isinstance(proof.operation, Operation)
        )
        return next(follows, Operation.UNFOLLOW) is Operation.FOLLOW


@dataclass(frozen=True, slots=True)
class ProofFailure:
    """The first check that failed.

    Attributes:
        step: Which check.
        index: Of which proof, counted from 0.
        field: The field at fault, as the wire spells it.
        expected: What would have been right, in words.
    """

    step: ProofStep
    index: int
    field: str
    expected: str

    def __str__(self) -> str:
        return f"proof {self.index + 1}, {self.step}: {self.field}: expected {self.expected}"


@dataclass(frozen=True, slots=True)
class ContractQuestion:
    """What only a chain can answer: does the contract at `address` vouch for this signature of `digest`?"""

    address: Address
    digest: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class ContractWalletUnproven(ProofFailure):
    """The address's own key did not authorise the signing key; a contract wallet may have.

    Nothing in a file can show that, so that the proof counts as failed for whoever does not ask the chain.
    """

    question: ContractQuestion


class _StepFailedError(Exception):
    def __init__(
        self, step: ProofStep, field: str, expected: str, question: ContractQuestion | None = None
    ) -> None:
        super().__init__(step, field, expected)
        self.step, self.field, self.expected = step, field, expected
        self.question = question

    def at(self, index: int) -> ProofFailure:
        """Give the failure of the proof at this place."""
        if self.question is None:
            return ProofFailure(self.step, index, self.field, self.expected)
        return ContractWalletUnproven(self.step, index, self.field, self.expected, self.question)


def verify_proof(proof: ProofOfConnection) -> VerifiedProof | ProofFailure:
    """Verify one proof by itself; that it follows the entry before is for `verify_chain`."""
    try:
        return _verified(proof)
    except _StepFailedError as failed:
        return failed.at(0)


def verify_chain(
    proofs: Iterable[ProofOfConnection], *, start: ChainHead = ChainHead.EMPTY
) -> VerifiedChain | ProofFailure:
    """Verify the proofs of one (address, handle) pair, oldest first, without gaps.

    Args:
        proofs: The proofs.
        start: Where the pair's log stood before the first of them; by default it was empty.
    """
    log = _PairLog(start)
    verified: list[VerifiedProof] = []
    for index, proof in enumerate(proofs):
        try:
            this = _verified(proof)
            log.take(proof, this)
        except _StepFailedError as failed:
            return failed.at(index)
        verified.append(this)
    if not verified:
        return ProofFailure(ProofStep.CHAIN, 0, "proof", "at least one proof")
    return VerifiedChain(tuple(verified))


class LogVerifier:
    """Verifies the logs of many pairs, entry by entry, each pair's from its first on and without gaps.

    Of each pair it keeps the last entry only, so that a log of any length can be read past it.
    """

    def __init__(self) -> None:
        self._pairs: dict[tuple[Address, Handle], _PairLog] = {}
        self._taken = 0

    def take(self, proof: ProofOfConnection) -> VerifiedProof | ProofFailure:
        """Verify the next entry; the index of a failure counts the entries of all pairs."""
        try:
            this = _verified(proof)
            pair = (this.address, this.handle)
            self._pairs.setdefault(pair, _PairLog(ChainHead.EMPTY)).take(proof, this)
        except _StepFailedError as failed:
            return failed.at(self._taken)
        self._taken += 1
        return this


def check_spelling(proof: ProofOfConnection, verified: VerifiedProof) -> ProofFailure | None:
    """Find the first member of a verified proof that is not spelt as gateways publish it.

    A digest covers signatures in lower case and the address in EIP-55, so another spelling of them proves the
    same; who keeps a file and wants to be told of every changed byte asks here as well. An anchor cannot be
    checked, so that none may be claimed.

    Args:
        proof: The proof.
        verified: What it was found to prove.
    """
    authorized, signed = ProofStep.AUTHORIZATION, ProofStep.SIGNATURE
    rows = (
        (authorized, "signingKeyAuth.address", proof.auth_address, verified.address.checksummed),
        (
            authorized,
            "signingKeyAuth.signature",
            proof.auth_signature,
            WalletSignature.parse(proof.auth_signature).text,
        ),
        (signed, "signature", proof.signature, proof.signature.lower()),
        (ProofStep.CHAIN, "arweaveTxHash", proof.arweave_tx_hash, ""),
    )
    for step, field, given, published in rows:
        if given != published:
            return ProofFailure(step, 0, field, f'the spelling "{published}"')
    return None


def _verified(proof: ProofOfConnection) -> VerifiedProof:
    authorization, entity = _check_authorization(proof)
    signing_key, signature = _check_signature(proof)
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
    _require(ProofStep.CHAIN, "entryDigest", expected_digest, holds=proof.entry_digest == expected_digest)
    is_first = proof.previous_digest == ChainHead.EMPTY.entry_digest
    zeros = "64 zeros in the first entry, and in no other"
    _require(ProofStep.CHAIN, "previousDigest", zeros, holds=is_first is (proof.sequence == 1))
    head = ChainHead(proof.sequence, expected_digest)
    return VerifiedProof(message.address, handle, message.operation, message.ts, entity, signing_key, head)


def _check_authorization(proof: ProofOfConnection) -> tuple[SigningKeyAuthorization, str]:
    authorization, entity, key = _authorized(proof.auth_address, proof.auth_message, proof.auth_signature)
    named = key == proof.signing_key
    _require(ProofStep.AUTHORIZATION, "signingKeyAuth.message", "the proof's signing key in it", holds=named)
    return authorization, entity


# A log repeats what the wallet signed in every entry; to recover its signer takes longer than all the rest.
@lru_cache(maxsize=256)
def _authorized(claimed: str, message: str, signed: str) -> tuple[SigningKeyAuthorization, str, str]:
    step = ProofStep.AUTHORIZATION
    try:
        address = Address.parse(claimed)
        text = AuthorizationText.parse(message)
        by_contract = ContractSignature.parse(signed)
    except ProtocolError as error:
        raise _StepFailedError(step, f"signingKeyAuth.{error.field}", error.expected) from None
    try:
        signer = recover_personal_sign(text.text, WalletSignature.parse(signed))
    except SignatureError:
        signer = None
    if signer != address:
        question = ContractQuestion(address, personal_sign_digest(text.text), by_contract.payload)
        other = f", not by {signer}" if signer else ""
        expected = f"one by {address}{other}; signed by a contract wallet: needs the chain"
        raise _StepFailedError(step, "signingKeyAuth.signature", expected, question)
    return SigningKeyAuthorization(address, text.text, signed), text.entity, text.signing_key


def _check_signature(proof: ProofOfConnection) -> tuple[SigningKey, MessageSignature]:
    step = ProofStep.SIGNATURE
    try:
        signing_key = SigningKey.parse(proof.signing_key)
        signature = MessageSignature.parse(proof.signature)
    except ProtocolError as error:
        raise _StepFailedError(step, error.field, error.expected) from None
    holds = signing_key.verify(signature, proof.content.encode("utf-8"))
    _require(step, "signature", "one by the signing key over the content", holds=holds)
    return signing_key, signature


def _check_message(proof: ProofOfConnection, address: Address) -> tuple[LoggedMessage, Handle]:
    step = ProofStep.MESSAGE
    try:
        message = parse_logged_message(proof.content)
        handle = parse_handle(message.handle)
    except ProtocolError as error:
        raise _StepFailedError(step, f"content.{error.field}", error.expected) from None
    holds = message.address == address
    _require(step, "content.address", f"{address}, whose wallet authorised the key", holds=holds)
    _require(step, "content.ts", "a time that is not negative", holds=message.ts >= 0)
    _require(step, "digest", message.digest, holds=proof.digest == message.digest)
    return message, handle


class _PairLog:
    """How far the log of one pair has been verified."""

    __slots__ = ("_following", "_head", "_owning", "last")

    def __init__(self, start: ChainHead) -> None:
        self._head = start
        # None: not known yet. A profile can be older than its handle's log; a follow cannot.
        self._following = None if start.sequence else False
        self._owning: bool | None = None
        self.last: VerifiedProof | None = None

    def take(self, proof: ProofOfConnection, this: VerifiedProof) -> None:
        """Check that a proof, verified by itself, comes next.

        Raises:
            _StepFailedError: It does not.
        """
        head, before = self._head, self.last
        sequence = head.sequence + 1
        _require(ProofStep.CHAIN, "sequence", str(sequence), holds=proof.sequence == sequence)
        linked = proof.previous_digest == head.entry_digest
        _require(ProofStep.CHAIN, "previousDigest", head.entry_digest, holds=linked)
        if before is not None:
            same = (this.address, this.handle) == (before.address, before.handle)
            pair = f"the same pair, {before.address} and {before.handle}"
            _require(ProofStep.CHAIN, "content", pair, holds=same)
            _require(ProofStep.CHAIN, "content.ts", f"a time after {before.ts}", holds=this.ts > before.ts)
        self._take_turn(this.operation)
        self._head, self.last = this.head, this

    def _take_turn(self, operation: Operation | HandleOperation) -> None:
        """What is so already is never appended: follow and unfollow take turns, claim and release too."""
        if isinstance(operation, Operation):
            follows = operation is Operation.FOLLOW
            turn = Operation.UNFOLLOW if self._following else Operation.FOLLOW
            _require(ProofStep.CHAIN, "content.op", f'"{turn}"', holds=self._following is not follows)
            self._following = follows
            return
        claims = operation is HandleOperation.CLAIM
        turns = '"release" or "profile"' if self._owning else '"claim"'
        _require(ProofStep.CHAIN, "content.op", turns, holds=self._owning is not claims)
        self._owning = operation is not HandleOperation.RELEASE


def _require(step: ProofStep, field: str, expected: str, *, holds: bool) -> None:
    if not holds:
        raise _StepFailedError(step, field, expected)
