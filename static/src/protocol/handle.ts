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

/** Whether `handle` has the form that the gateway takes. */
export function isHandle(handle: string): boolean {
  return HANDLE.test(handle);
}
