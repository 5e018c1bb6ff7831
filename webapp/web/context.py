"""What the site's blueprints work with, put together once by `create_site`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app

from webapp.applications.api_keys import ApiKeys
from webapp.chain.contract_wallets import ContractWallets
from webapp.protocol.clock import Clock
from webapp.upstream.client import UpstreamClient
from webapp.web.config import SiteConfig
from webapp.web.http.network_shares import OPERATIONS, NetworkShares
from webapp.web.http.origins import Origins
from webapp.web.rendering.shelf import Shelf
from webapp.web.sessions.challenges import Challenges
from webapp.web.sessions.store import SessionStore

if TYPE_CHECKING:
    from webapp.server.static_files import Assets

EXTENSION = "countersign"


@dataclass(frozen=True, slots=True)
class SiteContext:
    """The parts of one site."""

    config: SiteConfig
    clock: Clock
    upstream: UpstreamClient
    origins: Origins
    sessions: SessionStore
    challenges: Challenges
    assets: "Assets"
    shelf: Shelf
    shares: NetworkShares
    contract_wallets: ContractWallets | None
    api_keys: ApiKeys | None


def site() -> SiteContext:
    """The site that the request being served is of."""
    return cast("SiteContext", current_app.extensions[EXTENSION])


def count_operation() -> None:
    """Count a request that the gateway is to answer, with the site's key: a blueprint's `before_request`."""
    site().shares.take(OPERATIONS)
