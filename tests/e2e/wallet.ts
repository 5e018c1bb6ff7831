// Wallets for tests: EIP-1193 providers announced through EIP-6963, whose every answer comes from Python (wallet.py).
// Bundled to one script that runs in the page before the page's own code.

interface Definition {
  readonly uuid: string;
  readonly name: string;
  readonly icon: string;
  readonly rdns: string;
  readonly announced: boolean;
}

type Answer = { readonly held: boolean } & (
  | { readonly result: unknown }
  | { readonly error: { readonly code: number; readonly message: string } }
);

type Listener = (payload: unknown) => void;

declare global {
  interface Window {
    askTestWallet(uuid: string, method: string, params: readonly unknown[]): Promise<Answer>;
    testWallets: { emit(uuid: string, event: string, payload: unknown): void; held(): number; release(): void };
    ethereum?: unknown;
  }
}

class ProviderRpcError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

const gates: (() => void)[] = [];

class Provider {
  readonly #uuid: string;
  readonly #listeners = new Map<string, Set<Listener>>();

  constructor(uuid: string) {
    this.#uuid = uuid;
  }

  async request({ method, params = [] }: { method: string; params?: readonly unknown[] }): Promise<unknown> {
    const answer = await window.askTestWallet(this.#uuid, method, params);
    if (answer.held) await new Promise<void>((open) => gates.push(open));
    if ("error" in answer) throw new ProviderRpcError(answer.error.code, answer.error.message);
    return answer.result;
  }

  on(event: string, listener: Listener): this {
    const listeners = this.#listeners.get(event) ?? new Set<Listener>();
    this.#listeners.set(event, listeners.add(listener));
    return this;
  }

  removeListener(event: string, listener: Listener): this {
    this.#listeners.get(event)?.delete(listener);
    return this;
  }

  emit(event: string, payload: unknown): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) listener(payload);
  }
}

/** Put these wallets into the page; one that is not announced becomes `window.ethereum`, as before EIP-6963. */
export function install(definitions: readonly Definition[]): void {
  const providers = new Map(definitions.map((definition) => [definition.uuid, new Provider(definition.uuid)]));

  const announce = (): void => {
    for (const { uuid, name, icon, rdns, announced } of definitions) {
      if (!announced) continue;
      const detail = Object.freeze({ info: Object.freeze({ uuid, name, icon, rdns }), provider: providers.get(uuid) });
      window.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
    }
  };
  const unannounced = definitions.find((definition) => !definition.announced);
  if (unannounced) window.ethereum = providers.get(unannounced.uuid);

  window.testWallets = {
    emit: (uuid, event, payload) => providers.get(uuid)?.emit(event, payload),
    held: () => gates.length,
    release: () => {
      for (const open of gates.splice(0)) open();
    },
  };
  window.addEventListener("eip6963:requestProvider", announce);
  announce();
}
