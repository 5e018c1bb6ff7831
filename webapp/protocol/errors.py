"""Everything that the protocol's parsers raise.

ProtocolError
├── AddressError
├── HandleError
├── MessageError
├── SignatureError
└── ProofError
"""


class ProtocolError(ValueError):
    """Input that is not what the protocol describes; `field` is named as the wire spells it."""

    def __init__(self, field: str, expected: str) -> None:
        super().__init__(field, expected)
        self.field = field
        self.expected = expected

    def __str__(self) -> str:
        return f"{self.field}: expected {self.expected}"


class AddressError(ProtocolError):
    """Not an Ethereum address, or one whose EIP-55 checksum is wrong."""


class HandleError(ProtocolError):
    """Not a legal handle."""


class MessageError(ProtocolError):
    """Not the text of a follow or unfollow message."""


class SignatureError(ProtocolError):
    """Not a signature of the form asked for, or one from which no address can be recovered."""


class ProofError(ProtocolError):
    """Not the JSON object of a proof of connection."""
