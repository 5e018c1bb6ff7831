"""The network under our HTTP clients: one deadline for a whole exchange, no connection to inner networks.

httpx's own timeouts begin anew with every read, so that a byte a second lasts for ever; and it connects to
whatever a name resolves to. Both are decided here, where connections are made and bytes are read: in
httpcore's network backend.
"""

import functools
import socket
from collections.abc import Iterable
from ssl import SSLContext
from typing import TYPE_CHECKING, Any

import httpcore
import httpx

from webapp.network.addresses import AddressRule
from webapp.network.deadline import current

if TYPE_CHECKING:
    import h11

MAX_CONNECTIONS = 64
KEEP_ALIVE_S = 30.0
LONGEST_S = 60.0
"""How long one read or write may take where nothing else limits it."""


def network_transport(url: str, *, allow_private: bool = False) -> httpx.BaseTransport:
    """Make the transport for one configured host, which its every connection goes to.

    With `allow_private`, its name may resolve to addresses of private networks. Raises `UrlError` for a URL
    that is neither https nor http on a loopback host.
    """
    return _NetworkTransport(AddressRule.for_url(url, allow_private=allow_private))


@functools.cache
def _trust() -> SSLContext:
    """Whom TLS believes: read once for all clients, as it takes longer than to make one."""
    return httpx.create_ssl_context(trust_env=False)


class _NetworkTransport(httpx.HTTPTransport):
    def __init__(self, rule: AddressRule) -> None:
        context = _trust()
        super().__init__(verify=context)
        # httpx has no argument for a network backend; of the transport's parts, only the pool needs one.
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=MAX_CONNECTIONS,
            max_keepalive_connections=MAX_CONNECTIONS,
            keepalive_expiry=KEEP_ALIVE_S,
            network_backend=DeadlineBackend(rule),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Let the connection's stream see what the HTTP parser holds of it: bytes that nobody asked for."""
        response = super().handle_request(request)
        stream = response.extensions["network_stream"]
        if isinstance(stream, _DeadlineStream) and stream.parser is None:  # the connection keeps it
            stream.parser = _parser_of(self._pool, stream)
        return response


class DeadlineBackend(httpcore.NetworkBackend):
    """Connects to allowed addresses only, and gives streams that end with the current deadline.

    Resolving a name cannot be interrupted: a resolver that takes longer than the deadline delays the failure.
    """

    def __init__(self, rule: AddressRule) -> None:
        self._rule = rule
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Resolve, check every address, and connect to the first of those very addresses that answers."""
        addresses = _resolve(host, port)
        for address in addresses:
            if not self._rule.allows(address):
                raise httpcore.ConnectError(f"the host resolves to {address}, which it may not have")
        last: Exception = httpcore.ConnectError("the host resolves to no address")
        for waiting, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            try:
                # Each address gets its share of what is left, so that a dead one leaves time for the next.
                share = _clipped(timeout, httpcore.ConnectTimeout) / waiting
                stream = self._sockets.connect_tcp(address, port, share, local_address, socket_options or ())
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
            else:
                return _DeadlineStream(stream)
        raise last


class _DeadlineStream(httpcore.NetworkStream):
    """A connection whose every wait ends with the deadline."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner
        self.parser: h11.Connection | None = None

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._inner.read(max_bytes, _clipped(timeout, httpcore.ReadTimeout))
        deadline = current()
        if not data and deadline is not None:
            deadline.closed_by_peer = True
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # The inner stream's loop gives each `send` the whole time again: a peer could take a byte a second.
        connection: socket.socket = self._inner.get_extra_info("socket")
        rest = memoryview(buffer)
        while rest:
            connection.settimeout(_clipped(timeout, httpcore.WriteTimeout))
            try:
                rest = rest[connection.send(rest) :]
            except TimeoutError as error:
                raise httpcore.WriteTimeout(str(error)) from error
            except OSError as error:
                raise httpcore.WriteError(str(error)) from error

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        clipped = _clipped(timeout, httpcore.ConnectTimeout)
        return _DeadlineStream(self._inner.start_tls(ssl_context, server_hostname, clipped))

    def close(self) -> None:
        self._inner.close()

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 (as httpcore declares it)
        # The pool asks this of a kept connection before it uses it again, and closes a readable one.
        if info == "is_readable" and self.parser is not None and self.parser.trailing_data[0]:
            return True  # more than one reply came: the next question must not be answered by it
        return self._inner.get_extra_info(info)


def _parser_of(pool: httpcore.ConnectionPool, stream: object) -> "h11.Connection | None":
    """Find what parses the HTTP of one of a pool's connections; httpcore shows it nowhere but inside."""
    for connection in pool.connections:
        http11: Any = getattr(connection, "_connection", None)
        if getattr(http11, "_network_stream", None) is stream:
            parser: h11.Connection | None = http11._h11_state  # noqa: SLF001 (as above)
            return parser
    return None


def _resolve(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"the host cannot be resolved: {type(error).__name__}") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _clipped(timeout: float | None, passed: type[httpcore.TimeoutException]) -> float:
    """The seconds that an operation may take: its own timeout, or what the deadline leaves, if that is less.

    Raises `passed` where nothing is left.
    """
    deadline = current()
    limits = (LONGEST_S, timeout, None if deadline is None else deadline.remaining())
    left = min(limit for limit in limits if limit is not None)
    if left <= 0:
        raise passed("the deadline has passed")
    return left
