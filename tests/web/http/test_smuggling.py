"""Requests that two parsers could read in two ways, sent raw to the real server: none hides another."""

import re
import socket
from collections.abc import Iterator

import pytest

from tests.support.places import ROOT
from tests.support.server import Server, running

pytestmark = pytest.mark.together

ANSWER_DEADLINE_S = 30.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("smuggling"), DEMO="0") as server:
        yield server


def send(server: Server, request: bytes) -> bytes:
    """Send, and read until the server closes."""
    with socket.create_connection(("127.0.0.1", server.port), ANSWER_DEADLINE_S) as connection:
        connection.sendall(request.replace(b"HOST", f"127.0.0.1:{server.port}".encode()))
        received = b""
        try:
            while chunk := connection.recv(65536):
                received += chunk
        except ConnectionResetError:
            pass
    return received


GET = b"GET /api/session HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n"
POST = b"POST /api/login HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\n"
HIDDEN = GET + b"\r\n"
AMBIGUOUS: dict[str, bytes] = {
    "a length and chunks": POST
    + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    + HIDDEN,
    "chunks and a length": POST
    + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"
    + HIDDEN,
    "two lengths": POST + b"Content-Length: 2\r\nContent-Length: 5\r\n\r\n{}" + HIDDEN,
    "a list of lengths": POST + b"Content-Length: 2, 5\r\n\r\n{}" + HIDDEN,
    "a length with a sign": POST + b"Content-Length: +2\r\n\r\n{}" + HIDDEN,
    "a length below zero": POST + b"Content-Length: -2\r\n\r\n{}" + HIDDEN,
    "a length in hex": POST + b"Content-Length: 0x2\r\n\r\n{}" + HIDDEN,
    "another coding": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunks, then another coding": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a space before the colon": POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunks in HTTP/1.0": POST.replace(b"1.1", b"1.0")
    + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    + HIDDEN,
    "a chunk too long to count": POST
    + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}\r\n"
    + HIDDEN,
    "LF in a chunk extension": POST + b"Transfer-Encoding: chunked\r\n\r\n2;\n\r\n{}\r\n0\r\n\r\n" + HIDDEN,
    "a folded header": POST + b"X-A: a\r\n Content-Length: 2\r\n\r\n{}" + HIDDEN,
    "CR in a header": GET + b"X-A: a\rX-B: b\r\n\r\n",
    "NUL in a header": GET + b"X-A: a\0b\r\n\r\n",
    "a space in a header's name": GET + b"X A: b\r\n\r\n",
    "CRLF in the path": GET.replace(b"session", b"session\r\nX: y") + b"\r\n",
    "two hosts": GET + b"Host: evil.example\r\n\r\n",
    "two hosts, the other way round": GET.replace(b"Host: HOST", b"Host: evil.example\r\nHost: HOST")
    + b"\r\n",
    "no host": GET.replace(b"Host: HOST\r\n", b"") + b"\r\n",
    "an empty host": GET.replace(b"Host: HOST", b"Host:") + b"\r\n",
    "a coding before chunks": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunks twice": POST + b"Transfer-Encoding: chunked\r\n" * 2 + b"\r\n0\r\n\r\n" + HIDDEN,
    "a method in lower case": GET.replace(b"GET", b"get") + b"\r\n",
    "a target that is no path": GET.replace(b"/api/session", b"api/session") + b"\r\n",
    "no version": b"GET /api/session\r\n\r\n",
}


def test_a_plain_request_is_answered(server: Server) -> None:
    assert b"csrfToken" in send(server, GET + b"\r\n")


@pytest.mark.parametrize("request_", AMBIGUOUS.values(), ids=AMBIGUOUS.keys())
def test_t55_an_ambiguous_request_is_refused_once(server: Server, request_: bytes) -> None:
    answer = send(server, request_)
    statuses = re.findall(rb"^HTTP/1\.[01] (\d{3})", answer, re.MULTILINE)
    assert statuses in ([b"400"], [b"403"]), answer
    assert b"csrfToken" not in answer


UNSEEN: dict[str, bytes] = {
    "a target with a scheme and a host (absolute form)": GET.replace(b"/api", b"http://evil.example/api")
    + b"\r\n",
    "lines that end with LF alone": (GET + b"\r\n").replace(b"\r\n", b"\n"),
    "empty lines before the request": b"\r\n\r\n" + GET + b"\r\n",
    "`Content-Length` beside `Transfer-Encoding`": GET
    + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    + HIDDEN,
}


def test_t55_what_the_library_reads_over_is_listed_and_still_one_request_to_our_own_name(
    server: Server,
) -> None:
    contract = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")
    section = contract.partition("### Replies of the HTTP library")[2].partition("\n## ")[0]
    listed = re.findall(r"^\| (?!what)(.+) \| (?:it|they|the)\b.+ \|$", section, re.MULTILINE)
    assert listed == list(UNSEEN)
    for sent in UNSEEN.values():
        assert send(server, sent).count(b"csrfToken") == 1
        assert b"csrfToken" not in send(server, sent.replace(b"HOST", b"evil.example"))
