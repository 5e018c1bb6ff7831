// The part of viem that a program of /docs/try may import.

export { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
