"""Authorise a key, follow, look, unfollow: `python quick_start.py [http://127.0.0.1:8000/graphql]`.

Needs `pip install httpx eth-account cryptography`.
"""

import base64
import json
import sys
import time

import httpx
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from eth_account import Account
from eth_account.messages import encode_defunct

endpoint = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000/graphql"
wallet = Account.create()  # somebody's wallet: here, one that nobody has used
device = ec.generate_private_key(ec.SECP256R1())  # stays on this device


def ask(document: str, **variables: object) -> dict:
    """Send one GraphQL document."""
    reply = httpx.post(endpoint, json={"query": document, "variables": variables})
    return reply.json()["data"]


# Once: the wallet signs a text that names the device's public key.
spki = device.public_key().public_bytes(
    serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
)
signing_key = base64.b64encode(spki).decode()
text = f"I authorize Countersign from this device using signing key:\n{signing_key}"
signed = wallet.sign_message(encode_defunct(text=text)).signature
registration = {"address": wallet.address, "message": text, "signature": "0x" + bytes(signed).hex()}
register = "mutation ($input: RegisterSigningKeyRequest!) { registerSigningKey(input: $input) { status } }"
print("registerSigningKey", ask(register, input=registration)["registerSigningKey"]["status"])


def act(op: str, type_: str, handle: str) -> str:
    """Follow or unfollow: sign a message with the device's key, and send it. Gives the status."""
    content = {"op": op, "address": wallet.address, "handle": handle, "ts": time.time_ns() // 1_000_000}
    message = json.dumps(content)
    r, s = utils.decode_dss_signature(device.sign(message.encode(), ec.ECDSA(hashes.SHA256())))
    sent = {"address": wallet.address, "handle": handle, "message": message}
    sent |= {"signature": f"0x{r:064x}{s:064x}", "signingKey": signing_key}
    return ask(f"mutation ($input: {type_}!) {{ {op}(input: $input) {{ status }} }}", input=sent)[op][
        "status"
    ]


print("follow", act("follow", "FollowRequest", "shiyu"))
following = 'query ($me: AddressEVM!) { profileByHandle(handle: "shiyu") { isFollowedByMe(me: $me) } }'
print("isFollowedByMe", ask(following, me=wallet.address)["profileByHandle"]["isFollowedByMe"])
print("unfollow", act("unfollow", "UnFollowRequest", "shiyu"))
