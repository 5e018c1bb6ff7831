"""The three ways to run Countersign: what serves the page, and what keeps the operations that it sends.

`one process` is `countersign run` with its gateway embedded. In the two others `countersign gateway` serves
alone, and `UPSTREAM_URL` points a site at it: in `two processes` both use one database, in `two databases`
each has its own, as on two machines.
"""

from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.support.server import Server

ONE_PROCESS = "one process"
TWO_PROCESSES = "two processes"
TWO_DATABASES = "two databases"
EVERY = (ONE_PROCESS, TWO_PROCESSES, TWO_DATABASES)


@dataclass(frozen=True, slots=True)
class Arrangement:
    """A site and the gateway that it writes to; the same server where the gateway is embedded."""

    site: Server
    gateway: Server

    @property
    def servers(self) -> tuple[Server, ...]:
        """Each process once, the gateway first."""
        return (self.gateway,) if self.site is self.gateway else (self.gateway, self.site)

    def start(self) -> "Arrangement":
        for server in self.servers:
            server.start()
        return self

    def shown_count(self, handle: str = "shiyu") -> int:
        """The follower count that the site gives a visitor, as it has it from its gateway."""
        answer = httpx.get(f"{self.site.url}/api/profiles/{handle}", trust_env=False, timeout=30)
        count: int = answer.raise_for_status().json()["followerCount"]
        return count


def arrange(name: str, folder: Path, **env: str) -> Arrangement:
    """An arrangement of new servers, none of them started; `env` is for the one that has the gateway.

    Raises:
        ValueError: There is no arrangement of this name.
    """
    if name not in EVERY:
        raise ValueError(f"name: expected one of {', '.join(EVERY)}, found {name!r}")
    if name == ONE_PROCESS:
        server = Server(folder / "site", **env)
        return Arrangement(server, server)
    gateway = Server(folder / "gateway", command="gateway", **env)
    return Arrangement(Server(folder / "site", **site_settings(name, gateway)), gateway)


def in_one_process(item: pytest.Item) -> bool:
    """Whether a test's parameters name no other arrangement."""
    call = getattr(item, "callspec", None)
    return call is None or call.params.get("arrangement_name", ONE_PROCESS) == ONE_PROCESS


def site_settings(name: str, gateway: Server) -> dict[str, str]:
    """The environment of a site in front of a gateway alone; `two processes` has it use the same database."""
    shared = {"DATABASE_URL": gateway.database_url} if name == TWO_PROCESSES else {}
    return {"UPSTREAM_URL": gateway.graphql_url, **shared}
