// What to say where a wallet is on a chain whose accounts the site does not sign in. Loaded only then; imports nothing, so
// that it stays a piece of its own.

import type { NextStep } from "../state/types.ts";

/** Chains (EIP-155) that wallets have from the start. */
const NAMES: Readonly<Record<number, string>> = {
  1: "Ethereum",
  10: "Optimism",
  56: "BNB Chain",
  100: "Gnosis",
  137: "Polygon",
  8453: "Base",
  42161: "Arbitrum",
  11155111: "Sepolia",
};
const MOST_NAMED = 4;

const nameOf = (chain: number): string => NAMES[chain] ?? `chain ${chain}`;
const fullName = (chain: number): string => (chain in NAMES ? `${NAMES[chain]} (${chain})` : `chain ${chain}`);

function listed(chains: readonly number[]): string {
  const names = chains.slice(0, MOST_NAMED).map(fullName);
  if (chains.length > MOST_NAMED) names.push(`${chains.length - MOST_NAMED} more`);
  const last = names.pop() ?? "";
  return names.length === 0 ? last : `${names.join(", ")} and ${last}`;
}

/** The sentence about `wallet`, which is on `chain` where only `admitted` sign in, and the way out; `failed`: it did not switch to the first of them. */
export function wrongChain(wallet: string, chain: number, admitted: readonly [number, ...number[]], failed: boolean): { sentence: string; next: NextStep } {
  const wanted = nameOf(admitted[0]);
  const where = `This site signs in accounts of ${listed(admitted)}; ${wallet} is on ${fullName(chain)}.`;
  if (failed) return { sentence: `${where} It did not switch: add or choose ${wanted} in the wallet itself, then try again.`, next: { label: "Try again", action: "retry" } };
  return { sentence: where, next: { label: `Switch to ${wanted}`, action: "switch-chain" } };
}
