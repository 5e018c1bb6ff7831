"""Check a proof of connection without any of Countersign's code: `python check_proof.py PROOF.json`."""

import base64
import hashlib
import json
import sys
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from eth_account import Account
from eth_account.messages import encode_defunct

proof = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
auth, message = proof["signingKeyAuth"], json.loads(proof["content"])


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# Authorisation: the address's wallet signed a text that ends with the signing key.
signer = Account.recover_message(encode_defunct(text=auth["message"]), signature=auth["signature"])
if signer != auth["address"] or not auth["message"].endswith("\n" + proof["signingKey"]):
    sys.exit("authorisation")

# Signature: that key signed the message's exact bytes. This raises InvalidSignature where it did not.
key = serialization.load_der_public_key(base64.b64decode(proof["signingKey"]))
r, s = int(proof["signature"][2:66], 16), int(proof["signature"][66:], 16)
der = utils.encode_dss_signature(r, s)
key.verify(der, proof["content"].encode(), ec.ECDSA(hashes.SHA256()))

# Message: it is this address's, and its digest is right.
if message["address"].lower() != signer.lower() or sha256(proof["content"]) != proof["digest"]:
    sys.exit("message")

# Chain: the entry's digest covers all of that and the digest of the entry before.
lines = [
    "countersign/operation/v1",
    signer,
    message["handle"],
    str(proof["sequence"]),
    proof["previousDigest"],
    proof["digest"],
    proof["signature"],
    proof["signingKey"],
    sha256(auth["message"] + "\n" + auth["signature"]),
]
if sha256("\n".join(lines)) != proof["entryDigest"]:
    sys.exit("chain")

print(signer, message["op"], message["handle"], message["ts"])
