"""Text that people choose to be shown by: names, a few words, a picture."""

import base64
import re
import unicodedata

from webapp.protocol.errors import MessageError

LONGEST_NAME = 50
LONGEST_BIO = 200
LONGEST_KEY_NAME = 40
LONGEST_AVATAR_URL = 2_048

# What shows nothing, breaks lines, or turns the text around it (Unicode Standard Annex #9, section 2).
_REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Co", "Zl", "Zp"})
_REFUSED = frozenset(
    "\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)

_HTTPS = re.compile(r"https://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?(?:/[!-~]*)?")
_UNSAFE_IN_URL = re.compile(r"[\"'<>\\^`{|}]")
_DATA = re.compile(r"data:image/(?:png|jpeg|webp|gif);base64,([A-Za-z0-9+/]+={0,2})")


def parse_display_text(field: str, text: str, longest: int) -> str:
    """Read one line of text; it may be empty.

    Args:
        field: The member's name, for the error.
        text: Without lone surrogates.
        longest: How many code points it may have.

    Raises:
        MessageError: It is longer, has outer white space, or holds control characters, line breaks, or
            characters that change the direction of what is shown around it.
    """
    if len(text) > longest:
        raise MessageError(field, f"at most {longest} characters")
    if text != text.strip():
        raise MessageError(field, "text without outer white space")
    if any(
        unicodedata.category(character) in _REFUSED_CATEGORIES or character in _REFUSED for character in text
    ):
        raise MessageError(field, "text without control characters, line breaks or marks of direction")
    return text


def parse_avatar(text: str) -> str:
    """Read where a picture is: empty, an https URL, or a small picture itself as a data URL (RFC 2397).

    SVG is not among the pictures: it can hold scripts. The message's own length limits a data URL.

    Raises:
        MessageError: It is something else.
    """
    if not text or _is_https(text) or _is_data(text):
        return text
    raise MessageError(
        "avatar", "nothing, an https URL, or a PNG, JPEG, WebP or GIF picture as a base64 data URL"
    )


def _is_https(text: str) -> bool:
    if len(text) > LONGEST_AVATAR_URL or _UNSAFE_IN_URL.search(text):
        return False
    return _HTTPS.fullmatch(text) is not None


def _is_data(text: str) -> bool:
    found = _DATA.fullmatch(text)
    if found is None:
        return False
    try:
        return base64.b64encode(base64.b64decode(found[1], validate=True)).decode("ascii") == found[1]
    except ValueError:
        return False
