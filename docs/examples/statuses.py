"""Earn every status of the contract from a running gateway with demo data, and print what was sent for each.

    .venv/bin/python docs/examples/statuses.py [http://127.0.0.1:8000/graphql]

Uses a wallet made on the spot and two devices of it. Exits with 1 if any answer is not the one expected, and
with 2 if there is no gateway to answer.
"""

import base64
import itertools
import json
import sys
import time
from typing import Any

import httpx
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from eth_account import Account
from eth_account.messages import encode_defunct

FOLLOW = "mutation follow($input: FollowRequest!) { follow(input: $input) { status tsInServer } }"
UNFOLLOW = "mutation unfollow($input: UnFollowRequest!) { unfollow(input: $input) { status tsInServer } }"
REGISTER = (
    "mutation register($input: RegisterSigningKeyRequest!) { registerSigningKey(input: $input) { status } }"
)
OWNER = "query owner($handle: String!) { profileByHandle(handle: $handle) { owner { address } } }"

endpoint = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000/graphql"
client = httpx.Client(timeout=10)
milliseconds = itertools.count(time.time_ns() // 1_000_000)


class Device:
    """A P-256 signing key, as WebCrypto would make it."""

    def __init__(self, secret: int | None = None) -> None:
        curve = ec.SECP256R1()
        self._key = ec.generate_private_key(curve) if secret is None else ec.derive_private_key(secret, curve)
        spki = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.signing_key = base64.b64encode(spki).decode()

    def sign(self, message: str) -> str:
        """Give r and s, 32 bytes each, as `0x` and 128 hex digits."""
        r, s = decode_dss_signature(self._key.sign(message.encode(), ec.ECDSA(hashes.SHA256())))
        return f"0x{r:064x}{s:064x}"


def ask(document: str, variables: dict[str, Any]) -> dict[str, Any]:
    """POST one GraphQL document; the one field of its data. Ends the script where no gateway gives one."""
    try:
        reply = client.post(endpoint, json={"query": document, "variables": variables})
        ((_, answer),) = reply.raise_for_status().json()["data"].items()
    except (httpx.HTTPError, httpx.InvalidURL, LookupError, TypeError, ValueError, AttributeError) as error:
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        print(
            f"{endpoint}: expected a gateway with demo data, as `make run` starts one; {what}",
            file=sys.stderr,
        )
        raise SystemExit(2) from None
    result: dict[str, Any] = answer
    return result


def register(wallet: Any, device: Device) -> str:  # noqa: ANN401 (eth-account's accounts have no public type)
    """Let the wallet authorise the device's key; the registration's status."""
    text = f"I authorize Countersign from this device using signing key:\n{device.signing_key}"
    signature = "0x" + wallet.sign_message(encode_defunct(text=text)).signature.hex().removeprefix("0x")
    answer = ask(REGISTER, {"input": {"address": wallet.address, "message": text, "signature": signature}})
    return str(answer["status"])


def message(op: str, address: str, handle: str = "shiyu", ts: int | None = None) -> str:
    """The text that a device signs."""
    text = {"op": op, "address": address, "handle": handle, "ts": next(milliseconds) if ts is None else ts}
    return json.dumps(text, separators=(",", ":"))


def main() -> int:
    """Earn the ten, in the order of the contract's table, but for SUCCESS, on which others build."""
    wallet, device, stranger = Account.create(), Device(), Device()
    assert register(wallet, device) == "SUCCESS"
    me = wallet.address
    wrong = 0

    def earn(expected: str, document: str = FOLLOW, *, signer: Device = device, **changed: str) -> None:
        nonlocal wrong
        sent = {
            "address": me,
            "handle": "shiyu",
            "message": message("follow", me),
            "signing_key": signer.signing_key,
        }
        sent |= changed
        sent.setdefault("signature", signer.sign(sent["message"]))
        sent["signingKey"] = sent.pop("signing_key")
        answer = ask(document, {"input": sent})
        wrong += answer["status"] != expected
        mark = "ok  " if answer["status"] == expected else "BAD "
        print(f"{mark}{answer['status']:<20}", json.dumps({"input": sent})[:110], "…")

    earn("SUCCESS")
    earn("ALREADY_DONE")
    earn("INVALID_ADDRESS", address=me.swapcase().replace("0X", "0x"))
    earn("HANDLE_NOT_FOUND", handle="nobody-here", message=message("follow", me, "nobody-here"))
    earn("INVALID_MESSAGE", UNFOLLOW)
    earn("MESSAGE_EXPIRED", UNFOLLOW, message=message("unfollow", me, ts=1_700_000_000_000))
    earn("INVALID_SIGNING_KEY", UNFOLLOW, message=message("unfollow", me), signer=stranger)
    earn("INVALID_SIGNATURE", UNFOLLOW, message=message("unfollow", me), signature="0x" + "11" * 64)
    # The demo signers, whose device keys are published.
    for status, handle, secret in (
        ("EXPIRED_SIGNING_KEY", "expired-key", 0xC0FFEE),
        ("RATE_LIMITED", "zero-quota", 0xDECAF),
    ):
        demo = ask(OWNER, {"handle": handle})["owner"]["address"]
        earn(status, address=demo, message=message("follow", demo), signer=Device(secret))
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
