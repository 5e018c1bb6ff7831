// What failed, as a step of the act that it ended: who said no, in which words, and the request and reply where there were any.

import { ProblemError } from "../api/api.ts";
import { KeyStoreUnavailable } from "../browser/key-store.ts";
import { CryptoUnavailable } from "../protocol/signing-key.ts";
import type { Actor, Result, Step } from "../types.ts";
import { WalletError } from "../wallet/connection.ts";

function actorOf(cause: unknown): Actor {
  if (cause instanceof WalletError) return "wallet";
  return cause instanceof KeyStoreUnavailable || cause instanceof CryptoUnavailable ? "device" : "site";
}

/** The step that `result` leaves behind; null where nothing failed. */
export function failureOf(result: Result | null, cause: unknown): Pick<Step, "actor" | "kind" | "title" | "parts" | "exchange"> | null {
  if (result === null || (result.kind !== "problem" && result.kind !== "cancelled")) return null;
  const exchange = cause instanceof ProblemError ? cause.exchange : null;
  const said = { label: "What the page said", text: result.sentence, kind: "text" } as const;
  return {
    actor: actorOf(cause),
    kind: "failure",
    title: result.kind === "problem" ? result.title : result.sentence.replace(/\.$/, ""),
    parts: result.kind === "problem" ? [said] : [],
    ...(exchange === null ? {} : { exchange }),
  };
}
