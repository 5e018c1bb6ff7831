// The pieces of the page that are loaded when they are first needed: without a connection, or after the site was changed,
// one may not be there.

import { ProblemError } from "../api/api.ts";

/**
 * What `load` imports. Browsers may remember a failed import for as long as the page lives, so that trying again would
 * fail for ever: the problem offers to load the page itself again.
 */
export async function piece<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch {
    throw new ProblemError("not-loaded", "A piece of the page cannot be loaded");
  }
}
