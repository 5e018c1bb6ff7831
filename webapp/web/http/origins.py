"""The names that the site goes by; a request for any other host is refused."""

from dataclasses import dataclass
from typing import Self

from flask import request

from webapp.web.http.problems import Kind, Problem

_DEFAULT_PORTS = {"http": "80", "https": "443"}


@dataclass(frozen=True, slots=True)
class Origins:
    """The origins that this site has, by the `Host` that a browser sends for each."""

    by_host: dict[str, str]

    @classmethod
    def of(cls, origins: tuple[str, ...]) -> Self:
        """Index origins of the form `scheme://host[:port]`, in lower case."""
        by_host = {}
        for origin in origins:
            scheme, _, host = origin.partition("://")
            by_host[host] = origin
            if not host.rpartition("]")[2].partition(":")[2]:
                by_host[f"{host}:{_DEFAULT_PORTS[scheme]}"] = origin
        return cls(by_host)

    def current(self) -> str:
        """Give the origin of the request being served.

        Raises:
            Problem: Its `Host` is none of this site's (RFC 9110, section 7.2).
        """
        origin = self.by_host.get(request.environ.get("HTTP_HOST", "").lower())
        if origin is None:
            raise Problem(Kind.WRONG_HOST, "Open the site under the name that its operator gave it.")
        return origin


def host_of(origin: str) -> str:
    """Host and port of an origin."""
    return origin.partition("://")[2]
