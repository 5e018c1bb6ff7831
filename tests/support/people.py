"""Wallets, devices and a client to play with: real keys, real signatures, made anew from a name."""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from coincurve import PrivateKey
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from eth_hash.auto import keccak

from webapp.gateway.http.service import Gateway, GatewayRequest, GatewayResponse
from webapp.protocol.address import Address

NOW = 1_795_460_000_000
DAY = 86_400_000

MUTATIONS = {
    "follow": "mutation follow($input: FollowRequest!) { follow(input: $input) { status tsInServer } }",
    "unfollow": (
        "mutation unfollow($input: UnFollowRequest!) { unfollow(input: $input) { status tsInServer } }"
    ),
    "registerSigningKey": (
        "mutation registerSigningKey($input: RegisterSigningKeyRequest!) "
        "{ registerSigningKey(input: $input) { status } }"
    ),
}


@dataclass
class Ticker:
    """A clock that stands still until it is moved."""

    now: int = NOW

    def __call__(self) -> int:
        return self.now


def _digest(*parts: str) -> bytes:
    return hashlib.sha256("/".join(("tests", *parts)).encode()).digest()


@dataclass(frozen=True)
class Wallet:
    """An Ethereum wallet with a name instead of a seed phrase."""

    name: str

    @cached_property
    def key(self) -> PrivateKey:
        return PrivateKey(_digest("wallet", self.name))

    @cached_property
    def address(self) -> str:
        digits = keccak(self.key.public_key.format(compressed=False)[1:])[-20:].hex()
        return Address.from_digits(digits).checksummed

    def sign(self, text: str) -> str:
        payload = text.encode()
        prefix = f"\x19Ethereum Signed Message:\n{len(payload)}".encode()
        recoverable = self.key.sign_recoverable(keccak(prefix + payload), hasher=None)
        return f"0x{recoverable[:64].hex()}{recoverable[64] + 27:02x}"


@dataclass(frozen=True)
class Device:
    """A browser's P-256 key."""

    name: str = "phone"

    @cached_property
    def key(self) -> ec.EllipticCurvePrivateKey:
        secret = int.from_bytes(_digest("device", self.name)[:31], "big") + 1
        return ec.derive_private_key(secret, ec.SECP256R1())

    @cached_property
    def signing_key(self) -> str:
        spki = self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(spki).decode()

    def sign(self, text: str) -> str:
        r, s = decode_dss_signature(self.key.sign(text.encode(), ec.ECDSA(SHA256())))
        return f"0x{r:064x}{s:064x}"


def message(op: str, address: str, handle: str, ts: object) -> str:
    """The message as the original SDK writes it."""
    members = {"op": op, "address": address, "handle": handle, "ts": ts}
    return json.dumps(members, separators=(",", ":"))


def authorization(device: Device, entity: str = "CyberConnect") -> str:
    """The text that a wallet signs for a device."""
    return f"I authorize {entity} from this device using signing key:\n{device.signing_key}"


@dataclass
class Person:
    """A wallet with a device, and what it would send."""

    name: str
    device: Device = field(default_factory=Device)

    @cached_property
    def wallet(self) -> Wallet:
        return Wallet(self.name)

    @property
    def address(self) -> str:
        return self.wallet.address

    def registration(self, device: Device | None = None, entity: str = "CyberConnect") -> dict[str, str]:
        text = authorization(device or self.device, entity)
        return {"address": self.address, "message": text, "signature": self.wallet.sign(text)}

    def request(self, op: str, handle: str, ts: object, **changes: str) -> dict[str, str]:
        text = changes.get("message", message(op, self.address, handle, ts))
        return {
            "address": self.address,
            "handle": handle,
            "message": text,
            "signature": self.device.sign(text),
            "signingKey": self.device.signing_key,
            **changes,
        }


@dataclass
class Client:
    """What a client of the API sees: documents in, JSON out."""

    gateway: Gateway
    clock: Ticker

    def post(self, content: object, **headers: str) -> GatewayResponse:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        sent = {"content-type": "application/json"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return self.gateway.handle(GatewayRequest("POST", sent, body))

    def ask(self, text: str, **variables: object) -> dict[str, Any]:
        """The whole reply, errors and all."""
        reply: dict[str, Any] = json.loads(self.post({"query": text, "variables": variables}).body)
        return reply

    def data(self, text: str, **variables: object) -> dict[str, Any]:
        """The data of a reply without errors."""
        reply = self.ask(text, **variables)
        assert "errors" not in reply, reply["errors"]
        data: dict[str, Any] = reply["data"]
        return data

    def send(self, op: str, request: dict[str, str]) -> dict[str, Any]:
        answer: dict[str, Any] = self.data(MUTATIONS[op], input=request)[op]
        return answer

    def status(self, op: str, request: dict[str, str]) -> str:
        status: str = self.send(op, request)["status"]
        return status

    def register(self, person: Person, device: Device | None = None) -> str:
        return self.status("registerSigningKey", person.registration(device))

    def act(self, op: str, person: Person, handle: str, ts: int | None = None) -> str:
        """Follow or unfollow; a millisecond later than the last time where no time is given."""
        if ts is None:
            self.clock.now += 1
            ts = self.clock.now
        return self.status(op, person.request(op, handle, ts))

    def profile(self, handle: str, me: str) -> dict[str, Any]:
        text = (
            "query ($handle: String!, $me: AddressEVM!) "
            "{ profileByHandle(handle: $handle) { followerCount isFollowedByMe(me: $me) } }"
        )
        profile: dict[str, Any] = self.data(text, handle=handle, me=me)["profileByHandle"]
        return profile


NEWER = "application/graphql-response+json"


OLDER = "application/json"


def headers(response: GatewayResponse) -> dict[str, str]:
    return dict(response.headers)


def check_refusal(response: GatewayResponse, status: int) -> dict[str, object]:
    """A refusal is JSON with a message, readable from any origin."""
    assert response.status == status
    assert headers(response)["content-type"].startswith((OLDER, NEWER))
    assert headers(response)["access-control-allow-origin"] == "*"
    content = json.loads(response.body)
    assert content.keys() == {"errors"}
    assert content["errors"][0]["message"]
    code: dict[str, object] = content["errors"][0]["extensions"]
    return code
