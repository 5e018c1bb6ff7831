"""The fields of the schema's types about the logs: what each is in the value that stands for the object."""

from typing import Any

from webapp.gateway.arguments import ArgumentError
from webapp.gateway.reads.log_pages import KeyOperationPage, LogEdge, OperationPage, OperationRow
from webapp.gateway.reads.paging import cursor
from webapp.gateway.schema.objects import AddressView, Info, Resolver
from webapp.protocol.errors import HandleError
from webapp.protocol.handle import parse_handle
from webapp.protocol.log_entries import OperationLogEntry


def _operations(view: AddressView, info: Info, *, handle: str, **arguments: Any) -> OperationPage:  # noqa: ANN401 (as the SDL types them)
    try:
        wanted = parse_handle(handle)
    except HandleError as error:
        raise ArgumentError(error.field, error.expected) from None
    return OperationPage.read(info.context, view.address, wanted, arguments)


def _key_operations(view: AddressView, info: Info, **arguments: Any) -> KeyOperationPage:  # noqa: ANN401 (as the SDL types them)
    return KeyOperationPage.read(info.context, view.address, arguments)


def _proof(edge: LogEdge[OperationRow], info: Info) -> OperationLogEntry:
    assert isinstance(edge.page, OperationPage)  # noqa: S101 (its rows are on no other pages)
    return edge.page.entry(info.context, edge.row)


def _of(name: str) -> Resolver:
    """A member of the value, or of a member of it."""
    names = name.split(".")

    def resolve(source: Any, _info: Info) -> Any:  # noqa: ANN401 (whatever the SDL says)
        for each in names:
            source = getattr(source, each)
        return source

    return resolve


def _itself(source: Any, _info: Info) -> Any:  # noqa: ANN401 (an object seen under another type)
    return source


_CONNECTION: dict[str, Resolver] = {
    "totalCount": _of("total"),
    "pageInfo": _of("info"),
    "edges": lambda page, _info: page.edges(),
}
_EDGE: dict[str, Resolver] = {
    "cursor": lambda edge, _info: cursor(edge.page.of, edge.row.sequence),
    "node": _itself,
}
_ENTRY: dict[str, Resolver] = {
    "address": _of("page.address.checksummed"),
    "sequence": _of("row.sequence"),
    "op": _of("row.op"),
    "ts": _of("row.ts"),
    "acceptedAt": _of("row.received_at"),
}

LOGS_OF_ADDRESS: dict[str, Resolver] = {"operations": _operations, "keyOperations": _key_operations}
"""Resolvers of the fields of `Address` that lead to logs."""

LOG_OBJECTS: dict[str, dict[str, Resolver]] = {
    "OperationConnection": _CONNECTION,
    "OperationEdge": _EDGE,
    "Operation": {**_ENTRY, "handle": _of("page.handle"), "proof": _proof},
    "KeyOperationConnection": _CONNECTION,
    "KeyOperationEdge": _EDGE,
    "KeyOperation": {**_ENTRY, "signingKey": _of("row.signing_key"), "proof": _of("row")},
    "KeyProof": {
        "content": lambda row, info: info.context.text(row.entry.message),
        "digest": _of("entry.digest"),
        "signature": _of("entry.signature"),
        "authorizedBy": _of("entry.authorized_by"),
        "signingKeyAuth": _of("entry.authorization"),
        "sequence": _of("entry.sequence"),
        "previousDigest": _of("entry.previous_digest"),
        "entryDigest": _of("entry.entry_digest"),
    },
}
"""Resolvers by type and field."""
