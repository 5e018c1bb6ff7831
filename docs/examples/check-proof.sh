#!/bin/sh
# Check a proof of connection with jq, openssl and coreutils: sh check-proof.sh PROOF.json
# What the wallet signed (EIP-191, on secp256k1) is beyond these tools: check_proof.py does that as well.
set -eu
proof=$1
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
get() { jq -j "$1" "$proof"; }
sha256() { sha256sum | cut -d ' ' -f 1; }

# Authorisation, its words: the text that the wallet signed ends with the signing key.
test "$(get .signingKeyAuth.message | tail -n 1)" = "$(get .signingKey)" || { echo authorisation; exit 1; }

# Signature: r and s become DER, which is what openssl reads.
get .signingKey | base64 -d | openssl pkey -pubin -inform DER -out "$work/key.pem"
get '"asn1=SEQUENCE:rs\n[rs]\nr=INTEGER:0x" + .signature[2:66] + "\ns=INTEGER:0x" + .signature[66:130] + "\n"' > "$work/rs"
openssl asn1parse -genconf "$work/rs" -noout -out "$work/signature.der"
get .content | openssl dgst -sha256 -verify "$work/key.pem" -signature "$work/signature.der" > "$work/said" || { echo signature; exit 1; }

# Message: the digest is its SHA-256.
test "$(get .content | sha256)" = "$(get .digest)" || { echo message; exit 1; }

# Chain: nine lines, without a line feed at the end.
authorisation=$(get '.signingKeyAuth.message + "\n" + .signingKeyAuth.signature' | sha256)
lines='"countersign/operation/v1", .signingKeyAuth.address, (.content | fromjson | .handle), .sequence, .previousDigest, .digest, .signature, .signingKey'
test "$(get "[$lines | tostring] | join(\"\n\") + \"\n$authorisation\"" | sha256)" = "$(get .entryDigest)" || { echo chain; exit 1; }

get '.content | fromjson | "\(.op) \(.handle) by \(.address) at \(.ts)\n"'
