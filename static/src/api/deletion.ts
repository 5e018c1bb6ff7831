// What the site tells and does where an account is deleted.

import type { Api } from "./api.ts";

/** A handle of one's own; blank where its profile shows no name, no words and no picture. */
export interface OwnHandle {
  handle: string;
  isBlank: boolean;
}

/** The account's handles; null where the gateway cannot list them. */
export async function readOwnHandles(api: Api): Promise<readonly OwnHandle[] | null> {
  return (await api.read<{ handles: readonly OwnHandle[] | null }>("/handles", { handles: "object" })).handles;
}

/** Deletes all API keys of the account, if its wallet has signed in lately; how many there were. */
export async function deleteApplications(api: Api, address: string): Promise<number> {
  return (await api.send<{ deleted: number }>("/applications/delete", { address }, { deleted: "number" })).deleted;
}
