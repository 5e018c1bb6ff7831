"""Generators of hostile texts: like what is right, and wrong somewhere. One seed gives one sequence."""

import base64
import json
import unicodedata
from random import Random
from typing import TYPE_CHECKING

from tests.support.people import NOW, Device, Person, Wallet
from tests.support.protocol.chains import other_half
from webapp.protocol.authorization import ORDER as WALLET_ORDER
from webapp.protocol.signing_key import ORDER

if TYPE_CHECKING:
    from collections.abc import Callable

ALICE = Person("alice")
ADDRESSES = (
    ALICE.address,
    ALICE.address.lower(),
    "0x" + ALICE.address[2:].upper(),
    ALICE.address.swapcase().replace("0X", "0x"),
    ALICE.address.replace("0x", "0X"),
    ALICE.address[:-1],
    ALICE.address + "0",
    " " + ALICE.address,
    ALICE.address + "\n",
    "0x" + "0" * 40,
    "\uff10" + ALICE.address[1:],
    Wallet("bob").address,
    "",
)
HANDLES = (
    "shiyu",
    "a",
    "0_-",
    "a" * 20,
    "a" * 21,
    "Shiyu",
    "@shiyu",
    "shiyu.cc",
    "sh\u0456yu",
    "shi\u200byu",
    "shiyu\n",
    " shiyu",
    "_shiyu",
    "-",
    "",
    "\uff53hiyu",
    "\U0001f600",
    "\ud800",
    "shiyu\x00",
)
OPS = (
    "follow",
    "unfollow",
    "Follow",
    "follow ",
    "claim",
    "release",
    "profile",
    "revoke",
    "rename",
    "",
    "\ud83d",
)
NUMBERS = (
    str(NOW),
    f'"{NOW}"',
    f'"{NOW} "',
    f'"{NOW}0"',
    f'"{NOW // 10}"',
    f"{NOW}.0",
    "1.79546e12",
    "1E400",
    "-1E400",
    "NaN",
    "Infinity",
    "-Infinity",
    "true",
    "false",
    "null",
    "0",
    "-0",
    "-1",
    "01",
    "+1",
    "0x1A",
    ".5",
    "1.",
    "1_0",
    '"\uff11\uff17\uff19\uff15\uff14\uff16\uff10\uff10\uff10\uff10\uff10\uff10\uff10"',
    '"-179546000000"',
    str(2**53 + 1),
    str(2**63 - 1),
    str(2**63),
    str(-(2**63)),
    str(-(2**63) - 1),
    "9" * 19,
    "9" * 20,
    "9" * 900,
    "[]",
    "{}",
    f"[{NOW}]",
    '{"ts":1}',
)
OTHERS = ('"x"', "1", "1.5", "null", "[]", "{}", '{"op":"follow"}', "NaN", '""', "[" * 40 + "]" * 40)
SPACES = ("", "", "", " ", "\t", "\n", "\r\n", "  ", "\x0b", "\u00a0", "\ufeff", "\x00", "\u2028")


def _quoted(dice: Random, text: str) -> str:
    """A JSON string: plain, or with characters escaped that need not be."""
    if dice.random() < 0.7:
        return json.dumps(text, ensure_ascii=dice.random() < 0.5)
    escaped = "".join(
        f"\\u{ord(c):04{dice.choice('xX')}}"
        if ord(c) < 0x10000 and dice.random() < 0.5
        else json.dumps(c)[1:-1]
        for c in text
    )
    return f'"{escaped}"'


def _damaged(dice: Random, text: str) -> str:
    """A few characters dropped, doubled, changed or put in."""
    for _ in range(dice.choice((1, 1, 1, 2, 5))):
        at = dice.randrange(len(text) + 1)
        new = chr(dice.choice((dice.randrange(128), dice.randrange(0x250), dice.randrange(0x110000))))
        how = dice.randrange(4)
        text = text[:at] + ("", text[at : at + 1] * 2, new, new + text[at : at + 1])[how] + text[at + 1 :]
    return text


_Members = list[tuple[str, str]]
"""Names and values of an object, as JSON."""


def _twice(dice: Random, members: _Members) -> None:
    members.insert(dice.randrange(5), members[dice.randrange(4)])


def _twice_otherwise(dice: Random, members: _Members) -> None:
    name = json.loads(members[dice.randrange(4)][0])
    members.insert(dice.randrange(5), (_quoted(dice, name), dice.choice(OTHERS)))


