"""Where in a file the proofs are: the shapes that are accepted, and nothing else.

- a proof: the JSON of the API's `proof` field, bare or as the member `proof` of an object that may also claim
  what the proof says (`address`, `handle` or `signingKey`, `op`, `sequence`, `ts`);
- a chain: a list of proofs of one log, oldest first, bare or as the member `proofs` beside a `note`;
- a log: JSON Lines (or a list) of objects `{address, handle | signingKey, sequence, op, proof}`, entries of
  many logs, each log's oldest first;
- what the API answers: an edge, a list of edges, a connection, a whole reply; each connection newest first,
  and an entry that was asked for by its digest under `operation` or `keyOperation`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, TypeAlias

from webapp.protocol.errors import ProofError
from webapp.protocol.proofs.json_text import read_json
from webapp.protocol.proofs.members import TYPE_NAME, printable, read_object
from webapp.protocol.proofs.proof import KEY_PROOF_MEMBERS, PROOF_MEMBERS, AnyProof, parse_proof

_CLAIMS = frozenset({"address", "handle", "signingKey", "op", "sequence", "ts"})
_LINE = frozenset({"address", "sequence", "op", "proof"})
_LINES = (_LINE | {"handle"}, _LINE | {"signingKey"})
_LISTS = ("Follow", "Block", "Operation", "KeyOperation")
_PAGE_INFO = frozenset({"hasNextPage", "hasPreviousPage", "startCursor", "endCursor"})
_ON_THE_WAY = ("Query", "Address", "Profile", "Wallet", "LogEntry")
_ENTRIES = frozenset({"operation", "keyOperation"})
_DEEPEST = 8
_WHAT = (
    "the API's `proof` object with all its members; or a list, an edge, a connection or a whole reply"
    " that holds it"
)

Claims: TypeAlias = tuple[tuple[str, object], ...]
"""Names and values that stand beside a proof."""
Contents: TypeAlias = tuple["Form", Iterator[Iterable["Place"]]]
"""What a file holds, and where its proofs are: of the form REPLY on several pages, of any other on one."""


class Form(StrEnum):
    """What a file holds."""

    PROOF = "proof"  # one by itself: the entry before it, if any, is known by its claimed digest alone
    CHAIN = "chain"  # all entries of one log from the first on
    LOG = "log"  # entries of any number of logs, each log's from its first on
    REPLY = "reply"  # pages of entries as the API lists them: each newest first, down to any entry


@dataclass(frozen=True, slots=True)
class Place:
    """Where a proof is, not yet read: its JSON, or an object around it; and what is claimed further out."""

    value: object
    claims: Claims = ()

    def read(self) -> tuple[AnyProof, Claims]:
        """Read the proof and all that is claimed beside it, or raise a `ProofError`."""
        value = self.value
        if not isinstance(value, dict):
            raise ProofError("proof", "an object")
        if "proof" not in value:
            if value.keys().isdisjoint(PROOF_MEMBERS | KEY_PROOF_MEMBERS):
                raise ProofError("proof", _WHAT)
            return parse_proof(value), self.claims
        unknown = value.keys() - _CLAIMS - {"proof", TYPE_NAME}
        if unknown:
            raise ProofError(
                printable(min(unknown)), f"no member beside proof but {', '.join(sorted(_CLAIMS))}"
            )
        beside = tuple((name, member) for name, member in value.items() if name != "proof")
        return parse_proof(value["proof"]), (*self.claims, *beside)


def read_contents(file: BinaryIO) -> Contents:
    """Find the proofs of a file; JSON Lines are read as they are asked for.

    Raises `ProofError` for another shape, while iterating over pages and places, too.
    """
    value, lines = read_json(file)
    if lines is not None:
        return Form.LOG, iter((map(Place, lines),))
    if isinstance(value, dict) and "proof" not in value:
        if "proofs" in value:
            return _listed(_noted(value))
        if "data" in value:
            return Form.REPLY, _reply(value)
        if "edges" in value:
            return Form.REPLY, iter((_connection(value, ()),))
        if "node" in value:
            return Form.REPLY, iter(([_edge(value, ())],))
    if isinstance(value, list):
        return _listed(value)
    form = Form.LOG if isinstance(value, dict) and value.keys() - {TYPE_NAME} in _LINES else Form.PROOF
    return form, iter(([Place(value)],))


def _noted(value: object) -> list[object]:
    members = read_object("file", value, frozenset({"proofs", "note"}))
    proofs = members["proofs"]
    if not isinstance(members.get("note", ""), str):
        raise ProofError("note", "a string")
    if not isinstance(proofs, list):
        raise ProofError("proofs", "a list")
    return proofs


def _listed(values: list[object]) -> Contents:
    objects = [value for value in values if isinstance(value, dict)]
    if values and all("node" in value for value in objects) and len(objects) == len(values):
        return Form.REPLY, iter(([_edge(value, ()) for value in values],))
    lines = [value for value in objects if {"proof", "sequence"} <= value.keys()]
    form = Form.LOG if values and len(lines) == len(values) else Form.CHAIN
    return form, iter((map(Place, values),))


# --- what the API answers -----------------------------------------------------------------------------------


def _reply(value: dict[str, object]) -> Iterator[list[Place]]:
    members = value.keys() - {"data"}
    if members:
        expected = "a reply that has `data` and nothing else, no errors either"
        raise ProofError(printable(min(members)), expected)
    return _on_the_way("data", value["data"], _DEEPEST)


def _on_the_way(field: str, value: object, deepest: int) -> Iterator[list[Place]]:
    """Follow a reply down to its proofs. What leads nowhere is refused: nobody would check it."""
    if deepest == 0:
        raise ProofError(printable(field), "proofs that lie less deep")
    if isinstance(value, list):
        for item in value:
            yield from _on_the_way(field, item, deepest - 1)
        return
    if not isinstance(value, dict):
        raise ProofError(printable(field), "nothing in a reply but proofs, and what they say")
    named = value.get(TYPE_NAME, "Query")
    if named not in _ON_THE_WAY:
        raise ProofError(TYPE_NAME, "the type of an object that leads to proofs")
    claims = tuple(
        (name, member)
        for name, member in value.items()
        if name in {"address", "handle"} and isinstance(member, str)
    )
    ways = {name: value[name] for name in value.keys() - dict(claims).keys() - {TYPE_NAME}}
    if not ways:
        raise ProofError(printable(field), "proofs in it")
    for name in (name for name in value if name in ways):
        yield from _way(name, ways[name], claims, deepest)


def _way(name: str, member: object, claims: Claims, deepest: int) -> Iterator[list[Place]]:
    if isinstance(member, dict) and "edges" in member:
        yield _connection(member, claims)
    elif claims:
        raise ProofError(printable(name), "lists of proofs alone beside an address or a handle")
    elif name in _ENTRIES:
        yield [] if member is None else [Place(member)]
    else:
        yield from _on_the_way(name, member, deepest - 1)


def _connection(value: object, claims: Claims) -> list[Place]:
    members = read_object(
        "a connection",
        value,
        frozenset({"totalCount", "pageInfo", "edges"}),
        *(f"{name}Connection" for name in _LISTS),
    )
    total, edges = members.get("totalCount", 0), members["edges"]
    if not isinstance(total, int) or isinstance(total, bool) or total < 0:
        raise ProofError("totalCount", "an integer from 0")
    page_info = read_object("pageInfo", members.get("pageInfo", {}), _PAGE_INFO, "PageInfo")
    for name, member in page_info.items():
        if not isinstance(member, bool if name.startswith("has") else str):
            raise ProofError(name, "true or false" if name.startswith("has") else "a string")
    if not isinstance(edges, list):
        raise ProofError("edges", "a list")
    return [_edge(edge, claims) for edge in edges]


def _edge(value: object, claims: Claims) -> Place:
    members = read_object(
        "an edge", value, frozenset({"cursor", "node"}), *(f"{name}Edge" for name in _LISTS)
    )
    if not isinstance(members.get("cursor", ""), str):
        raise ProofError("cursor", "a string")
    if not isinstance(members.get("node"), dict):
        raise ProofError("node", "an object that holds a proof")
    return Place(members["node"], claims)
