// A client in another language, from the README and docs/contract.md alone: Node's crypto.subtle and fetch.
//   .venv/bin/node docs/examples/client.mjs [http://127.0.0.1:8000/graphql [a test wallet's private key, 64 hex digits]]
// Registers a device key for that wallet, follows `shiyu`, unfollows, and prints each status. Exits with 1, and one
// sentence on stderr, where a status is not SUCCESS or no gateway answers.
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

const [endpoint = "http://127.0.0.1:8000/graphql", secret] = process.argv.slice(2);

function stop(why) {
  console.error(why);
  process.exit(1);
}

async function mutate(field, type, input) {
  const query = `mutation ($input: ${type}!) { ${field}(input: $input) { status } }`;
  const answer = await fetch(endpoint, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables: { input } }),
    signal: AbortSignal.timeout(10_000),
  })
    .then((reply) => reply.json())
    .catch((error) => stop(`${endpoint}: expected a gateway that answers; ${error.cause?.code || error.message}`));
  const status = answer?.data?.[field]?.status ?? answer?.errors?.[0]?.message ?? "no status";
  console.log(field, status);
  if (status !== "SUCCESS") stop(`${endpoint}: expected SUCCESS of ${field}; it answered ${status}`);
}

if (secret && !/^[0-9a-f]{64}$/i.test(secret)) stop("the wallet's private key: expected 64 hex digits");
const wallet = privateKeyToAccount(secret ? `0x${secret}` : generatePrivateKey());
const address = wallet.address;
const curve = { name: "ECDSA", namedCurve: "P-256" };
const device = await crypto.subtle.generateKey(curve, false, ["sign", "verify"]);
const signingKey = Buffer.from(await crypto.subtle.exportKey("spki", device.publicKey)).toString("base64");

const text = `I authorize Countersign from this device using signing key:\n${signingKey}`;
const signature = await wallet.signMessage({ message: text });
await mutate("registerSigningKey", "RegisterSigningKeyRequest", { address, message: text, signature });

for (const [op, type] of [["follow", "FollowRequest"], ["unfollow", "UnFollowRequest"]]) {
  const message = JSON.stringify({ op, address, handle: "shiyu", ts: Date.now() });
  const raw = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, device.privateKey, Buffer.from(message));
  const signature = `0x${Buffer.from(raw).toString("hex")}`;
  await mutate(op, type, { address, handle: "shiyu", message, signature, signingKey });
}
