// Everything that a wallet answers or throws is read here: accounts, chains, signatures, errors. Wallets differ, and none
// is trusted to keep to a form. https://eips.ethereum.org/EIPS/eip-1193 https://eips.ethereum.org/EIPS/eip-1474

import type { Address, Hex } from "../protocol/address.ts";
import { lineOf } from "../text/plain-text.ts";

/** Error
 *  └ WalletError
 *     ├ UserRejected   said no in the wallet; no error to anyone
 *     ├ WalletLocked   gives this page no account
 *     └ WalletFailed   everything else; its message is a sentence that may be shown
 */
export class WalletError extends Error {
  override name = "WalletError";
}
export class UserRejected extends WalletError {
  override name = "UserRejected";
}
export class WalletLocked extends WalletError {
  override name = "WalletLocked";
}
export class WalletFailed extends WalletError {
  override name = "WalletFailed";
}

/** `0x` in any case, and before it, where the wallet speaks CAIP-10, the chain. */
const ACCOUNT = /^(?:eip155:\d+:)?(0x[0-9a-f]{40})$/i;
const CHAIN = /^(?:eip155:)?(0x[0-9a-f]+|\d+)$/i;
/** Whatever the gateway takes: a contract's signature may be of any length up to this, and empty (Safe). */
const SIGNATURE = /^0x(?:[0-9a-f]{2}){0,8192}$/i;
const COMPACT = 2 + 2 * 64;

const REJECTED = ["4001", "5000", "5001", "5002", "ACTION_REJECTED"];
const LOCKED = "4100";
const ASKED_ALREADY = "-32002";
const NO = "(?:reject|den[iy]|cancel|declin|refus|dismiss|disapprov|clos)";
const REJECTION = new RegExp(
  `\\buser(?: has)? ${NO}|${NO}(?:l?ed|ied) by (?:the )?(?:user|owner)|^(?:(?:the )?(?:request|signature|signing|action|transaction|message) )?(?:was |has been )?${NO}(?:l?ed|ied)?\\W*$`,
  "i",
);
const PENDING = /\balready (?:pending|processing|open)/i;
/** A stack, code, JSON, markup, an address of somebody's: nothing that a person could use. */
const RAW = /[{}<>[\]]|:\/\/|0x[0-9a-f]{9}|(?:^|\s)at \S+ ?\(|:\d+:\d+|\b[A-Z]\w*Error\b|cannot read propert|is not a function|\bundefined\b/i;
const DEEPEST_CAUSE = 4;
const LONGEST_REASON = 160;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/**
 * The accounts in an answer, as the wallet spells them, `0x` in lower case; null where it is no answer about accounts.
 *
 * The spelling is for giving back to the wallet. Its case says nothing: another chain's checksum (EIP-1191) is as good.
 */
export function readAccounts(answer: unknown): readonly Address[] | null {
  if (!Array.isArray(answer)) return null;
  const read = answer.flatMap((one: unknown): Address[] => {
    const found = typeof one === "string" ? ACCOUNT.exec(one.trim())?.[1] : undefined;
    return found === undefined ? [] : [`0x${found.slice(2)}`];
  });
  return read.length === 0 && answer.length > 0 ? null : read;
}

/** The chain's number from `0x89`, `137`, `"137"` or `eip155:137`; null where it is none. */
export function readChain(answer: unknown): number | null {
  const text = typeof answer === "string" || typeof answer === "number" || typeof answer === "bigint" ? String(answer) : "";
  const chain = Number(CHAIN.exec(text.trim())?.[1]);
  return Number.isSafeInteger(chain) && chain > 0 ? chain : null;
}

/** What a wallet signed: never narrower than what the gateway reads. */
export function readSignature(answer: unknown): Hex {
  if (typeof answer !== "string" || !SIGNATURE.test(answer)) throw new WalletFailed("It answered with no signature");
  return answer as Hex;
}

/** Says which form a signature is in. */
export function signatureForm(signature: Hex): string {
  const bytes = (signature.length - 2) / 2;
  if (bytes === 65) return "personal_sign (EIP-191): r, s, v";
  if (isCompact(signature)) return "64 bytes, as EIP-2098 packs them; a wallet's own key signs in 65";
  return `${bytes === 0 ? "No" : bytes} bytes: only a contract wallet signs like this, and its chain is asked`;
}

/** EIP-2098: r and s with v folded in. The gateway does not take it of a key. */
export function isCompact(signature: Hex): boolean {
  return signature.length === COMPACT;
}

interface Told {
  codes: string[];
  words: string[];
}

/** Codes and words of an error and of those inside it, outermost first, as wallets and libraries nest them. */
function tellings(error: unknown, told: Told = { codes: [], words: [] }, depth = 0): Told {
  if (typeof error === "string") told.words.push(error.slice(0, 2_000));
  if (!isObject(error) || depth > DEEPEST_CAUSE) return told;
  const { code, reason, message, cause, data, info, error: inner, originalError } = error;
  if (typeof code === "string" || typeof code === "number") told.codes.push(String(code));
  for (const nested of [reason, message, data, originalError, cause, inner, info]) tellings(nested, told, depth + 1);
  return told;
}

function reasonIn(words: readonly string[]): string {
  const readable = words
    .filter((text) => !RAW.test(text))
    .map((text) => lineOf(text.trim().replace(/^(?:uncaught )?error: /i, "").split(/[\r\n]/)[0] ?? "", LONGEST_REASON));
  return readable.find((text) => text !== "") ?? "It gave no reason";
}

/** What a provider's error means to this page. */
export function walletError(error: unknown): WalletError {
  if (error instanceof WalletError) return error;
  let told: Told = { codes: [], words: [] };
  try {
    tellings(error, told);
  } catch {
    told = { codes: [], words: [] }; // an error whose members throw tells nothing
  }
  const { codes, words } = told;
  const by = { cause: error };
  if (codes.some((code) => REJECTED.includes(code))) return new UserRejected("Rejected in the wallet", by);
  if (codes.includes(ASKED_ALREADY) || words.some((text) => PENDING.test(text))) {
    return new WalletFailed("It has a request open already: answer that one first", by);
  }
  if (codes.includes(LOCKED)) return new WalletLocked("The wallet is locked", by);
  if (words.some((text) => REJECTION.test(text.trim()))) return new UserRejected("Rejected in the wallet", by);
  return new WalletFailed(reasonIn(words), by);
}
