#!/bin/sh
# Read, and sign a follow, with curl and openssl alone: sh quick-start.sh [http://127.0.0.1:8000/graphql]
# The key is made here and no wallet has authorised it, so the last answer is INVALID_SIGNING_KEY: a wallet's signature
# takes more than a shell has. quick_start.py goes all the way.
set -eu
endpoint=${1:-http://127.0.0.1:8000/graphql}
address=0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
ask() { curl -sS "$endpoint" -H 'content-type: application/json' --data-binary "$1"; echo; }

# How many follow, and whether this address does: anybody may ask.
ask '{"query": "{ profileByHandle(handle: \"shiyu\") { followerCount isFollowedByMe(me: \"'$address'\") } }"}'

# A device key: ECDSA on P-256. The gateway knows it by its SPKI, in base64.
openssl ecparam -name prime256v1 -genkey -noout -out "$work/key.pem"
key=$(openssl pkey -in "$work/key.pem" -pubout -outform DER | openssl base64 -A)

# The message, and the signature of exactly these bytes. openssl writes DER; sent are r and s, 32 bytes each, in hex.
message='{"op":"follow","address":"'$address'","handle":"shiyu","ts":'$(date +%s)'000}'
printf %s "$message" | openssl dgst -sha256 -sign "$work/key.pem" -out "$work/der"
numbers=$(openssl asn1parse -inform DER -in "$work/der" | sed -n 's/.*INTEGER *://p')
signature=0x$(for number in $numbers; do printf '%64s' "$number"; done | tr ' A-F' '0a-f')

mutation='mutation ($input: FollowRequest!) { follow(input: $input) { status tsInServer } }'
quoted=$(printf %s "$message" | sed 's/"/\\"/g')
ask '{"query": "'"$mutation"'", "variables": {"input": {"address": "'$address'", "handle": "shiyu",
  "message": "'"$quoted"'", "signature": "'"$signature"'", "signingKey": "'"$key"'"}}}'
