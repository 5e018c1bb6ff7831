// What a proof says, in words.

import type { Said } from "../proofs/signed.ts";
import { exactTime, shortAddress } from "../text/format.ts";

const HANDLES: Record<string, (handle: string, follower: string) => string> = {
  follow: (handle) => `follows @${handle}`,
  unfollow: (handle) => `unfollowed @${handle}`,
  claim: (handle) => `claimed @${handle}`,
  release: (handle) => `gave @${handle} back`,
  profile: (handle) => `changed the profile of @${handle}`,
  remove: (handle, follower) => `removed ${follower} from the followers of @${handle}`,
  block: (handle, follower) => `blocked ${follower} from following @${handle}`,
  unblock: (handle, follower) => `lets ${follower} follow @${handle} again`,
};
const KEYS: Record<string, string> = { revoke: "revoked a signing key", rename: "named a signing key", renew: "renewed a signing key" };

/** What was done, as the rest of a sentence that begins with who did it. */
export function didWords(said: Said): string {
  return said.kind === "operation" ? (HANDLES[said.op]?.(said.handle, shortAddress(said.follower ?? "")) ?? said.op) : (KEYS[said.op] ?? said.op);
}

/** When it was signed, by the signer's own clock; a time that no calendar has is told as its number. */
export function whenWords({ ts }: Said): string {
  const ms = Number(ts);
  return Number.isSafeInteger(ms) && Math.abs(ms) <= 8_640_000_000_000_000 ? exactTime(ms) : `ts ${ts}`;
}
