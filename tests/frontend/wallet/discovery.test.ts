import assert from "node:assert/strict";
import { test } from "node:test";

import type { AnnouncedWallet } from "../../../static/src/wallet/types.ts";
import type { DiscoveryTarget } from "../../../static/src/wallet/discovery.ts";
import { discoverWallets } from "../../../static/src/wallet/discovery.ts";

const provider = () => ({ request: async () => [] });
const INFO = { uuid: "350670db-19fa-4704-a166-e52e178b59d2", name: "Test wallet", icon: "data:image/svg+xml,<svg/>", rdns: "org.example.wallet" };

const OWN: AnnouncedWallet = Object.freeze({ uuid: "own", name: "Sandbox wallet", icon: "", rdns: "app.countersign.sandbox", provider: provider() });
const open = (target: DiscoveryTarget) => {
  const wallets = discoverWallets(target, OWN);
  return { ...wallets, others: () => wallets.current().filter((wallet) => wallet !== OWN) };
};

function announce(target: EventTarget, detail: unknown): void {
  target.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
}

test("wallets that were there first answer the request, and later ones are told of", () => {
  const target = new EventTarget();
  target.addEventListener("eip6963:requestProvider", () => announce(target, { info: INFO, provider: provider() }));
  const wallets = open(target);
  assert.deepEqual(wallets.others().map(({ name }) => name), ["Test wallet"]);
  const told: number[] = [];
  const stop = wallets.subscribe((all) => told.push(all.length));
  announce(target, { info: { ...INFO, uuid: "late" }, provider: provider() });
  stop();
  announce(target, { info: { ...INFO, uuid: "later" }, provider: provider() });
  assert.deepEqual(told, [3]); // with our own
  wallets.stop();
  announce(target, { info: { ...INFO, uuid: "last" }, provider: provider() });
  assert.equal(wallets.others().length, 3);
});

test("t13 the first to use a uuid keeps it", () => {
  const target = new EventTarget();
  const wallets = open(target);
  const first = provider();
  announce(target, { info: INFO, provider: first });
  announce(target, { info: INFO, provider: first });
  announce(target, { info: { ...INFO, name: "Impostor" }, provider: provider() });
  assert.deepEqual(wallets.others().map(({ name }) => name), ["Test wallet"]);
  assert.equal(wallets.others()[0]?.provider, first);
});

