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

# Default_Ignorable_Code_Point: shown as nothing where a font does not know better (Unicode 16.0,
# DerivedCoreProperties.txt; 4,174 code points, those reserved for more of them included).
_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Letters, marks and symbols by their category, and yet blank: Braille without dots, a place for an object, a
# note without a head, a filler of the Khitan script, Egyptian blanks.
_BLANK = frozenset("\u2800\ufffc\U0001d159\U00016fe4\U00013441\U00013442")
_SEEN = frozenset("LNPS")

_ZWNJ, _ZWJ = "\u200c", "\u200d"
_VIRAMA = 9
"""The combining class of what kills a vowel in Indic scripts."""
_CURSIVE = re.compile(
    "[\u0620-\u077f\u07ca-\u07ea\u0840-\u08c9\u1807\u1820-\u18aa\ua840-\ua873\ufb50-\ufdff\ufe70-\ufefc"
    "\U00010ac0-\U00010ae4\U00010b80-\U00010b91\U00010d00-\U00010d23\U00010f30-\U00010f54\U0001e900-\U0001e943]"
)
"""The blocks of scripts whose letters join: Arabic, Syriac, N'Ko, Mongolian, Adlam and others."""
_IDEOGRAPH = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_OF_IDEOGRAPHS = re.compile("[\ufe00-\ufe02\U000e0100-\U000e01ef]")
_MONGOLIAN = re.compile("[\u1820-\u18aa]")
_OF_MONGOLIAN = re.compile("[\u180b-\u180d\u180f]")
_TEXT_OR_PICTURE = frozenset("\ufe0e\ufe0f")
_PICTURES = re.compile("[\u203c\u2049\u2139\u3030\U0001f000-\U0001faff]")
"""Emoji that are no symbols by their category, and where the next ones will be."""
_KEYCAP = re.compile("[0-9#*]\ufe0f\u20e3")
_FLAG_OF_A_REGION = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f")

_HTTPS = re.compile(r"https://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?(?:/[!-~]*)?")
_UNSAFE_IN_URL = re.compile(r"[\"'<>\\^`{|}]")
_DATA = re.compile(r"data:image/(?:png|jpeg|webp|gif);base64,([A-Za-z0-9+/]+={0,2})")


def parse_display_text(field: str, text: str, longest: int) -> str:
    """Read one line of at most `longest` code points, without lone surrogates; it may be empty.

    Raises `MessageError` for outer white space, control characters, line breaks, and characters that change
    the direction of the text around them.
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


def is_visible(text: str) -> bool:
    """Return whether something of a text is seen, and nothing is in it that is not; of an empty text too.

    Nothing in it is a format character, ignorable or a blank that looks like a letter; but for what its
    neighbours need to be themselves:

    - ZWNJ between letters that join, ZWNJ and ZWJ beside a virama (as in RFC 5892, appendix A), ZWJ between
      emoji;
    - a variation selector after the emoji, ideograph or Mongolian letter that it belongs to;
    - the tags of a region's flag (UTS #51, which has the emoji as well).

    Messages in the log are older than this rule, so that only decisions ask, and no reader.
    """
    text = _FLAG_OF_A_REGION.sub("\U0001f3f4", _KEYCAP.sub("0", text))
    seen = not text
    for at, character in enumerate(text):
        if character in _BLANK:
            return False
        category = unicodedata.category(character)
        if _IGNORABLE.match(character) or category == "Cf":
            if not _is_needed(character, text[:at], text[at + 1 :]):
                return False
        elif category[0] in _SEEN or _PICTURES.match(character):  # an emoji can be newer than our categories
            seen = True
    return seen


def _is_needed(character: str, before: str, after: str) -> bool:
    """Whether an ignorable character is one that its neighbours look otherwise without."""
    previous, following = before[-1:], after[:1]
    if not previous:
        return False
    if character in _TEXT_OR_PICTURE:
        return _is_picture(previous)
    if character in (_ZWNJ, _ZWJ) and unicodedata.combining(previous) == _VIRAMA:
        return True
    if character == _ZWNJ:
        letter = next((each for each in reversed(before) if unicodedata.category(each) != "Mn"), "")
        return _joins(letter) and _joins(following)
    if character == _ZWJ:
        if following and unicodedata.combining(following) == _VIRAMA:
            return unicodedata.category(previous) == "Lo"
        return _is_picture(before.rstrip("\ufe0f")[-1:]) and _is_picture(following)
    if _OF_IDEOGRAPHS.match(character):
        return _IDEOGRAPH.match(previous) is not None
    return _OF_MONGOLIAN.match(character) is not None and _MONGOLIAN.match(previous) is not None


def _is_picture(character: str) -> bool:
    """Whether it can be an emoji: any symbol from the arrows on, so that no list of them grows old."""
    if not character or _PICTURES.match(character):
        return character != ""
    category = unicodedata.category(character)
    return category == "So" or (category == "Sm" and character >= "\u2190")


def _joins(character: str) -> bool:
    return _CURSIVE.match(character) is not None and unicodedata.category(character)[0] == "L"


def parse_avatar(text: str) -> str:
    """Read where a picture is: empty, an https URL, or a small picture itself as a data URL (RFC 2397).

    SVG is not among the pictures: it can hold scripts. The message's own length limits a data URL. Raises
    `MessageError` for anything else.
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
