"""Whether a proof is spelt as gateways publish it: of what proves the same, one spelling is right."""

from webapp.protocol.authorization import WalletSignature
from webapp.protocol.proof import ProofOfConnection
from webapp.protocol.proof_verdicts import ProofFailure, ProofStep, Verified
from webapp.protocol.verification import AnyProof

_Row = tuple[ProofStep, str, str, str]


def check_spelling(proof: AnyProof, verified: Verified) -> ProofFailure | None:
    """Find the first member of a verified proof that is not spelt as gateways publish it.

    A digest covers signatures in lower case and the address in EIP-55, so another spelling of them proves the
    same; who keeps a file and wants to be told of every changed byte asks here as well. An anchor cannot be
    checked, so that none may be claimed.

    Args:
        proof: The proof.
        verified: What it was found to prove.
    """
    address = verified.address.checksummed
    rows: list[_Row] = []
    if isinstance(proof, ProofOfConnection):
        rows += _authorization(proof.auth_address, proof.auth_signature, address)
        rows.append((ProofStep.CHAIN, "arweaveTxHash", proof.arweave_tx_hash, ""))
    elif proof.authorization is not None:
        rows += _authorization(proof.authorization.address, proof.authorization.signature, address)
    by_wallet = not isinstance(proof, ProofOfConnection) and proof.authorization is None
    published = WalletSignature.parse(proof.signature).text if by_wallet else proof.signature.lower()
    rows.append((ProofStep.SIGNATURE, "signature", proof.signature, published))
    for step, field, given, right in rows:
        if given != right:
            return ProofFailure(step, 0, field, f'the spelling "{right}"')
    return None


def _authorization(given: str, signature: str, address: str) -> list[_Row]:
    published = WalletSignature.parse(signature).text
    return [
        (ProofStep.AUTHORIZATION, "signingKeyAuth.address", given, address),
        (ProofStep.AUTHORIZATION, "signingKeyAuth.signature", signature, published),
    ]
