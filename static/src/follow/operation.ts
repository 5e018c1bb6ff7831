// What the device key signs, or the wallet: compose, sign, send, and once more with the gateway's time where it asks.

import type { Api, OperationReply } from "../api/api.ts";
import type { Clock, ServerClock } from "../api/server-clock.ts";
import { isBelievable } from "../api/server-clock.ts";
import type { StoredKey } from "../browser/key-store.ts";
import type { Address, Hex } from "../protocol/address.ts";
import { digestOf } from "../protocol/message.ts";
import { signText } from "../protocol/signing-key.ts";
import type { Act } from "../state/act.ts";
import { mayHaveArrived } from "../state/problems.ts";
import { failureOf, resultOf } from "../state/results.ts";
import type { Part } from "../state/types.ts";
import { forWallet, GATEWAY_HAS_IT } from "../state/waits.ts";
import { signatureForm } from "../wallet/answers.ts";
import type { WalletConnection } from "../wallet/connection.ts";
import type { OperationOutcome } from "./outcome.ts";

/** Something to sign. */
export interface Signable {
  /** Below `/api/`, where it is sent. */
  path: string;
  /** What tells it from all else: the same again is the same message again, where no answer came. */
  about: string;
  /** The exact text; `ts` in milliseconds since the Unix epoch. */
  compose(ts: number): string;
  /** What is sent: the message, its signature, the key that made it (empty: the wallet), and what the site wants beside. */
  fields(message: string, signature: Hex, signingKey: string): Readonly<Record<string, string>>;
  /** It is about the account's keys, so that what was known of this device's is known no more. */
  changesKeys?: true;
}

/** Who signs. */
export interface Signer {
  by: "device" | "wallet";
  /** Base64 of the SPKI DER; empty for the wallet. */
  signingKey: string;
  sign(message: string, act: Act): Promise<Hex>;
}

export function deviceSigner({ keyPair, signingKey }: StoredKey): Signer {
  return { by: "device", signingKey, sign: (message, act) => act.still(signText(keyPair.privateKey, message)) };
}

export function walletSigner({ wallet, personalSign }: WalletConnection, address: Address): Signer {
  return { by: "wallet", signingKey: "", sign: (message, act) => act.waitFor(forWallet(wallet), personalSign(message, address)) };
}

interface Operations {
  run(what: Signable, signer: Signer, act: Act): Promise<OperationOutcome>;
}

/** A follow or unfollow, or whatever else has the same five fields. */
export function aboutHandle(path: string, address: Address, handle: string, compose: (ts: number) => string): Signable {
  return {
    path,
    about: `${path} ${address} ${handle}`,
    compose,
    fields: (message, signature, signingKey) => ({ address, handle, message, signature, signingKey }),
  };
}

/** How far ahead a message's time may be by default, the narrower side of the gateway's window. */
const TOLERANCE_MS = 60_000;

interface Signed {
  what: Signable;
  message: string;
  signature: Hex;
  signer: Signer;
}

/** What is shown of an operation's bytes. */
function pieces({ message, signature, signer: { by, signingKey } }: Signed): Part[] {
  if (by === "wallet") return [{ label: "Message", text: message, kind: "json", by }, { label: "Signature", text: signature, kind: "hex", by, note: signatureForm(signature) }];
  return [
    { label: "Message", text: message, kind: "json", by },
    { label: "Signature", text: signature, kind: "hex", by, note: "P-256, raw r‖s, 64 bytes" },
    { label: "Signing key", text: signingKey, kind: "base64", by, note: "SPKI, 91 bytes" },
  ];
}

interface OperationDeps {
  api: Api;
  clock: Clock;
  serverClock: ServerClock;
  /** An answer came that the act did not wait for any more. */
  late(): void;
}

