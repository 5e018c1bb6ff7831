// Sign in, follow, and be refused in every way, in a real browser, against a server that goes away.
//   pip install countersign
//   npm install --save-dev @playwright/test viem && npx playwright install chromium
//   npx playwright test follow.spec.ts
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { createECDH, createPrivateKey, createPublicKey, randomUUID, sign } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { expect, test as base, type BrowserContext, type Page } from "@playwright/test";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

// --- a server ---

interface Server {
  readonly url: string;
  graphql(query: string, variables?: object): Promise<any>;
}

/** Starts one, and reads its address: the one line that it prints. It ends with the process that started it, too. */
async function start(settings: NodeJS.ProcessEnv = {}): Promise<Server & { readonly process: ChildProcess }> {
  const env = { ...globalThis.process.env, LOG_LEVEL: "warning", ...settings };
  const process = spawn("countersign", ["run", "--ephemeral"], { env, stdio: ["ignore", "pipe", "inherit"] });
  const [url] = (await once(createInterface(process.stdout), "line")) as [string];
  return {
    process,
    url,
    async graphql(query, variables = {}) {
      const body = JSON.stringify({ query, variables });
      const reply = await fetch(`${url}/graphql`, { method: "POST", headers: { "content-type": "application/json" }, body });
      return (await reply.json()).data;
    },
  };
}

async function follows(server: Server, me: string): Promise<boolean> {
  const query = 'query ($me: AddressEVM!) { profileByHandle(handle: "shiyu") { isFollowedByMe(me: $me) } }';
  return (await server.graphql(query, { me })).profileByHandle.isFollowedByMe;
}

// --- a wallet ---

/** `value` is thrown as an Error with these members or, where `bare`, as it is. */
type Answer = { result: unknown } | { thrown: { value: unknown; bare?: boolean } } | { ignored: true };

const code = (number: number | string, message: string, more: object = {}): Answer => ({ thrown: { value: { code: number, message, ...more } } });
const bare = (value: unknown): Answer => ({ thrown: { value, bare: true } });

const SCRIPT = execFileSync("countersign", ["wallet-script"], { encoding: "utf8" });

/** Keys and answers are here; the provider in the page is the script's. */
class Wallet {
  readonly account = privateKeyToAccount(generatePrivateKey());
  readonly next = new Map<string, Answer>();
  readonly asked: string[] = [];

  async install(context: BrowserContext): Promise<void> {
    await context.exposeBinding("askCountersignWallet", (_source, _uuid: string, method: string, params: unknown[]) => this.answer(method, params));
    await context.addInitScript(SCRIPT);
    const announced = { uuid: randomUUID(), name: "Brass wallet", rdns: "org.example.brass", icon: "data:image/svg+xml," };
    await context.addInitScript(`countersignWallets.install([${JSON.stringify(announced)}])`);
  }

  async answer(method: string, params: unknown[]): Promise<Answer> {
    this.asked.push(method);
    const told = this.next.get(method);
    this.next.delete(method);
    if (told) return told;
    switch (method) {
      case "eth_requestAccounts":
      case "eth_accounts":
        return { result: [this.account.address] };
      case "eth_chainId":
        return { result: "0x1" };
      case "personal_sign":
        return { result: await this.account.signMessage({ message: { raw: params[0] as `0x${string}` } }) };
      default:
        return code(4200, "This wallet does not know that method.");
    }
  }
}

const REJECTIONS: Record<string, Answer> = {
  "EIP-1193": code(4001, "User rejected the request."),
  "its code as text": code("4001", "no"),
  WalletConnect: code(5001, "User disapproved requested methods"),
  ethers: code("ACTION_REJECTED", "user rejected signing"),
  "an internal error": code(-32603, "MetaMask Personal Message Signature: User denied message signature."),
  "inside it": code(-32603, "Internal JSON-RPC error.", { data: { originalError: { code: 4001, message: "no" } } }),
  "an object": bare({ message: "User rejected the request." }),
  "a string": bare("User canceled"),
};
const FAILURES = [bare(null), code(-32603, "TypeError: x is not a function"), code(-32002, "Already processing eth_requestAccounts.")];

// --- what tests are given ---

const test = base.extend<{ wallet: Wallet; ready: Page }, { server: Server }>({
  server: [
    async ({}, use) => {
      const server = await start({ SIGNER_QUOTA: "3" });
      await use(server);
      server.process.kill();
    },
    { scope: "worker" },
  ],
  wallet: async ({ context }, use) => {
    const wallet = new Wallet();
    await wallet.install(context);
    await use(wallet);
  },
  /** Signed in, with a device key that the wallet authorised. */
  ready: async ({ page, wallet, server }, use) => {
    await signIn(page, server.url);
    const authorise = page.getByRole("button", { name: "Authorise this device", exact: true });
    await authorise.click();
    await expect(authorise).toHaveCount(0);
    expect(wallet.asked.filter((method) => method === "personal_sign")).toHaveLength(2);
    await use(page);
  },
});

