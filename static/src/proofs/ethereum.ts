// The cryptography of Ethereum wallets. A module of its own, so that viem is loaded only when something is checked.

import { getAddress, hashMessage, recoverMessageAddress } from "viem/utils";

import type { Address, Hex } from "../protocol/address.ts";

/** The EIP-55 spelling of an address in lower case. */
export function checksummed(address: Address): Address {
  return getAddress(address);
}

/** The 32 bytes that `personal_sign` signs for a text (EIP-191). */
export function personalSignDigest(text: string): Hex {
  return hashMessage(text);
}

/** Whose key signed a text, EIP-55; null: no key can have made this signature (r, s and v of 27 or 28). */
export async function signerOf(text: string, signature: Hex): Promise<Address | null> {
  try {
    return await recoverMessageAddress({ message: text, signature });
  } catch {
    return null;
  }
}
