"""Arguments of queries that GraphQL's own types do not check."""

import re

from graphql import GraphQLError

from webapp.protocol.address import Address
from webapp.protocol.errors import AddressError

_DIGEST = re.compile(r"[0-9a-f]{64}")


class ArgumentError(GraphQLError):
    """An argument that cannot be used; the client reads its name and what was expected."""

    def __init__(self, argument: str, expected: str) -> None:
        super().__init__(
            f"{argument}: expected {expected}", extensions={"code": "BAD_ARGUMENT", "argument": argument}
        )


def address_argument(name: str, text: str, *, chain_id: int | None = None) -> Address:
    """Read an address.

    Args:
        name: The argument's.
        text: The address.
        chain_id: The chain that the same input names, whose own checksum (EIP-1191) is right as well.

    Raises:
        ArgumentError: It is none; the text names the argument.
    """
    try:
        return Address.parse(text, chain_id=chain_id)
    except AddressError as error:
        raise ArgumentError(name, error.expected) from error


def digest_argument(name: str, text: str) -> str:
    """Read a SHA-256 digest: 64 hex digits in lower case.

    Raises:
        ArgumentError: It is none; the text names the argument.
    """
    if not _DIGEST.fullmatch(text):
        raise ArgumentError(name, "64 hex digits in lower case")
    return text