async function signIn(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.getByRole("button", { name: "Connect wallet" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Brass wallet" }).click();
  await expect(page.getByRole("button", { name: "Authorise this device", exact: true })).toBeVisible();
}

/** Presses a button on the card of `shiyu`. */
async function press(page: Page, name: string): Promise<void> {
  await page.getByRole("region", { name: "shiyu", exact: true }).getByRole("button", { name, exact: true }).click();
}

async function expectResult(page: Page, text: string): Promise<void> {
  await expect(page.getByRole("status").filter({ hasText: text })).toBeVisible();
}

// --- the tests ---

test("follow and unfollow", async ({ ready, wallet, server }) => {
  await press(ready, "Follow");
  await expectResult(ready, "You follow @shiyu.");
  expect(await follows(server, wallet.account.address)).toBe(true);
  await press(ready, "Unfollow");
  await expectResult(ready, "You no longer follow @shiyu.");
  expect(await follows(server, wallet.account.address)).toBe(false);
});

test("each refusal of a wallet", async ({ page, wallet, server }) => {
  await page.goto(server.url);
  await page.getByRole("button", { name: "Connect wallet" }).click();
  let button = page.getByRole("dialog").getByRole("button", { name: "Brass wallet" });
  const refuse = async (answer: Answer, words: string): Promise<void> => {
    wallet.next.set("personal_sign", answer);
    await button.click();
    await expectResult(page, words);
    button = page.getByRole("status").filter({ hasText: words }).getByRole("button", { name: "Try again" });
  };
  for (const [number, rejection] of Object.values(REJECTIONS).entries()) {
    await refuse(FAILURES[number % FAILURES.length]!, "The wallet failed"); // in turn, so that each result differs from the one before
    await refuse(rejection, "Cancelled in wallet");
  }
  wallet.next.set("personal_sign", { ignored: true });
  await button.click();
  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  await signIn(page, server.url);
});

// What a gateway refuses: the ten statuses.

type Body = Record<"address" | "handle" | "message" | "signature" | "signingKey", string>;

const messageWith = (body: Body, fields: object): Body => ({ ...body, message: JSON.stringify({ ...JSON.parse(body.message), ...fields }) });
const otherCase = (letter: string): string => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase());

/** A request that earns each of these: what is changed in it between page and site. */
const SPOILED: Record<string, (body: Body) => Body> = {
  INVALID_ADDRESS: (body) => ({ ...body, address: body.address.replace(/[a-f]/i, otherCase) }),
  HANDLE_NOT_FOUND: (body) => ({ ...body, handle: "nobody-has-this" }),
  INVALID_MESSAGE: (body) => messageWith(body, { op: "unfollow" }),
  MESSAGE_EXPIRED: (body) => messageWith(body, { ts: 1_700_000_000_000 }),
  INVALID_SIGNATURE: (body) => ({ ...body, signature: `0x${"11".repeat(64)}` }),
  INVALID_SIGNING_KEY: (body) => ({ ...body, signingKey: body.signingKey.slice(0, -4) }),
};

test("each status of a spoiled request", async ({ ready, wallet, server }) => {
  for (const [status, how] of Object.entries(SPOILED)) {
    await ready.route("**/api/follow", (route) => route.continue({ postData: JSON.stringify(how(route.request().postDataJSON() as Body)) }));
    await press(ready, "Follow");
    await expectResult(ready, status);
    expect(await follows(server, wallet.account.address)).toBe(false);
    await ready.unroute("**/api/follow");
  }
});

test("ALREADY_DONE: a request that arrives twice", async ({ ready }) => {
  await ready.route("**/api/follow", async (route) => {
    expect((await (await route.fetch()).json()).status).toBe("SUCCESS");
    await route.continue();
  });
  await press(ready, "Follow");
  await expectResult(ready, "ALREADY_DONE");
});

test("RATE_LIMITED: more operations than the server allows in a minute", async ({ ready }) => {
  for (const turn of ["Follow", "Unfollow", "Follow"]) {
    await press(ready, turn);
    await expectResult(ready, turn === "Follow" ? "You follow @shiyu." : "You no longer follow @shiyu.");
  }
  await press(ready, "Unfollow");
  await expectResult(ready, "RATE_LIMITED");
});

test("EXPIRED_SIGNING_KEY: the key of the demo profile expired-key, whose private part is published", async ({ server }) => {
  const secret = Buffer.from("c0ffee".padStart(64, "0"), "hex");
  const curve = createECDH("prime256v1");
  curve.setPrivateKey(secret);
  const point = curve.getPublicKey();
  const [x, y, d] = [point.subarray(1, 33), point.subarray(33), secret].map((part) => part.toString("base64url"));
  const key = createPrivateKey({ format: "jwk", key: { kty: "EC", crv: "P-256", x: x!, y: y!, d: d! } });
  const { address } = (await server.graphql('{ profileByHandle(handle: "expired-key") { owner { address } } }')).profileByHandle.owner;
  const message = JSON.stringify({ op: "follow", address, handle: "shiyu", ts: Date.now() });
  const signature = `0x${sign("sha256", Buffer.from(message), { key, dsaEncoding: "ieee-p1363" }).toString("hex")}`;
  const signingKey = createPublicKey(key).export({ format: "der", type: "spki" }).toString("base64");
  const input = { address, handle: "shiyu", message, signature, signingKey };
  const answer = await server.graphql("mutation ($input: FollowRequest!) { follow(input: $input) { status } }", { input });
  expect(answer.follow.status).toBe("EXPIRED_SIGNING_KEY");
});