def _one_more(dice: Random, members: _Members) -> None:
    name = dice.choice(("x", "Op", "ts ", "", "__proto__"))
    members.insert(dice.randrange(5), (_quoted(dice, name), "1"))


def _one_less(dice: Random, members: _Members) -> None:
    del members[dice.randrange(4)]


def _of_another_type(dice: Random, members: _Members) -> None:
    at = dice.randrange(4)
    members[at] = members[at][0], dice.choice(OTHERS)


_TWISTS = (_twice, _twice_otherwise, _one_more, _one_less, _of_another_type)


def _followed(dice: Random, text: str) -> str:
    return text + dice.choice((",", "}", "null", "{}", "//", "\x00", text))


def _as_long_as_may_be(dice: Random, text: str) -> str:
    fill = dice.choice((" ", "\u00e9", "\u2028", "\U0001f600")) * dice.randrange(4)
    return text[:-1] + " " * (1020 - len(text.encode("utf-8", "surrogatepass"))) + fill + "}"


def _another(dice: Random, text: str) -> str:
    others = "[" * 300, '{"op":' * 150, "9" * 1000, "\ufeff" + text, text[:-1], "", f"[{text}]"
    return dice.choice(others)


def _far_too_long(dice: Random, text: str) -> str:
    return text + " " * dice.randrange(1000, 60_000)


_TURNS = (_followed, _as_long_as_may_be, _another, _far_too_long)


def message(dice: Random) -> str:
    """A text for a device key to sign: about a third are follows and unfollows as they should be."""
    right = dice.random() < 0.5
    members = [
        ("op", _quoted(dice, dice.choice(OPS[:2] if right else OPS))),
        ("address", _quoted(dice, dice.choice(ADDRESSES[:3] if right else ADDRESSES))),
        ("handle", _quoted(dice, dice.choice(HANDLES[:5] if right else HANDLES))),
        ("ts", dice.choice(NUMBERS[:2]) if right else dice.choice(NUMBERS)),
    ]
    if dice.random() < 0.3:
        dice.shuffle(members)
    written = [(_quoted(dice, name), value) for name, value in members]
    if dice.random() < 0.12:
        dice.choice(_TWISTS)(dice, written)
    spaces = SPACES[:8] if dice.random() < 0.9 else SPACES

    def space() -> str:
        return dice.choice(spaces) if dice.random() < 0.2 else ""

    between = f"{space()},{space()}"
    text = "{" + space() + between.join(f"{n}{space()}:{space()}{v}" for n, v in written) + space() + "}"
    text = space() + text + space()
    if dice.random() < 0.07:
        text = dice.choice(_TURNS)(dice, text)
    return _damaged(dice, text) if dice.random() < 0.25 else text


def handle(dice: Random) -> str:
    """A handle, or nearly one."""
    base = (
        dice.choice(HANDLES)
        if dice.random() < 0.5
        else "".join(dice.choices("abcxyz019_-A.@ \u00e9\u0430", k=dice.randrange(24)))
    )
    return _damaged(dice, base) if dice.random() < 0.5 else base


def address(dice: Random) -> str:
    """An address, or nearly one; about half are right."""
    digits = dice.randbytes(20).hex()
    text = dice.choice((digits, digits.upper(), "".join(dice.choice((c, c.upper())) for c in digits)))
    known = dice.choice(ADDRESSES) if dice.random() < 0.3 else "0x" + text
    return _damaged(dice, known) if dice.random() < 0.3 else known


_INVISIBLE = "\u0600\ufff9\U00013430"
_INVISIBLE += (
    "\u200b\u200c\u200d\u3164\u2800\u115f\u00ad\ufe0f\ufe0e\u2060\U000e0067\U000e007f\u034f\ufffc\u180b"
)
_SEEN = "aZ\u00eb1 \u4e2d\u845b\u0645\u06cc\u0915\u094d\U0001f600\u2764\U0001f3f4#\u0301\u1820\u20e3"


def display_text(dice: Random) -> str:
    """A name, of letters and of what is not seen."""
    pool = _SEEN + (_INVISIBLE if dice.random() < 0.6 else "")
    return "".join(
        _anything(dice) if dice.random() < 0.1 else dice.choice(pool) for _ in range(dice.randrange(8))
    )


def _anything(dice: Random) -> str:
    """Any character that this interpreter's Unicode has: another engine's may be newer."""
    character = chr(dice.choice((dice.randrange(0x3000), dice.randrange(0xE000, 0x110000))))
    return "a" if unicodedata.category(character) == "Cn" else character


_KEYS = tuple(Device(str(number)).signing_key for number in range(8))


