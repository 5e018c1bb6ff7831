"""HTTP requests, whole, as they are sent."""

import json
from collections.abc import Mapping

_PAGE = """query {name}($handle: String!, $first: Int, $after: String) {{
  profileByHandle(handle: $handle) {{
    followers(first: $first, after: $after) {{
      totalCount pageInfo {{ hasNextPage endCursor }} edges {{ cursor node {{ address handle {proof} }} }}
    }}
  }}
}}"""
_PROOF = """proof {
  content digest signature signingKey signingKeyAuth { address message signature }
  arweaveTxHash sequence previousDigest entryDigest
}"""
DOCUMENTS = {
    "follow": "mutation follow($input: FollowRequest!) { follow(input: $input) { status tsInServer } }",
    "unfollow": """mutation unfollow($input: UnFollowRequest!) {
  unfollow(input: $input) { status tsInServer }
}""",
    "registerSigningKey": """mutation registerSigningKey($input: RegisterSigningKeyRequest!) {
  registerSigningKey(input: $input) { status }
}""",
    "isFollowedByMe": """query isFollowedByMe($handle: String!, $me: AddressEVM!) {
  profileByHandle(handle: $handle) { isFollowedByMe(me: $me) }
}""",
    "followerCount": """query followerCount($handle: String!) {
  profileByHandle(handle: $handle) { followerCount }
}""",
    "followers": _PAGE.format(name="followers", proof=""),
    "proofs": _PAGE.format(name="proofs", proof=_PROOF),
}


def post(path: str, content: object, headers: Mapping[str, str] | None = None, *, port: int) -> bytes:
    """Write a POST of JSON to a server on this machine."""
    body = json.dumps(content, separators=(",", ":")).encode()
    lines = {"Host": f"127.0.0.1:{port}", "Content-Type": "application/json", **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {path} HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def get(path: str, *, port: int) -> bytes:
    """Write a GET to a server on this machine."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()


def graphql(name: str, *, port: int, **variables: object) -> bytes:
    """Write a request to `/graphql` for one of the documents."""
    asked = {"operationName": name, "query": DOCUMENTS[name], "variables": variables}
    return post("/graphql", asked, port=port)


def empty(*, port: int) -> bytes:
    """Write the smallest request to `/graphql`."""
    return post("/graphql", {"query": "{__typename}"}, port=port)
