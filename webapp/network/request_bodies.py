"""What is read of a request's body: how long it may be, and how coded (RFC 9110, section 8.4)."""

MAX_BODY = 64 * 1024
"""Bytes of the largest body. All that is signed is five texts of 2,048 bytes at most, and fits with every
character escaped."""

ACCEPTED = "identity"
"""What `Accept-Encoding` says beside a 415 (section 12.5.3)."""

EXPECTED = "content-encoding: expected none, or identity"


def is_plain(content_encoding: str) -> bool:
    """Return whether a body with this `Content-Encoding` is what it says it is, byte for byte."""
    return all(coding.strip().lower() in {"", ACCEPTED} for coding in content_encoding.split(","))
