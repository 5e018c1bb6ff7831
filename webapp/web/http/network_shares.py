"""What one network may have of the site in a minute, of what costs the site something."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import request
from limits import RateLimitItem, RateLimitItemPerMinute

from webapp.network.clients import Client, client_of_environ, on_behalf_of
from webapp.network.request_limits import RequestLimits
from webapp.web.http.problems import Kind, Problem

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


@dataclass(frozen=True, slots=True)
class Share:
    """How much of one thing a network may have.

    Attributes:
        of: What it is a share of, to count it by.
        most: How many, in which time.
    """

    of: str
    most: RateLimitItem


OPERATIONS = Share("operations", RateLimitItemPerMinute(1_200))
"""What is signed, and the keys that sign: as many as a gateway takes of one network that asks it directly."""
LOOKUPS = Share("profile look-ups", RateLimitItemPerMinute(600))
"""Each is one of the site's own requests at the gateway, of which all its visitors together have 12,000."""


class NetworkShares:
    """Counts what each network has had. Safe to share between threads."""

    def __init__(self, limits: RequestLimits, trusted_hops: int) -> None:
        """Keep the parts.

        Args:
            limits: Counts.
            trusted_hops: How many proxies of one's own stand in front, to be believed about addresses.
        """
        self._limits = limits
        self._trusted_hops = trusted_hops

    def named(self, inner: "WSGIApplication") -> "WSGIApplication":
        """Let what an application does be counted under the network that asks, in the rooms below too."""

        def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            with on_behalf_of(Client(f"client {client_of_environ(environ, self._trusted_hops)}")):
                return inner(environ, start_response)

        return application

    def take(self, share: Share) -> None:
        """Count one more for the network that asks.

        Raises:
            Problem: Its share is used up; the reply says when there is more.
        """
        network = client_of_environ(request.environ, self._trusted_hops)
        seconds = self._limits.spend(share.most, share.of, network)
        if seconds is not None:
            detail = f"Too many requests come from your network. Try again in {seconds} s."
            raise Problem(Kind.TOO_MANY_REQUESTS, detail, headers={"retry-after": str(seconds)})
