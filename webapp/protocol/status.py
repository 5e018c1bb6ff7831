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


class HandleStatus(StrEnum):
    """Answers of `claimHandle`, `releaseHandle` and `updateProfile`, in the order of decision."""

    INVALID_ADDRESS = "INVALID_ADDRESS"
    HANDLE_NOT_FOUND = "HANDLE_NOT_FOUND"
    INVALID_MESSAGE = "INVALID_MESSAGE"
    MESSAGE_EXPIRED = "MESSAGE_EXPIRED"
    INVALID_SIGNING_KEY = "INVALID_SIGNING_KEY"
    EXPIRED_SIGNING_KEY = "EXPIRED_SIGNING_KEY"
    INVALID_SIGNATURE = "INVALID_SIGNATURE"
    HANDLE_TAKEN = "HANDLE_TAKEN"
    ALREADY_DONE = "ALREADY_DONE"
    RATE_LIMITED = "RATE_LIMITED"
    SUCCESS = "SUCCESS"

    @property
    def meaning(self) -> str:
        """One sentence for a reader who did not write the client."""
        return _HANDLE_MEANINGS[self]


class SigningKeyStatus(StrEnum):
    """Answers of `revokeSigningKey`, `renameSigningKey` and `renewSigningKey`, in the order of decision."""

    INVALID_ADDRESS = "INVALID_ADDRESS"
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
        return _SIGNING_KEY_MEANINGS[self]


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

_HANDLE_MEANINGS = {
    HandleStatus.INVALID_ADDRESS: _MEANINGS[Status.INVALID_ADDRESS],
    HandleStatus.HANDLE_NOT_FOUND: "The handle is not a legal one, or no profile has it.",
    HandleStatus.INVALID_MESSAGE: _MEANINGS[Status.INVALID_MESSAGE],
    HandleStatus.MESSAGE_EXPIRED: _MEANINGS[Status.MESSAGE_EXPIRED],
    HandleStatus.INVALID_SIGNING_KEY: _MEANINGS[Status.INVALID_SIGNING_KEY],
    HandleStatus.EXPIRED_SIGNING_KEY: _MEANINGS[Status.EXPIRED_SIGNING_KEY],
    HandleStatus.INVALID_SIGNATURE: _MEANINGS[Status.INVALID_SIGNATURE],
    HandleStatus.HANDLE_TAKEN: "The handle is somebody else's, reserved, or held back after a release.",
    HandleStatus.ALREADY_DONE: "Nothing to do: the handle or its profile is already so.",
    HandleStatus.RATE_LIMITED: "This address has used up its operations for now, or owns enough handles.",
    HandleStatus.SUCCESS: _MEANINGS[Status.SUCCESS],
}

_SIGNING_KEY_MEANINGS = {
    SigningKeyStatus.INVALID_ADDRESS: _MEANINGS[Status.INVALID_ADDRESS],
    SigningKeyStatus.INVALID_MESSAGE: _MEANINGS[Status.INVALID_MESSAGE],
    SigningKeyStatus.MESSAGE_EXPIRED: _MEANINGS[Status.MESSAGE_EXPIRED],
    SigningKeyStatus.INVALID_SIGNING_KEY: "One of the keys is malformed, not registered here, or revoked.",
    SigningKeyStatus.EXPIRED_SIGNING_KEY: "A key that should be live has run out.",
    SigningKeyStatus.INVALID_SIGNATURE: "The signature is malformed, or somebody else made it.",
    SigningKeyStatus.ALREADY_DONE: "Nothing to do: the key is already so.",
    SigningKeyStatus.RATE_LIMITED: "This address has changed its keys too often for the moment.",
    SigningKeyStatus.SUCCESS: "The change is recorded, and holds from now on.",
}
