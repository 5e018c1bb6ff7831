"""The head of a request: its headers, and whether everybody reads it alike."""

from collections.abc import Mapping

from webapp.server.front.wsgi import Scope

Headers = Mapping[str, str]
"""A request's headers: names in lower case, lines of one name joined by commas; each byte is a character."""


class UnreadableError(Exception):
    """The application has nothing to answer: the head can be read in two ways, or the body is not whole."""

    def __init__(self, status: int, expected: str) -> None:
        super().__init__(f"expected {expected}")
        self.status = status


def headers_of(scope: Scope) -> Headers:
    """Read the headers of an ASGI scope."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        headers[key] = f"{headers[key]},{text}" if key in headers else text
    return headers


def check_head(scope: Scope, headers: Headers) -> None:
    """Refuse what another parser in front may have understood differently (RFC 9112, sections 3.1, 3.2, 6.1).

    Raises:
        UnreadableError: With 400.
    """
    host, coding = headers.get("host"), headers.get("transfer-encoding")
    hosts = sum(name == b"host" for name, _ in scope["headers"]) if host and "," in host else 1
    may_be_nameless = scope["http_version"] == "1.0"
    expected = None
    if scope["method"] != scope["method"].upper():
        expected = "a method in capital letters"
    elif not scope["raw_path"].startswith(b"/"):
        expected = "a target that is a path"
    elif hosts > 1 or not (may_be_nameless or host):
        expected = "one Host"
    elif coding is not None and coding.lower() != "chunked":
        expected = "no Transfer-Encoding but chunked, once"
    if expected:
        raise UnreadableError(400, expected)
