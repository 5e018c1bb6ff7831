"""`tests/vectors/proof-files.json`: files of proofs and the verdict on each, for Python and TypeScript alike.

`python -m tests.support.protocol.proof_files` writes it: what the tests of `webapp/protocol/proofs` give to
`verify_file`, and the cases of `named`.
"""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import pytest

from tests.support.people import Device, Person
from tests.support.places import ROOT
from tests.support.protocol.chains import (
    ALL_KINDS,
    chain_of,
    handle_chain_of,
    key_chain_of,
    key_line_of,
    line_of,
    renumbered,
)
from tests.support.protocol.vectors import load
from webapp.commands.verdicts import as_json
from webapp.protocol.proofs import proof_file

FILE = "proof-files.json"
NOTE = (
    "Files of proofs, and what `countersign verify --json` says of each; made by tests/support/protocol/"
    "proof_files.py. bytes: the file, a character a byte (ISO 8859-1). like: the bytes of that earlier case, "
    "with `bytes` in place of those from `from` up to `to`."
)
_LONGEST = 16 * 1024
_MOST = 30
"""Cases of one test: where a test has more, as those that change every byte have, some of each outcome."""


@dataclass(frozen=True)
class Case:
    """A file, and what is said of it."""

    name: str
    content: bytes
    said: dict[str, Any]


def said_of(content: bytes) -> dict[str, Any]:
    """What has to be the same in every language: the words of `expected` need not be."""
    said = as_json(proof_file.verify_file(io.BytesIO(content)))
    return {
        name: said[name]
        for name in ("verdict", "form", "entries", "notShown", "proof", "step", "field", "isValidSignature")
        if name in said
    }


def read_cases() -> Iterator[Case]:
    """The cases of the file."""
    contents: list[bytes] = []
    for case in load(FILE)["cases"]:
        content = case["bytes"].encode("latin-1")
        if "like" in case:
            like = contents[case["like"]]
            content = like[: case["from"]] + content + like[case["to"] :]
        contents.append(content)
        yield Case(case["name"], content, case["said"])


def named() -> dict[str, bytes]:
    """Files that every reader of proofs should be asked about, by what they are."""
    alice, laptop = Person("alice"), Device("laptop")
    follows, handles = chain_of(alice, "shiyu", 3), handle_chain_of(alice, "claim", "profile", "release")
    keys = key_chain_of(alice, *ALL_KINDS)
    lines = [line_of(proof, json.loads(proof["content"])["op"], "shiyu") for proof in follows]
    auth = follows[0]["signingKeyAuth"]
    vouched = {
        "a contract's": "0x" + "ab" * 97,
        "an undeployed contract's (ERC-6492)": "0x" + "00" * 96 + "6492" * 16,
        "an empty": "0x",
        "another wallet's": Person("bob").wallet.sign(auth["message"]),
    }
    files: dict[str, object] = {
        "a follow": follows[0],
        "an unfollow": follows[1],
        **dict(zip(("a claim", "a profile", "a release"), handles, strict=True)),
        **{
            f"a key operation, {json.loads(proof['content'])['op']} {number}": proof
            for number, proof in enumerate(keys)
        },
        **{
            f"{whose} signature of the authorisation": renumbered(
                [follows[0] | {"signingKeyAuth": auth | {"signature": signature}}]
            )[0]
            for whose, signature in vouched.items()
        },
        "a contract's signature of a key operation's authorisation": renumbered(
            [keys[0] | {"signingKeyAuth": keys[0]["signingKeyAuth"] | {"signature": "0xab"}}]
        )[0],
        "a contract's signature of the authorisation of another key": follows[0]
        | {"signingKey": laptop.signing_key, "signingKeyAuth": auth | {"signature": "0xab"}},
        "a later line of an export by itself": lines[1],
        "a later proof, and what it says beside it": {
            name: member for name, member in lines[1].items() if name != "sequence"
        },
        "an entry asked for by its digest": {"data": {"proof": {"operation": {"proof": follows[1]}}}},
        "another entry asked for by its digest": {
            "data": {
                "proof": {"__typename": "LogEntry", "operation": None, "keyOperation": {"proof": keys[0]}}
            }
        },
        "no entry found by its digest": {"data": {"proof": {"operation": None, "keyOperation": None}}},
        "an entry asked for beside an address": {
            "data": {"proof": {"address": alice.address, "operation": {"proof": follows[1]}}}
        },
        "an export with a gap": b"".join(json.dumps(line).encode() + b"\n" for line in (lines[0], lines[2])),
        "an export": b"".join(
            json.dumps(line).encode() + b"\n" for line in (*lines, *map(key_line_of, keys))
        ),
        "an export whose middle line is cut": b"\n".join(
            json.dumps(line).encode()[: 99 if line is lines[1] else None] for line in lines
        ),
        "a reply with several lists": {
            "data": {
                "address": {
                    "operations": {"edges": [{"node": {"proof": proof}} for proof in reversed(follows)]},
                    "handles": {"edges": [{"node": {"proof": proof}} for proof in reversed(handles)]},
                    "keyOperations": {"edges": [{"node": {"proof": proof}} for proof in reversed(keys)]},
                }
            }
        },
        "a message by itself": follows[0]["content"].encode(),
        "a message about a key by itself": keys[0]["content"].encode(),
        "prose": b"I authorize Countersign",
    }
    broken: dict[str, tuple[str, ...]] = {
        "the address": ("signingKeyAuth", "address"),
        "the authorisation text": ("signingKeyAuth", "message"),
        "the wallet's signature": ("signingKeyAuth", "signature"),
    }
    broken |= {
        name: (name,)
        for name in ("content", "signature", "signingKey", "digest", "previousDigest", "entryDigest")
    }
    for name, path in broken.items():
        files |= {
            f"a byte of {name} changed, {place}": _changed(follows[1], path, place) for place in (3, 40, -1)
        }
    files |= {f"sequence {number}": follows[1] | {"sequence": number} for number in (1, 3, 2**63 - 1, 2**63)}
    for case in load("proofs.json")["single"]:
        files[f"a single proof, {case['name']}"] = (
            load("proof-v1.json")["proofs"][case["proof"]] | case["set"]
        )
    return {
        name: content if isinstance(content, bytes) else json.dumps(content).encode()
        for name, content in files.items()
    }


