"""A small EVM assembler: the contracts of the tests are written in it, since no compiler can be asked.

One instruction a word. `NAME:` marks a place (and writes JUMPDEST), `@NAME` pushes it. `0x…` pushes these
very bytes, a plain number as few as it needs. Comments run from `;` to the end of the line.
"""

from collections.abc import Iterator

OPCODES = {
    "STOP": 0x00, "ADD": 0x01, "SUB": 0x03, "LT": 0x10, "EQ": 0x14, "ISZERO": 0x15, "AND": 0x16, "OR": 0x17,
    "BYTE": 0x1A, "SHR": 0x1C, "ORIGIN": 0x32, "CALLER": 0x33, "CALLDATALOAD": 0x35, "CALLDATASIZE": 0x36,
    "CALLDATACOPY": 0x37, "CODESIZE": 0x38, "CODECOPY": 0x39, "EXTCODESIZE": 0x3B, "RETURNDATASIZE": 0x3D,
    "CHAINID": 0x46, "POP": 0x50, "MLOAD": 0x51, "MSTORE": 0x52, "SLOAD": 0x54, "SSTORE": 0x55, "JUMP": 0x56,
    "JUMPI": 0x57, "GAS": 0x5A, "JUMPDEST": 0x5B, "DUP1": 0x80, "CALL": 0xF1, "RETURN": 0xF3, "CREATE2": 0xF5,
    "STATICCALL": 0xFA, "REVERT": 0xFD, "INVALID": 0xFE,
}  # fmt: skip
_PUSH1 = 0x60
_PLACE_BYTES = 2


def assemble(source: str) -> bytes:
    """Write the source's bytecode."""
    words = list(_words(source))
    places = {}
    at = 0
    for word in words:
        if word.endswith(":"):
            places[word[:-1]] = at
        at += len(_encoded(word, {}))
    return b"".join(_encoded(word, places) for word in words)


def _words(source: str) -> Iterator[str]:
    for line in source.splitlines():
        yield from line.partition(";")[0].split()


def _encoded(word: str, places: dict[str, int]) -> bytes:
    if word.endswith(":"):
        return bytes([OPCODES["JUMPDEST"]])
    if word.startswith("@"):
        return _push(places.get(word[1:], 0).to_bytes(_PLACE_BYTES, "big"))
    if word.startswith("0x"):
        return _push(bytes.fromhex(word[2:]))
    if word.isdigit():
        number = int(word)
        return _push(number.to_bytes(max(1, (number.bit_length() + 7) // 8), "big"))
    return bytes([OPCODES[word]])


def _push(value: bytes) -> bytes:
    return bytes([_PUSH1 + len(value) - 1]) + value
