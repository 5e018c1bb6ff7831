// RATE_LIMITED: this address has had as many operations in a minute as it may.
// The quota of this demo signer, whose key is published, is 0; with others, wait.

const jwk = {
  kty: "EC",
  crv: "P-256",
  d: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAN7K8",
  x: "vpYLtX8LMOMLI5C4jvTAbKwO7-xI3_VzGltUV-AK1E8",
  y: "q1bZ7yUfNnhBIqjYb3dfbFYITMWn7P4rQYrAOsBfBDI",
};
const device = {
  privateKey: await crypto.subtle.importKey("jwk", jwk, P256, false, ["sign"]),
  signingKey:
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEvpYLtX8LMOMLI5C4jvTAbKwO7+" +
    "xI3/VzGltUV+AK1E+rVtnvJR82eEEiqNhvd19sVghMxafs/itBisA6wF8EMg==",
};
const owner = '{ profileByHandle(handle: "zero-quota") { owner { address } } }';
const signer = await ask(owner);
if (!signer) throw new Error("This gateway has no demo data, so no demo signers.");
const { address } = signer.owner;
console.log(await follow(await signed("follow", device, { address })));