test("t13 every property is read once, so that it cannot say two things", () => {
  const target = new EventTarget();
  const wallets = open(target);
  const reads: string[] = [];
  const trap = <T extends object>(object: T): T =>
    new Proxy(object, {
      get(of, name, self) {
        reads.push(String(name));
        return Reflect.get(of, name, self) as unknown;
      },
    });
  announce(target, trap({ info: trap({ ...INFO }), provider: provider() }));
  assert.equal(wallets.others().length, 1);
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
  ["a name of which nothing is seen", { info: { ...INFO, name: "\u200b\u202e\u3164\ufeff" }, provider: provider() }],
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
  test(`t13 an announcement is refused: ${name}`, () => {
    const target = new EventTarget();
    const wallets = open(target);
    announce(target, detail);
    assert.deepEqual(wallets.others(), []);
  });
}

for (const icon of ["https://evil.example/pixel.png", "javascript:alert(1)", "data:text/html,<script>", " data:image/png;base64,", `data:image/png,${"x".repeat(300_000)}`, null]) {
  test(`a wallet is listed without an icon such as ${String(icon).slice(0, 30)}`, () => {
    const target = new EventTarget();
    const wallets = open(target);
    announce(target, { info: { ...INFO, icon }, provider: provider() });
    assert.equal(wallets.others()[0]?.icon, "");
  });
}

test("window.ethereum is a last resort: only where no wallet but our own announced itself", () => {
  const ethereum = provider();
  const target = Object.assign(new EventTarget(), { ethereum });
  const wallets = open(target);
  assert.deepEqual(wallets.current().map(({ name }) => name), ["Browser wallet", "Sandbox wallet"]);
  assert.equal(wallets.current()[0]?.provider, ethereum);
  assert.equal(wallets.current()[0], wallets.current()[0]);
  announce(target, { info: { ...INFO, uuid: "real" }, provider: provider() });
  assert.deepEqual(wallets.current().map(({ name }) => name), ["Test wallet", "Sandbox wallet"]);
});

test("a window.ethereum that comes late is told of; one that throws is not there", () => {
  const target = Object.assign(new EventTarget(), { ethereum: undefined as unknown });
  const wallets = open(target);
  const told: string[][] = [];
  wallets.subscribe((all) => told.push(all.map(({ name }) => name)));
  target.ethereum = provider();
  target.dispatchEvent(new Event("ethereum#initialized"));
  assert.deepEqual(told, [["Browser wallet", "Sandbox wallet"]]);
  wallets.stop();
  target.dispatchEvent(new Event("ethereum#initialized"));
  assert.equal(told.length, 1);

  const trap = Object.defineProperty(new EventTarget(), "ethereum", {
    get() {
      throw new Error("trap");
    },
  });
  assert.deepEqual(open(trap).current(), [OWN]);
});

test("three hundred wallets that announce again and again are forty rows, and ours", () => {
  const target = new EventTarget();
  const wallets = open(target);
  const crowd = Array.from({ length: 300 }, provider);
  for (let round = 0; round < 3; round++) {
    for (const [at, one] of crowd.entries()) announce(target, { info: { ...INFO, uuid: `${round}-${at}`, name: `Wallet ${at}` }, provider: one });
  }
  announce(target, { info: { ...INFO, uuid: "renamed", name: "Renamed" }, provider: crowd[0] });
  assert.deepEqual(wallets.others().map(({ provider: of }) => of), crowd.slice(0, 40));
  assert.deepEqual([wallets.others()[0]?.name, wallets.others()[0]?.uuid], ["Wallet 0", "0-0"]);
  assert.equal(wallets.current().at(-1), OWN);
});

test("names and rdns are one short line of what can be seen", () => {
  const target = new EventTarget();
  const wallets = open(target);
  const names = ["Fox\u202e tellaW\u0000\n\twallet", `Z${"\u0301".repeat(60)}algo`, "x".repeat(1_000), "👛".repeat(50), "\ud800Half"];
  for (const [at, name] of names.entries()) announce(target, { info: { ...INFO, uuid: `${at}`, name, rdns: "org.\u202eexample" }, provider: provider() });
  assert.deepEqual(
    wallets.others().map(({ name }) => name),
    ["Fox tellaW wallet", "Z\u0301\u0301algo", `${"x".repeat(39)}…`, `${"👛".repeat(39)}…`, "Half"],
  );
  assert.equal(wallets.others()[0]?.rdns, "org.example");
});

const POSERS = [
  "Sandbox wallet",
  "sandbox  WALLET",
  "Sandbox\u00a0wallet",
  "S\u200bandbox w\u202eallet",
  "Ｓａｎｄｂｏｘ ｗａｌｌｅｔ",
  "𝐒𝐚𝐧𝐝𝐛𝐨𝐱 𝐰𝐚𝐥𝐥𝐞𝐭",
  "Sändböx wállet",
  "Sаndbоx wаllеt", // Cyrillic а, о, е
  "5andb0x wa11et",
  "Sandbox waIIet",
  "Sandbox-vvallet",
  "Sandbox wallet (Countersign)",
  "✅ Sandbox wallet",
];
for (const name of POSERS) {
  test(`nobody passes for the sandbox wallet: ${name}`, () => {
    const target = new EventTarget();
    const wallets = open(target);
    announce(target, { info: { ...INFO, name }, provider: provider() });
    assert.deepEqual(wallets.current(), [OWN]);
  });
}
for (const rdns of ["app.countersign.sandbox", "APP.Countersign.Sandbox", "app.countersign.sandbox ", "app.countersign.sаndbox"]) {
  test(`nobody passes for the sandbox wallet: rdns ${rdns}`, () => {
    const target = new EventTarget();
    const wallets = open(target);
    announce(target, { info: { ...INFO, rdns }, provider: provider() });
    assert.deepEqual(wallets.current(), [OWN]);
  });
}
for (const name of ["Sandbox", "Wallet", "My wallet", "Sand box", "沙盒钱包测试测试测试测试测", "Box Wallet", "Trust Wallet"]) {
  test(`a name of its own is listed: ${name}`, () => {
    const target = new EventTarget();
    const wallets = open(target);
    announce(target, { info: { ...INFO, name }, provider: provider() });
    assert.deepEqual(wallets.others().map((wallet) => wallet.name), [name]);
  });
}

test("our own wallet is listed as it is, whoever announces its provider or takes its uuid", () => {
  const target = new EventTarget();
  const wallets = open(target);
  announce(target, { info: { ...INFO, name: "Trust Wallet" }, provider: OWN.provider });
  announce(target, { info: { ...INFO, uuid: OWN.uuid }, provider: provider() });
  assert.deepEqual(wallets.current().map(({ name }) => name), ["Test wallet", "Sandbox wallet"]);
});
