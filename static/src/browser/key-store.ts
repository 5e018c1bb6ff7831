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
  /** The gateway has said that its time is over, whatever this browser takes the time to be. */
  ranOut?: true;
}

/**
 * Every method rejects with KeyStoreUnavailable where the browser refuses, and may stay without an answer where the
 * browser gives none. Addresses in any spelling.
 */
export interface KeyStore {
  /** The address's key; null where there is none, or something that is no key. */
  get(address: string): Promise<StoredKey | null>;
  /** Keeps the key as the only one of its address, unless `signal` says meanwhile that nobody wants it any more. */
  put(key: StoredKey, signal?: AbortSignal): Promise<void>;
  remove(address: string, signal?: AbortSignal): Promise<void>;
  /** Forgets every key. */
  clear(): Promise<void>;
}

/** The signing key that a browser keeps for an address; null where it keeps none, or nothing at all. */
export async function signingKeyIn(keyStore: KeyStore, address: string): Promise<string | null> {
  try {
    return (await keyStore.get(address))?.signingKey ?? null;
  } catch (error) {
    if (error instanceof KeyStoreUnavailable) return null;
    throw error;
  }
}

const DATABASE = "countersign";
const KEYS = "signing-keys";
const KEY_PATH = "address";

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = (event) => {
      event.preventDefault(); // one request that fails does not take the others of its transaction with it
      reject(request.error);
    };
  });
}

function done(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
  });
}

function opened(factory: IDBFactory, version?: number): Promise<IDBDatabase> {
  const request = factory.open(DATABASE, version);
  request.onupgradeneeded = () => {
    const { result: database } = request;
    if (database.objectStoreNames.contains(KEYS)) database.deleteObjectStore(KEYS);
    database.createObjectStore(KEYS, { keyPath: KEY_PATH });
  };
  return settled(request);
}

/**
 * Opens the database at whatever version it has: another version of this page may have made it. Where it has no place
 * for keys, or one that cannot hold them, only that is made anew.
 */
async function open(factory: IDBFactory): Promise<IDBDatabase> {
  const database = await opened(factory);
  const usable = database.objectStoreNames.contains(KEYS) && database.transaction(KEYS).objectStore(KEYS).keyPath === KEY_PATH;
  if (usable) return database;
  database.close();
  return opened(factory, database.version + 1);
}

/** Whether what was stored has the form of a key; `worksAsKey` tells the rest. */
function isStoredKey(found: unknown): found is StoredKey {
  if (typeof found !== "object" || found === null) return false;
  const { signingKey, keyPair, state, createdAt } = found as { [K in keyof StoredKey]?: unknown };
  return (
    typeof signingKey === "string" &&
    typeof keyPair === "object" &&
    keyPair !== null &&
    (state === "pending" || state === "confirmed") &&
    typeof createdAt === "number"
  );
}

/** Opened for each use and closed after it, so that clearing the site's data never has to wait for this page. */
export function createKeyStore(factory: () => IDBFactory): KeyStore {
  async function within<T>(mode: IDBTransactionMode, work: (keys: IDBObjectStore) => Promise<T>, signal?: AbortSignal): Promise<T> {
    let database: IDBDatabase | null = null;
    try {
      database = await open(factory());
      if (signal?.aborted === true) throw new Error("Nobody waits for this any more");
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
    async get(address) {
      // A record that the browser cannot read any more is no key either: the next one takes its place.
      const found = await within("readonly", (keys) => settled<unknown>(keys.get(address.toLowerCase())).catch(() => null));
      return isStoredKey(found) ? found : null;
    },
    put: (key, signal) => within("readwrite", async (keys) => void (await settled(keys.put({ ...key, address: key.address.toLowerCase() }))), signal),
    clear: () => within("readwrite", async (keys) => void (await settled(keys.clear()))),
    remove: (address, signal) => within("readwrite", async (keys) => void (await settled(keys.delete(address.toLowerCase()))), signal),
  };
}
