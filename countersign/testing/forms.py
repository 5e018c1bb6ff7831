"""How wallets spell accounts and form signatures."""

from collections.abc import Callable

from eth_abi.abi import encode
from eth_utils.crypto import keccak

Form = Callable[[bytes], object]
"""What a wallet answers, of the 65 bytes that its key signed (r, s, v of 27 or 28)."""
Spelling = Callable[[str], str]
"""How a wallet writes an account, of its EIP-55 spelling."""

ERC_6492_MAGIC = bytes.fromhex("6492" * 16)


# --- spellings ------------------------------------------------------------------------------------------


def upper_case(address: str) -> str:
    """All of it, the prefix too."""
    return address.upper()


def eip_1191(address: str, chain_id: int = 30) -> str:
    """With another chain's checksum, Rootstock's by default: https://eips.ethereum.org/EIPS/eip-1191."""
    digits = address[2:].lower()
    nibbles = keccak(text=f"{chain_id}0x{digits}").hex()
    return "0x" + "".join(
        digit.upper() if nibble >= "8" else digit for digit, nibble in zip(digits, nibbles, strict=False)
    )


def caip_10(address: str) -> str:
    """With the chain before it, as wallets of several chains write it."""
    return f"eip155:1:{address.lower()}"


# --- signatures -----------------------------------------------------------------------------------------


def usual(signature: bytes) -> str:
    """65 bytes, v 27 or 28."""
    return "0x" + signature.hex()


def low_v(signature: bytes) -> str:
    """V of 0 or 1, as Ledgers answer through some wallets."""
    return usual(signature[:64] + bytes([signature[64] - 27]))


def compact(signature: bytes) -> str:
    """64 bytes: https://eips.ethereum.org/EIPS/eip-2098."""
    s = int.from_bytes(signature[32:64]) | (signature[64] - 27) << 255
    return usual(signature[:32] + s.to_bytes(32))


def empty(_signature: bytes) -> str:
    """None, as a Safe answers that keeps its approval on the chain (EIP-1271)."""
    return "0x"


def erc_6492(factory: str, call: bytes) -> Form:
    """With the deployment of the wallet's contract along: https://eips.ethereum.org/EIPS/eip-6492."""

    def form(signature: bytes) -> str:
        return usual(encode(["address", "bytes", "bytes"], [factory, call, signature]) + ERC_6492_MAGIC)

    return form
