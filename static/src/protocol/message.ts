// The message that the device key signs: composed here, signed and sent as exactly these bytes.

export type Operation = "follow" | "unfollow";
export type KeyOperation = "rename" | "renew" | "revoke";

/** Without spaces, in the order op, address, handle, ts; `ts` in milliseconds since the Unix epoch. */
export function composeMessage(operation: Operation, address: string, handle: string, ts: number): string {
  return JSON.stringify({ op: operation, address, handle, ts });
}

/** What is signed about a key of the address; a name with `rename` alone. */
export function composeKeyMessage(op: KeyOperation, address: string, signingKey: string, name: string, ts: number): string {
  return JSON.stringify({ op, address, signingKey, ...(op === "rename" && { name }), ts });
}

/** The text that a wallet signs to let `signingKey` (base64 SPKI) sign for it. */
export function composeAuthorizationText(entity: string, signingKey: string): string {
  return `I authorize ${entity} from this device using signing key:\n${signingKey}`;
}

/** SHA-256 of the text's UTF-8 bytes, 64 lower-case hex digits. */
export async function digestOf(text: string): Promise<string> {
  return hexOf(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}

/** Lower-case hex digits, without 0x. */
export function hexOf(bytes: ArrayBuffer | Uint8Array<ArrayBuffer>): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
