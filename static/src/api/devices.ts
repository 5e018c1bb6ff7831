// The sessions of the signed-in account, as the site tells them. Times are milliseconds since the Unix epoch.

import type { Api } from "./api.ts";

/** A browser in which the account is signed in. */
export interface WebSession {
  id: string;
  /** A few words, such as "Firefox on Linux". */
  browser: string;
  signedInAt: number;
  /** To five minutes. */
  seenAt: number;
  expiresAt: number;
  isThis: boolean;
}

export async function readSessions(api: Api): Promise<readonly WebSession[]> {
  return (await api.read<{ sessions: readonly WebSession[] }>("/sessions", { sessions: "object" })).sessions;
}

/** Ends one of the others; how many there were, which is none where it has ended already. */
export async function endSession(api: Api, address: string, id: string): Promise<number> {
  return (await api.send<{ ended: number }>("/sessions/end", { address, id }, { ended: "number" })).ended;
}
