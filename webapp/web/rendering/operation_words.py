"""What operations are called on pages. Templates draw from here, and `/proofs` hands its script the words.

Of an operation on a handle the handle comes behind them; `{}` is who is removed, blocked or unblocked. What
only other gateways know goes by its name.
"""

_LOG = {
    "follow": "Followed",
    "unfollow": "Unfollowed",
    "claim": "Claimed",
    "release": "Gave back",
    "profile": "Changed the profile of",
    "remove": "Removed {} from the followers of",
    "block": "Blocked {} from following",
    "unblock": "Unblocked {} for",
    "revoke": "Revoked a signing key",
    "rename": "Named a signing key",
    "renew": "Renewed a signing key",
}
SENTENCE = {op: words[0].lower() + words[1:] for op, words in _LOG.items()} | {"follow": "follows"}
"""The rest of a sentence that begins with who did it; a follow holds until it is taken back."""


def log_words(op: str, name: str | None = None) -> str:
    """Say what an entry of a log did; `name` is what a key was named, empty where its name was taken away."""
    if op == "rename" and name == "":
        return "Took the name of a signing key away"
    words = _LOG.get(op, op).replace("{}", "somebody")
    return f"{words} “{name}”" if op == "rename" and name else words