def _changed(value: dict[str, Any], path: tuple[str, ...], place: int) -> dict[str, Any]:
    """Change a character of a member; of one that is shorter, the last."""
    name, *rest = path
    if rest:
        return value | {name: _changed(value[name], tuple(rest), place)}
    text = value[name]
    place = min(place % len(text), len(text) - 1)
    other = "1" if text[place] != "1" else "2"
    return value | {name: text[:place] + other + text[place + 1 :]}


class _Recorder:
    """A plugin of pytest that keeps what tests give to `verify_file`."""

    def __init__(self) -> None:
        self.given: dict[str, list[bytes]] = {}
        self._test: str | None = None

    def pytest_runtest_call(self, item: pytest.Item) -> None:
        made_up = hasattr(getattr(item, "obj", None), "hypothesis")
        self._test = None if made_up else item.nodeid.rpartition("/")[2]

    def take(self, content: bytes) -> None:
        if self._test is not None and len(content) <= _LONGEST:
            self.given.setdefault(self._test, []).append(content)


def _recorded() -> dict[str, list[bytes]]:
    """What the tests give to `verify_file`, by test."""
    recorder, original = _Recorder(), proof_file._FileVerifier.verify

    def recording(self: Any, file: BinaryIO) -> Any:
        content = file.read()
        recorder.take(content)
        return original(self, io.BytesIO(content))

    folder = ROOT / "tests" / "protocol" / "proofs"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(proof_file._FileVerifier, "verify", recording)
        options = ["-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
        ignored = f"--ignore={folder / 'test_browser_cases.py'}"  # which reads the file that is to be made
        code = pytest.main([*options, ignored, str(folder)], plugins=[recorder])
    if code != 0:
        raise SystemExit(code)
    return recorder.given


def _thinned(contents: list[bytes]) -> list[bytes]:
    """The first, one of each step and member that can be at fault, and of the rest some from everywhere."""
    if len(contents) <= _MOST:
        return contents
    by_fault: dict[object, bytes] = {}
    for content in contents[1::5]:
        said = said_of(content)
        by_fault.setdefault((said.get("step"), said.get("step") != "reading" and said.get("field")), content)
    chosen = {contents[0]: None, **dict.fromkeys(by_fault.values())}
    return list(chosen | dict.fromkeys(contents[:: len(contents) // _MOST]))


def _written(name: str, content: bytes, contents: list[bytes]) -> dict[str, object]:
    """A case as the file has it: by its difference from an earlier one where that is shorter."""
    case: dict[str, object] = {"name": name, "bytes": content.decode("latin-1")}
    # Few are like each other but for those of one test, which stand together.
    for number, like in list(enumerate(contents))[-2 * _MOST :]:
        start = _alike(like, content)
        end = _alike(like[start:][::-1], content[start:][::-1])
        put = content[start : len(content) - end].decode("latin-1")
        if len(put) + 60 < len(str(case["bytes"])):
            case = {"name": name, "like": number, "from": start, "to": len(like) - end, "bytes": put}
    return case | {"said": said_of(content)}


def _alike(one: bytes, other: bytes) -> int:
    """How many bytes two begin with alike."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def main() -> None:
    """Write the file."""
    files = named() | {
        f"{test} {number}": content
        for test, contents in _recorded().items()
        for number, content in enumerate(_thinned(list(dict.fromkeys(contents))))
    }
    once = {content: name for name, content in reversed(files.items())}
    cases, contents = [], list[bytes]()
    for content, name in reversed(once.items()):
        cases.append(_written(name, content, contents))
        contents.append(content)
    text = json.dumps({"note": NOTE, "cases": cases}, indent=1)
    (ROOT / "tests" / "vectors" / FILE).write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
