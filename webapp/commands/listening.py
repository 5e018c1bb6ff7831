"""The address that a server listens on, taken before anything else is done: one process has it, or none."""

import errno
import socket

from webapp.commands.errors import CommandError

BACKLOG = 1024
"""Connections that wait to be accepted; the system may allow fewer."""

UNREAD_MS = 15_000
"""How long a client may leave an answer unread that does not fit on the way."""

_NOT_HERE = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


def listen(host: str, port: int) -> socket.socket:
    """Listen on an address of this machine, alone: nobody else can, not even in the same moment.

    The server would open its own socket for each of its processes and share the port (SO_REUSEPORT), with
    whatever else shares it, another server with other data included. This one is not shared with anybody who
    was not given it. The system decides about addresses that overlap (`0.0.0.0` and each of IPv4's).

    A host name means the first of its addresses that this machine has, IPv4 before IPv6; port 0, any that is
    free. Raises `CommandError` where this machine has no such address, or somebody else listens there.
    """
    place = f"{host} port {port}"
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise _no_such_address(host, error) from None
    why: OSError | None = None
    for family, _, _, _, address in sorted(found, key=lambda one: one[0] != socket.AF_INET):
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            # What lingers of connections of a server that has ended must not delay the next one.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux; connections have it from their listener
                listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_MS)
            listener.bind(address)
            listener.listen(BACKLOG)  # of those who could bind at once, one alone gets this far
        except OSError as error:
            listener.close()
            why = error
            if error.errno not in _NOT_HERE:
                expected = "expected an address free to listen on"
                raise CommandError(f"HOST and PORT: {expected}; {place}: {error.strerror}") from None
        else:
            listener.setblocking(False)
            return listener
    raise _no_such_address(host, why or OSError("no address"))


def _no_such_address(host: str, error: OSError | UnicodeError) -> CommandError:
    why = getattr(error, "strerror", None) or error
    return CommandError(f"HOST: expected an IP address of this machine, or a name of one; {host}: {why}")
