// Where device keys are kept: IndexedDB, one key per address, which holds keys that no script can read out.

/** The browser does not let this page keep a key: storage blocked, full, or a private window. */
export class KeyStoreUnavailable extends Error {
  override name = "KeyStoreUnavailable";
}

export interface StoredKey {
  /** Lower-case. */
  address: string;
  signingKey: string;
  keyPair: CryptoKeyPair;
  /** `pending` until the gateway has confirmed its registration: nothing is signed with it before. */
  state: "pending" | "confirmed";
  createdAt: number;
  confirmedAt: number | null;
}

/** Every method rejects with KeyStoreUnavailable where the browser refuses. Addresses in any spelling. */
export interface KeyStore {
  get(address: string): Promise<StoredKey | null>;
  /** Keeps the key as the only one of its address. */
  put(key: StoredKey): Promise<void>;
  remove(address: string): Promise<void>;
}

const DATABASE = "countersign";
const KEYS = "signing-keys";

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function open(factory: IDBFactory): Promise<IDBDatabase> {
  const request = factory.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(KEYS, { keyPath: "address" });
  return settled(request);
}

function done(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
  });
}

/** Opened for each use and closed after it, so that clearing the site's data never has to wait for this page. */
export function createKeyStore(factory: () => IDBFactory): KeyStore {
  async function within<T>(mode: IDBTransactionMode, work: (keys: IDBObjectStore) => Promise<T>): Promise<T> {
    let database: IDBDatabase | null = null;
    try {
      database = await open(factory());
      const transaction = database.transaction(KEYS, mode);
      const finished = done(transaction);
      const [answer] = await Promise.all([work(transaction.objectStore(KEYS)), finished]);
      return answer;
    } catch (error) {
      throw new KeyStoreUnavailable("IndexedDB does not work here", { cause: error });
    } finally {
      database?.close();
    }
  }
  return {
    get: (address) => within("readonly", async (keys) => ((await settled(keys.get(address.toLowerCase()))) as StoredKey | undefined) ?? null),
    put: (key) => within("readwrite", async (keys) => void (await settled(keys.put({ ...key, address: key.address.toLowerCase() })))),
    remove: (address) => within("readwrite", async (keys) => void (await settled(keys.delete(address.toLowerCase())))),
  };
}
