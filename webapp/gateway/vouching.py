"""What a contract wallet has to say about a signature, as a fact to decide from."""

from webapp.chain.contract_wallets import ContractWallets
from webapp.protocol.address import Address
from webapp.protocol.authorization import GivenSignature, personal_sign_digest
from webapp.protocol.errors import SignatureError


def contract_wallet_vouches(
    wallets: ContractWallets | None, address: Address, text: str, signature: object
) -> bool | None:
    """Ask the contract at an address about a signature of a text, on every configured chain.

    For the last moment: when all that costs less has passed, and the address's own key did not sign. What
    chains that disagree amount to is for `ContractWallets` to say.

    Args:
        wallets: None where no chain is configured.
        address: The wallet's.
        text: What `personal_sign` was to sign.
        signature: As it was sent.

    Returns:
        None where nobody can be asked: no chain, or a signature that no contract could be given.

    Raises:
        RpcError: A chain gave no answer.
    """
    if wallets is None:
        return None
    try:
        payload = GivenSignature.parse(signature).by_contract.payload
        digest = personal_sign_digest(text)
    except SignatureError:
        return None
    return wallets.vouches(address, digest, payload)