export function createOperations({ api, clock, serverClock, late }: OperationDeps): Operations {
  /** The one message that may have arrived without our hearing of it. The same bytes can be sent again without harm. */
  let unanswered: Signed | null = null;
  /** The least time that the gateway takes in the next message about keys, as far as it has been heard. */
  let nextForKeys = 0;

  async function sign(what: Signable, ts: number, signer: Signer, act: Act, title: string): Promise<Signed> {
    const message = what.compose(ts);
    const { by } = signer;
    act.step({ actor: "device", kind: "message", title, parts: [{ label: "Message", text: message, kind: "json", by }] });
    const signing = clock.elapsed();
    const signature = await signer.sign(message, act);
    const signed = { what, message, signature, signer };
    act.step({ actor: by, kind: `${by}-signature`, title: "Signed the message", parts: pieces(signed) }, signing);
    return signed;
  }

  async function send(signed: Signed, act: Act, title: string): Promise<OperationReply> {
    const sending = clock.elapsed();
    const { what, message, signature, signer } = signed;
    unanswered = signed;
    const answered = (): void => {
      if (unanswered === signed) unanswered = null;
      if (act.signal.aborted) late();
    };
    // Once it has left, it counts: its answer is taken note of even where the act does not wait for it any more.
    const reply = api.operate(what.path, what.fields(message, signature, signer.signingKey)).then(
      (got) => (answered(), record(got, signed, act, title, sending), got),
      (error: unknown) => {
        if (!mayHaveArrived(error)) answered();
        // Told here, since the act may still find out that it went well.
        const failure = failureOf(resultOf(error), error);
        if (failure !== null) act.step(failure, sending);
        throw error;
      },
    );
    return act.waitFor(GATEWAY_HAS_IT, reply);
  }

  function record({ exchange, status, tsInServer }: OperationReply, signed: Signed, act: Act, title: string, sending: number): void {
    if (signed.what.changesKeys === true && isBelievable(tsInServer, serverClock.now())) nextForKeys = tsInServer;
    const sent = { label: "Sent to the gateway", text: exchange.request.body, kind: "json" as const, by: "site" as const };
    act.step({ actor: "site", kind: "proxied-mutation", title, parts: [sent, ...pieces(signed)], exchange }, sending);
    const body = { label: "Answer", text: exchange.response.body, kind: "json" as const, by: "gateway" as const };
    act.step({ actor: "gateway", kind: "reply", title: `Answered ${status}`, parts: [body], exchange }, clock.elapsed() - exchange.durationMs);
  }

  /** A device signs by its own clock. A wallet is not to be asked twice because that is off, or a message came before. */
  const firstTime = (by: Signer["by"]): number => (by === "device" ? clock.now() : Math.max(Math.round(serverClock.now()), nextForKeys));

  /** The message to begin with: the unanswered one where it is about the same, else a new one. */
  async function first(what: Signable, signer: Signer, act: Act) {
    const earlier = unanswered;
    if (earlier?.what.about === what.about && earlier.signer.signingKey === signer.signingKey) return { signed: earlier, resent: true };
    return { signed: await sign(what, firstTime(signer.by), signer, act, "Wrote the message"), resent: false };
  }

  return {
    async run(what, signer, act) {
      const { signed, resent } = await first(what, signer, act);
      const reply = await send(signed, act, resent ? "Sent the same signed message again" : "Proxied the mutation");
      const digest = await digestOf(signed.message);
      const { status, tsInServer } = reply;
      const outcome = { status, tsInServer, digest, retried: false, clockOff: false, disbelieved: false, resent };
      if (status !== "MESSAGE_EXPIRED") return outcome;
      if (!isBelievable(tsInServer, serverClock.now())) return { ...outcome, disbelieved: true };

      const clockOff = Math.abs(clock.now() - serverClock.now()) > TOLERANCE_MS;
      const again = await sign(what, tsInServer, signer, act, "Wrote the message again, with the gateway's time");
      const second = await send(again, act, "Proxied the mutation again");
      return { ...outcome, status: second.status, tsInServer: second.tsInServer, digest: await digestOf(again.message), retried: true, clockOff };
    },
  };
}
