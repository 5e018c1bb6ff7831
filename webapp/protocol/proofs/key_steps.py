"""The steps that every proof of a key operation is taken through, and what may follow what in such a log."""

from webapp.protocol.address import Address
from webapp.protocol.authorization import SigningKeyAuthorization, WalletSignature, recover_personal_sign
from webapp.protocol.errors import ProtocolError, SignatureError
from webapp.protocol.key_log import key_entry_digest
from webapp.protocol.key_message import KeyMessage, KeyOperation
from webapp.protocol.proofs.key_proof import ProofOfKeyOperation
from webapp.protocol.proofs.proof import ChainHead, ClaimedAuthorization
from webapp.protocol.proofs.steps import check_authorization, check_entry, check_next, check_signature
from webapp.protocol.proofs.verdicts import ProofStep, StepFailedError, VerifiedKeyOperation, require
from webapp.protocol.signing_key import SigningKey


def verified_key_operation(proof: ProofOfKeyOperation) -> VerifiedKeyOperation:
    """Take one proof through the steps; where the wallet itself signed, its signature is the first of them.

    Raises:
        StepFailedError: The first of them that does not hold.
    """
    authorization, entity, signing_key = None, None, None
    if proof.authorization is None:
        message = _read(proof)
        signature = _signed_by_wallet(proof, message.address)
    else:
        authorization, entity, signing_key, signature = _signed_by_device(proof, proof.authorization)
        message = _read(proof)
        holds = message.address == authorization.address
        expected = f"{authorization.address}, whose wallet authorised the key"
        require(ProofStep.MESSAGE, "content.address", expected, holds=holds)
    by_wallet = message.operation is not KeyOperation.RENEW or authorization is None
    require(ProofStep.MESSAGE, "authorizedBy", "the wallet: it alone renews a key", holds=by_wallet)
    require(ProofStep.MESSAGE, "content.ts", "a time that is not negative", holds=message.ts >= 0)
    require(ProofStep.MESSAGE, "digest", message.digest, holds=proof.digest == message.digest)
    try:
        key = SigningKey.parse(message.signing_key)
    except ProtocolError as error:
        raise StepFailedError(ProofStep.MESSAGE, f"content.{error.field}", error.expected) from None
    made = key_entry_digest(
        address=message.address,
        sequence=proof.sequence,
        previous_digest=proof.previous_digest,
        digest=message.digest,
        signature=signature,
        authorized_by=proof.authorized_by,
        authorization=authorization,
    )
    head = check_entry(
        sequence=proof.sequence,
        previous_digest=proof.previous_digest,
        claimed=proof.entry_digest,
        made=made,
    )
    return VerifiedKeyOperation(
        message.address, key, message.operation, message.name, message.ts, entity, signing_key, head
    )


def _signed_by_device(
    proof: ProofOfKeyOperation, claimed: ClaimedAuthorization
) -> tuple[SigningKeyAuthorization, str, SigningKey, str]:
    authorization, entity = check_authorization(claimed, proof.authorized_by)
    key, signature = check_signature(
        content=proof.content, signature=proof.signature, signing_key=proof.authorized_by
    )
    return authorization, entity, key, signature.text


def _signed_by_wallet(proof: ProofOfKeyOperation, address: Address) -> str:
    step = ProofStep.SIGNATURE
    try:
        signature = WalletSignature.parse(proof.signature)
    except ProtocolError as error:
        raise StepFailedError(step, error.field, error.expected) from None
    try:
        signer = recover_personal_sign(proof.content, signature)
    except SignatureError:
        signer = None
    require(step, "signature", f"one by the wallet of {address} over the content", holds=signer == address)
    return signature.text


def _read(proof: ProofOfKeyOperation) -> KeyMessage:
    try:
        return KeyMessage.parse(proof.content)
    except ProtocolError as error:
        raise StepFailedError(ProofStep.MESSAGE, f"content.{error.field}", error.expected) from None


class KeyLog:
    """How far the log of an address's key operations has been verified."""

    __slots__ = ("_head", "_names", "_newest", "_revoked", "last")

    def __init__(self, start: ChainHead) -> None:
        self._head = start
        # What keys are called; one that is not there has no name yet, unless the log was taken up later.
        self._names: dict[str, str] | None = None if start.sequence else {}
        self._newest: int | None = None
        self._revoked: set[str] = set()
        self.last: VerifiedKeyOperation | None = None

    def take(self, this: VerifiedKeyOperation, previous_digest: str) -> None:
        """Check that an entry, verified by itself, comes next.

        Args:
            this: What its proof proves; of the same address as those before.
            previous_digest: The digest of the entry before, as its proof names it.

        Raises:
            StepFailedError: It does not.
        """
        step = ProofStep.CHAIN
        check_next(self._head, sequence=this.head.sequence, previous_digest=previous_digest)
        revokes = this.operation is KeyOperation.REVOKE
        if self._newest is not None and not revokes:  # nothing holds a revocation up, not even later times
            later = this.ts > self._newest
            require(step, "content.ts", f"a time after {self._newest}", holds=later)
        about, signer = this.key.text, this.signing_key and this.signing_key.text
        require(step, "content.signingKey", "a key that is not revoked", holds=about not in self._revoked)
        require(step, "authorizedBy", "a key that is not revoked", holds=signer not in self._revoked)
        if this.name is not None and self._names is not None:
            known = self._names.get(about, "")
            require(step, "content.name", "another name than the key has", holds=this.name != known)
            self._names[about] = this.name
        if revokes:
            self._revoked.add(about)
        self._newest = this.ts if self._newest is None else max(this.ts, self._newest)
        self._head, self.last = this.head, this

    def go_on_at(self, head: ChainHead) -> None:
        """Leave a gap, if this is further on: what was done in between is not known."""
        if head.sequence > self._head.sequence:
            self._head, self._names = head, None
