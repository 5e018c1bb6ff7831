// The directory, and who follows somebody, as the site tells it.

import type { Api } from "./api.ts";

/** Somebody, as the visitor sees them. */
export interface Someone {
  handle: string;
  displayName: string;
  avatar: string | null;
  address: string;
  isFollowedByMe: boolean;
  followsMe: boolean;
}

export interface PersonRow extends Someone {
  followerCount: number;
}

/** Somebody who follows; `handle` is empty where they have none. */
export interface FollowerRow extends Someone {
  /** By the signer's clock, ms since the Unix epoch. */
  signedAt: number | null;
  entryDigest: string;
}

/** A page of followers; `rows` is null where the gateway lists none. */
export interface Followers {
  total: number;
  /** The gateway counted no further than `total`. */
  orMore: boolean;
  after: string | null;
  rows: readonly FollowerRow[] | null;
}

/** A page of the directory; `after` is where the next one begins. */
export interface People {
  total: number;
  /** The gateway counted no further than `total`. */
  orMore: boolean;
  after: string | null;
  people: readonly PersonRow[];
}

/** The page of those whose handle begins with `search`, from the cursor on; empty, the first. */
export function readPeople(api: Api, search: string, order: string, after: string): Promise<People> {
  return api.read(`/people?${new URLSearchParams({ search, order, after }).toString()}`, { people: "object", total: "number", orMore: "boolean" });
}

/** The page of the handle's followers that are found by `search`, from the cursor on; empty, the first of all. */
export function readFollowers(api: Api, handle: string, search: string, after: string): Promise<Followers> {
  return api.read(`/profiles/${handle}/followers?${new URLSearchParams({ search, after }).toString()}`, { total: "number", orMore: "boolean" });
}
