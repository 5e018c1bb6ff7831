// The directory, as the site tells it.

import type { Api } from "./api.ts";

/** Somebody with a handle, as the visitor sees them. */
export interface PersonRow {
  handle: string;
  displayName: string;
  avatar: string | null;
  address: string;
  followerCount: number;
  isFollowedByMe: boolean;
  followsMe: boolean;
}

/** A page of the directory; `after` is where the next one begins. */
export interface People {
  total: number;
  /** The gateway counted no further than `total`. */
  orMore: boolean;
  after: string | null;
  people: readonly PersonRow[];
}

/** The first page of those whose handle begins with `search`. */
export function readPeople(api: Api, search: string, order: string): Promise<People> {
  return api.read(`/people?${new URLSearchParams({ search, order }).toString()}`, { people: "object", total: "number", orMore: "boolean" });
}
