// Small texts that this browser remembers between visits; a browser that forbids it forgets, and nothing else happens.

export interface Memory {
  get(name: string): string | null;
  /** Remembers, or forgets with null. */
  set(name: string, value: string | null): void;
  /** The names that begin so, in no order. */
  names(prefix: string): readonly string[];
}

/** Over `localStorage`; `open` may throw, as reading `window.localStorage` does where the visitor blocks it. */
export function createMemory(open: () => Storage): Memory {
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
    get: (name) => quietly((storage) => storage.getItem(name), null) ?? kept.get(name) ?? null,
    set(name, value) {
      if (value === null) {
        kept.delete(name);
        quietly((storage) => storage.removeItem(name), undefined);
      } else {
        kept.set(name, value);
        quietly((storage) => storage.setItem(name, value), undefined);
      }
    },
  };
}