def _another_bit(dice: Random, spki: bytes) -> bytes:
    at = dice.randrange(len(spki))
    return spki[:at] + bytes([spki[at] ^ 1 << dice.randrange(8)]) + spki[at + 1 :]


def _another_header(dice: Random, spki: bytes) -> bytes:
    at = dice.randrange(27)
    return spki[:at] + dice.randbytes(1) + spki[at + 1 :]


def _another_point(dice: Random, spki: bytes) -> bytes:
    forms = dice.randbytes(64), spki[27:][::-1], bytes(64), b"\xff" * 64
    return spki[:27] + dice.choice(forms)


def _another_form(dice: Random, spki: bytes) -> bytes:
    """Compressed, hybrid, at infinity."""
    forms = bytes([2 + spki[-1] % 2]) + spki[27:59], b"\x06" + spki[27:], b"\x07" + spki[27:], b"\x00"
    return spki[:26] + dice.choice(forms)


def _another_length(dice: Random, spki: bytes) -> bytes:
    return dice.choice((spki[: dice.randrange(len(spki))], spki + dice.randbytes(dice.randrange(1, 4))))


_OF_KEYS = (_another_bit, _another_header, _another_point, _another_form, _another_length)


def _loose_base64(dice: Random, text: str) -> str:
    at = dice.randrange(len(text)) if text else 0
    end = max(len(text.rstrip("=")) - 1, 0)
    forms = (
        text.replace("+", "-").replace("/", "_"),
        text.rstrip("="),
        text[:at] + dice.choice((" ", "\n", "=", "\u00e9")) + text[at:],
        text[:end] + dice.choice("ABCDwxyz+/") + text[end + 1 :],  # bits that it does not need
    )
    return dice.choice(forms)


def key(dice: Random) -> str:
    """A device key, or nearly one: other bytes, other lengths, other base64."""
    spki = base64.b64decode(dice.choice(_KEYS))
    if dice.random() < 0.6:
        spki = dice.choice(_OF_KEYS)(dice, spki)
    text = base64.b64encode(spki).decode()
    return _loose_base64(dice, text) if dice.random() < 0.3 else text


def _hex(*numbers: int) -> str:
    return "0x" + "".join(f"{number % 2**256:064x}" for number in numbers)


def signature(dice: Random, right: str) -> str:
    """A device's signature, or nearly one."""
    r, s = int(right[2:66], 16), int(right[66:], 16)
    edges = (0, 1, ORDER - 1, ORDER, ORDER + 1, 2**256 - 1, r, s, ORDER - r, ORDER - s)
    choices: tuple[Callable[[], str], ...] = (
        lambda: right,
        lambda: other_half(right),
        lambda: dice.choice((right, other_half(right))).upper().replace("0X", "0x"),
        lambda: _hex(dice.choice(edges), dice.choice(edges)),
        lambda: _hex(r ^ 1 << dice.randrange(256), s),
        lambda: _hex(r, s ^ 1 << dice.randrange(256)),
        lambda: _hex(r + ORDER, s) if r + ORDER < 2**256 else _hex(s, r),
        lambda: right + dice.choice(("1b", "00", "0", " ", "\n")),
        lambda: right[: dice.randrange(len(right))],
        lambda: right.replace("0x", dice.choice(("0X", "", "0x0x", "\\x"))),
        lambda: _damaged(dice, right),
        lambda: "0x" + dice.randbytes(dice.choice((64, 63, 65, 0, 70, 32))).hex(),
    )
    return dice.choice(choices)()


def wallet_signature(dice: Random, right: str) -> str:
    """A wallet's signature, or nearly one."""
    r, s, v = int(right[2:66], 16), int(right[66:130], 16), int(right[130:], 16)
    twin = f"{right[:66]}{WALLET_ORDER - s:064x}{55 - v:02x}"
    edges = (0, 1, WALLET_ORDER - 1, WALLET_ORDER, 2**256 - 1, r, s)
    choices: tuple[Callable[[], str], ...] = (
        lambda: right,
        lambda: twin,
        lambda: right[:130] + f"{v - 27:02x}",
        lambda: right[:130] + dice.choice(("1a", "1d", "1b", "1c", "02", "25", "26", "ff")),
        lambda: _hex(dice.choice(edges), dice.choice(edges)) + dice.choice(("1b", "1c", "00", "01")),
        lambda: _hex(r ^ 1 << dice.randrange(256), s) + right[130:],
        lambda: right[: dice.randrange(len(right))],
        lambda: right + dice.choice(("00", "0", "\n")),
        lambda: _damaged(dice, right),
        lambda: "0x" + dice.randbytes(dice.choice((65, 64, 66, 0, 200))).hex(),
    )
    return dice.choice(choices)()


