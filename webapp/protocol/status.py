"""Every status a mutation can answer, with its meaning: the one home of these names."""

from enum import StrEnum


class Status(StrEnum):
    """Answers of `follow` and `unfollow`, in the order in which they are decided: the first match wins."""

    INVALID_ADDRESS = "INVALID_ADDRESS"
    HANDLE_NOT_FOUND = "HANDLE_NOT_FOUND"
    INVALID_MESSAGE = "INVALID_MESSAGE"
    MESSAGE_EXPIRED = "MESSAGE_EXPIRED"
    INVALID_SIGNING_KEY = "INVALID_SIGNING_KEY"
    EXPIRED_SIGNING_KEY = "EXPIRED_SIGNING_KEY"
    INVALID_SIGNATURE = "INVALID_SIGNATURE"
    ALREADY_DONE = "ALREADY_DONE"
    RATE_LIMITED = "RATE_LIMITED"
    SUCCESS = "SUCCESS"

    @property
    def meaning(self) -> str:
        """One sentence for a reader who did not write the client."""
        return _MEANINGS[self]


class RegistrationStatus(StrEnum):
    """Answers of `registerSigningKey`, in the order in which they are decided."""

    INVALID_ADDRESS = "INVALID_ADDRESS"
    INVALID_MESSAGE = "INVALID_MESSAGE"
    INVALID_SIGNING_KEY = "INVALID_SIGNING_KEY"
    INVALID_SIGNATURE = "INVALID_SIGNATURE"
    SUCCESS = "SUCCESS"

    @property
    def meaning(self) -> str:
        """One sentence for a reader who did not write the client."""
        return _REGISTRATION_MEANINGS[self]


_MEANINGS = {
    Status.INVALID_ADDRESS: "The address is not an Ethereum address, or its checksum is wrong.",
    Status.HANDLE_NOT_FOUND: "No profile has this handle.",
    Status.INVALID_MESSAGE: "The signed message is malformed, or says something else than the request.",
    Status.MESSAGE_EXPIRED: "The message's time is too far from ours, or not after the last operation.",
    Status.INVALID_SIGNING_KEY: "The signing key is malformed, not registered for this address, or revoked.",
    Status.EXPIRED_SIGNING_KEY: "The signing key's registration has run out.",
    Status.INVALID_SIGNATURE: "The signature is malformed, or was not made by this key over this message.",
    Status.ALREADY_DONE: "Nothing to do: the connection is already so.",
    Status.RATE_LIMITED: "This address has used up its operations for the moment.",
    Status.SUCCESS: "The operation is in the log.",
}

_REGISTRATION_MEANINGS = {
    RegistrationStatus.INVALID_ADDRESS: "The address is not valid, or not the one that is signed in.",
    RegistrationStatus.INVALID_MESSAGE: "The authorisation text is not of the form that wallets sign here.",
    RegistrationStatus.INVALID_SIGNING_KEY: "The key is malformed, revoked, expired, or one too many.",
    RegistrationStatus.INVALID_SIGNATURE: "The wallet's signature is malformed, or another address made it.",
    RegistrationStatus.SUCCESS: "The signing key is registered for this address.",
}
