// Handles: what the input box forgives, and what the contract allows.

const HANDLE = /^[a-z0-9][a-z0-9_-]{0,19}$/;

/** What the user meant: trimmed, lower case, without a leading `@` and a trailing `.cc` or `.cyber`. */
export function normaliseHandle(typed: string): string {
  return typed
    .trim()
    .toLowerCase()
    .replace(/^@/, "")
    .replace(/\.(?:cc|cyber)$/, "");
}

/**
 * Why nothing can be done for the profile `shown` while the field says `typed`; null where they are about the same.
 * `choosing`: nothing is looked up before the visitor chooses a suggestion or presses Enter.
 */
export function hindrance(typed: string, shown: string, choosing: boolean): string | null {
  const meant = normaliseHandle(typed);
  if (meant === shown) return null;
  if (meant === "") return "Type a handle";
  if (!isHandle(meant)) return "That is no handle";
  return choosing ? `Press Enter to look up @${meant}` : `Looking up @${meant}`;
}

/** Whether `handle` has the form that the gateway takes. */
export function isHandle(handle: string): boolean {
  return HANDLE.test(handle);
}
