// A client in another language, from the README and docs/contract.md alone: Node's crypto.subtle and fetch.
//   .venv/bin/node docs/examples/client.mjs [http://127.0.0.1:8000/graphql [a test wallet's private key, 64 hex digits]]
// Registers a device key for that wallet, follows `shiyu`, unfollows, and prints each status.
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

const [endpoint = "http://127.0.0.1:8000/graphql", secret] = process.argv.slice(2);
const wallet = privateKeyToAccount(secret ? `0x${secret}` : generatePrivateKey());
const address = wallet.address;

async function mutate(field, type, input) {
  const query = `mutation ($input: ${type}!) { ${field}(input: $input) { status } }`;
  const reply = await fetch(endpoint, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const { data, errors } = await reply.json();
  if (errors) throw new Error(errors[0].message);
  console.log(field, data[field].status);
  return data[field].status;
}

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
