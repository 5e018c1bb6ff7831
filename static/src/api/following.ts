// Whom the signed-in account follows, as the site tells it, and what an import asks about.

import type { Api } from "./api.ts";

export interface FollowingRow {
  handle: string;
  displayName: string;
  avatar: string | null;
  /** Empty where nobody has the handle any more. */
  address: string;
  followsMe: boolean;
  /** By the signer's clock, ms since the Unix epoch. */
  signedAt: number | null;
  entryDigest: string;
}

interface Page {
  total: number;
  after: string | null;
  rows: readonly FollowingRow[];
}

/** A page of the list, newest first, from the cursor on. */
export function readFollowings(api: Api, after: string | null): Promise<Page> {
  const asked = after === null ? "" : `?${new URLSearchParams({ after }).toString()}`;
  return api.read(`/following${asked}`, { rows: "object", total: "number" });
}

interface Known {
  handle: string;
  isFollowedByMe: boolean;
  isMine: boolean;
}

/** Those of up to a hundred handles that somebody has. */
export async function knownProfiles(api: Api, handles: readonly string[]): Promise<readonly Known[]> {
  return (await api.read<{ profiles: readonly Known[] }>(`/profiles/known?handles=${handles.join(",")}`, { profiles: "object" })).profiles;
}

/** The primary profiles of up to a hundred addresses in lower case, by address. */
export async function primaryHandles(api: Api, addresses: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { handles } = await api.read<{ handles: Record<string, string> }>(`/profiles/primary?addresses=${addresses.join(",")}`, { handles: "object" });
  return new Map(Object.entries(handles));
}
