"""Entries of logs, read: operations about handles and about signing keys, with their proofs or without."""

from dataclasses import replace

from webapp.protocol.errors import ProofError, ProtocolError
from webapp.protocol.key_message import KeyMessage
from webapp.protocol.proofs.proof import parse_proof
from webapp.protocol.signing_key import SigningKey
from webapp.upstream import fields
from webapp.upstream.errors import UpstreamMalformed
from webapp.upstream.fields import Members
from webapp.upstream.lists import counted, read_list
from webapp.upstream.replies import Listing, LoggedOperation, OperationRow


def read_operations(value: object) -> Listing[OperationRow]:
    """Read a page of a log, of one handle or of signing keys."""
    return read_list(value, _operation)


def read_all_operations(value: object) -> Listing[OperationRow]:
    """Read a page of what somebody did with all handles."""
    return counted(read_operations(value))


def read_whole_log(value: object) -> Listing[LoggedOperation]:
    """Read a page of a log with its proofs."""
    return read_list(value, _logged)


def read_proof(value: object) -> LoggedOperation:
    """Read a log entry that was asked for by its digest."""
    found = fields.members(value, "proof")
    key_operation = found.get("keyOperation")
    entry = found.get("operation") if key_operation is None else key_operation
    return _logged(fields.members(entry, "operation"))


def _operation(node: Members) -> OperationRow:
    about_key, proof = _is_about_key(node), fields.inner(node, "proof")
    read = OperationRow(
        op=fields.op(node),
        about=_about(node),
        signed_at=fields.moment(node, "ts"),
        accepted_at=fields.moment(node, "acceptedAt"),
        sequence=fields.integer(node, "sequence"),
        entry_digest=fields.digest(proof, "entryDigest"),
    )
    if not about_key:
        return read
    try:
        key, message = SigningKey.parse(read.about), KeyMessage.parse(proof.get("content"))
    except ProtocolError:
        return read  # the page of its proof shows it as it is
    return replace(read, fingerprint=key.fingerprint, name=message.name)


def _logged(entry: Members) -> LoggedOperation:
    try:
        proof = parse_proof(entry.get("proof"))
    except ProofError as error:
        raise UpstreamMalformed(f"proof: {error}") from None
    return LoggedOperation(
        address=fields.text(entry, "address"),
        about=_about(entry),
        about_key=_is_about_key(entry),
        op=fields.op(entry),
        sequence=fields.integer(entry, "sequence"),
        signed_at=fields.moment(entry, "ts"),
        accepted_at=fields.moment(entry, "acceptedAt"),
        proof=proof,
    )


def _is_about_key(entry: Members) -> bool:
    return "signingKey" in entry


def _about(entry: Members) -> str:
    return fields.text(entry, "signingKey") if _is_about_key(entry) else fields.handle(entry)
