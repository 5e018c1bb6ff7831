"""Settings that cannot be in force together, each by itself being one that can."""

from enum import Enum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from webapp.network.addresses import names_this_machine

if TYPE_CHECKING:
    from webapp.settings.environment import Settings


class Serves(Enum):
    """What a process serves with its settings."""

    SITE = "site"
    GATEWAY = "gateway"
    NOTHING = "nothing"


def contradictions(settings: "Settings", serves: Serves) -> list[str]:
    """Return a fault for each contradiction that matters to what is served."""
    faults = []
    if serves is Serves.NOTHING:
        return []
    pages = serves is Serves.SITE
    if not pages and settings.upstream_url:
        faults.append("UPSTREAM_URL: expected unset; `countersign gateway` is the upstream")
    if pages and not settings.public_origins and not names_this_machine(settings.host):
        faults.append(
            f"PUBLIC_ORIGINS: expected the origin that browsers use, since HOST is {settings.host!r}, "
            "for example https://follow.example.org"
        )
    if len({urlsplit(origin).scheme for origin in settings.public_origins}) > 1:
        faults.append(
            "PUBLIC_ORIGINS: expected one scheme for all, so that one kind of session cookie serves them"
        )
    if settings.upstream_api_key and not settings.upstream_url:
        faults.append("UPSTREAM_API_KEY: expected UPSTREAM_URL beside it; the embedded gateway needs no key")
    if settings.workers > 1 and not settings.upstream_url and settings.access_token_secret is None:
        faults.append(
            "ACCESS_TOKEN_SECRET: expected one secret for all WORKERS, or each of them would refuse "
            "the others' access tokens"
        )
    if settings.open_api_keys and settings.require_api_key:
        faults.append(
            "OPEN_API_KEYS: expected 0 beside REQUIRE_API_KEY, for who has no key could not ask for one"
        )
    if (
        pages
        and settings.accepted_entities
        and not settings.upstream_url
        and settings.authorization_entity not in settings.accepted_entities
    ):
        faults.append(
            f"ACCEPTED_ENTITIES: expected AUTHORIZATION_ENTITY ({settings.authorization_entity!r}) among"
            " them, so that the page can authorise devices"
        )
    return faults
