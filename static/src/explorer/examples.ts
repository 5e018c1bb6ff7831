// Operations to begin with: each runs as it stands against a gateway with demo data, and the tests run each.

/** Asks the gateway, and gives its `data`. */
export type Ask = (query: string) => Promise<unknown>;

export interface Example {
  readonly name: string;
  readonly words: string;
  readonly query: string;
  /** What fills its variables: what the gateway says now, or the clock. */
  readonly variables?: (ask: Ask, now: () => number) => Promise<Readonly<Record<string, unknown>>>;
}

const NEWEST = `{ profileByHandle(handle: "shiyu") { followers(first: 1) { edges { node { address proof { signingKey } } } } } }`;

interface Newest {
  profileByHandle: { followers: { edges: readonly { node: { address: string; proof: { signingKey: string } } }[] } } | null;
}

/** Somebody whose device signed a follow: both are public, as all proofs are. */
async function somebody(ask: Ask): Promise<{ address: string; signingKey: string }> {
  const { profileByHandle } = (await ask(NEWEST)) as Newest;
  const node = profileByHandle?.followers.edges[0]?.node;
  return { address: node?.address ?? `0x${"1".repeat(40)}`, signingKey: node?.proof.signingKey ?? "" };
}

export const EXAMPLES: readonly Example[] = [
  {
    name: "A profile and its count",
    words: "who has a handle, and how many follow it",
    query: `query Profile {
  profileByHandle(handle: "shiyu") {
    handle
    owner { address }
    followerCount
  }
}
`,
  },
  {
    name: "Do I follow?",
    words: "isFollowedByMe, for an address",
    query: `query DoIFollow($me: AddressEVM!) {
  profileByHandle(handle: "shiyu") {
    isFollowedByMe(me: $me)
  }
}
`,
    variables: async (ask) => ({ me: (await somebody(ask)).address }),
  },
  {
    name: "First page of followers",
    words: "newest first, and the cursor that goes on",
    query: `query Followers($after: String) {
  profileByHandle(handle: "shiyu") {
    followers(first: 3, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges { node { address handle } }
    }
  }
}
`,
    variables: async () => ({ after: "" }),
  },
  {
    name: "Whom somebody follows",
    words: "in the order of handles",
    query: `query Followings($who: AddressEVM!) {
  address(address: $who) {
    followingCount
    followings(first: 20, order: HANDLE) {
      edges { node { handle profile { metadataInfo { displayName } } } }
    }
  }
}
`,
    variables: async (ask) => ({ who: (await somebody(ask)).address }),
  },
  {
    name: "The proof of a follow",
    words: "what anybody can check without this gateway",
    query: `query Proof {
  profileByHandle(handle: "shiyu") {
    followers(first: 1) {
      edges {
        node {
          proof {
            content digest signature signingKey
            signingKeyAuth { address message signature }
            arweaveTxHash sequence previousDigest entryDigest
          }
        }
      }
    }
  }
}
`,
  },
  {
    name: "People",
    words: "everybody with a handle, the most followed first",
    query: `query People {
  profiles(order: MOST_FOLLOWED, first: 5) {
    totalCount
    edges { node { handle followerCount } }
  }
}
`,
  },
  {
    name: "A message to sign",
    words: "what a device signs to follow, with a time that will do",
    query: `query Message($me: AddressEVM!) {
  createFollowTypedMessage(input: { address: $me, handle: "shiyu", operation: FOLLOW }) {
    message
  }
}
`,
    variables: async (ask) => ({ me: (await somebody(ask)).address }),
  },
  {
    name: "INVALID_SIGNATURE",
    words: "an unfollow in somebody's name, with a signature made up",
    query: `mutation MadeUp($input: UnFollowRequest!) {
  unfollow(input: $input) {
    status
    tsInServer
  }
}
`,
    variables: async (ask, now) => {
      const { address, signingKey } = await somebody(ask);
      const message = JSON.stringify({ op: "unfollow", address, handle: "shiyu", ts: now() });
      return { input: { address, handle: "shiyu", message, signature: `0x${"11".repeat(64)}`, signingKey } };
    },
  },
  {
    name: "INVALID_MESSAGE",
    words: "a message that says follow, sent to unfollow",
    query: `mutation MixedUp($input: UnFollowRequest!) {
  unfollow(input: $input) {
    status
    tsInServer
  }
}
`,
    variables: async (ask, now) => {
      const { address, signingKey } = await somebody(ask);
      const message = JSON.stringify({ op: "follow", address, handle: "shiyu", ts: now() });
      return { input: { address, handle: "shiyu", message, signature: `0x${"11".repeat(64)}`, signingKey } };
    },
  },
];
