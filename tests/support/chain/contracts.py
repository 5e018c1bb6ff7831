"""Contracts for the tests: a wallet, and what somebody might send instead of one.

A contract is told what to answer by its code alone; each is only what its claim needs.
"""

from eth_hash.auto import keccak

from tests.support.chain.anvil import FACTORY
from tests.support.chain.assembler import assemble

MAGIC = "0x1626ba7e" + "00" * 28
_ANSWER_MAGIC = f"{MAGIC} 0 MSTORE 32 0 RETURN"


def wallet(owner: str) -> bytes:
    """Code of a wallet that vouches for what its owner's key has signed (EIP-1271), and does nothing else."""
    return assemble(f"""
        0 CALLDATALOAD 0xe0 SHR 0x1626ba7e EQ ISZERO @other JUMPI
        4 CALLDATALOAD 0 MSTORE                  ; the digest
        0xa4 CALLDATALOAD 0 BYTE 32 MSTORE       ; v, behind r and s
        0x64 CALLDATALOAD 64 MSTORE              ; r
        0x84 CALLDATALOAD 96 MSTORE              ; s
        32 0 128 0 1 GAS STATICCALL POP          ; ecrecover
        RETURNDATASIZE 32 EQ 0 MLOAD {owner} EQ AND ISZERO @not JUMPI
        {_ANSWER_MAGIC}
        not:   0xffffffff{"00" * 28} 0 MSTORE 32 0 RETURN
        other: 0 0 REVERT
    """)


def creation(code: bytes) -> bytes:
    """What deploys this code: a constructor that returns it."""
    constructor = assemble(f"0x{len(code):04x} DUP1 0x000d 0 CODECOPY 0 RETURN")
    assert len(constructor) == 0x0D
    return constructor + code


def word(number: int) -> bytes:
    return number.to_bytes(32, "big")


def create2_data(code: bytes, salt: int = 0) -> bytes:
    """What the factory is to be called with."""
    return word(salt) + creation(code)


def create2_address(code: bytes, salt: int = 0) -> str:
    """Where the factory puts it (EIP-1014)."""
    parts = (b"\xff", bytes.fromhex(FACTORY[2:]), word(salt), keccak(creation(code)))
    return f"0x{keccak(b''.join(parts))[-20:].hex()}"


def wrapped(signature: bytes, data: bytes, factory: str = FACTORY) -> bytes:
    """A signature that brings its wallet's deployment along (ERC-6492)."""

    def counted(value: bytes) -> bytes:
        return word(len(value)) + value + bytes(-len(value) % 32)

    first, second = counted(data), counted(signature)
    return (
        word(int(factory, 16))
        + word(0x60)
        + word(0x60 + len(first))
        + first
        + second
        + bytes.fromhex("6492" * 16)
    )


# --- one that says yes to everything, and ways of nearly saying so ---

VOUCHES_FOR_ALL = assemble(_ANSWER_MAGIC)
ANSWERS_NOTHING = assemble("STOP")
ANSWERS_TRUE = assemble("1 0 MSTORE 32 0 RETURN")
ANSWERS_FOUR_BYTES = assemble(f"{MAGIC} 0 MSTORE 4 0 RETURN")
ANSWERS_TWO_WORDS = assemble(f"{MAGIC} 0 MSTORE 64 0 RETURN")
ANSWERS_MAGIC_AT_THE_WRONG_END = assemble("0x1626ba7e 0 MSTORE 32 0 RETURN")
ANSWERS_MAGIC_AND_MORE = assemble(f"{MAGIC[:-2]}01 0 MSTORE 32 0 RETURN")
ANSWERS_THE_QUESTION = assemble("CALLDATASIZE 0 0 CALLDATACOPY CALLDATASIZE 0 RETURN")
REVERTS = assemble("0 0 REVERT")
REVERTS_WITH_MAGIC = assemble(f"{MAGIC} 0 MSTORE 32 0 REVERT")
ANSWERS_A_MEGABYTE = assemble(f"{MAGIC} 0 MSTORE 0x100000 0 RETURN")
REVERTS_WITH_A_MEGABYTE = assemble(f"{MAGIC} 0 MSTORE 0x100000 0 REVERT")
BURNS_ALL_GAS = assemble("again: @again JUMP")
INVALID = assemble("INVALID")
WRITES = assemble(f"1 0 SSTORE {_ANSWER_MAGIC}")
VOUCHES_IN_SIMULATIONS = assemble(f"2 ORIGIN LT CALLER ISZERO OR @yes JUMPI STOP yes: {_ANSWER_MAGIC}")

# --- a wallet that vouches once it has been called by anybody, and a deployer that does not deploy ---

VOUCHES_ONCE_PREPARED = assemble(f"""
    CALLDATASIZE ISZERO @prepare JUMPI
    0 SLOAD @yes JUMPI
    STOP
    prepare: 1 0 SSTORE STOP
    yes: {_ANSWER_MAGIC}
""")


def offchain_lookup(url: str) -> bytes:
    """Code that asks whoever called it to fetch a URL (EIP-3668's OffchainLookup), as a gateway would."""
    text = url.encode()
    body = b"".join(
        (
            word(0xBAD),  # sender
            word(0xA0),  # urls
            word(0x140),  # callData
            bytes.fromhex("1626ba7e").ljust(32, b"\0"),  # callback
            word(0x160),  # extraData
            word(1),
            word(0x20),
            word(len(text)),
            text.ljust(64, b"\0")[:64],
            word(0),
            word(0),
        )
    )
    data = bytes.fromhex("556f1830") + body
    revert = assemble(f"0x{len(data):04x} DUP1 0x000d 0 CODECOPY 0 REVERT")
    assert len(revert) == 0x0D
    return revert + data
