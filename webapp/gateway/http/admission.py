"""Who may ask at all, and how often: before anything of a request is parsed."""

import logging
from concurrent.futures import ThreadPoolExecutor

from limits import RateLimitItemPerHour, RateLimitItemPerMinute

from webapp.applications.api_keys import USE_IS_NOTED_EVERY_MS, ApiKeys, Application
from webapp.gateway.callers import Caller
from webapp.gateway.config import AdmissionConfig
from webapp.gateway.http.graphql_over_http import GatewayRequest, Refusal
from webapp.network.clients import client_of
from webapp.network.request_limits import RequestLimits
from webapp.protocol.clock import Clock
from webapp.storage.errors import DatabaseFailure

API_KEYS_AN_HOUR = 5
"""How many keys one network address may have made, where they are open to anybody."""

_OPEN_API_KEYS = RateLimitItemPerHour(API_KEYS_AN_HOUR)
_CHALLENGE = ("www-authenticate", 'ApiKey realm="gateway", header="X-API-KEY"')

_logger = logging.getLogger(__name__)


class Admission:
    """Looks at the API key and the network address of every request. Safe to share between threads."""

    def __init__(self, keys: ApiKeys, config: AdmissionConfig, limits: RequestLimits, clock: Clock) -> None:
        """Keep the parts.

        Args:
            keys: The applications' keys.
            config: The operator's choices.
            limits: Counts requests.
            clock: Milliseconds since the Unix epoch.
        """
        self.keys = keys
        self._config = config
        self._limits = limits
        self._clock = clock
        self._anonymous = RateLimitItemPerMinute(config.anonymous_per_minute)
        self._application = RateLimitItemPerMinute(config.application_per_minute)
        # When a key was last used is written behind the requests' back: none of them waits for it.
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="api-key-use")
        self._writing: set[str] = set()

    def admit(self, request: GatewayRequest) -> Caller:
        """Let a request in, and say whose it is.

        Raises:
            Refusal: 401 for a key that is unknown or revoked, or missing where one is required; 429 for one
                request too many.
            DatabaseUnavailable: The key could not be looked up.
        """
        client = client_of(
            request.client, request.headers.get("x-forwarded-for"), self._config.trusted_proxy_hops
        )
        key = request.headers.get("x-api-key", "")
        application = self.keys.find(key) if key else None
        if application is None:
            self._spend(self._anonymous, "client", client)
            if key:
                raise Refusal(
                    401, "API_KEY_UNKNOWN", "X-API-KEY: expected a key that is not revoked", _CHALLENGE
                )
            if self._config.require_api_key:
                raise Refusal(401, "API_KEY_REQUIRED", "X-API-KEY: expected an application's key", _CHALLENGE)
        else:
            self._spend(self._application, "application", application.id)
            self._note_use(application)
        return Caller(client, application)

    @property
    def counts_alone(self) -> bool:
        """Whether requests are counted in this process, so that nobody is asked."""
        return self._limits.is_alone

    @property
    def open_api_keys(self) -> bool:
        """Whether anybody may have a key made."""
        return self._config.open_api_keys

    def spend_api_key(self, caller: Caller) -> int | None:
        """Count a key that is to be made; give the seconds to wait where it is one too many."""
        return self._limits.spend(_OPEN_API_KEYS, "api-key", caller.client)

    def close(self) -> None:
        """Finish writing."""
        self._writer.shutdown()

    def _spend(self, limit: RateLimitItemPerMinute, kind: str, who: str) -> None:
        seconds = self._limits.spend(limit, kind, who)
        if seconds is not None:
            whose = "an application" if kind == "application" else "a network address without an API key"
            raise Refusal(
                429,
                "TOO_MANY_REQUESTS",
                f"expected at most {limit.amount} requests a minute from {whose}; try again in {seconds} s",
                ("retry-after", str(seconds)),
            )

    def _note_use(self, application: Application) -> None:
        now = self._clock()
        last = application.last_used_at
        if (last is None or now - last >= USE_IS_NOTED_EVERY_MS) and application.id not in self._writing:
            self._writing.add(application.id)
            self._writer.submit(self._write_use, application.id, now)

    def _write_use(self, application_id: str, now: int) -> None:
        try:
            self.keys.note_use(application_id, now)
        except DatabaseFailure as error:
            _logger.warning("last use of application %s not noted: %s", application_id, error.reason)
        finally:
            self._writing.discard(application_id)
