"""Documents as the published guides have them and as clients written after them send them, with variables."""

import re
from typing import Any

from tests.support.places import ROOT

SHIYU = {"handle": "shiyu"}
ADDRESS = {"address": "0x5fd9b0B7e15B4d106624ea9CF96602996c9c344D"}
ANOTHER = "0xb54B03CFca57624d360C2182d4e053b3fdE14392"

GUIDES: dict[str, tuple[str, dict[str, Any]]] = {
    "getProfileByHandle": (
        """query getProfileByHandle($handle: String!){
      profileByHandle(handle: $handle) {
        metadataInfo {
          avatar
          bio
        }
        owner {
          address
        }
        isPrimary
      }
    }""",
        SHIYU,
    ),
    "getFollowersByHandle": (
        """query getFollowersByHandle($handle: String!, $me: AddressEVM!) {
      profileByHandle(handle: $handle) {
        followerCount
        isFollowedByMe(me: $me)
        followers {
          totalCount
          pageInfo {
            hasPreviousPage
            startCursor
            hasNextPage
          }
        }
      }
    }""",
        {**SHIYU, "me": "0xD790D1711A9dCb3970F47fd775f2f9A2f0bCc348"},
    ),
    "getFollowingsByAddressEVM": (
        """query getFollowingsByAddressEVM($address: AddressEVM!, ) {
      address(address: $address) {
        followingCount
        followings {
          totalCount
          edges {
            node {
              address {
                address
              }
            }
          }
          pageInfo {
            hasPreviousPage
            startCursor
            hasNextPage
          }
        }
      }
    }""",
        ADDRESS,
    ),
    "getAddressByEVMWallet": (
        """query address($address: AddressEVM!){
      address(address: $address) {
        address
        wallet {
          profiles {
          edges {
            node {
              id
            }
          }
        }
        }
      }
    }""",
        ADDRESS,
    ),
    "batchGetAddressByEVMWallet": (
        """query batchGetAddressByEVMWallet($addresses: [AddressEVM!]!) {
      batchGetAddresses (addresses: $addresses) {
        address
        wallet {
          profiles {
          edges {
            node {
              id
            }
          }
        }
        }
      }
    }""",
        {"addresses": [ADDRESS["address"], ANOTHER]},
    ),
    "listProfilesOwnedByAddress": (
        """query getProfilesbyOwner($address: AddressEVM!) {
      address(address: $address) {
        wallet {
          profiles(first:5) {
            edges {
              node {
                profileID
                isPrimary
                handle
                avatar
                owner {
                  address
                }
                namespace{
                    name
                    contractAddress
                }
              }
            }
          }
        }
      }
    }""",
        ADDRESS,
    ),
    "a client's typed message": (
        """query m($operation:FollowOperation!,$address:AddressEVM!, $handle:String!) {
  createFollowTypedMessage(input: {
    address: $address,
    operation: $operation,
    handle: $handle
  }) {
    message
  }
}""",
        {**ADDRESS, **SHIYU, "operation": "FOLLOW"},
    ),
    "a client's batch": (
        """query b($me: AddressEVM!, $toAddrList: [AddressEVM!]!) {
    batchGetAddresses(addresses: $toAddrList) {
      address
      wallet { primaryProfile { isFollowedByMe(me: $me) } }
      followings { edges { node { profile { handle } } } }
    }
  }""",
        {"me": ADDRESS["address"], "toAddrList": [ANOTHER]},
    ),
    "a client's list of followings": (
        """query getFollowingsByAddressEVM($address: AddressEVM!) {
    address(address: $address) { followings { edges { node { handle address } } } }
  }""",
        ADDRESS,
    ),
    "text where an address is expected": (
        "query a($address: String!) { address(address: $address) { address } }",
        ADDRESS,
    ),
}


SDK_SOURCES = {
    "alpha.21": "@cyberlab/cyberconnect-v2/src/queries.ts",
    "alpha.16": "cyberconnect-v2-alpha16/src/queries.ts",
}


def sdk_document(source: str, operation: str) -> str:
    """The document of an operation, cut out of the SDK's own source."""
    text = (ROOT / "node_modules" / source).read_text()
    found = re.search(rf"operationName: '{operation}',\s*query: `([^`]*)`", text)
    assert found is not None
    return found[1]
