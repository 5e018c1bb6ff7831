"""Reading JSON requests: every member checked by name, every fault told at once."""

from flask import request

from webapp.network import request_bodies
from webapp.protocol.address import Address
from webapp.protocol.errors import AddressError
from webapp.protocol.strict_json import ANY_NUMBER, JsonError
from webapp.web.http.problems import FieldError, Kind, Problem, unexpected

MAX_TEXT = 2048
"""Bytes of UTF-8 in a member."""


class JsonBody:
    """The members of a JSON object, read one by one; `check` tells the faults of all of them together."""

    def __init__(self, members: dict[str, object], names: tuple[str, ...]) -> None:
        self._members = members
        known = ", ".join(names) or "none"
        self._errors = [
            FieldError(name, f"no such member; members are: {known}") for name in members if name not in names
        ]

    @classmethod
    def read(cls, *names: str) -> "JsonBody":
        """Read the request's body, which may have these members and no others.

        Raises:
            Problem: Not `application/json`, or compressed; over 64 KiB, or no JSON object (RFC 8259) of
                unique members.
        """
        if request.mimetype != "application/json":
            raise Problem(Kind.UNSUPPORTED_MEDIA_TYPE, "Send application/json.")
        if not request_bodies.is_plain(request.headers.get("content-encoding", "")):
            accepted = {"accept-encoding": request_bodies.ACCEPTED}
            raise Problem(Kind.UNSUPPORTED_MEDIA_TYPE, request_bodies.EXPECTED, headers=accepted)
        data = request.get_data(cache=False)
        if len(data) > request_bodies.MAX_BODY:
            raise Problem(Kind.TOO_LARGE, f"body: expected at most {request_bodies.MAX_BODY} bytes")
        try:
            value = ANY_NUMBER.read(data)
        except JsonError as error:
            raise unexpected("body", error.expected) from None
        if not isinstance(value, dict):
            raise unexpected("body", "a JSON object")
        return cls(value, names)

    def text(self, name: str, *, max_bytes: int | None = MAX_TEXT) -> str:
        """Read a string; "" where it is none, until `check` tells."""
        value = self._members.get(name)
        if not isinstance(value, str):
            self._errors.append(FieldError(name, "a string"))
            return ""
        if max_bytes is not None and len(value.encode("utf-8", "surrogatepass")) > max_bytes:
            self._errors.append(FieldError(name, f"at most {max_bytes} bytes"))
        return value

    def optional_text(self, name: str) -> str | None:
        """Read a string that may be missing: None then."""
        return None if self._members.get(name) is None else self.text(name)

    def positive(self, name: str, most: int) -> int:
        """Read a whole number from 1 to `most`; 0 where it is none, until `check` tells."""
        value = self._members.get(name)
        if isinstance(value, float) and value.is_integer():  # JSON has one kind of numbers: 1.0 is 1
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
            self._errors.append(FieldError(name, f"a whole number from 1 to {most}"))
            return 0
        return value

    def address(self, name: str, *, chain_id: int | None = None) -> Address | None:
        """Read an address, as a chain spells it too (EIP-1191); None: no address, which `check` tells."""
        try:
            return Address.parse(self._members.get(name), chain_id=chain_id)
        except AddressError as error:
            self._errors.append(FieldError(name, error.expected))
            return None

    def fault(self, name: str, expected: str) -> None:
        """Find fault with a member, for `check` to tell."""
        self._errors.append(FieldError(name, expected))

    def anything(self, name: str) -> object:
        """Give a member as it is, None where it is missing."""
        return self._members.get(name)

    def check(self) -> None:
        """Refuse the request if any member was at fault.

        Raises:
            Problem: With one entry for each such member.
        """
        if self._errors:
            told = "; ".join(f"{error.field}: expected {error.expected}" for error in self._errors)
            raise Problem(Kind.INVALID_REQUEST, told, errors=tuple(self._errors))
