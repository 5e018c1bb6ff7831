"""GraphQL over HTTP: from a request to what is to be executed, and from a result to a response.

https://graphql.github.io/graphql-over-http/draft/
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from webapp.network import request_bodies
from webapp.protocol.strict_json import ANY_NUMBER, JsonError, JsonRule

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
PREFLIGHT_SECONDS = 86_400
MOST_PARAMETERS = 16

_ALWAYS = (
    ("access-control-allow-origin", "*"),
    ("access-control-expose-headers", "retry-after, x-request-id"),
    ("cache-control", "no-store"),
    ("vary", "accept"),
    ("x-content-type-options", "nosniff"),
)
_written = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode
_MEMBERS = ("query", "operationName", "variables", "extensions")


@dataclass(frozen=True, slots=True)
class GatewayRequest:
    """An HTTP request, as far as the gateway looks at it.

    Attributes:
        method: In upper case.
        headers: Names in lower case.
        body: The body, or its first `max_body` + 1 bytes where it is longer.
        query: What stands behind the question mark, still percent-encoded.
        path: The path, which the gateway answers whatever it is.
        client: Address at the other end of the connection, for limits and logs.
        in_process: Whether the site of this very process asks. Its adapter says so; nothing in a request can.
    """

    method: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    query: str = ""
    path: str = "/"
    client: str = ""
    in_process: bool = False


@dataclass(frozen=True, slots=True)
class GatewayResponse:
    """An HTTP response; its body is JSON, but for the empty one of a preflight."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Question:
    """A well-formed GraphQL request.

    Attributes:
        text: The document's text.
        operation_name: Which of its operations is meant, or None for the only one.
        variables: By name.
    """

    text: str
    operation_name: str | None
    variables: dict[str, Any]


class Refusal(Exception):  # noqa: N818 (an answer, not a fault)
    """A request that is answered without being executed.

    Attributes:
        status: The HTTP status.
        code: What it is, for programs.
        detail: What was expected, for people.
        headers: Further headers.
    """

    def __init__(self, status: int, code: str, detail: str, *headers: tuple[str, str]) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers


def read_question(request: GatewayRequest, max_body: int) -> Question:
    """Read a GET or POST request.

    Raises:
        Refusal: It is too large, of another method or media type, or not well formed.
    """
    if request.method == "GET":
        return _from_members(_query_members(request.query, max_body))
    if request.method != "POST":
        raise Refusal(
            405, "METHOD_NOT_ALLOWED", "expected POST, or GET for queries", ("allow", "GET, POST, OPTIONS")
        )
    if len(request.body) > max_body or _announced_length(request) > max_body:
        raise Refusal(413, "TOO_LARGE", f"expected a body of at most {max_body} bytes")
    coding = request.headers.get("content-encoding")
    if coding is not None and not request_bodies.is_plain(coding):
        accepted = ("accept-encoding", request_bodies.ACCEPTED)
        raise Refusal(415, "UNSUPPORTED_MEDIA_TYPE", request_bodies.EXPECTED, accepted)
    if not _is_json(request.headers.get("content-type", "")):
        raise Refusal(415, "UNSUPPORTED_MEDIA_TYPE", f"expected content-type: {JSON}, in UTF-8")
    value = _parse_json(request.body, "body")
    if isinstance(value, list):
        raise Refusal(400, "BAD_REQUEST", "expected one request; a list of them is not answered")
    if not isinstance(value, dict):
        raise Refusal(400, "BAD_REQUEST", "expected a JSON object with the member query")
    return _from_members(value)


def reply(
    status: int, content: Mapping[str, Any], media_type: str, *headers: tuple[str, str]
) -> GatewayResponse:
    """Write a response. Text that has no UTF-8 form, a lone surrogate, goes out escaped as it came in."""
    described = (("content-type", f"{media_type}; charset=utf-8"), *_ALWAYS, *headers)
    return GatewayResponse(status, described, _written(content).encode("ascii"))