def login_text(dice: Random, right: str) -> str:
    """A sign-in text, or nearly one: lines dropped, doubled, moved, added, and damage anywhere."""
    lines = right.split("\n")
    twist = dice.randrange(8)
    at = dice.randrange(len(lines))
    if twist == 0:
        del lines[at]
    elif twist == 1:
        lines.insert(at, lines[dice.randrange(len(lines))])
    elif twist == 2:
        dice.shuffle(lines)
    elif twist == 3:
        more = (
            "Request ID: ",
            "Request ID: 1",
            "Not Before: 2026-01-01T00:00:00Z",
            "Resources:\n- javascript:1",
            "",
        )
        lines.insert(dice.randrange(len(lines) + 1), dice.choice(more))
    elif twist == 4:
        lines[at] = _damaged(dice, lines[at])
    elif twist == 5:
        lines[at] += dice.choice(("\r", " ", "\t", "\u2028", "0", "/"))
    elif twist == 6:
        lines[at] = lines[at].replace(":", dice.choice((" :", ":  ", "\uff1a")), 1)
    return "\n".join(lines)


def body(dice: Random, right: bytes) -> bytes:
    """A GraphQL request, or nearly one: damaged, repeated, nested, and made of other things."""
    text = right.decode()
    deep = dice.choice((10, 100, 1_000, 5_000))
    choices: tuple[Callable[[], str], ...] = (
        lambda: text,
        lambda: _damaged(dice, text),
        lambda: _damaged(dice, _damaged(dice, text)),
        lambda: text[: dice.randrange(len(text))],
        lambda: f"[{text}]",
        lambda: f"[{','.join([text] * dice.randrange(1, 5))}]",
        lambda: text.replace(
            '"variables"', dice.choice(('"variables": {}, "variables"', '"Variables"', '"extensions"'))
        ),
        lambda: json.dumps({"query": "{" + "a{" * deep}),
        lambda: json.dumps({"query": "query(" + "[" * deep}),
        lambda: json.dumps({"query": "{ " + "x: __typename " * deep + "}"}),
        lambda: json.dumps({"query": "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"}),
        lambda: json.dumps(
            {"query": '{ address(address: "' + dice.choice(ADDRESSES) + '") { followingCount } }'}
        ),
        lambda: json.dumps({"query": "#" * deep + "\n{ __typename }"}),
        lambda: json.dumps({"query": '{ a(b: """' + '\\"""' * deep + "}"}),
        lambda: json.dumps({"query": "{ profileByHandle(handle: " + "9" * deep + ") { handle } }"}),
        lambda: json.dumps(
            {"query": dice.choice((None, 1, [], {}, "", "{", "subscription { a }", "\ud800"))}
        ),
        lambda: json.dumps(
            {"query": "{ __typename }", "variables": dice.choice(([], 1, "x", None, {"\ud800": 1}))}
        ),
        lambda: json.dumps({"query": "{ __typename }", "operationName": dice.choice((1, "x", None, [], ""))}),
        lambda: "{" + '"a":' * deep,
        lambda: "[" * deep * 5,
        lambda: json.dumps(
            json.loads(text) | {"variables": {"input": dice.choice((None, [], 1, "x", {"a": 1}))}}
        ),
        lambda: _with_field(dice, text),
        lambda: _with_field(dice, text),
        lambda: _with_field(dice, text),
    )
    written = dice.choice(choices)().encode("utf-8", "surrogatepass")
    if dice.random() < 0.1:
        at = dice.randrange(len(written) + 1)
        written = (
            written[:at] + dice.choice((b"\xff", b"\x00", b"\xef\xbb\xbf", b"\xed\xa0\x80")) + written[at:]
        )
    return written


def _with_field(dice: Random, text: str) -> str:
    """One field of the input is another."""
    content = json.loads(text)
    given = content["variables"]["input"]
    name = dice.choice(list(given))
    others: dict[str, Callable[[], object]] = {
        "address": lambda: dice.choice(ADDRESSES),
        "handle": lambda: handle(dice),
        "message": lambda: message(dice),
        "signature": lambda: signature(dice, given["signature"]),
        "signingKey": lambda: key(dice),
    }
    given[name] = dice.choice((None, 1, [], {}, "")) if dice.random() < 0.1 else others[name]()
    return json.dumps(content)
