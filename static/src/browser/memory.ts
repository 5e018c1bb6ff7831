// Small texts that this browser remembers between visits; a browser that forbids it forgets, and nothing else happens.

export interface Memory {
  get(name: string): string | null;
  /** Remembers, or forgets with null. */
  set(name: string, value: string | null): void;
  /** The names that begin so, in no order. */
  names(prefix: string): readonly string[];
}

/** Under which name, and under others that begin with it and a dot, an account's long work is kept. */
export const workOf = (address: string): string => `countersign.bulk.${address.toLowerCase()}`;

/** Forgets an account's long work: it is over, or its owner leaves. */
export function forgetWork(memory: Memory, address: string): void {
  const name = workOf(address);
  for (const each of [name, ...memory.names(`${name}.`)]) memory.set(each, null);
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
