// Wallets for tests: EIP-1193 providers announced through EIP-6963, whose every answer comes from the test. Built to one
// script, which runs in the page before the page's own code and puts `countersignWallets` there. Whoever runs it gives the
// page `askCountersignWallet`, and calls `countersignWallets.install` after it.

interface Definition {
  readonly uuid: string;
  readonly name: string;
  readonly icon: string;
  readonly rdns: string;
  /** One that is not announced becomes `window.ethereum`, as before EIP-6963. */
  readonly announced?: boolean;
  /** It comes to `window.ethereum` only when it is told to. */
  readonly late?: boolean;
  /** Names of methods of its provider that throw: `on`, `removeListener`. */
  readonly throws_in?: readonly string[];
  /** Further members of its provider. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** What a request is refused with: an Error with these members or, where `bare`, the value itself; none is undefined. */
interface Thrown {
  readonly bare?: boolean;
  readonly value?: unknown;
}

/** When it is answered: at once, so many milliseconds later, when the test lets it go, or never. */
interface When {
  readonly delay?: number;
  readonly held?: boolean;
  readonly ignored?: boolean;
}

type Answer = When & ({ readonly result: unknown } | { readonly thrown: Thrown });

type Listener = (...payload: unknown[]) => void;

interface CountersignWallets {
  /** Puts these wallets into the page, beside those that are there. */
  install(definitions: readonly Definition[]): void;
  /** Without a payload, listeners are called without an argument. */
  emit(uuid: string, event: string, ...payload: unknown[]): void;
  /** How many requests are held. */
  held(uuid: string): number;
  release(uuid: string): void;
  /** A late wallet comes to `window.ethereum`, and says so. */
  appear(uuid: string): void;
  /** The same provider is announced again, under a new uuid each time. */
  announceAgain(uuid: string, times: number): void;
  /** Strangers, each with a provider of its own, announce themselves so many times under new uuids. */
  crowd(strangers: readonly Pick<Definition, "name" | "rdns">[], times: number): void;
}

declare global {
  interface Window {
    askCountersignWallet(uuid: string, method: string, params: readonly unknown[] | object): Promise<Answer>;
    countersignWallets: CountersignWallets;
    ethereum?: unknown;
  }
}

function thrown({ bare = false, value }: Thrown): unknown {
  if (bare) return value;
  const members = value as { readonly message?: string };
  return Object.assign(new Error(members.message), members);
}

class Provider {
  readonly #uuid: string;
  readonly #throwsIn: readonly string[];
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly gates: (() => void)[] = [];

  constructor({ uuid, throws_in = [], members = {} }: Definition) {
    this.#uuid = uuid;
    this.#throwsIn = throws_in;
    Object.assign(this, members);
  }

  async request({ method, params = [] }: { method: string; params?: readonly unknown[] | object }): Promise<unknown> {
    const answer = await window.askCountersignWallet(this.#uuid, method, params);
    if (answer.ignored) await new Promise(() => undefined);
    if (answer.held) await new Promise<void>((open) => this.gates.push(open));
    if (answer.delay !== undefined) await new Promise((open) => setTimeout(open, answer.delay));
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

  emit(event: string, ...payload: readonly unknown[]): boolean {
    const listeners = [...(this.#listeners.get(event) ?? [])];
    for (const listener of listeners) listener(...payload);
    return listeners.length > 0;
  }

  #mayThrowIn(method: string): void {
    if (this.#throwsIn.includes(method)) throw new TypeError(`${method} is not what it seems`);
  }
}

function wallets(): CountersignWallets {
  const installed = new Map<string, { readonly definition: Definition; readonly provider: Provider }>();
  const named = (uuid: string): { readonly definition: Definition; readonly provider: Provider } => {
    const found = installed.get(uuid);
    if (!found) throw new RangeError(`uuid: expected one of the installed wallets, found ${uuid}`);
    return found;
  };
  const say = (info: Pick<Definition, "uuid" | "name" | "icon" | "rdns">, provider: unknown): void => {
    window.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail: Object.freeze({ info: Object.freeze(info), provider }) }));
  };
  const announce = (uuid: string): void => {
    const { definition, provider } = named(uuid);
    const { name, icon, rdns, announced = true } = definition;
    if (announced) say({ uuid, name, icon, rdns }, provider);
  };
  window.addEventListener("eip6963:requestProvider", () => [...installed.keys()].forEach(announce));

  return {
    install(definitions) {
      for (const definition of definitions) {
        const { uuid, announced = true, late = false } = definition;
        const provider = new Provider(definition);
        installed.set(uuid, { definition, provider });
        if (!announced && !late) window.ethereum ??= provider;
        announce(uuid);
      }
    },
    emit: (uuid, event, ...payload) => void installed.get(uuid)?.provider.emit(event, ...payload),
    appear(uuid) {
      window.ethereum = named(uuid).provider;
      window.dispatchEvent(new Event("ethereum#initialized"));
    },
    announceAgain(uuid, times) {
      const { definition, provider } = named(uuid);
      const { name, icon, rdns } = definition;
      for (let time = 0; time < times; time++) say({ uuid: `again ${time}`, name, icon, rdns }, provider);
    },
    crowd(strangers, times) {
      const made = strangers.map((stranger) => ({ ...stranger, provider: { request: () => new Promise(() => undefined) } }));
      for (let time = 0; time < times; time++) {
        made.forEach(({ name, rdns, provider }, at) => say({ uuid: `stranger ${time}-${at}`, name, icon: "", rdns }, provider));
      }
    },
    held: (uuid) => named(uuid).provider.gates.length,
    release(uuid) {
      for (const open of named(uuid).provider.gates.splice(0)) open();
    },
  };
}

window.countersignWallets ??= wallets();

export type { Answer, CountersignWallets, Definition, Thrown };
