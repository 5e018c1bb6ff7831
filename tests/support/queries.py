"""Queries for pages of every kind, which ask for all that each row has."""

PROOF = "proof { content signature signingKeyAuth { message signature } entryDigest }"
PROFILE = "handle followerCount isFollowedByMe(me: $me) owner { address followingCount }"
ADDRESS = f"address followingCount wallet {{ primaryProfile {{ {PROFILE} }} }}"
FOLLOW = f"address handle profile {{ {PROFILE} }} follower {{ {ADDRESS} }} {PROOF}"
AROUND = "totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
QUERIES = {
    "followers": f'profileByHandle(handle: "shiyu") {{ followers(first: $n) '
    f"{{ {AROUND} edges {{ cursor node {{ {FOLLOW} }} }} }} }}",
    "followings": f"address(address: $me) {{ followings(first: $n) "
    f"{{ {AROUND} edges {{ node {{ {FOLLOW} }} }} }} }}",
    "followers searched": f'profileByHandle(handle: "shiyu") {{ followers(search: "h3", first: $n) '
    f"{{ {AROUND} edges {{ node {{ {FOLLOW} }} }} }} }}",
    "followings by handle": f"address(address: $me) {{ followings(order: HANDLE, first: $n) "
    f"{{ {AROUND} edges {{ node {{ {FOLLOW} }} }} }} }}",
    "followings searched": f'address(address: $me) {{ followings(search: "h", first: $n) '
    f"{{ {AROUND} edges {{ node {{ {FOLLOW} }} }} }} }}",
    "blocked": f'profileByHandle(handle: "h0") {{ blocked(first: $n) {{ {AROUND} edges {{ cursor node '
    f"{{ handle follower {{ {ADDRESS} }} {PROOF} }} }} }} }}",
    "profiles": f"address(address: $owner) {{ wallet {{ profiles(first: $n) {{ {AROUND} edges {{ node "
    f"{{ {PROFILE} }} }} }} }} }}",
    "prefix": f'profilesByPrefix(prefix: "h", first: $n) {{ {PROFILE} }}',
    "newest": f"profiles(first: $n) {{ {AROUND} edges {{ cursor node {{ {PROFILE} }} }} }}",
    "most followed": f"profiles(order: MOST_FOLLOWED, first: $n) "
    f"{{ {AROUND} edges {{ node {{ {PROFILE} }} }} }}",
    "beginning": f'profiles(search: "h", first: $n) {{ {AROUND} edges {{ node {{ {PROFILE} }} }} }}',
    "operations": 'address(address: $me) { operations(handle: "shiyu", first: $n) '
    f"{{ {AROUND} edges {{ node {{ op {PROOF} }} }} }} }}",
    "all operations": f"address(address: $me) {{ operations(first: $n) {{ {AROUND} edges {{ cursor node "
    f"{{ op handle {PROOF} }} }} }} }}",
    "keyOperations": f"address(address: $me) {{ keyOperations(first: $n) {{ {AROUND} edges {{ node "
    "{ op proof { content } } } } }",
}


def document(name: str) -> str:
    owner = ", $owner: AddressEVM!" if name == "profiles" else ""
    return f"query ($me: AddressEVM!, $n: Int{owner}) {{ {QUERIES[name]} }}"
