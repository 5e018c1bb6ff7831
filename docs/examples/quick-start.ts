// Authorise a key, follow, unfollow, with types: node quick-start.ts [http://127.0.0.1:8000/graphql]
// Node 22.18 or newer runs it as it is; needs `npm install viem`. In a page, `wallet` is the visitor's.
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

type Status =
  | "SUCCESS" | "ALREADY_DONE" | "RATE_LIMITED" | "MESSAGE_EXPIRED" | "HANDLE_NOT_FOUND" | "INVALID_ADDRESS"
  | "INVALID_MESSAGE" | "INVALID_SIGNATURE" | "INVALID_SIGNING_KEY" | "EXPIRED_SIGNING_KEY";
type Op = "follow" | "unfollow";

interface Answer {
  readonly status: Status;
  /** The gateway's clock, in milliseconds: what to sign next after MESSAGE_EXPIRED. */
  readonly tsInServer?: number;
}

const endpoint = process.argv[2] ?? "http://127.0.0.1:8000/graphql";
const inputs = { follow: "FollowRequest", unfollow: "UnFollowRequest", registerSigningKey: "RegisterSigningKeyRequest" } as const;

async function mutate(field: keyof typeof inputs, input: Readonly<Record<string, string>>): Promise<Answer> {
  const fields = field === "registerSigningKey" ? "status" : "status tsInServer";
  const query = `mutation ($input: ${inputs[field]}!) { ${field}(input: $input) { ${fields} } }`;
  const reply = await fetch(endpoint, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const { data, errors } = (await reply.json()) as { data?: Record<string, Answer>; errors?: { message: string }[] };
  const answer = data?.[field];
  if (answer === undefined) throw new Error(errors?.[0]?.message ?? `HTTP ${reply.status}`);
  return answer;
}

const wallet = privateKeyToAccount(generatePrivateKey());
const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const device = await crypto.subtle.generateKey(algorithm, false, ["sign", "verify"]); // its private part never leaves
const spki = new Uint8Array(await crypto.subtle.exportKey("spki", device.publicKey));
const signingKey = btoa(String.fromCharCode(...spki));

async function act(op: Op, handle: string, ts = Date.now()): Promise<Answer> {
  const message = JSON.stringify({ op, address: wallet.address, handle, ts });
  const raw = new Uint8Array(await crypto.subtle.sign(algorithm, device.privateKey, new TextEncoder().encode(message)));
  const signature = `0x${Array.from(raw, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  const answer = await mutate(op, { address: wallet.address, handle, message, signature, signingKey });
  const late = answer.status === "MESSAGE_EXPIRED" && answer.tsInServer !== undefined && answer.tsInServer !== ts;
  return late ? act(op, handle, answer.tsInServer) : answer;
}

const text = `I authorize Countersign from this device using signing key:\n${signingKey}`;
const signature = await wallet.signMessage({ message: text });
console.log("registerSigningKey", (await mutate("registerSigningKey", { address: wallet.address, message: text, signature })).status);
console.log("follow", (await act("follow", "shiyu")).status);
console.log("unfollow", (await act("unfollow", "shiyu")).status);
