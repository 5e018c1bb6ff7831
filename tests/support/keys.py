"""Messages about signing keys, signed and sent."""

import json
from typing import Any

from tests.support.people import Client, Device, Person, Wallet

DOCUMENTS = {
    op: (
        f"mutation m($input: {kind}!) {{ {op}SigningKey(input: $input) {{ status tsInServer }} }}",
        f"{op}SigningKey",
    )
    for op, kind in (
        ("revoke", "SigningKeyRequest"),
        ("rename", "SigningKeyRequest"),
        ("renew", "RenewSigningKeyRequest"),
    )
}


def request(
    person: Person, op: str, device: Device, ts: int, by: Device | Wallet | None = None, **members: str
) -> dict[str, Any]:
    """A request about a device's key, signed by the wallet where nobody else is named."""
    text = json.dumps(
        {"op": op, "address": person.address, "signingKey": device.signing_key, **members, "ts": ts}
    )
    signer = by or person.wallet
    sent = {
        "address": person.address,
        "signingKey": device.signing_key,
        "message": text,
        "signature": signer.sign(text),
    }
    return sent | ({"authorizedBy": signer.signing_key} if isinstance(signer, Device) else {})


def send(client: Client, op: str, sent: dict[str, Any]) -> str:
    document, name = DOCUMENTS[op]
    status: str = client.data(document, input=sent)[name]["status"]
    return status


def act(
    client: Client, op: str, person: Person, device: Device, by: Device | Wallet | None = None, **members: str
) -> str:
    """A millisecond later than the last time."""
    client.clock.now += 1
    return send(client, op, request(person, op, device, client.clock.now, by, **members))


def call(client: Client, person: Person, name: str) -> str:
    """Give a device's key a name, in a message without escapes."""
    client.clock.now += 1
    key = person.device.signing_key
    members = {
        "op": "rename",
        "address": person.address,
        "signingKey": key,
        "name": name,
        "ts": client.clock.now,
    }
    text = json.dumps(members, ensure_ascii=False)
    signed = {"message": text, "signature": person.device.sign(text), "authorizedBy": key}
    return send(client, "rename", {"address": person.address, "signingKey": key, **signed})


KEYS = (
    "query ($address: AddressEVM!) { address(address: $address) "
    "{ signingKeys { signingKey name registeredAt expiresAt revokedAt } } }"
)


def keys_of(client: Client, person: Person) -> dict[str, dict[str, Any]]:
    found = client.data(KEYS, address=person.address)["address"]["signingKeys"]
    return {key.pop("signingKey"): key for key in found}
