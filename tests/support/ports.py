"""Ports for servers that tests start a moment later."""

import random
import socket

BELOW_EPHEMERAL = range(20_000, 32_000)
"""Not where clients get theirs (from 32,768 on): one could be gone before the server starts."""


def free_port() -> int:
    """A port that nobody listens on at this moment, on any address."""
    while True:
        port = random.SystemRandom().choice(BELOW_EPHEMERAL)
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            try:
                probe.bind(("", port))
            except OSError:
                continue
            return port
