"""Who asks: where a request of the gateway comes from, and what else it shows of its sender."""

from dataclasses import dataclass

from webapp.applications.api_keys import Application
from webapp.network.clients import Client
from webapp.protocol.address import Address


@dataclass(frozen=True, slots=True)
class Caller:
    """The sender of a request.

    Attributes:
        client: Where it comes from, as it is counted: what `client_of` found.
        application: Whose API key it carries; None for none.
        bearer: Whose access token it carries; None for none.
    """

    client: str = ""
    application: Application | None = None
    bearer: Address | None = None

    @property
    def counted_under(self) -> Client:
        """Whose share of what is scarce it uses: the application's, else its network's."""
        if self.application is None:
            return Client(f"client {self.client}")
        return Client(f"application {self.application.id}", is_application=True)
