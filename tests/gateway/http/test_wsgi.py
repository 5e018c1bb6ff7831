"""The WSGI adapter: bodies with a length, in pieces, without an end, and too long."""

import io
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.validate import validator

import httpx
import pytest

from tests.support.people import Client, Person
from webapp.gateway.http.wsgi import gateway_wsgi

BODY = json.dumps({"query": "{ __typename }"}).encode()


class Drip(io.RawIOBase):
    """A body that arrives a byte at a time, and remembers how much was taken."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.taken = 0

    def read(self, size: int = -1) -> bytes:
        piece = self.content[self.taken : self.taken + (1 if size else 0)]
        self.taken += len(piece)
        return piece


def call(client: Client, source: Any, **environ: str) -> tuple[int, dict[str, str], bytes]:
    answered: list[Any] = []
    whole = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/graphql",
        "CONTENT_TYPE": "application/json",
        "wsgi.input": source,
        **environ,
    }
    application = gateway_wsgi(client.gateway)

    def start_response(
        status: str, headers: list[tuple[str, str]], _: object = None
    ) -> Callable[[bytes], object]:
        answered.append((status, headers))
        return answered.append

    pieces = application(whole, start_response)
    [(status, headers)] = answered
    return int(status.split()[0]), dict(headers), b"".join(pieces)


def test_a_body_that_arrives_in_pieces(client: Client) -> None:
    status, headers, body = call(client, Drip(BODY), CONTENT_LENGTH=str(len(BODY)))
    assert status == 200
    assert json.loads(body) == {"data": {"__typename": "Query"}}
    assert headers["content-length"] == str(len(body))


def test_a_body_without_a_length(client: Client) -> None:
    """Chunked, or ended by the server: read to its end. Otherwise there is none, and nothing waits for it."""
    assert call(client, io.BytesIO(BODY), HTTP_TRANSFER_ENCODING="chunked")[0] == 200
    assert call(client, io.BytesIO(BODY), **{"wsgi.input_terminated": "1"})[0] == 200
    endless = Drip(BODY)
    assert call(client, endless)[0] == 400
    assert endless.taken == 0


def test_a_body_shorter_than_it_says(client: Client) -> None:
    assert call(client, io.BytesIO(BODY[:-1]), CONTENT_LENGTH=str(len(BODY)))[0] == 400


@pytest.mark.parametrize("environ", [{"CONTENT_LENGTH": "100000000"}, {"HTTP_TRANSFER_ENCODING": "chunked"}])
def test_of_a_body_too_long_little_is_read(environ: dict[str, str], client: Client) -> None:
    source = io.BytesIO(b" " * 10_000_000)
    assert call(client, source, **environ)[0] == 413
    assert source.tell() <= client.gateway.max_body + 1


@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "٣", "9" * 40])
def test_lengths_that_are_none(length: str, client: Client) -> None:
    assert call(client, io.BytesIO(BODY), CONTENT_LENGTH=length)[0] in {400, 413}


def test_a_preflight_has_no_body(client: Client) -> None:
    status, headers, body = call(client, io.BytesIO(), REQUEST_METHOD="OPTIONS")
    assert (status, body) == (204, b"")
    assert "content-length" not in headers
    assert "content-type" not in headers


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class's name)
        pass


@pytest.fixture
def url(client: Client) -> Iterator[str]:
    """The gateway behind a real socket, watched by the standard library's validator of PEP 3333."""
    server = make_server("127.0.0.1", 0, validator(gateway_wsgi(client.gateway)), handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/graphql"
    server.shutdown()
    thread.join()
    server.server_close()


def test_over_a_socket(url: str, alice: Person) -> None:
    """A read by GET and by POST, a refusal and a preflight, with the headers that a browser looks for."""
    with httpx.Client(trust_env=False) as http:
        document = {"query": "query ($a: AddressEVM!) { address(address: $a) { address } }"}
        posted = http.post(url, json={**document, "variables": {"a": alice.address}})
        assert posted.json() == {"data": {"address": {"address": alice.address}}}
        gotten = http.get(url, params={**document, "variables": json.dumps({"a": alice.address})})
        assert gotten.json() == posted.json()
        assert http.put(url, content=b"{}").status_code == 405
        preflight = http.options(url, headers={"origin": "https://app.example"})
        assert preflight.status_code == 204
        for response in (posted, gotten, preflight):
            assert response.headers["access-control-allow-origin"] == "*"
