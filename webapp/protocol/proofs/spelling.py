"""Whether a proof is spelt as gateways publish it: of what proves the same, one spelling is right."""

from webapp.protocol.authorization import WalletSignature
from webapp.protocol.proofs.proof import ClaimedAuthorization, ProofOfConnection
from webapp.protocol.proofs.verdicts import ProofFailure, ProofStep, Verified
from webapp.protocol.proofs.verification import AnyProof

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
    if proof.authorization is None:  # the wallet itself signed
        published = WalletSignature.parse(proof.signature).text
    else:
        rows += _authorization(proof.authorization, address)
        published = proof.signature.lower()
    if isinstance(proof, ProofOfConnection):
        rows.append((ProofStep.CHAIN, "arweaveTxHash", proof.arweave_tx_hash, ""))
    rows.append((ProofStep.SIGNATURE, "signature", proof.signature, published))
    for step, field, given, right in rows:
        if given != right:
            return ProofFailure(step, 0, field, f'the spelling "{right}"')
    return None


def _authorization(claimed: ClaimedAuthorization, address: str) -> list[_Row]:
    published = WalletSignature.parse(claimed.signature).text
    return [
        (ProofStep.AUTHORIZATION, "signingKeyAuth.address", claimed.address, address),
        (ProofStep.AUTHORIZATION, "signingKeyAuth.signature", claimed.signature, published),
    ]
