"""Every status a mutation can answer: the one home of these names."""

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


class RegistrationStatus(StrEnum):
    """Answers of `registerSigningKey`, in the order in which they are decided."""

    INVALID_ADDRESS = "INVALID_ADDRESS"
    INVALID_MESSAGE = "INVALID_MESSAGE"
    INVALID_SIGNING_KEY = "INVALID_SIGNING_KEY"
    INVALID_SIGNATURE = "INVALID_SIGNATURE"
    SUCCESS = "SUCCESS"


class HandleStatus(StrEnum):
    """Answers of `claimHandle` and of all that is about a handle of one's own, in the order of decision."""

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
