// What of an act is for the page that asked: that the gateway answered, or that it was so already. Not who acted, nor
// what did not come about on the way.

import type { Told } from "../embed/messages.ts";
import type { State } from "../state/types.ts";

type News = Omit<Told, "countersign">;

/** What there is to tell of `handle`; null where nothing came of anything. */
export function newsOf({ result, act, profile }: Pick<State, "result" | "act" | "profile">, handle: string): News | null {
  if (result === null || profile?.handle !== handle) return null;
  const following = profile.isFollowedByMe;
  if (result.kind === "status") {
    const about = (result.op === "follow" || result.op === "unfollow") && result.handle === handle;
    return about ? { handle, status: result.status, following } : null;
  }
  // It was so when the visitor signed in, or has come about though its reply was lost.
  const done = result.kind === "note" && act === `${following ? "Follow" : "Unfollow"} @${handle}`;
  return done && !profile.isMine ? { handle, status: "ALREADY_DONE", following } : null;
}
