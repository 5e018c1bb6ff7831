import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

const endpoint = "http://127.0.0.1:8000/graphql";
const P256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

// Somebody's wallet: here, one that nobody has used. On a page it is the visitor's.
const wallet = privateKeyToAccount(generatePrivateKey());

// A device's key. Its private half signs here, and cannot be read.
async function newDevice() {
  const keys = await crypto.subtle.generateKey(P256, false, ["sign", "verify"]);
  const spki = await crypto.subtle.exportKey("spki", keys.publicKey);
  const signingKey = btoa(String.fromCharCode(...new Uint8Array(spki)));
  return { signingKey, privateKey: keys.privateKey };
}

// GraphQL over HTTP: a document, its variables, and the one field of the answer.
async function ask(query, variables) {
  const body = JSON.stringify({ query, variables });
  const headers = { "content-type": "application/json" };
  const reply = await fetch(endpoint, { method: "POST", headers, body });
  const { data, errors } = await reply.json();
  if (!data) throw new Error(errors?.[0]?.message ?? `HTTP ${reply.status}`);
  return Object.values(data)[0];
}

// Once for each device: the wallet signs a text that names its key.
async function authorise({ signingKey }) {
  const grant = "I authorize Countersign from this device using signing key:";
  const message = `${grant}\n${signingKey}`;
  const signature = await wallet.signMessage({ message });
  return ask(`mutation ($input: RegisterSigningKeyRequest!) {
    registerSigningKey(input: $input) { status }
  }`, { input: { address: wallet.address, message, signature } });
}

// For each click: the device signs exactly these bytes.
async function signed(op, { signingKey, privateKey }, changed = {}) {
  const usual = { address: wallet.address, handle: "shiyu", ts: Date.now() };
  const { address, handle, ts } = { ...usual, ...changed };
  const message = JSON.stringify({ op, address, handle, ts });
  const bytes = new TextEncoder().encode(message);
  const raw = new Uint8Array(await crypto.subtle.sign(P256, privateKey, bytes));
  const hex = Array.from(raw, (b) => b.toString(16).padStart(2, "0")).join("");
  return { address, handle, message, signature: `0x${hex}`, signingKey };
}

const follow = (input) => ask(`mutation ($input: FollowRequest!) {
  follow(input: $input) { status tsInServer }
}`, { input });

const unfollow = (input) => ask(`mutation ($input: UnFollowRequest!) {
  unfollow(input: $input) { status tsInServer }
}`, { input });
