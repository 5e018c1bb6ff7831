"""The gateway as a WSGI application (PEP 3333): a thin adapter, nothing is decided here."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, BinaryIO

from webapp.gateway.http.service import Gateway, GatewayRequest, GatewayResponse

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PIECE = 65_536


def gateway_wsgi(gateway: Gateway) -> "WSGIApplication":
    """Make an application that answers every path it is mounted at."""

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request = GatewayRequest(
            method=environ["REQUEST_METHOD"],
            headers=_headers(environ),
            body=_body(environ, gateway.max_body),
            query=environ.get("QUERY_STRING", ""),
            path=environ.get("PATH_INFO", "/"),
            client=environ.get("REMOTE_ADDR") or "",
        )
        return send(gateway.handle(request), start_response)

    return application


def send(
    response: GatewayResponse, start_response: "StartResponse", *headers: tuple[str, str]
) -> Iterable[bytes]:
    """Answer with a response of the gateway's."""
    status = HTTPStatus(response.status)
    length = [] if status == HTTPStatus.NO_CONTENT else [("content-length", str(len(response.body)))]
    start_response(f"{status.value} {status.phrase}", [*response.headers, *length, *headers])
    return [response.body]


def _headers(environ: "WSGIEnvironment") -> dict[str, str]:
    headers = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").lower()] = environ[name]
    return headers


def _body(environ: "WSGIEnvironment", most: int) -> bytes:
    """Read the body, and of a longer one just enough to see that it is."""
    if environ["REQUEST_METHOD"] != "POST":
        return b""
    announced = environ.get("CONTENT_LENGTH") or ""
    if announced.isascii() and announced.isdigit():
        wanted = min(int(announced[:18]), most + 1)
    elif announced or not _ends_by_itself(environ):
        return b""
    else:
        wanted = most + 1
    return _read(environ["wsgi.input"], wanted)


def _ends_by_itself(environ: "WSGIEnvironment") -> bool:
    """Whether the server marks the end of a body that came without a length (chunked)."""
    chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
    return chunked or bool(environ.get("wsgi.input_terminated"))


def _read(source: BinaryIO, wanted: int) -> bytes:
    """Read until so many bytes are there or the body ends; one read may bring fewer."""
    pieces = []
    while wanted > 0:
        piece = source.read(min(wanted, _PIECE))
        if not piece:
            break
        pieces.append(piece)
        wanted -= len(piece)
    return b"".join(pieces)
