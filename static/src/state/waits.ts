// What an act waits for outside of this page: who it is, what helps, and what is said where the visitor will not wait.

import type { AnnouncedWallet } from "../wallet/types.ts";
import type { Waiting } from "./types.ts";

const CANCELLED = "Cancelled.";
const SENT = "Cancelled here, but it was sent already and may still arrive.";

export const forWallet = ({ name }: Pick<AnnouncedWallet, "name">): Waiting => ({
  who: name,
  hint: `Open ${name} to continue.`,
  cancelled: `Cancelled. What ${name} still answers is dropped.`,
});
export const STORAGE: Waiting = { who: "this browser's storage", hint: "If it lasts, close other tabs of this site.", cancelled: CANCELLED };
export const OTHER_TAB: Waiting = { who: "another tab", hint: "Go on there, or cancel here.", cancelled: CANCELLED };
export const SITE: Waiting = { who: "this site", hint: "", cancelled: CANCELLED };
export const GATEWAY: Waiting = { who: "the gateway", hint: "", cancelled: CANCELLED };
/** A request that changes something has left, and cannot be called back. */
export const SITE_HAS_IT: Waiting = { ...SITE, cancelled: SENT };
export const GATEWAY_HAS_IT: Waiting = { ...GATEWAY, cancelled: SENT };
