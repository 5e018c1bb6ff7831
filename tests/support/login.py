"""Signing in at the API, as a client does it."""

from typing import Any

from tests.support.people import Client, Wallet

SECRET = "a secret of at least thirty-two characters, long enough for HS512 too"


ALICE = Wallet("alice")


# As the published guides have them.
GET_MESSAGE = """mutation loginGetMessage($domain:String!, $address:AddressEVM!, $chainID:ChainID!) {
  loginGetMessage(input: { domain: $domain, address: $address, chainID: $chainID }) { message }
}"""


VERIFY = """mutation loginVerify(
  $domain:String!, $address:AddressEVM!, $chainID:ChainID!, $signature:String!
) {
  loginVerify(input: { domain:$domain, address:$address, chainID:$chainID, signature:$signature }) {
    accessToken
  }
}"""


def account(wallet: Wallet = ALICE, **changes: Any) -> dict[str, Any]:
    return {"domain": "follow.example", "address": wallet.address, "chainID": 1, **changes}


def text_for(client: Client, **changes: Any) -> str:
    text: str = client.data(GET_MESSAGE, **account(**changes))["loginGetMessage"]["message"]
    return text


def token_for(client: Client) -> str:
    answer = client.data(VERIFY, **account(), signature=ALICE.sign(text_for(client)))
    token: str = answer["loginVerify"]["accessToken"]
    return token


HINTED = """mutation ($input: LoginVerifyInput!) { loginVerify(input: $input) { accessToken } }"""
