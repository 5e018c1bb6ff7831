// The sandbox wallet's cryptography. A module of its own, so that viem is loaded only when this wallet is used.

import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

import type { Address, Hex } from "../protocol/address.ts";

export interface Identity {
  address: Address;
  privateKey: Hex;
}

export function generateIdentity(): Identity {
  const privateKey = generatePrivateKey();
  return { address: privateKeyToAccount(privateKey).address, privateKey };
}

/** Signs bytes (0x hex) as `personal_sign` does (EIP-191). */
export function signBytes(privateKey: Hex, bytes: Hex): Promise<Hex> {
  return privateKeyToAccount(privateKey).signMessage({ message: { raw: bytes } });
}
