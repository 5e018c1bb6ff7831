// In place of the package `idb`, for the original SDK in a frame without storage: one store, in memory.

interface Store {
  get(store: string, key: string): Promise<unknown>;
  put(store: string, value: unknown, key: string): Promise<void>;
  delete(store: string, key: string): Promise<void>;
  clear(store: string): Promise<void>;
}

/** Opens it, empty. */
export async function openDB(): Promise<Store> {
  const values = new Map<string, unknown>();
  return {
    get: async (_, key) => values.get(key),
    put: async (_, value, key) => void values.set(key, value),
    delete: async (_, key) => void values.delete(key),
    clear: async () => values.clear(),
  };
}
