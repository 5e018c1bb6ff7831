"""The network under the upstream client."""

import httpx

from webapp.network import transport
from webapp.network.errors import UrlError
from webapp.upstream.errors import UpstreamUrlError


def network_transport(url: str, *, allow_private: bool = False) -> httpx.BaseTransport:
    """Make the transport for a gateway that is reached over the network.

    Args:
        url: The gateway's GraphQL endpoint: https, or http on a loopback host.
        allow_private: Let its name resolve to addresses of private networks.

    Raises:
        UpstreamUrlError: The URL cannot be an upstream.
    """
    try:
        return transport.network_transport(url, allow_private=allow_private)
    except UrlError as error:
        raise UpstreamUrlError(str(error)) from None
