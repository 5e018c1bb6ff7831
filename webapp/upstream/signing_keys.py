"""The signing keys of an address, read."""

from webapp.upstream import fields
from webapp.upstream.fields import Members
from webapp.upstream.replies import SigningKeyRecord


def read_signing_keys(value: object) -> tuple[SigningKeyRecord, ...]:
    """Read the `signingKeys` of an address; an address that the gateway does not know has none."""
    if value is None:
        return ()
    keys = fields.array(fields.members(value, "address").get("signingKeys"), "signingKeys")
    return tuple(_record(fields.members(one, "signing key")) for one in keys)


def _record(key: Members) -> SigningKeyRecord:
    return SigningKeyRecord(
        signing_key=fields.text(key, "signingKey"),
        fingerprint=fields.text(key, "fingerprint"),
        name=fields.text(key, "name"),
        entity=fields.text(key, "entity"),
        registered_at=fields.moment(key, "registeredAt"),
        expires_at=fields.moment(key, "expiresAt"),
        revoked_at=fields.optional(fields.moment, key, "revokedAt"),
        last_used_at=fields.optional(fields.moment, key, "lastUsedAt"),
    )