def refuse(refusal: Refusal, media_type: str) -> GatewayResponse:
    """Write the response to a request that is not executed."""
    error = {"message": refusal.detail, "extensions": {"code": refusal.code}}
    return reply(refusal.status, {"errors": [error]}, media_type, *refusal.headers)


def preflight() -> GatewayResponse:
    """Answer a browser that asks whether it may: from any origin, and never with cookies."""
    headers = (
        ("access-control-allow-methods", "GET, POST, OPTIONS"),
        ("access-control-allow-headers", "content-type, x-api-key, authorization"),
        ("access-control-max-age", str(PREFLIGHT_SECONDS)),
        ("allow", "GET, POST, OPTIONS"),
    )
    return GatewayResponse(204, (*_ALWAYS, *headers), b"")


@lru_cache(256)
def wanted_media_type(accept: str) -> str:
    """Choose the media type of the response: the newer one where it is asked for and not ranked lower."""
    ranks = {}
    for part in accept.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        quality = next((value[2:] for value in parameters if value.startswith("q=")), "1")
        try:
            ranks[name] = float(quality)
        except ValueError:
            continue
    newer = ranks.get(GRAPHQL_RESPONSE, 0.0)
    older = max(ranks.get(name, 0.0) for name in (JSON, "application/*", "*/*"))
    return GRAPHQL_RESPONSE if newer > 0 and newer >= older else JSON


def _announced_length(request: GatewayRequest) -> int:
    text = request.headers.get("content-length", "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 19):  # noqa: PLR2004 (digits of an int64)
        raise Refusal(400, "BAD_REQUEST", "content-length: expected a number of bytes")
    return int(text or 0)


@lru_cache(256)
def _is_json(content_type: str) -> bool:
    name, *parameters = (piece.strip().lower() for piece in content_type.split(";"))
    charsets = [value.partition("=")[2].strip('"') for value in parameters if value.startswith("charset=")]
    return name == JSON and all(charset in {"utf-8", "utf8"} for charset in charsets)


def _query_members(query: str, max_body: int) -> dict[str, object]:
    if len(query) > max_body:
        raise Refusal(414, "TOO_LARGE", f"expected at most {max_body} characters behind the question mark")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except ValueError as error:
        bytes_at_fault = isinstance(error, UnicodeDecodeError)
        expected = "percent-encoded UTF-8" if bytes_at_fault else f"at most {MOST_PARAMETERS} parameters"
        raise Refusal(400, "BAD_REQUEST", f"expected {expected} behind the question mark") from error
    members: dict[str, object] = {}
    for name, value in pairs:
        if name in members:
            raise Refusal(400, "BAD_REQUEST", f"{name[:40]}: expected once")
        members[name] = value
    for name in ("variables", "extensions"):
        if name in members:
            members[name] = _parse_json(str(members[name]).encode(), name)
    return members


def _from_members(members: Mapping[str, object]) -> Question:
    text, name, variables, extensions = (members.get(member) for member in _MEMBERS)
    if not isinstance(text, str) or not text.strip():
        raise Refusal(400, "BAD_REQUEST", "query: expected the text of a GraphQL document")
    if name is not None and not isinstance(name, str):
        raise Refusal(400, "BAD_REQUEST", "operationName: expected a string or null")
    if variables is not None and not isinstance(variables, dict):
        raise Refusal(400, "BAD_REQUEST", "variables: expected an object or null")
    if extensions is not None and not isinstance(extensions, dict):
        raise Refusal(400, "BAD_REQUEST", "extensions: expected an object or null")
    # GraphiQL and others send an empty name for "the only one".
    return Question(text, name or None, variables or {})


def _parse_json(payload: bytes, what: str) -> object:
    try:
        return ANY_NUMBER.read(payload)
    except JsonError as error:
        unread = error.rule in {JsonRule.ENCODING, JsonRule.SYNTAX}
        expected = "JSON in UTF-8 without a byte order mark" if unread else error.expected
        raise Refusal(400, "BAD_REQUEST", f"{what}: expected {expected}") from None
