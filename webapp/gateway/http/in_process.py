"""The gateway as the site of its own process reaches it: by a transport that calls it."""

import httpx

from webapp.gateway.http.graphql_over_http import GatewayRequest
from webapp.gateway.http.service import Gateway


class InProcessTransport(httpx.BaseTransport):
    """Carries requests of the upstream client.

    All of a site's visitors ask through it: nobody is counted here, and no key is asked for.
    """

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Have a request answered."""
        answer = self._gateway.handle(
            GatewayRequest(
                method=request.method,
                headers={name.decode("ascii"): value.decode("ascii") for name, value in request.headers.raw},
                body=request.read(),
                query=request.url.query.decode("ascii"),
                path=request.url.path,
                in_process=True,
            )
        )
        headers = [*answer.headers, ("content-length", str(len(answer.body)))]
        return httpx.Response(answer.status, headers=headers, stream=httpx.ByteStream(answer.body))
