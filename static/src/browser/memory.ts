// Small texts that this browser remembers between visits; a browser that forbids it forgets, and nothing else happens.

export interface Memory {
  get(name: string): string | null;
  /** Remembers, or forgets with null. */
  set(name: string, value: string | null): void;
  /** The names that begin so, in no order. */
  names(prefix: string): readonly string[];
}

const WORK = "countersign.bulk.";
/** How long an account's long work is kept, in milliseconds: whoever was away for longer begins anew. */
export const WORK_KEPT_MS = 7 * 86_400_000;

/** Under which name, and under others that begin with it and a dot, an account's long work is kept. */
export const workOf = (address: string): string => `${WORK}${address.toLowerCase()}`;

/** Forgets an account's long work: it is over, or its owner leaves. */
export function forgetWork(memory: Memory, address: string): void {
  const name = workOf(address);
  for (const each of [name, ...memory.names(`${name}.`)]) memory.set(each, null);
}

/** When work that is kept so was last begun or taken up, in milliseconds since the Unix epoch; NaN where it does not say. */
function begunAt(work: string | null): number {
  try {
    return Number((JSON.parse(work ?? "") as { at?: unknown } | null)?.at);
  } catch {
    return Number.NaN;
  }
}

/** The accounts, in lower case, whose long work is kept here. */
export function workers(memory: Memory): string[] {
  return memory.names(WORK).map((name) => name.slice(WORK.length)).filter((address) => !address.includes("."));
}

/** Forgets the long work of whichever account nobody came back for. `now`: in milliseconds since the Unix epoch. */
export function forgetOldWork(memory: Memory, now: number): void {
  for (const address of workers(memory)) if (!(now - begunAt(memory.get(workOf(address))) <= WORK_KEPT_MS)) forgetWork(memory, address);
}

/** Over `localStorage`; `open` may throw, as reading `window.localStorage` does where the visitor blocks it. */
export function createMemory(open: () => Storage): Memory {
  /** What could not be stored. */
  const kept = new Map<string, string>();
  const quietly = <T>(work: (storage: Storage) => T, otherwise: T): T => {
    try {
      return work(open());
    } catch {
      return otherwise; // blocked or full: what is kept in this page has to do
    }
  };
  return {
    names(prefix) {
      const stored = quietly((storage) => Array.from(storage, (_, at) => storage.key(at) ?? ""), []);
      return [...new Set([...stored, ...kept.keys()])].filter((name) => name.startsWith(prefix));
    },
    get: (name) => kept.get(name) ?? quietly((storage) => storage.getItem(name), null),
    set(name, value) {
      kept.delete(name);
      if (value === null) quietly((storage) => storage.removeItem(name), undefined);
      else if (!quietly((storage) => (storage.setItem(name, value), true), false)) kept.set(name, value);
    },
  };
}
