"""Which part of an application answers a request: by its path."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from webapp.gateway.http.asgi import GatewayEndpoint
from webapp.gateway.http.graphql_over_http import wanted_media_type
from webapp.server.answers.graphiql import wants_page
from webapp.server.answers.health import HEALTH_PATHS
from webapp.server.answers.metrics import METRICS_PATH
from webapp.server.answers.refusals import as_graphql, as_problem

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


@dataclass(frozen=True, slots=True)
class Application:
    """A WSGI application that finds the room for a path: gateway, GraphiQL, health, metrics, or all the rest.

    What is posted to the gateway is answered by its endpoint, on the event loop, where there is one.

    The gateway is not reached through Flask: sessions, CSRF and the page's headers are the site's alone.

    Attributes:
        interleaved: Paths of the rest that wait for nothing but the gateway's writer.
    """

    endpoint: GatewayEndpoint | None
    gateway: "WSGIApplication | None"
    gateway_paths: frozenset[str]
    graphiql: "WSGIApplication"
    health: "WSGIApplication"
    metrics: "WSGIApplication"
    rest: "WSGIApplication"
    close: Callable[[], None]
    interleaved: frozenset[str] = frozenset()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        room = self.rest
        if self.gateway is not None and path in self.gateway_paths:
            room = self.graphiql if wants_page(environ) else self.gateway
        elif path in HEALTH_PATHS:
            room = self.health
        elif path == METRICS_PATH:
            room = self.metrics
        return room(environ, start_response)

    def refusal(self, status: int, detail: str) -> "WSGIApplication":
        """Give what answers a request that no room is asked about, in the form that fits its path."""

        def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            form = as_graphql if self._is_gateways(environ["PATH_INFO"]) else as_problem
            return form(status, detail)(environ, start_response)

        return application

    def form(self, path: str, accept: str) -> tuple[bool, str]:
        """Tell apart what is refused in different words: by path and Accept header."""
        is_gateways = self._is_gateways(path)
        return is_gateways, wanted_media_type(accept) if is_gateways else ""

    def _is_gateways(self, path: str) -> bool:
        return self.gateway is not None and path in self.gateway_paths
