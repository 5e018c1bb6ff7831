// Messages about a handle of one's own, composed here, signed and sent as exactly these bytes.

export type FollowerOperation = "remove" | "block" | "unblock";
export type HandleOperation = "claim" | "release" | "profile" | FollowerOperation;

/** What a profile shows: each may be empty. `avatar` is an https URL, or a picture as a data URL. */
export interface ProfileText {
  displayName: string;
  bio: string;
  avatar: string;
}

/** In code points. */
export const LONGEST_NAME = 50;
export const LONGEST_BIO = 200;
/** The longest message about what a profile shows, in UTF-8 bytes. */
export const MAX_PROFILE_BYTES = 8_192;

/** Without spaces, in the order op, address, handle, ts; `ts` in milliseconds since the Unix epoch. */
export function composeHandleMessage(operation: "claim" | "release", address: string, handle: string, ts: number): string {
  return JSON.stringify({ op: operation, address, handle, ts });
}

/** The same with whom it is done to, before `ts`. */
export function composeFollowerMessage(operation: FollowerOperation, address: string, handle: string, follower: string, ts: number): string {
  return JSON.stringify({ op: operation, address, handle, follower, ts });
}

/** The same with what is to be shown, before `ts`. */
export function composeProfileMessage(address: string, handle: string, { displayName, bio, avatar }: ProfileText, ts: number): string {
  return JSON.stringify({ op: "profile", address, handle, displayName, bio, avatar, ts });
}

/** How many characters a picture's data URL may have so that the message fits whatever name and words come beside it. */
export function longestPicture(): number {
  const most = { displayName: "\u{1f600}".repeat(LONGEST_NAME), bio: "\u{1f600}".repeat(LONGEST_BIO), avatar: "" };
  const longest = composeProfileMessage("0x".padEnd(42, "0"), "a".repeat(20), most, 9_999_999_999_999);
  return MAX_PROFILE_BYTES - new TextEncoder().encode(longest).length;
}
