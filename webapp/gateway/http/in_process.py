"""The gateway as the site of its own process reaches it: called, with no HTTP between."""

from collections.abc import Mapping

import httpx

from webapp.gateway.http.graphql_over_http import GatewayRequest
from webapp.gateway.http.service import Gateway
from webapp.network.fetch import Reply


class InProcessCarrier:
    """Carries requests of the upstream client.

    All of a site's visitors ask through it: nobody is counted here, and no key is asked for.
    """

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def carry(self, url: httpx.URL, headers: Mapping[str, str], content: bytes) -> Reply:
        """Have a request answered."""
        answer = self._gateway.handle(
            GatewayRequest(
                method="POST",
                headers=headers,
                body=content,
                query=url.query.decode("ascii"),
                path=url.path,
                in_process=True,
            )
        )
        return Reply(
            answer.status, {**dict(answer.headers), "content-length": str(len(answer.body))}, answer.body
        )

    def close(self) -> None:
        """Keep the gateway: it is not the client's."""
