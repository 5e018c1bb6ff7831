"""Replies to mutations, read: a status, when it was decided, and where telling helps, how long to wait."""

from webapp.protocol.status import RegistrationStatus, Status
from webapp.protocol.strict_json import ANY_NUMBER
from webapp.upstream import fields
from webapp.upstream.errors import UpstreamMalformed
from webapp.upstream.exchange import Exchange
from webapp.upstream.fields import Members
from webapp.upstream.replies import AnyStatus, MutationReply, RegistrationReply

_LONGEST_WAIT_S = 86_400


def read_mutation(value: object, exchange: Exchange, kind: type[AnyStatus]) -> MutationReply[AnyStatus]:
    """Read `{status, tsInServer}`, with a status of this kind."""
    answer = fields.members(value, "mutation")
    status, ts_in_server = _status(answer, kind), fields.moment(answer, "tsInServer")
    # Read once more only where waiting helps.
    limited = status.value == Status.RATE_LIMITED.value
    retry_after = _retry_after(exchange.response.body) if limited else None
    return MutationReply(status, ts_in_server, retry_after, exchange)


def read_registration(value: object, exchange: Exchange) -> RegistrationReply:
    """Read `{status}`."""
    return RegistrationReply(_status(fields.members(value, "registration"), RegistrationStatus), exchange)


def _status(answer: Members, kind: type[AnyStatus]) -> AnyStatus:
    try:
        return kind(fields.text(answer, "status"))
    except ValueError:
        raise UpstreamMalformed("status: expected one that the contract names") from None


def _retry_after(body: str) -> int | None:
    """Read `extensions.retryAfter` of a reply that was read before: seconds, or None where there is none."""
    match ANY_NUMBER.read(body.encode()):
        case {"extensions": {"retryAfter": int(seconds)}} if 0 <= seconds <= _LONGEST_WAIT_S:
            return seconds
    return None
