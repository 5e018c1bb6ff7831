"""What a node is asked to compute: whether a wallet accepts a signature, deployed or not.

One `eth_call` that creates a contract, whose constructor does the asking and returns the answer instead of
code: nothing has to stand on the chain beforehand, and nothing stands there afterwards. Its steps and their
order are those of ERC-6492, with EIP-1271 inside, but for plain signatures: recovering them needs no chain.

It never fails, whatever a wallet does: every call has its own share of the gas, is looked at for success, and
gives back 32 bytes at most. So a node's error is never a wallet's doing, and a refusal never the node's.

https://eips.ethereum.org/EIPS/eip-1271
https://eips.ethereum.org/EIPS/eip-6492
"""

from dataclasses import dataclass

from webapp.protocol.address import Address

MAGIC_VALUE = bytes.fromhex("1626ba7e")
"""The selector of `isValidSignature(bytes32,bytes)`, and what it returns for a signature that is valid."""
WRAPPED = bytes.fromhex("6492" * 16)
"""The end of a signature that brings along how to deploy its wallet."""
GAS = 13_000_000
"""For one question: two askings of 3 million, 6 for deploying. Below any chain's limit for a transaction."""
CALLER = "0xe14d538e819b9ff3e734b918f2e53d240e4b421a"
"""Who asks: nobody has this address (it is the end of a sentence's Keccak-256).

Nodes would put the zero address, which some contracts take for a simulation that needs no real signature.
"""

_WORD = 32
_PROGRAM = bytes.fromhex(
    # Copies what follows it into memory, from 0x20 on:
    #   0x20 wallet   0x40 factory   0x60 length of question   0x80 length of deployment   0xa0 both of them
    "6090 38 03 6090 6020 39"  # codecopy(0x20, 0x90, codesize - 0x90)
    "6020 51 3b 15 15"  # stands = extcodesize(wallet) != 0, kept at the bottom of the stack
    "6000"  # deployed = 0, kept above it
    "5b"  # 0x11 ask:
    "6020 6000 6060 51 60a0 6020 51 622dc6c0 fa"  # staticcall(3 million, wallet, question), 32 bytes to 0x00
    "3d 6020 14 16"  # succeeded, and exactly 32 bytes came back,
    "6000 51 7f 1626ba7e 00000000 00000000 00000000 00000000 00000000 00000000 00000000 14 16"  # and these
    "6076 57"  # if so goto valid; where nothing stands, nothing came back
    "6040 51 15 17 607d 57"  # if factory == 0 or deployed goto not
    "6000 6000 6080 51 6060 51 60a0 01 6000 6040 51 625b8d80 f1"  # call(6 million, factory, deployment)
    "50 6001 6011 56"  # whatever came of it: deployed = 1, goto ask
    "5b 50 6001 6080 56"  # 0x76 valid: drop deployed, answer = 1, goto end
    "5b 6000"  # 0x7d not: answer = 0
    "5b 6000 52 46 6020 52 6040 52 6060 6000 f3"  # 0x80 end: return answer, chain id, stands
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one chain has to say."""

    is_valid: bool  # whether the wallet accepts the signature there
    stands: bool  # whether it has code there, before anything is deployed
    chain_id: int  # the chain (EIP-155), as its own node computed it


def wallet_call(address: Address, digest: bytes, signature: bytes) -> bytes | None:
    """Encode the call's data for a wallet, the 32 bytes that were signed, and the signature.

    None where the signature (EIP-1271, ERC-6492) says that it is wrapped, and is not: no wallet accepts that.
    """
    factory, deployment = bytes(_WORD), b""
    if signature.endswith(WRAPPED):
        unwrapped = _unwrap(signature.removesuffix(WRAPPED))
        if unwrapped is None:
            return None
        factory, deployment, signature = unwrapped
    length, padding = len(signature).to_bytes(_WORD, "big"), bytes(-len(signature) % _WORD)
    question = MAGIC_VALUE + digest + (2 * _WORD).to_bytes(_WORD, "big") + length + signature + padding
    return b"".join(
        (
            _PROGRAM,
            bytes.fromhex(address.lower[2:]).rjust(_WORD, b"\0"),
            factory,
            len(question).to_bytes(_WORD, "big"),
            len(deployment).to_bytes(_WORD, "big"),
            question,
            deployment,
        )
    )


def read_answer(result: bytes) -> Answer | None:
    """Read what the call returned; None if it is not that."""
    if len(result) != 3 * _WORD:
        return None
    valid, chain_id, stands = (int.from_bytes(result[at : at + _WORD], "big") for at in (0, _WORD, 2 * _WORD))
    if valid not in {0, 1} or stands not in {0, 1}:
        return None
    return Answer(is_valid=valid == 1, stands=stands == 1, chain_id=chain_id)


def _unwrap(wrapped: bytes) -> tuple[bytes, bytes, bytes] | None:
    """Read ABI-encoded `(address factory, bytes data, bytes signature)`: how to deploy the wallet."""
    factory = wrapped[:_WORD]
    data, signature = (_bytes_at(wrapped, place) for place in (_WORD, 2 * _WORD))
    if len(factory) != _WORD or any(factory[:12]) or data is None or signature is None:
        return None
    return factory, data, signature


def _bytes_at(encoded: bytes, place: int) -> bytes | None:
    """Read the `bytes` whose offset stands at `place`."""
    start = _number_at(encoded, place)
    length = None if start is None else _number_at(encoded, start)
    if start is None or length is None or start + _WORD + length > len(encoded):
        return None
    return encoded[start + _WORD : start + _WORD + length]


def _number_at(encoded: bytes, place: int) -> int | None:
    word = encoded[place : place + _WORD]
    return int.from_bytes(word, "big") if len(word) == _WORD else None
