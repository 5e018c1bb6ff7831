// Wallets for tests: EIP-1193 providers announced through EIP-6963, whose every answer comes from Python (wallet.py).
// Bundled to one script that runs in the page before the page's own code.

interface Definition {
  readonly uuid: string;
  readonly name: string;
  readonly icon: string;
  readonly rdns: string;
  readonly announced: boolean;
  /** It puts itself at `window.ethereum` only when a test says so. */
  readonly late: boolean;
  /** Names of methods of its provider that throw: `on`, `removeListener`. */
  readonly throws_in: readonly string[];
}

/** What a request is refused with: an Error with these members or, where `bare`, the value itself; none is undefined. */
interface Thrown {
  readonly bare: boolean;
  readonly value?: unknown;
}

type Answer = { readonly held: boolean } & ({ readonly result: unknown } | { readonly thrown: Thrown });

type Listener = (...payload: unknown[]) => void;

declare global {
  interface Window {
    askTestWallet(uuid: string, method: string, params: readonly unknown[]): Promise<Answer>;
    testWallets: {
      /** Without a payload, listeners are called without an argument. */
      emit(uuid: string, event: string, ...payload: unknown[]): void;
      held(): number;
      release(): void;
      /** A late wallet comes to `window.ethereum`, and says so. */
      appear(uuid: string): void;
      /** The same provider is announced again, under a new uuid each time. */
      announceAgain(uuid: string, times: number): void;
      /** Strangers, each with a provider of its own, announce themselves so many times under new uuids. */
      crowd(strangers: readonly Pick<Definition, "name" | "rdns">[], times: number): void;
    };
    ethereum?: unknown;
  }
}

function thrown({ bare, value }: Thrown): unknown {
  if (bare) return value;
  const members = value as { readonly message?: string };
  return Object.assign(new Error(members.message), members);
}

const gates: (() => void)[] = [];

class Provider {
  readonly #uuid: string;
  readonly #throwsIn: readonly string[];
  readonly #listeners = new Map<string, Set<Listener>>();

  constructor({ uuid, throws_in }: Pick<Definition, "uuid" | "throws_in">) {
    this.#uuid = uuid;
    this.#throwsIn = throws_in;
  }

  async request({ method, params = [] }: { method: string; params?: readonly unknown[] }): Promise<unknown> {
    const answer = await window.askTestWallet(this.#uuid, method, params);
    if (answer.held) await new Promise<void>((open) => gates.push(open));
    if ("thrown" in answer) throw thrown(answer.thrown);
    return answer.result;
  }

  on(event: string, listener: Listener): this {
    this.#mayThrowIn("on");
    const listeners = this.#listeners.get(event) ?? new Set<Listener>();
    this.#listeners.set(event, listeners.add(listener));
    return this;
  }

  removeListener(event: string, listener: Listener): this {
    this.#mayThrowIn("removeListener");
    this.#listeners.get(event)?.delete(listener);
    return this;
  }

  emit(event: string, payload: readonly unknown[]): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) listener(...payload);
  }

  #mayThrowIn(method: string): void {
    if (this.#throwsIn.includes(method)) throw new TypeError(`${method} is not what it seems`);
  }
}

/** Put these wallets into the page; one that is not announced becomes `window.ethereum`, as before EIP-6963. */
export function install(definitions: readonly Definition[]): void {
  const providers = new Map(definitions.map((definition) => [definition.uuid, new Provider(definition)]));
  const say = (info: Pick<Definition, "uuid" | "name" | "icon" | "rdns">, provider: unknown): void => {
    window.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail: Object.freeze({ info: Object.freeze(info), provider }) }));
  };
  const named = (uuid: string): Definition => {
    const found = definitions.find((definition) => definition.uuid === uuid);
    if (!found) throw new RangeError(`uuid: expected one of the installed wallets, found ${uuid}`);
    return found;
  };

  const announce = (): void => {
    for (const { uuid, name, icon, rdns, announced } of definitions) {
      if (announced) say({ uuid, name, icon, rdns }, providers.get(uuid));
    }
  };
  const unannounced = definitions.find((definition) => !definition.announced && !definition.late);
  if (unannounced) window.ethereum = providers.get(unannounced.uuid);

  window.testWallets = {
    emit: (uuid, event, ...payload) => providers.get(uuid)?.emit(event, payload),
    appear(uuid) {
      window.ethereum = providers.get(uuid);
      window.dispatchEvent(new Event("ethereum#initialized"));
    },
    announceAgain(uuid, times) {
      const { name, icon, rdns } = named(uuid);
      for (let time = 0; time < times; time++) say({ uuid: `again ${time}`, name, icon, rdns }, providers.get(uuid));
    },
    crowd(strangers, times) {
      const made = strangers.map((stranger) => ({ ...stranger, provider: { request: () => new Promise(() => undefined) } }));
      for (let time = 0; time < times; time++) {
        made.forEach(({ name, rdns, provider }, at) => say({ uuid: `stranger ${time}-${at}`, name, icon: "", rdns }, provider));
      }
    },
    held: () => gates.length,
    release: () => {
      for (const open of gates.splice(0)) open();
    },
  };
  window.addEventListener("eip6963:requestProvider", announce);
  announce();
}
