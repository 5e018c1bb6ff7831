import assert from "node:assert/strict";
import { test } from "node:test";

import { discoverWallets, SANDBOX_RDNS } from "../../static/src/wallet-discovery.ts";

const provider = () => ({ request: async () => [] });
const INFO = { uuid: "350670db-19fa-4704-a166-e52e178b59d2", name: "Test wallet", icon: "data:image/svg+xml,<svg/>", rdns: "org.example.wallet" };

function announce(target: EventTarget, detail: unknown): void {
  target.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
}

test("wallets that were there first answer the request, and later ones are told of", () => {
  const target = new EventTarget();
  target.addEventListener("eip6963:requestProvider", () => announce(target, { info: INFO, provider: provider() }));
  const wallets = discoverWallets(target);
  assert.deepEqual(wallets.current().map(({ name }) => name), ["Test wallet"]);
  const told: number[] = [];
  const stop = wallets.subscribe((all) => told.push(all.length));
  announce(target, { info: { ...INFO, uuid: "late" }, provider: provider() });
  stop();
  announce(target, { info: { ...INFO, uuid: "later" }, provider: provider() });
  assert.deepEqual(told, [2]);
  wallets.stop();
  announce(target, { info: { ...INFO, uuid: "last" }, provider: provider() });
  assert.equal(wallets.current().length, 3);
});

test("the first to use a uuid keeps it", () => {
  const target = new EventTarget();
  const wallets = discoverWallets(target);
  const first = provider();
  announce(target, { info: INFO, provider: first });
  announce(target, { info: INFO, provider: first });
  announce(target, { info: { ...INFO, name: "Impostor" }, provider: provider() });
  assert.deepEqual(wallets.current().map(({ name }) => name), ["Test wallet"]);
  assert.equal(wallets.current()[0]?.provider, first);
});

test("every property is read once, so that it cannot say two things", () => {
  const target = new EventTarget();
  const wallets = discoverWallets(target);
  const reads: string[] = [];
  const trap = <T extends object>(object: T): T =>
    new Proxy(object, {
      get(of, name, self) {
        reads.push(String(name));
        return Reflect.get(of, name, self) as unknown;
      },
    });
  announce(target, trap({ info: trap({ ...INFO }), provider: provider() }));
  assert.equal(wallets.current().length, 1);
  assert.equal(new Set(reads).size, reads.length, reads.join(" "));
});

const REFUSED: [name: string, detail: unknown][] = [
  ["nothing", null],
  ["text", "wallet"],
  ["no info", { provider: provider() }],
  ["no provider", { info: INFO }],
  ["a provider that cannot be asked", { info: INFO, provider: { request: "yes" } }],
  ["no uuid", { info: { ...INFO, uuid: undefined }, provider: provider() }],
  ["an empty name", { info: { ...INFO, name: "  " }, provider: provider() }],
  ["a name of a thousand letters", { info: { ...INFO, name: "x".repeat(1_000) }, provider: provider() }],
  ["an object for a name", { info: { ...INFO, name: { toString: () => "Test" } }, provider: provider() }],
  ["no rdns", { info: { ...INFO, rdns: 1 }, provider: provider() }],
  [
    "a getter that throws",
    {
      get info(): never {
        throw new Error("trap");
      },
      provider: provider(),
    },
  ],
];
for (const [name, detail] of REFUSED) {
  test(`an announcement is refused: ${name}`, () => {
    const target = new EventTarget();
    const wallets = discoverWallets(target);
    announce(target, detail);
    assert.deepEqual(wallets.current(), []);
  });
}

for (const icon of ["https://evil.example/pixel.png", "javascript:alert(1)", "data:text/html,<script>", " data:image/png;base64,", `data:image/png,${"x".repeat(300_000)}`, null]) {
  test(`a wallet is listed without an icon such as ${String(icon).slice(0, 30)}`, () => {
    const target = new EventTarget();
    const wallets = discoverWallets(target);
    announce(target, { info: { ...INFO, icon }, provider: provider() });
    assert.equal(wallets.current()[0]?.icon, "");
  });
}

test("window.ethereum is a last resort: only where no wallet but our own announced itself", () => {
  const ethereum = provider();
  const target = Object.assign(new EventTarget(), { ethereum });
  const wallets = discoverWallets(target);
  assert.deepEqual(wallets.current().map(({ provider: of }) => of), [ethereum]);
  assert.equal(wallets.current()[0], wallets.current()[0]);
  announce(target, { info: { ...INFO, rdns: SANDBOX_RDNS, name: "Sandbox wallet" }, provider: provider() });
  assert.deepEqual(wallets.current().map(({ name }) => name), ["Browser wallet", "Sandbox wallet"]);
  announce(target, { info: { ...INFO, uuid: "real" }, provider: provider() });
  assert.deepEqual(wallets.current().map(({ name }) => name), ["Sandbox wallet", "Test wallet"]);
});
