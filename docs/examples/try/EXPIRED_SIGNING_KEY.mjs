// EXPIRED_SIGNING_KEY: it was authorised, and its time is over: authorise another.
// A gateway with demo data publishes such a key: everybody may sign with it.

const jwk = {
  kty: "EC",
  crv: "P-256",
  d: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAADA_-4",
  x: "02AzL62byDr6_0p0DeilFr8bj7P942D_HQOXnB-UPuI",
  y: "6KZgB_0nawJxJlxtsJLEoMXrjEX9xDZQLIoJX11XRfI",
};
const device = {
  privateKey: await crypto.subtle.importKey("jwk", jwk, P256, false, ["sign"]),
  signingKey:
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE02AzL62byDr6/0p0DeilFr8bj7" +
    "P942D/HQOXnB+UPuLopmAH/SdrAnEmXG2wksSgxeuMRf3ENlAsiglfXVdF8g==",
};
const owner = '{ profileByHandle(handle: "expired-key") { owner { address } } }';
const signer = await ask(owner);
if (!signer) throw new Error("This gateway has no demo data, so no demo signers.");
const { address } = signer.owner;
console.log(await follow(await signed("follow", device, { address })));
