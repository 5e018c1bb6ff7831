"""A second device of somebody, outside any browser: a P-256 key in Python that speaks to `/graphql`.

Written from the contract and not from our own code, so that a mistake made there is not made here too.
"""

import base64
import json
import time
from typing import Any

import httpx
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from eth_account import Account
from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount

REGISTER = "mutation R($input: RegisterSigningKeyRequest!) { registerSigningKey(input: $input) { status } }"
MUTATIONS = {
    "follow": "mutation F($input: FollowRequest!) { follow(input: $input) { status tsInServer } }",
    "unfollow": "mutation U($input: UnFollowRequest!) { unfollow(input: $input) { status tsInServer } }",
}


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Device:
    """A signing key of `account`'s; `register` first, then `send`."""

    def __init__(self, graphql_url: str, account: LocalAccount | None = None) -> None:
        self._url = graphql_url
        self.account: LocalAccount = account or Account.create()
        self._key = ec.generate_private_key(ec.SECP256R1())
        spki = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.signing_key = base64.b64encode(spki).decode()

    @property
    def address(self) -> str:
        return str(self.account.address)

    def register(self, entity: str = "CyberConnect") -> str:
        """Have the wallet authorise this key; answers the registration's status."""
        text = f"I authorize {entity} from this device using signing key:\n{self.signing_key}"
        signature = "0x" + bytes(self.account.sign_message(encode_defunct(text=text)).signature).hex()
        reply = self._ask(REGISTER, {"address": self.address, "message": text, "signature": signature})
        status: str = reply["registerSigningKey"]["status"]
        return status

    def sign(self, text: str) -> str:
        """`0x` and 128 hex digits: raw r and s over the text's UTF-8 bytes."""
        r, s = decode_dss_signature(self._key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        return "0x" + r.to_bytes(32, "big").hex() + s.to_bytes(32, "big").hex()

    def request(
        self, op: str, handle: str = "shiyu", *, message: str | None = None, **changed: str
    ) -> dict[str, str]:
        """The five fields of a mutation's input, well-formed but for what is `changed`."""
        text = message or self.message(op, handle)
        return {
            "address": self.address,
            "handle": handle,
            "message": text,
            "signature": self.sign(text),
            "signingKey": self.signing_key,
            **changed,
        }

    def message(self, op: str, handle: str = "shiyu", *, ts: int | str | None = None) -> str:
        fields = {"op": op, "address": self.address, "handle": handle, "ts": now_ms() if ts is None else ts}
        return json.dumps(fields, separators=(",", ":"))

    def send(self, op: str, request: dict[str, str] | None = None) -> dict[str, Any]:
        """Post to the mutation named `op`; answers `{status, tsInServer}`."""
        reply: dict[str, Any] = self._ask(MUTATIONS[op], request or self.request(op))[op]
        return reply

    def _ask(self, query: str, variables: dict[str, str]) -> dict[str, Any]:
        body = {"query": query, "variables": {"input": variables}}
        reply = httpx.post(self._url, json=body, trust_env=False, timeout=30).json()
        assert "errors" not in reply, reply
        data: dict[str, Any] = reply["data"]
        return data
