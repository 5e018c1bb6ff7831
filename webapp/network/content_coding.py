"""How a request's body is coded (RFC 9110, section 8.4): read here is what is not coded at all."""

ACCEPTED = "identity"
"""What `Accept-Encoding` says beside a 415 (section 12.5.3)."""

EXPECTED = "content-encoding: expected none, or identity"


def is_plain(content_encoding: str) -> bool:
    """Return whether a body with this `Content-Encoding` is what it says it is, byte for byte."""
    return all(coding.strip().lower() in {"", ACCEPTED} for coding in content_encoding.split(","))
