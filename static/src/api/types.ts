// What the site tells the page. Times are milliseconds since the Unix epoch, durations milliseconds.

import type { Address } from "../protocol/address.ts";

/** The request that the site sent upstream and the reply it got, secrets left out. */
export interface Exchange {
  request: { method: string; url: string; headers: Record<string, string>; body: string };
  response: { status: number; headers: Record<string, string>; body: string };
  durationMs: number;
}

/** A request with the reply to it, if one came. */
export interface Attempt extends Omit<Exchange, "response"> {
  response: Exchange["response"] | null;
}

export interface Profile {
  handle: string;
  displayName: string;
  /** Empty where nothing is told. */
  bio: string;
  avatar: string | null;
  followerCount: number;
  isFollowedByMe: boolean;
  isMine: boolean;
}

export interface Suggestion {
  handle: string;
  displayName: string;
  followerCount: number;
}

/** A registered key, as the site lists it for the active address. */
export interface SigningKeyRecord {
  signingKey: string;
  fingerprint: string;
  /** Empty where it has none. */
  name: string;
  entity: string;
  registeredAt: number;
  expiresAt: number;
  revokedAt: number | null;
  /** When the newest operation that it signed was accepted; null where it signed nothing lately. */
  lastUsedAt: number | null;
}

/** What the site says about this browser's session. `addresses`: every account that is signed in here. */
export interface Session {
  csrfToken: string;
  address: Address | null;
  addresses: Address[];
  entity: string;
  chainIds: number[] | null;
  /** Whether the request came with a cookie of this site. */
  cookie?: boolean;
  /** There where the page stands in a frame of another site, which has a session of its own. */
  framed?: true;
}

/** What the server wrote into the page: the session, and what the first view shows. */
export interface Bootstrap extends Session {
  featured: Profile | null;
  featuredHandle: string;
  /** The slug of the problem for which the featured profile could not be read; null where it could, or is none. */
  featuredProblem: string | null;
  keyLifetimeDays: number;
  upstream: string;
}
