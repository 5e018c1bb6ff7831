// What an embedded button and the window that it opened say to each other. Neither says an address: the window tells
// the page no more than these members. Each side takes a message only from the other's window and origin.

/** From the window, once for each time that it loads: it can hear now. Sent to anybody, since it says nothing. */
export const READY = { countersign: "ready" } as const;

/** From the button: its page asks for a follow of `handle`. The browser vouches for the origin that it came from. */
export interface Ask {
  countersign: "ask";
  handle: string;
}

/** From the window: what the gateway answered to a press there, and how things stand since. */
export interface Told {
  countersign: "told";
  handle: string;
  status: string;
  following: boolean;
}

const STATUS = /^[A-Z_]{1,40}$/;

function members(data: unknown): Readonly<Record<string, unknown>> {
  return typeof data === "object" && data !== null ? (data as Record<string, unknown>) : {};
}

export const isReady = (data: unknown): boolean => members(data)["countersign"] === READY.countersign;

/** Whether a message asks for `handle`, and no other. */
export function isAskFor(data: unknown, wanted: string): boolean {
  const { countersign, handle } = members(data);
  return countersign === "ask" && handle === wanted;
}

/** What a message tells about `handle`; null where it is about something else. */
export function readTold(data: unknown, wanted: string): Told | null {
  const { countersign, handle, status, following } = members(data);
  if (countersign !== "told" || handle !== wanted || typeof status !== "string" || typeof following !== "boolean") return null;
  return STATUS.test(status) ? { countersign, handle, status, following } : null;
}
