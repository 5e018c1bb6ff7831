// How far a bulk has come, in this browser's storage, so that a reload continues it: the list, and of each item that was
// begun what is known. Written at once (`Memory`), so that a message is kept before it leaves.

import type { SignedOperation } from "../api/api.ts";
import type { Memory } from "../browser/memory.ts";
import { forgetOldWork, forgetWork, workers, workOf } from "../browser/memory.ts";
import { isHandle } from "../protocol/handle.ts";
import type { Operation } from "../protocol/message.ts";
import { composeMessage } from "../protocol/message.ts";

export interface BulkItem {
  readonly op: Operation;
  readonly handle: string;
}

export interface ItemProgress {
  /** A status of the contract, a problem's slug, or one of `LocalStatus`; null while there is something left to do. */
  readonly status: string | null;
  /** Whether this run changed whom the account follows. */
  readonly changed: boolean;
  /** A message about it left, and no answer came: it may have been done. */
  readonly unanswered: boolean;
  /** The message to send, the same bytes each time. */
  readonly signed: SignedOperation | null;
  /** How often the answer was none that says anything. */
  readonly tries: number;
}

/** Each handle once. */
export interface BulkRun {
  items: readonly BulkItem[];
  /** Nothing more is to be begun. */
  stopped: boolean;
  /** Of the items that were begun, by handle. */
  progress: Map<string, ItemProgress>;
}

interface BulkProgress {
  /** The run that was kept last; null where there is none, or something that is none. */
  read(): BulkRun | null;
  /** Forgets the run before, and keeps this one, of which nothing was begun. */
  begin(items: readonly BulkItem[]): void;
  /** This one and the next keep nothing of a run that was forgotten meanwhile, as when its owner signed out. */
  keepStopped(run: BulkRun): void;
  keepItem(handle: string, progress: ItemProgress): void;
  forget(): void;
}

export const UNTOUCHED: ItemProgress = { status: null, changed: false, unanswered: false, signed: null, tries: 0 };

type Loose<T> = { [K in keyof T]?: unknown };

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}

const looselyA = <T>(value: unknown): Loose<T> => (typeof value === "object" && value !== null ? value : {});

function isItem(value: unknown): value is BulkItem {
  const { op, handle } = looselyA<BulkItem>(value);
  return (op === "follow" || op === "unfollow") && typeof handle === "string" && isHandle(handle);
}

/** When the message was signed, in milliseconds since the Unix epoch. */
export function timeOf({ message }: SignedOperation): number {
  return Number(looselyA<{ ts: number }>(parsed(message)).ts);
}

/** Whether what was kept is a message about this item; no other is ever sent again. */
function isAbout({ op, handle: about }: BulkItem, value: unknown): value is SignedOperation {
  const { address, handle, message, signature, signingKey } = looselyA<SignedOperation>(value);
  const isWhole = [address, handle, message, signature, signingKey].every((part) => typeof part === "string");
  return isWhole && handle === about && message === composeMessage(op, address as string, about, timeOf(value as SignedOperation));
}

function itemProgress(item: BulkItem, value: unknown): ItemProgress | null {
  const { status, changed, unanswered, signed, tries } = looselyA<ItemProgress>(value);
  if ((status !== null && typeof status !== "string") || typeof changed !== "boolean" || typeof unanswered !== "boolean" || typeof tries !== "number") return null;
  return { status, changed, unanswered, signed: isAbout(item, signed) ? signed : null, tries };
}

/** One run is kept for each account, for a week since it was begun or taken up. `now`: in milliseconds since the Unix epoch. */
export function createBulkProgress(memory: Memory, address: string, now: () => number): BulkProgress {
  const list = workOf(address);
  const nameOf = (handle: string): string => `${list}.${handle}`;
  const keepList = (items: readonly BulkItem[], stopped: boolean): void => memory.set(list, JSON.stringify({ items, stopped, at: now() }));
  const isKept = (): boolean => memory.get(list) !== null;
  const forget = (): void => forgetWork(memory, address);
  return {
    read() {
      forgetOldWork(memory, now());
      const { items, stopped } = looselyA<{ items: BulkItem[]; stopped: boolean }>(parsed(memory.get(list)));
      if (!Array.isArray(items) || !items.every(isItem)) return null;
      const progress = new Map<string, ItemProgress>();
      for (const item of items) {
        const found = itemProgress(item, parsed(memory.get(nameOf(item.handle))));
        if (found !== null) progress.set(item.handle, found);
      }
      return { items, stopped: stopped === true, progress };
    },
    begin(items) {
      forget();
      keepList(items, false);
    },
    keepStopped({ items, stopped }) {
      if (isKept()) keepList(items, stopped);
    },
    keepItem(handle, progress) {
      if (isKept()) memory.set(nameOf(handle), JSON.stringify(progress));
    },
    forget,
  };
}

/** The accounts, in lower case, that began something here which is neither over nor stopped. */
export function unfinished(memory: Memory, now: () => number): string[] {
  return workers(memory).filter((address) => {
    const run = createBulkProgress(memory, address, now).read();
    return run !== null && !run.stopped && run.items.some(({ handle }) => (run.progress.get(handle)?.status ?? null) === null);
  });
}
